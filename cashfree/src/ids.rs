//! Identifiers, one type for each kind.
//!
//! Conversions by `From` take any text, so that an id from a database or an older document is never refused. `parse`
//! refuses text that the service never accepts or assigns, before a request is made of it.
//!
//! ```
//! use cashfree::ids::OrderId;
//!
//! let order: OrderId = "order_42".parse()?;
//! assert_eq!(order, "order_42");
//! assert!("order/42".parse::<OrderId>().is_err());
//! assert_eq!(OrderId::from("order/42"), "order/42");
//! # Ok::<(), cashfree::ParseError>(())
//! ```

#[doc(inline)]
pub use cashfree_gen::{
    CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, CustomerId, DisputeId,
    IncidentId, InstrumentId, LinkId, OfferId, OrderId, PaymentId, PaymentSessionId, PlanId, RefundId,
    SettlementId, SimulationId, SubscriptionId, SubscriptionSessionId, VendorId,
};
