//! Events: their types, the envelope around their data, and the choice of a payload (feature `webhooks`).

mod error;
mod event;
mod identity;
mod kind;
mod raw;

pub use error::EventError;
pub use identity::{EventIdentity, IdentityPart, IdentityRole, IdentityRule};
pub use kind::EventKind;
pub use raw::RawEvent;
