//! Requests that several tests make, of their JSON, and fields of rows that several tests read: what a version of the API
//! requires of a request, and how it groups the fields of a row, changes nothing here.

use anyhow::Result;
use cashfree::types::{
    AuthenticatePayment, CreatePaymentLink, CreateSubscriptionRefund, CreateTerminalTransaction, KycDetails,
    LinkCustomerDetails, OnboardSoundboxVpa, PaymentOutcome, PaymentReconEntry, ReconEventType,
    SimulatePayment, TerminalPaymentMethod, UpdateSoundboxVpa, UpdateVendor,
};
use cashfree::{Amount, CfOrderId, CfPaymentId, CfTerminalId, Money, OrderId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A request of its JSON.
fn read<T: DeserializeOwned>(body: &Value) -> Result<T> {
    Ok(serde_json::from_str(&body.to_string())?)
}

pub(crate) fn payment_link(
    id: &str,
    link: Money,
    customer: &LinkCustomerDetails,
) -> Result<CreatePaymentLink> {
    read(&json!({
        "link_id": id,
        "link_amount": link.amount(),
        "link_currency": link.currency(),
        "link_purpose": "two tickets",
        "customer_details": customer,
    }))
}

pub(crate) fn vendor_update(name: &str, email: &str, kyc_details: &KycDetails) -> Result<UpdateVendor> {
    read(&json!({
        "status": "ACTIVE",
        "name": name,
        "email": email,
        "phone": "9876543210",
        "schedule_option": 2,
        "kyc_details": kyc_details,
    }))
}

pub(crate) fn otp(otp: &str) -> Result<AuthenticatePayment> {
    read(&json!({ "otp": otp, "action": "SUBMIT_OTP" }))
}

pub(crate) fn simulated(payment: &str, outcome: &PaymentOutcome) -> Result<SimulatePayment> {
    read(&json!({ "entity": "PAYMENTS", "entity_id": payment, "entity_simulation": outcome }))
}

/// A refund of a payment of a subscription.
pub(crate) fn subscription_refund(
    subscription: &str,
    refund: &str,
    payment: &str,
    amount: Amount,
) -> Result<CreateSubscriptionRefund> {
    read(&json!({
        "subscription_id": subscription,
        "refund_id": refund,
        "refund_amount": amount,
        "payment_id": payment,
    }))
}

/// The id of a terminal as requests have it.
pub(crate) fn terminal(id: &str) -> Result<CfTerminalId> {
    Ok(id.parse()?)
}

pub(crate) fn soundbox(vpa: &str, id: &str) -> Result<OnboardSoundboxVpa> {
    let id: u64 = id.parse()?;
    read(&json!({ "vpa": vpa, "cf_terminal_id": id, "device_serial_no": "SB-0007" }))
}

pub(crate) fn soundbox_update(vpa: &str, id: &str) -> Result<UpdateSoundboxVpa> {
    let id: u64 = id.parse()?;
    read(&json!({ "vpa": vpa, "cf_terminal_id": id }))
}

/// The payment of an order at a terminal.
pub(crate) fn counter_payment(
    order: impl Into<CfOrderId>,
    method: TerminalPaymentMethod,
    id: &str,
) -> Result<CreateTerminalTransaction> {
    Ok(CreateTerminalTransaction::new(order, method).cf_terminal_id(terminal(id)?))
}

/// The filter of the settlements' report.
pub(crate) fn of_settlement<T: DeserializeOwned>(utr: &str) -> Result<T> {
    read(&json!({ "settlement_utrs": [utr] }))
}

/// What a row of the payments' report is about: kind, amount and order.
pub(crate) fn event(
    row: &PaymentReconEntry,
) -> Result<(Option<ReconEventType>, Option<Amount>, Option<OrderId>)> {
    let row = serde_json::to_value(row)?;
    let field = |name: &str| find(&row, name).cloned().unwrap_or_default();
    Ok((read(&field("event_type"))?, read(&field("event_amount"))?, read(&field("order_id"))?))
}

/// The payment of a row of the terminals' list.
pub(crate) fn payment_id(row: &impl Serialize) -> Result<CfPaymentId> {
    read(&serde_json::to_value(row)?["cf_payment_id"])
}

/// A field by its name, wherever it stands.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = value.as_object()?;
    fields.get(name).or_else(|| fields.values().find_map(|field| find(field, name)))
}
