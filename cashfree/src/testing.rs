//! Tools for tests of programs that use this crate (feature `testing`).
//!
//! - [`MockTransport`] returns prepared outcomes to a real [`Client`](crate::Client) without a network.
//! - [`FakeError`] and [`fake_response`] create results of calls, for a trait of your own.
//! - [`WebhookRequest`] and [`sample_event`] create signed webhook deliveries.
//!
//! The example `hexagonal` of the repository tests a program behind a trait of its own.

mod fake;
mod mock;
mod sample;
mod webhook;

pub use fake::{FakeError, fake_response};
pub use mock::{MockCall, MockOperation, MockTransport};
pub use sample::{SampleEvent, sample_event, sample_events};
pub use webhook::{WebhookRequest, sign_webhook, webhook_signature};
