//! What an event tells of, as the object that the API answers with for the same thing.
//!
//! Every member that both have is carried over, under the API's name; what only the answer has is absent.
//! An event is no substitute for reading back: it tells what was.

use crate::generated::enums::{InstrumentType, RefundMarker};
use crate::generated::types::*;
use crate::generated::unions::PaymentMethod;
use crate::generated::webhooks::types::*;
use crate::generated::webhooks::unions::EventPaymentMethod;
use crate::{Sensitive, VendorId};

/// Members of one name are taken over; the others are given.
macro_rules! same {
    ($from:ident => $to:ident { $($member:ident),* $(,)? } $(|$event:ident| { $($given:ident: $value:expr),* $(,)? })?) => {
        impl From<$from> for $to {
            #[allow(clippy::useless_conversion, reason = "some members are of one type, some are not")]
            fn from(event: $from) -> Self {
                $(let $event = &event; $(let $given = $value;)*)?
                Self {
                    $($member: event.$member.map(Into::into),)*
                    $($($given,)*)?
                    ..Self::default()
                }
            }
        }
    };
}

same!(EventPayment => Payment {
    cf_payment_id, payment_status, payment_amount, payment_currency, payment_message, payment_time,
    bank_reference, auth_id, payment_method, payment_group, international_payment, payment_surcharge,
});

impl From<PaymentEvent> for Payment {
    fn from(event: PaymentEvent) -> Self {
        let mut payment = event.payment.map(Self::from).unwrap_or_default();
        if let Some(order) = event.order {
            payment.order_id = order.order_id;
            payment.order_amount = order.order_amount;
            payment.order_currency = order.order_currency;
        }
        payment.payment_gateway_details = event.payment_gateway_details.map(Into::into);
        payment.error_details = event.error_details.map(Into::into);
        payment
    }
}

same!(EventInternational => InternationalPayment { international });
same!(EventSurcharge => PaymentSurcharge { payment_surcharge_service_charge, payment_surcharge_service_tax });
same!(EventPaymentGateway => PaymentGatewayDetails {
    gateway_name, gateway_order_id, gateway_payment_id, gateway_order_reference_id, gateway_settlement,
    gateway_status_code,
});
same!(EventError => PaymentErrorDetails {
    error_code, error_description, error_reason, error_source, error_code_raw, error_description_raw,
    error_subcode_raw,
});

impl From<EventPaymentMethod> for PaymentMethod {
    fn from(method: EventPaymentMethod) -> Self {
        match method {
            EventPaymentMethod::Card(card) if card.emi_details.is_some() => {
                Self::Emi(Box::new((*card).into()))
            }
            EventPaymentMethod::Card(card) => Self::Card(Box::new((*card).into())),
            EventPaymentMethod::Netbanking(bank) => Self::Netbanking(Box::new((*bank).into())),
            EventPaymentMethod::Upi(upi) => Self::Upi(Box::new((*upi).into())),
            EventPaymentMethod::App(app) => Self::App(Box::new((*app).into())),
            EventPaymentMethod::CardlessEmi(lender) => Self::CardlessEmi(Box::new((*lender).into())),
            EventPaymentMethod::PayLater(lender) => Self::Paylater(Box::new((*lender).into())),
            EventPaymentMethod::BankTransfer(bank) => Self::Banktransfer(Box::new((*bank).into())),
            EventPaymentMethod::VbaTransfer(bank) => Self::Banktransfer(Box::new((*bank).into())),
            EventPaymentMethod::Unknown(unknown) => Self::Unknown(unknown),
        }
    }
}

