#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

mod decode;
#[rustfmt::skip]
mod generated;
mod http;
mod scalar;
#[cfg(feature = "schemars")]
mod schema;
#[cfg(feature = "webhook")]
mod webhook;

pub use self::http::{
    Body, BoxError, BoxFuture, Client, Error, Inner, Operation, Protection, Request, Response, ResponseValue,
    RetryClass, Transport, expected,
};
pub use decode::body::{FromJson, decode_object, json_text};
pub use decode::error::DecodeError;
pub use decode::json::Json;
pub use decode::open_enum::UnknownValue;
pub use decode::union::UnknownVariant;
pub use decode::unparsed::{Decoded, UnparsedField};
// Empty if the document has no reports.
#[allow(unused_imports, unreachable_pub)]
pub use generated::extras::*;
pub use generated::{API_VERSION, DOCUMENT_DIGEST, GENERATOR, PRIVATE_FIELDS, SENSITIVE_FIELDS, operations};
pub use scalar::amount::Amount;
pub use scalar::currency::Currency;
pub use scalar::decimal::Decimal;
pub use scalar::error::ParseError;
pub use scalar::ids::{
    CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, CustomerId, DisputeId,
    IncidentId, InstrumentId, LinkId, OfferId, OrderId, PaymentId, PaymentSessionId, PlanId, RefundId,
    SettlementId, SimulationId, SubscriptionId, SubscriptionSessionId, VendorId,
};
pub use scalar::money::Money;
pub use scalar::sensitive::{Sensitive, SensitiveDigits, SensitiveJson};
pub use scalar::timestamp::Timestamp;
#[cfg(all(feature = "schemars", feature = "webhook"))]
pub use schema::event_schema;
#[cfg(feature = "schemars")]
pub use schema::{request_schema, response_schema};
#[cfg(feature = "webhook")]
pub use webhook::{EventError, EventIdentity, EventKind, RawEvent};

/// Requests, responses, enums and unions of the API, by the area that uses them. Each is also in this module itself:
/// `types::Order` is `types::orders::Order`.
pub mod types {
    #[doc(inline)]
    pub use crate::generated::areas::*;
    #[doc(hidden)]
    pub use crate::generated::enums::*;
    #[doc(hidden)]
    pub use crate::generated::types::*;
    #[doc(hidden)]
    pub use crate::generated::unions::*;
}

/// The modules of [`types`], without the types themselves.
#[doc(hidden)]
pub mod areas {
    pub use crate::generated::areas::*;
}

/// The events, and what their data holds. Enums without a value of their own are those of [`types`].
#[cfg(feature = "webhook")]
pub mod webhooks {
    pub use crate::generated::webhooks::WEBHOOK_VERSION;
    pub use crate::generated::webhooks::enums::*;
    pub use crate::generated::webhooks::event::Event;
    pub use crate::generated::webhooks::identities::IDENTITIES;
    #[cfg(feature = "samples")]
    pub use crate::generated::webhooks::samples::SAMPLES;
    pub use crate::generated::webhooks::types::*;
    pub use crate::generated::webhooks::unions::*;
    pub use crate::webhook::{IdentityPart, IdentityRole, IdentityRule};
}
