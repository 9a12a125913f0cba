//! Client for the [Cashfree Payments](https://www.cashfree.com/docs/payments) API.
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
//! let order = client.orders().create(CreateOrder::new(Money::inr("499.00")?, customer)).await?;
//! println!("{} is {}", order.order_id, order.order_status);
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! **Money is exact.** An [`Amount`] is a decimal from end to end; there is no float to round it.
//!
//! **A write happens at most once.** Each logical write carries one [`IdempotencyKey`], made before the
//! first byte leaves. A request that may have arrived is sent again only if the operation reads, or if the
//! write is protected by its key and by an identifier or the state of its object
//! ([`RetryPolicy`], [`Operation::protected_by`]). Where an attempt was lost and the
//! next one hears that the order, refund, link, plan or subscription exists already, it is read by its id,
//! and is the answer if it is what was asked for ([`ResponseMeta::read_back`]).
//!
//! **A failure says what it did.** [`Error::effect`] tells whether the money may have moved,
//! [`Error::next_step`] what to do about it, and the
//! error carries the status, code, message, request id, key, attempts and rate limit, whatever body came.
//!
//! **An answer is read as what it is.** Members may be absent or null, numbers may be text, enums keep
//! values that are not known yet, and a payment by UPI is a payment by UPI. The raw body is at hand
//! ([`Response::body`]).
//!
//! **Credentials stay where they belong.** They are sent to the configured origin only, no redirect is
//! followed, the two open operations get none, and nothing secret is ever printed.
//!
//! # Finding one's way
//!
//! A [`Client`] has one accessor per group of the API ([`Client::orders`], [`Client::payments`],
//! [`Client::refunds`], [`Client::recon`] and so on, see [`api`]); each method makes a [`Call`], which is sent
//! by [`send`](Call::send) or by awaiting it, and answers with a [`Response`] or an [`Error`]. What comes in
//! pages is [`Paged`]. Requests and answers are in [`types`]; a path that the crate does not know is called
//! through [`Client::raw`].
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `rustls` (default) | TLS by rustls with reqwest's default crypto provider, aws-lc-rs |
//! | `rustls-no-provider` | TLS by rustls with the crypto provider that the program installs, see below |
//! | `native-tls` | TLS by the operating system's library |
//! | `reqwest` | `ClientBuilder::reqwest`, which changes how the HTTP client is built |
//! | `webhook` (default) | `webhook`: what Cashfree sends, verified, read and handled once |
//! | `axum` | an extractor for axum 0.8 that verifies before the handler runs |
//! | `sqlx-postgres` | `webhook::SeenInPostgres`, deduplication in Postgres over sqlx 0.9, in a transaction too; needs Rust 1.94 |
//! | `redis` | `webhook::SeenInRedis`, deduplication in Redis |
//! | `testing` | `testing`: signed deliveries for the tests of a receiver |
//! | `blocking` | `send_blocking` for calls and `next_blocking` for pages and items, for programs without async code |
//! | `chrono`, `jiff`, `time` | [`Timestamp`] to and from `DateTime`, `jiff::Timestamp`, `OffsetDateTime` |
//! | `rust_decimal` | [`Amount`] and [`Decimal`] to and from `rust_decimal::Decimal` |
//! | `schemars` | `schemars::JsonSchema` of the requests and answers and what they hold, see [`types`] |
//! | `tracing` | a span for each call, an event for each attempt and each failure, see below |
//!
//! # Limits
//!
//! | what | unless set | set by |
//! | --- | --- | --- |
//! | time to connect | 5 s | [`ClientBuilder::connect_timeout`] |
//! | time of an attempt, to the last byte | 30 s | [`ClientBuilder::timeout`], [`Call::timeout`] |
//! | time of a call, waits included | 60 s | [`RetryPolicy::max_elapsed`] |
//! | attempts of a call | 8 | [`RetryPolicy::max_attempts`] |
//! | body of an answer | 8 MiB | [`ClientBuilder::max_body`] |
//! | file that is read for an upload | 20 MiB | [`Upload::new`] |
//! | document that is fetched | 32 MiB | [`Download::limit`] |
//!
//! A longer body is not read to its end ([`Error::is_too_large`]). Compression is not asked for, and an
//! answer that is compressed all the same is an [`ErrorKind::Decode`]. A proxy is used only where
//! [`ClientBuilder::proxy`] or [`ClientBuilder::system_proxy`] says so.
//!
//! # TLS
//!
//! TLS is 1.2 or later. Certificates are verified as the operating system does it;
//! [`ClientBuilder::root_certificates`] adds more. Without a TLS feature, only base URLs with plain http work.
//!
//! With `rustls`, the `CryptoProvider` that the program has installed for the process is used, else aws-lc-rs.
//! This crate installs none. aws-lc-rs is what rustls itself, reqwest, hyper-rustls and most servers use by
//! default. In a program whose other crates build rustls with `ring` only, two providers would be compiled in,
//! and rustls no longer chooses one by itself: such a program turns off the default features of this crate, turns
//! on `rustls-no-provider`, and installs its provider before it builds a [`Client`]. Without an installed
//! provider, building is a [`ConfigError`].
//!
//! # Secrets and private text in logs
//!
//! `Debug` and `Display` of the types of this crate, and its spans and events, show
//!
//! - nothing of a secret: credentials, card numbers and codes, one-time passwords, UPI ids, account numbers, session ids
//!   (`***`);
//! - the last two characters of text about a person, if it has 8 characters or more: names, telephone numbers, email
//!   and postal addresses, IFSC, notes, file names, messages and reasons; of a URL, the scheme and the host;
//! - an unknown value of an open enum whole if it has the form `[A-Z][A-Z0-9_]{0,39}`, and else like text about a person;
//! - nothing of free JSON, tags and the metadata of merchants;
//! - no name of a field that no type declares (`*` stands for it in JSON paths).
//!
//! The types of the fields stay what they are (`Option<String>`): what a program prints of a field by itself is whole.
//! The service's own texts are treated as [`Error`] describes.
//!
//! # Tracing
//!
//! With the feature `tracing`, each [`Call`] is a span `call` (level `INFO`) and each attempt of it an event
//! (level `DEBUG`), both of the target `cashfree`; a blocking call too, in the span of its caller. A call that ends
//! with an [`Error`] is one more event, `call failed` (level `WARN`), in the span of the call; so is a page of a
//! report that can't be taken for one. These are all the fields; none is a header, a body, an address with its
//! parameters, a key, or a sentence of the service's.
//!
//! | field | where | what |
//! | --- | --- | --- |
//! | `operation` | span, attempt, failure | the operation's id, such as `PGCreateOrder` |
//! | `method`, `route` | span | the method, and the path with its parameters in braces |
//! | `request_id` | span, attempt, failure | the request id that was sent |
//! | `attempt` | attempt | which attempt, counted from one |
//! | `delay_ms` | attempt | the wait before the attempt |
//! | `elapsed_ms` | span, attempt, failure | how long the call or the attempt took |
//! | `status` | span, attempt, failure | the HTTP status, if a response was received |
//! | `attempts` | span, failure | how many attempts there were |
//! | `outcome` | attempt | `success`, `refused`, `rate_limited`, `redirect`, `failed`, `too_large`, `not_sent`, `timeout` or `broken` |
//! | `outcome` | span, failure | `success`, `read_back`, or the [`ErrorKind`] in lower case |
//! | `effect` | span, failure | the [`Effect`] of a failed call: `read_only`, `not_sent`, `refused`, `unknown` or `applied` |
//! | `code` | failure | the service's error code, such as `order_not_found`: up to 64 letters, digits, `_`, `-` and `.`; absent if it is anything else |
//! | `unparsed_fields` | span | how many fields are [unparsed](ResponseMeta::unparsed_fields), if any is |
//!
//! A [`Download`] that fails is an event `download failed` of level `WARN` with `operation`, `status`, `outcome`
//! (`address`, `refused`, `compressed`, `too_large`, `not_sent`, `timeout`, `broken` or `writer`) and `written` (bytes). If
//! the call for its link fails, the event of that call is the only one.
//!
//! A refused webhook delivery is an event of level `WARN` with `reason`, `attempt` (of the delivery) and `age_ms`
//! (negative if its timestamp is ahead of this machine's clock).

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs)]

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
    Amount, Currency, Decimal, Money, NoSession, Operation, ParseError, Protection, Repeat, Sensitive,
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
