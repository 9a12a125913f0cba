//! HTTP: requests, responses, the transport and the client that the generated methods belong to.

pub(crate) mod client;
mod error;
pub mod expected;
mod operation;
mod path;
mod request;
mod response;
mod transport;

pub use client::Client;
pub use error::{BoxError, Error};
pub use operation::{Operation, Protection, RetryClass};
pub(crate) use request::encode_path;
pub use request::{Body, Request};
pub use response::{Response, ResponseValue};
pub use transport::{BoxFuture, Inner, Transport};