same!(EventCard => PaymentMethodCard {
    channel, card_number, card_network, card_type, card_sub_type, card_country, card_bank_name,
    card_network_reference_id, instrument_id,
});
same!(EventCard => PaymentMethodEmi {
    channel, card_number, card_network, card_type, card_country, card_bank_name, card_network_reference_id,
    emi_details,
} |event| { emi_tenure: event.emi_details.as_ref().and_then(|emi| emi.emi_tenure) });
same!(EventEmi => PaymentMethodEmiDetails { emi_amount, emi_tenure, emi_interest });
same!(EventNetbanking => PaymentMethodNetbanking {
    channel, netbanking_bank_code, netbanking_bank_name, netbanking_ifsc, netbanking_account_number,
});
same!(EventUpi => PaymentMethodUpi { channel, upi_id, upi_payer_ifsc, upi_payer_account_number });
// The channel of a wallet is its name, which the API has as the provider.
same!(EventApp => PaymentMethodApp { channel, phone } |event| {
    provider: event.provider.clone().or_else(|| event.channel.clone()),
});
same!(EventCardlessEmi => PaymentMethodCardlessEmi { channel, provider, phone });
same!(EventPayLater => PaymentMethodPaylater { channel, provider, phone });
same!(EventBankTransfer => PaymentMethodBanktransfer {
    channel, banktransfer_ifsc, banktransfer_account_number,
} |event| {
    banktransfer_bank_name: event.banktransfer_bank_name.clone().or_else(|| event.bank.clone()),
});
same!(EventVbaTransfer => PaymentMethodBanktransfer {} |event| {
    banktransfer_ifsc: event.remitter_ifsc.clone(),
    banktransfer_account_number: event.remitter_account.clone().map(Sensitive::from),
});

same!(EventRefund => Refund {
    cf_payment_id, cf_refund_id, order_id, refund_id, refund_amount, refund_currency, refund_note,
    refund_status, refund_arn, refund_charge, status_description, metadata, refund_type, refund_mode,
    created_at, processed_at, forex_conversion_handling_charge, forex_conversion_handling_tax,
    forex_conversion_rate, charges_currency,
} |event| {
    entity: event.entity.as_ref().map(|entity| RefundMarker::from(entity.to_ascii_lowercase().as_str())),
    refund_splits: event.refund_splits.iter().cloned().map(Into::into).collect(),
    refund_speed: speed(event),
});

fn speed(refund: &EventRefund) -> Option<RefundSpeed> {
    (refund.requested_speed.is_some() || refund.processed_speed.is_some()).then(|| RefundSpeed {
        requested: refund.requested_speed.clone(),
        processed: refund.processed_speed.clone(),
        ..RefundSpeed::default()
    })
}

same!(EventAutoRefund => Refund {
    cf_payment_id, cf_refund_id, order_id, refund_amount, refund_currency, refund_status, refund_arn,
    refund_charge, status_description, metadata, refund_type, created_at, processed_at,
    forex_conversion_handling_charge, forex_conversion_handling_tax, forex_conversion_rate, charges_currency,
} |event| { refund_splits: event.refund_splits.iter().cloned().map(Into::into).collect() });

same!(EventRefundSplit => VendorSplitEntity { amount, percentage } |event| {
    vendor_id: event.merchant_vendor_id.clone().map(VendorId::from),
});

same!(EventDispute => Dispute {
    dispute_id, dispute_type, reason_code, reason_description, dispute_amount, dispute_amount_currency,
    created_at, respond_by, updated_at, resolved_at, dispute_status, cf_dispute_remarks,
});

impl From<DisputeEvent> for Dispute {
    fn from(event: DisputeEvent) -> Self {
        Self {
            order_details: event.order_details.map(Into::into),
            customer_details: event.customer_details.map(Into::into),
            ..event.dispute.map(Self::from).unwrap_or_default()
        }
    }
}

same!(EventDisputeOrder => DisputeOrderDetails {
    order_id, order_currency, order_amount, cf_payment_id, payment_currency, payment_amount,
});
same!(EventCustomer => DisputeCustomerDetails { customer_name, customer_phone, customer_email });

same!(EventInstrument => Instrument {
    customer_id, afa_reference, instrument_id, instrument_uid, instrument_display, instrument_status,
    instrument_meta,
} |event| {
    instrument_type: event.instrument_type.as_deref().map(InstrumentType::from),
    created_at: event.added_at.clone(),
});
same!(EventInstrumentMeta => InstrumentMeta {
    card_network, card_bank_name, card_country, card_type, card_token_details,
});
