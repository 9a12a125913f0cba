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

mod amount;
mod convert;
mod decimal;
mod foreign;
#[rustfmt::skip]
mod generated;
mod ids;
mod json;
// Which of the readers are needed, the document decides.
#[allow(dead_code)]
mod lenient;
mod misread;
mod money;
mod operation;
mod raw;
mod read_back;
#[cfg(feature = "recode")]
mod recode;
mod runtime;
mod scalar;
#[cfg(feature = "schemars")]
mod schema;
mod sensitive;
mod set_aside;
mod strict;
mod timestamp;
mod transport;
#[cfg(feature = "webhooks")]
mod webhook;
mod wire;

pub use amount::Amount;
#[cfg(feature = "rust_decimal")]
pub use convert::TooManyDigits;
pub use decimal::{Decimal, InvalidDecimal};
pub use generated::{API_VERSION, DOCUMENT_DIGEST, GENERATOR, SENSITIVE_MEMBERS, operations};
pub use ids::{
    CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, CustomerId, DisputeId,
    IncidentId, InstrumentId, LinkId, OfferId, OrderId, PaymentId, PaymentSessionId, PlanId, RefundId,
    SettlementId, SimulationId, SubscriptionId, SubscriptionSessionId, VendorId,
};
pub use misread::{Answer, Misread, read_object};
pub use money::{Currency, Money};
pub use open_enum::UnknownValue;
pub use operation::{Operation, Repeat};
#[cfg(all(feature = "recode", feature = "webhooks"))]
pub use recode::recode_event;
#[cfg(feature = "recode")]
pub use recode::{Recoded, debug, debug_request, recode, recode_request, recode_with_set_aside};
pub use runtime::{Body, Client, DecodeError, Error, Request, Response, ResponseValue};
#[cfg(all(feature = "schemars", feature = "webhooks"))]
pub use schema::event_schema;
#[cfg(feature = "schemars")]
pub use schema::{answer_schema, request_schema};
pub use sensitive::{Sensitive, SensitiveDigits, SensitiveJson};
pub use set_aside::SetAside;
pub use timestamp::{InvalidTimestamp, Timestamp};
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
