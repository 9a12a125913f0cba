//! For the tests of programs that use this crate (feature `testing`): deliveries as Cashfree signs them.

mod webhook;

pub use webhook::{WebhookRequest, sign_webhook, webhook_signature};
