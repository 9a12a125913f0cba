//! Client for the [Cashfree Payments](https://www.cashfree.com/docs/payments) API: orders, payments, refunds, payment
//! links, subscriptions, settlements, reconciliation, Easy Split, disputes, terminals and webhooks.
//!
//! # Install
//!
//! ```toml
//! [dependencies]
//! cashfree = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! Set `CASHFREE_ENVIRONMENT` (`sandbox` or `production`), `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET`.
//! More: [installing](guide::installing), [partners](guide::partners), [features](guide::features).
//!
//! # Create an order
//!
//! ```no_run
//! use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
//! use cashfree::{Client, Money};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let customer = CustomerDetails::new(CustomerDetailsParts {
//!     customer_id: "cust_42".into(),
//!     customer_phone: "9999999999".into(),
//! });
//! let order = client
//!     .orders()
//!     .create(
//!         CreateOrder::new(Money::inr("499.00")?, customer)
//!             .order_id("order_1"),
//!     )
//!     .await?;
//! println!("{} is {}", order.order_id, order.order_status);
//! # Ok(())
//! # }
//! ```
//!
//! Give the `payment_session_id` (`order.session()?`) to Cashfree's script in the browser, and learn the outcome from a
//! webhook or by reading the order. More: [first order](guide::first_order),
//! [hosted checkout](guide::hosted_checkout).
//!
//! # Return money
//!
//! ```no_run
//! use cashfree::types::CreateRefund;
//! use cashfree::Amount;
//!
//! # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
//! let refund = client.refunds().create("order_1", CreateRefund::new(Amount::rupees(100), "refund_1")).await?;
//! println!("{}", refund.refund_status);
//! # Ok(())
//! # }
//! ```
//!
//! More: [refunds](guide::refunds).
//!
//! # Receive a webhook
//!
//! ```no_run
//! # #[cfg(feature = "webhook")]
//! # fn receive(headers: http::HeaderMap, body: bytes::Bytes) -> Result<(), Box<dyn std::error::Error>> {
//! use cashfree::webhook::{Event, Verifier};
//!
//! let verifier = Verifier::new(std::env::var("CASHFREE_CLIENT_SECRET")?)?;
//! let delivery = verifier.verify(&headers, body)?;
//! match delivery.event() {
//!     Ok(Event::PaymentSuccess(event)) => println!("paid: {:?}", event.order_id()),
//!     Ok(other) => println!("ignored: {}", other.kind()),
//!     // Respond with 200: another delivery would be the same.
//!     Err(error) => eprintln!("keep {} bytes for a person: {error}", delivery.body().len()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! More: [webhooks](guide::webhooks).
//!
//! # Handle a failure
//!
//! Each write carries an idempotency key. The client retries where a second request cannot act twice. Every error says
//! whether the write may have been applied ([`Error::effect`]) and what to do ([`Error::next_step`]).
//!
//! ```no_run
//! use cashfree::{Client, NextStep};
//!
//! # async fn run(client: Client, request: cashfree::types::CreateOrder) -> Result<(), cashfree::Error> {
//! let Err(error) = client.orders().create(request.clone()).await else { return Ok(()) };
//! match error.next_step() {
//!     NextStep::Resend(key) => {
//!         client.orders().create(request).idempotency_key(key).await?;
//!     }
//!     NextStep::Read(look_up) => {
//!         client.orders().get(look_up.id()).await?;
//!     }
//!     NextStep::Nothing => eprintln!("nothing was changed: {error}"),
//!     _ => eprintln!("a person has to look: {error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! More: [idempotency and failures](guide::idempotency_and_failures), [`failures`].
//!
//! # More tasks
//!
//! - [Reconcile a day](guide::reconciliation)
//! - [Act for many merchants](guide::partners)
//! - [Run several receivers and workers](guide::several_processes): webhook deduplication and stored calls over a shared
//!   store
//! - [Test a program](guide::testing): a mock transport, signed webhooks, a local sandbox
//! - [Run in production](guide::running_in_production): limits, TLS, secrets in logs, tracing
//! - [Migrate from the official SDKs](guide::migrating_from_official_sdks)
//! - [Come from another gateway](guide::from_another_gateway)
//!
//! # Where things are
//!
//! | item | what |
//! | --- | --- |
//! | [`Client`], [`ClientBuilder`] | connection settings and credentials; one accessor per area of the API, such as [`Client::orders`] |
//! | [`api`] | the methods, one struct per area |
//! | [`Call`], [`Paged`] | a prepared call: settings of its delivery, then `.await` |
//! | [`Response`], [`Error`] | the outcome, with status, request id, key, attempts and rate limit |
//! | [`types`], [`ids`] | requests, responses, enums and identifiers |
//! | [`Amount`], [`Money`], [`Timestamp`] | exact amounts, and times as received |
//! | [`RetryPolicy`], [`IdempotencyKey`], [`CircuitBreaker`] | retries |
//! | [`StoredCall`] | a call as data, for a job table |
//! | [`Upload`], [`Download`] | files of requests, and documents that are fetched |
//! | [`webhook`], `testing` | receivers, and tools for tests (feature `testing`) |
//! | [`Client::raw`] | paths that this version has no method for |
//!
//! Responses are decoded tolerantly: fields may be absent or null, numbers may be text, enums keep unknown values, and the
//! body stays available ([`Response::body`]).

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

