//! Requests that several tests make, and fields of rows that several tests read: a version of the API that has another
//! form of one is followed in one place.

use anyhow::Result;
use cashfree::types::{
    AuthenticateAction, AuthenticatePayment, CreatePaymentLink, CreatePaymentLinkParts,
    CreateSubscriptionRefund, CreateSubscriptionRefundParts, CreateTerminalTransaction, KycDetails,
    LinkCustomerDetails, OnboardSoundboxVpa, OnboardSoundboxVpaParts, PaymentOutcome, PaymentReconEntry,
    ReconEventType, RequestedVendorStatus, SettlementFilter, SimulatePayment, SimulatedEntity,
    TerminalPaymentMethod, UpdateSoundboxVpa, UpdateSoundboxVpaParts, UpdateVendor, UpdateVendorParts,
};
use cashfree::{Amount, CfOrderId, CfTerminalId, Money, OrderId};

pub(crate) fn payment_link(id: &str, link: Money, customer: LinkCustomerDetails) -> CreatePaymentLink {
    CreatePaymentLink::new(CreatePaymentLinkParts {
        link_id: id.into(),
        link,
        link_purpose: "two tickets".into(),
        customer_details: customer,
    })
}

pub(crate) fn vendor_update(name: &str, email: &str, kyc_details: KycDetails) -> UpdateVendor {
    UpdateVendor::new(UpdateVendorParts {
        status: RequestedVendorStatus::Active,
        name: name.into(),
        email: email.into(),
        phone: "9876543210".into(),
        schedule_option: 2,
        kyc_details,
    })
}

pub(crate) fn otp(otp: &str) -> AuthenticatePayment {
    AuthenticatePayment::new(otp, AuthenticateAction::SubmitOtp)
}

pub(crate) fn simulated(payment: &str, outcome: PaymentOutcome) -> SimulatePayment {
    SimulatePayment::new(SimulatedEntity::Payments, payment, outcome)
}

/// A refund of a payment of a subscription.
pub(crate) fn subscription_refund(
    subscription: &str,
    refund: &str,
    payment: &str,
    amount: Amount,
) -> CreateSubscriptionRefund {
    CreateSubscriptionRefund::new(CreateSubscriptionRefundParts {
        subscription_id: subscription.into(),
        refund_id: refund.into(),
        refund_amount: amount,
    })
    .payment_id(payment)
}

/// The id of a terminal as requests have it.
pub(crate) fn terminal(id: &str) -> Result<CfTerminalId> {
    Ok(id.parse()?)
}

pub(crate) fn soundbox(vpa: &str, id: &str) -> Result<OnboardSoundboxVpa> {
    Ok(OnboardSoundboxVpa::new(OnboardSoundboxVpaParts {
        vpa: vpa.into(),
        cf_terminal_id: terminal(id)?,
        device_serial_no: "SB-0007".into(),
    }))
}

pub(crate) fn soundbox_update(vpa: &str, id: &str) -> Result<UpdateSoundboxVpa> {
    Ok(UpdateSoundboxVpa::new(UpdateSoundboxVpaParts { vpa: vpa.into(), cf_terminal_id: terminal(id)? }))
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
pub(crate) fn of_settlement(utr: &str) -> SettlementFilter {
    SettlementFilter::new().settlement_utrs(vec![utr.to_owned()])
}

/// What a row of the payments' report is about: kind, amount and order.
pub(crate) fn event(row: &PaymentReconEntry) -> (Option<ReconEventType>, Option<Amount>, Option<OrderId>) {
    (row.event_type.clone(), row.event_amount, row.order_id.clone())
}
