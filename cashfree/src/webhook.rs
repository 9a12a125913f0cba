//! Webhooks: deliveries verified, events decoded and deduplicated.
//!
//! A receiver takes these steps. The examples `webhook_axum` and `webhook_hyper` of the repository are complete
//! programs:
//!
//! 1. **Receive the body as bytes.** The signature covers the exact bytes. JSON that was parsed and serialized again
//!    has other ones: `1.00` becomes `1.0`. No middleware may change them.
//! 2. **Verify.** [`Verifier::receive`] checks the headers, reads the body within its limits and verifies the
//!    signature; [`Verifier::verify`] takes a body that was read already. Deliveries that are signed by another
//!    secret, old or too large are refused; [`WebhookError::status`] is the status to respond with.
//! 3. **Deduplicate.** Deliveries may come twice, late and in any order, and one event in several webhook versions.
//!    [`deduplicate`] with a store ([`DedupeStore`]) skips an event that was handled before, by its [`DedupeKey`].
//! 4. **Respond with 200, soon.** Only that ends the deliveries; others follow after 2, 10 and 30 minutes unless the
//!    endpoint has another policy. Move long work to a queue. The dashboard's test ([`Event::Test`]) waits for a very
//!    short time only. Respond with 200 to an event that can't be decoded, too, and keep its body.
//! 5. **Read back.** Before goods are handed out, fetch the order
//!    ([`Client::orders`](crate::Client::orders)): a success may follow a failure of the same order, and an event
//!    says what was, not what is.
//!
//! ```
//! use cashfree::webhook::{Event, PaymentEvent, MemoryStore, Verifier, deduplicate};
//! # use cashfree::BoxError;
//!
//! /// What a server does with a request; the status to respond with.
//! async fn receive(
//!     verifier: &Verifier,
//!     store: &MemoryStore,
//!     headers: &http::HeaderMap,
//!     body: bytes::Bytes,
//! ) -> http::StatusCode {
//!     let delivery = match verifier.verify(headers, body) {
//!         Ok(delivery) => delivery,
//!         Err(refused) => return refused.status(),
//!     };
//!     let key = delivery.dedupe_key();
//!     let handled = deduplicate(store, &key, async || {
//!         match delivery.event() {
//!             Ok(Event::PaymentSuccess(payment)) => fulfil(&payment).await,
//!             Ok(_) => Ok(()),
//!             Err(_) => keep(delivery.body()).await,
//!         }
//!     });
//!     handled.await.map_or(http::StatusCode::INTERNAL_SERVER_ERROR, |done| done.status())
//! }
//! # async fn fulfil(_: &PaymentEvent) -> Result<(), BoxError> { Ok(()) }
//! # async fn keep(_: &bytes::Bytes) -> Result<(), BoxError> { Ok(()) }
//! ```
//!
//! With the feature `axum`, steps 1 and 2 are the extractor `Webhook`. With `testing`, `cashfree::testing`
//! signs deliveries for the tests of a receiver.
//!
//! # What is promised
//!
//! - Only the signed timestamp and body decide: about the sender, the age, the meaning and the identity of an event.
//!   No other header does.
//! - A request without a valid timestamp and signature header costs no memory, and one that sends its body slowly is
//!   ended after [`Verifier::body_timeout`].
//! - A timestamp has 10 or 13 digits, and a body begins with `{` or `[`: digits can't be moved from one into the
//!   other under a valid signature.
//! - At most one handler of an event ends as [`Deduplicated::Handled`].
//!
//! The signature is `base64(HMAC-SHA256(client secret, timestamp + body))` with nothing between the text of the
//! timestamp and the body. Other products of Cashfree sign otherwise (a partner's `MERCHANT_ONBOARDING_STATUS`,
//! forms of Auto Collect); those are not verified here. See
//! <https://www.cashfree.com/docs/payments/online/webhooks/signature-verification>.

#[cfg(feature = "axum")]
mod axum;
mod dedupe_key;
mod deduplicate;
mod error;
mod headers;
mod memory;
#[cfg(feature = "sqlx-postgres")]
mod postgres;
mod receive;
#[cfg(feature = "redis")]
mod redis;
mod signature;
mod store;
mod trace;
mod verified;
mod verifier;

#[cfg(feature = "axum")]
pub use axum::Webhook;
#[doc(inline)]
pub use cashfree_gen::webhooks::*;
#[doc(inline)]
pub use cashfree_gen::{EventError, EventIdentity, EventKind, RawEvent};
pub use dedupe_key::DedupeKey;
pub use deduplicate::{DedupeError, Deduplicated, Lease, deduplicate, deduplicate_with_lease};
pub use error::{InvalidSecret, WebhookError};
#[cfg(feature = "testing")]
pub(crate) use headers::{ATTEMPT, IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, VERSION};
pub use memory::MemoryStore;
#[cfg(feature = "sqlx-postgres")]
pub use postgres::PostgresStore;
pub use receive::WebhookRejection;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
#[cfg(feature = "testing")]
pub(crate) use signature::{encode, key, signed};
pub use store::{Claim, ClaimToken, DedupeStore, LeaseState};
pub use verified::Verified;
pub use verifier::Verifier;
