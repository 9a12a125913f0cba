//! Webhooks to the merchant: events, signed and posted to the shop's own address.
//!
//! A change of the state builds its event from that state ([`events`]), in the form of the document of webhooks
//! ([`catalogue`]), and hands it to the [`Outbox`]. From there a task for each endpoint posts it, off the way of the
//! request, until the shop responds 200 or the schedule is exhausted ([`delivery`]).

mod catalogue;
mod delivery;
mod endpoint;
pub(crate) mod events;
mod fault;
mod outbox;
mod queues;
mod record;
mod schedule;
mod sign;
mod trigger;

pub use catalogue::WebhookSample;
pub use endpoint::WebhookEndpoint;
pub use fault::WebhookFault;
pub use record::{WebhookDelivery, WebhookOutcome};
pub use schedule::WebhookSchedule;
pub use trigger::{Trigger, webhook_samples};

pub(crate) use delivery::{deliver_all, version};
pub(crate) use events::Event;
pub(crate) use outbox::Outbox;
pub(crate) use queues::{Later, RefundDue};