mod address;
pub mod api;
mod api_version;
#[cfg(feature = "blocking")]
mod background;
mod budget;
mod call;
mod circuit;
mod client;
mod clock;
mod config_error;
mod credentials;
mod download;
mod echo;
mod environment;
mod error;
pub mod failures;
pub mod guide;
mod headers;
mod idempotency;
pub mod ids;
mod next_step;
mod pagination;
mod redact;
mod response;
mod retry;
mod secret;
mod server_wait;
mod stored;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
pub mod types;
mod upload;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use api_version::ApiVersion;
pub use call::{Call, CallFuture};
#[doc(no_inline)]
pub use cashfree_gen::FromJson;
#[doc(inline)]
pub use cashfree_gen::{
    Amount, Currency, Decimal, Money, NoSession, Operation, ParseError, Protection, RetryClass, Sensitive,
    SensitiveDigits, SensitiveJson, Timestamp, UndecidedAmount, UnknownValue, UnknownVariant, UnparsedField,
    expected, operations,
};
pub use circuit::CircuitBreaker;
pub use client::{Client, ClientBuilder};
pub use config_error::ConfigError;
pub use credentials::{AuthScheme, BoxError, Credentials, SignatureProvider};
pub use download::{Download, DownloadError, DownloadFailure, Downloaded};
pub use environment::{BaseUrl, Environment};
pub use error::{ApiError, Effect, Error, ErrorKind};
pub use http::Method;
pub use idempotency::{Idempotency, IdempotencyKey, InvalidKey};
#[doc(no_inline)]
pub use ids::{
    CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, CustomerId, DisputeId,
    IncidentId, InstrumentId, LinkId, OfferId, OrderId, PaymentId, PaymentSessionId, PlanId, RefundId,
    SettlementId, SimulationId, SubscriptionId, SubscriptionSessionId, VendorId,
};
pub use next_step::{JobStep, LookUp, NextStep};
pub use pagination::{Cursor, Items, Page, Paged, Pages};
pub use response::{HasMeta, RateLimit, RateLimitScope, Response, ResponseMeta};
pub use retry::{Cause, Decision, Failure, RetryAfter, RetryPolicy, Stop};
pub use secret::Secret;
pub use stored::{StoreOptions, StoredCall, StoredCallError};
pub use transport::{BoxFuture, Chunks, Sent, Transport, TransportError};
pub use upload::{DisputeDocument, FileType, Upload, VendorDocument};
/// In the signatures of this crate: [`http::HeaderMap`], [`http::StatusCode`], [`bytes::Bytes`] and more, in the
/// versions that it was built with.
#[doc(no_inline)]
pub use {bytes, http};
