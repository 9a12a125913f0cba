#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

// A document may have no enum, or no union.
#[allow(unused_imports, unused_macros)]
#[macro_use]
mod open_enum;
#[allow(unused_imports, unused_macros)]
#[macro_use]
mod union;

// The same of the kinds of objects, and of the readers that they need.
#[allow(unused_imports, unused_macros)]
#[macro_use]
mod object;

mod foreign;
#[rustfmt::skip]
mod generated;
mod json;
// Which of the readers are needed, the document decides.
#[allow(dead_code)]
mod lenient;
mod misread;
mod operation;
mod raw;
mod read_back;
#[cfg(feature = "recode")]
mod recode;
mod runtime;
#[path = "scalar/mod.rs"]
mod scalar;
// The decoder's part of the scalars.
#[path = "scalar.rs"]
mod scalar_decode;
#[cfg(feature = "schemars")]
mod schema;
mod set_aside;
mod strict;
mod transport;
#[cfg(feature = "webhooks")]
mod webhook;
mod wire;

pub use generated::{API_VERSION, DOCUMENT_DIGEST, GENERATOR, SENSITIVE_MEMBERS, operations};
pub use misread::{Answer, Misread, read_object};
pub use open_enum::UnknownValue;
pub use operation::{Operation, Repeat};
#[cfg(all(feature = "recode", feature = "webhooks"))]
pub use recode::recode_event;
#[cfg(feature = "recode")]
pub use recode::{Recoded, debug, debug_request, recode, recode_request, recode_with_set_aside};
pub use runtime::{Body, Client, DecodeError, Error, Request, Response, ResponseValue};
pub use scalar::amount::Amount;
#[cfg(feature = "rust_decimal")]
pub use scalar::convert::TooManyDigits;
pub use scalar::currency::Currency;
pub use scalar::decimal::{Decimal, InvalidDecimal};
pub use scalar::ids::{
    CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, CustomerId, DisputeId,
    IncidentId, InstrumentId, LinkId, OfferId, OrderId, PaymentId, PaymentSessionId, PlanId, RefundId,
    SettlementId, SimulationId, SubscriptionId, SubscriptionSessionId, VendorId,
};
pub use scalar::money::Money;
pub use scalar::sensitive::{Sensitive, SensitiveDigits, SensitiveJson};
pub use scalar::timestamp::{InvalidTimestamp, Timestamp};
#[cfg(all(feature = "schemars", feature = "webhooks"))]
pub use schema::event_schema;
#[cfg(feature = "schemars")]
pub use schema::{answer_schema, request_schema};
pub use set_aside::SetAside;
pub use transport::{BoxError, BoxFuture, Inner, Transport};
pub use union::UnknownVariant;
#[cfg(feature = "webhooks")]
pub use webhook::{EventError, EventKind, RawEvent};

/// The requests, answers, enums and unions of the API.
pub mod types {
    pub use crate::generated::enums::*;
    pub use crate::generated::types::*;
    pub use crate::generated::unions::*;
}

/// The events, and what their data holds. Enums without a value of their own are those of [`types`].
#[cfg(feature = "webhooks")]
pub mod webhooks {
    pub use crate::generated::webhooks::WEBHOOK_VERSION;
    pub use crate::generated::webhooks::enums::*;
    pub use crate::generated::webhooks::event::Event;
    #[cfg(feature = "samples")]
    pub use crate::generated::webhooks::samples::SAMPLES;
    pub use crate::generated::webhooks::types::*;
    pub use crate::generated::webhooks::unions::*;
}
