//! Tools for tests of programs that use this crate (feature `testing`).
//!
//! - [`MockTransport`] answers the calls of a real [`Client`](crate::Client) without a network.
//! - [`FakeError`] and [`fake_response`] create what a call returns, for a trait of one's own.
//! - [`WebhookRequest`] and [`sample_event`] create signed webhook deliveries.
//!
//! `examples/hexagonal.rs` tests a program behind a trait of its own with them.

mod fake;
mod mock;
mod sample;
mod webhook;

pub use fake::{FakeError, fake_response};
pub use mock::{MockCall, MockOperation, MockTransport};
pub use sample::{SampleEvent, sample_event, sample_events};
pub use webhook::{WebhookRequest, sign_webhook, webhook_signature};
