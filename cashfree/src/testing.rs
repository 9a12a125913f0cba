//! For the tests of programs that use this crate (feature `testing`): deliveries as Cashfree signs them.

mod sample;
mod webhook;

pub use sample::{SampleEvent, sample_event, sample_events};
pub use webhook::{WebhookRequest, sign_webhook, webhook_signature};
