//! What Cashfree sends: events, verified before they are believed and handled once.
//!
//! A receiver goes through these steps, for which `examples/webhook_axum.rs` and `webhook_hyper.rs` are
//! whole programs:
//!
//! 1. **Take the body as bytes.** The signature covers the bytes that came. JSON that was parsed and written
//!    anew has other ones: `1.00` becomes `1.0`. No middleware may touch them.
//! 2. **Verify.** [`Verifier::verify`] takes the headers and the bytes. It refuses what another secret
//!    signed, what is old, and what is too long; [`WebhookError::status`] is what to answer.
//! 3. **Handle it once.** Deliveries may come twice, late and in any order. [`once`] with a store ([`Seen`])
//!    leaves out an event that was handled before, by its [`DedupeKey`].
//! 4. **Answer 200, soon.** Only that ends the deliveries; the others come after 2, 10 and 30 minutes
//!    unless the endpoint has a policy of its own. What takes long goes to a queue. The dashboard's test
//!    ([`Event::Test`]) waits for a very short time only. An event that can't be read is answered with 200
//!    too, and its body kept.
//! 5. **Confirm by reading back.** Before goods are handed out, ask for the order
//!    ([`Client::orders`](crate::Client::orders)): a success may follow a failure of the same order, and
//!    an event tells what was, not what is.
//!
//! ```
//! use cashfree::webhook::{Event, PaymentEvent, SeenInMemory, Verifier, once};
//! # use cashfree::BoxError;
//!
//! /// What a server does with a request; the status to answer.
//! async fn receive(
//!     verifier: &Verifier,
//!     seen: &SeenInMemory,
//!     headers: &http::HeaderMap,
//!     body: bytes::Bytes,
//! ) -> http::StatusCode {
//!     let delivery = match verifier.verify(headers, body) {
//!         Ok(delivery) => delivery,
//!         Err(refused) => return refused.status(),
//!     };
//!     let key = delivery.dedupe_key();
//!     let handled = once(seen, &key, async || {
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
//! The signature is `base64(HMAC-SHA256(client secret, timestamp + body))` with nothing between the
//! timestamp's text and the body. Other products of Cashfree sign otherwise (a partner's
//! `MERCHANT_ONBOARDING_STATUS`, forms of Auto Collect); those are not verified here. See
//! <https://www.cashfree.com/docs/payments/online/webhooks/signature-verification>.

#[cfg(feature = "axum")]
mod axum;
mod dedupe;
mod error;
mod headers;
mod memory;
mod seen;
mod signature;
mod verified;
mod verifier;

#[cfg(feature = "axum")]
pub use axum::{Webhook, WebhookRejection};
#[doc(inline)]
pub use cashfree_gen::webhooks::*;
#[doc(inline)]
pub use cashfree_gen::{EventError, EventKind, RawEvent};
pub use dedupe::DedupeKey;
pub use error::{InvalidSecret, WebhookError};
#[cfg(feature = "testing")]
pub(crate) use headers::{ATTEMPT, IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, VERSION};
pub use memory::SeenInMemory;
pub use seen::{Claim, ClaimToken, Once, OnceError, Seen, once};
#[cfg(feature = "testing")]
pub(crate) use signature::{encode, key, signed};
pub use verified::Verified;
pub use verifier::Verifier;
