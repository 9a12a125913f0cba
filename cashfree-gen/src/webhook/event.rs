//! How an event is read, and what most handlers ask it first.

use super::raw::{self, View};
use super::{EventError, EventKind, RawEvent};
use crate::decode::decoder::{Decoder, text_of};
use crate::decode::error::DecodeError;
use crate::decode::unparsed::Decoded;
use crate::generated::enums::{PaymentStatus, RefundStatus};
use crate::generated::webhooks::event::Event;
use crate::generated::webhooks::types;
use crate::{
    CfPaymentId, CustomerId, DisputeId, InstrumentId, OrderId, RefundId, SettlementId, SubscriptionId,
    Timestamp, VendorId,
};

impl Event {
    /// Reads a body. A type that is not known makes [`Other`](Event::Other), not an error.
    ///
    /// ```
    /// # mod cashfree { pub use cashfree_gen::*; pub mod webhook { pub use cashfree_gen::{RawEvent, webhooks::*}; } }
    /// use cashfree::Amount;
    /// use cashfree::webhook::Event;
    ///
    /// let body = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"payment":{"payment_amount":499.00}}}"#;
    /// let Event::PaymentSuccess(event) = Event::read(body.as_bytes())? else { panic!("another event") };
    /// assert_eq!(event.payment.and_then(|payment| payment.payment_amount), Some(Amount::rupees(499)));
    /// # Ok::<(), cashfree_gen::EventError>(())
    /// ```
    ///
    /// A field that can't be decoded is absent; [`read_with_unparsed`](Event::read_with_unparsed) returns it.
    ///
    /// # Errors
    /// [`EventError`] with the path, when the body is no JSON object or names no type, and when the data of a
    /// known type can't be decoded.
    #[inline]
    pub fn read(body: &[u8]) -> Result<Self, EventError> {
        Self::read_with_unparsed(body).map(|decoded| decoded.value)
    }

    /// Reads a body as [`read`](Event::read) does, and returns what the event does not show: fields that could
    /// not be decoded, as JSON, and the paths of text that is not valid Unicode. A number is never one of them.
    ///
    /// # Errors
    /// As [`read`](Event::read).
    #[inline]
    pub fn read_with_unparsed(body: &[u8]) -> Result<Decoded<Self>, EventError> {
        // Mostly the type is known before the data is read, or as good as known, and once over the body is
        // enough.
        let text = text_of(body);
        let mut early = None;
        let mut datas = 0;
        let mut view = View::read(&text, &mut |decoder, named| {
            datas += 1;
            let start = decoder.position();
            if let Some(kind) = named.map_or_else(|| raw::likely_kind(&text), raw::kind)
                && let Ok(Some(event)) = Self::typed(&kind, decoder)
                && !decoder.has_notes()
            {
                early = Some((kind, event));
                return Ok(());
            }
            decoder.rewind(start);
            decoder.skip()
        })?;
        let decoded = match early {
            Some((kind, event)) if kind == view.kind && datas == 1 => {
                Decoded { value: Some(event), unparsed: Vec::new(), replaced_text: Vec::new() }
            }
            _ => view.decode(|decoder| Self::typed_or_none(&view.kind, decoder))?,
        };
        Ok(decoded.map(|event| match event {
            Some(event) => event.at_its_time(view.event_time.take()),
            None => Self::Other(view.into_raw()),
        }))
    }

    /// Data of an unknown type is skipped.
    fn typed_or_none(kind: &EventKind, decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        let start = decoder.position();
        let event = Self::typed(kind, decoder)?;
        if event.is_none() {
            decoder.rewind(start);
            decoder.skip()?;
        }
        Ok(event)
    }

    /// The time of the whole event is that of its data.
    fn at_its_time(mut self, time: Option<Timestamp>) -> Self {
        if time.is_some()
            && let Some(slot) = self.time_slot()
        {
            *slot = time;
        }
        self
    }
}

impl TryFrom<RawEvent> for Event {
    type Error = EventError;

    #[inline]
    fn try_from(raw: RawEvent) -> Result<Self, EventError> {
        let decoded = raw.view().decode(|decoder| Self::typed_or_none(raw.kind(), decoder))?;
        Ok(match decoded.value {
            Some(event) => event.at_its_time(raw.event_time().cloned()),
            None => Self::Other(raw),
        })
    }
}

/// Accessors of ids and statuses.
macro_rules! accessors {
    ($($of:ty { $($(#[$docs:meta])* $name:ident: $id:ty = $($field:ident).+;)* })*) => { $(
        impl $of {
            $(
                $(#[$docs])*
                pub fn $name(&self) -> Option<&$id> {
                    accessors!(@ self, $($field).+)
                }
            )*
        }
    )* };
    (@ $event:expr, $only:ident) => { $event.$only.as_ref() };
    (@ $event:expr, $first:ident . $second:ident) => { $event.$first.as_ref()?.$second.as_ref() };
}

accessors! {
    types::PaymentEvent {
        /// Returns the id of the order.
        order_id: OrderId = order.order_id;
        /// Returns the id of the payment attempt.
        cf_payment_id: CfPaymentId = payment.cf_payment_id;
        /// Returns the status of the payment attempt.
        payment_status: PaymentStatus = payment.payment_status;
    }
    types::PaymentChargesEvent {
        /// Returns the id of the order.
        order_id: OrderId = order.order_id;
        /// Returns the id of the payment.
        cf_payment_id: CfPaymentId = payment.cf_payment_id;
        /// Returns the status of the payment.
        payment_status: PaymentStatus = payment.payment_status;
    }
    types::RefundEvent {
        /// Returns the id of the order.
        order_id: OrderId = refund.order_id;
        /// Returns the id of the refunded payment.
        cf_payment_id: CfPaymentId = refund.cf_payment_id;
        /// Returns the merchant's id of the refund.
        refund_id: RefundId = refund.refund_id;
        /// Returns the status of the refund.
        refund_status: RefundStatus = refund.refund_status;
    }
    types::AutoRefundEvent {
        /// Returns the id of the order.
        order_id: OrderId = auto_refund.order_id;
        /// Returns the id of the refunded payment.
        cf_payment_id: CfPaymentId = auto_refund.cf_payment_id;
        /// Returns the status of the refund.
        refund_status: RefundStatus = auto_refund.refund_status;
    }
    types::DisputeEvent {
        /// Returns the id of the disputed order.
        order_id: OrderId = order_details.order_id;
        /// Returns the id of the disputed payment.
        cf_payment_id: CfPaymentId = order_details.cf_payment_id;
        /// Returns the id of the dispute.
        dispute_id: DisputeId = dispute.dispute_id;
    }
    types::PaymentLinkEvent {
        /// Returns the id of the order that was created when the link was paid.
        order_id: OrderId = order.order_id;
    }
    types::SettlementEvent {
        /// Returns the id of the settlement.
        settlement_id: SettlementId = settlement.settlement_id;
    }
    types::VendorSettlementEvent {
        /// Returns the id of the settlement.
        settlement_id: SettlementId = settlement.settlement_id;
        /// Returns the id of the vendor that the settlement is for.
        vendor_id: VendorId = settlement.vendor_id;
    }
    types::InstrumentEvent {
        /// Returns the id of the customer who saved the instrument.
        customer_id: CustomerId = instrument.customer_id;
        /// Returns the id of the instrument.
        instrument_id: InstrumentId = instrument.instrument_id;
    }
    types::SubscriptionStatusEvent {
        /// Returns the id of the subscription.
        subscription_id: SubscriptionId = subscription_details.subscription_id;
    }
}

impl types::RefundEvent {
    /// Returns the terminal that took the payment; webhook versions before 2023-08-01 have it within the refund.
    pub fn terminal(&self) -> Option<&types::EventTerminal> {
        self.terminal_details.as_ref().or_else(|| self.refund.as_ref()?.terminal_details.as_ref())
    }
}

impl Event {
    /// Returns the id of the order to read back. `None` if the event names no order.
    pub fn order_id(&self) -> Option<&OrderId> {
        match self {
            Self::PaymentSuccess(event) | Self::PaymentFailed(event) | Self::PaymentUserDropped(event) => {
                event.order_id()
            }
            Self::PaymentCharges(event) => event.order_id(),
            Self::RefundStatus(event) => event.order_id(),
            Self::AutoRefundStatus(event) => event.order_id(),
            Self::DisputeCreated(event) | Self::DisputeUpdated(event) | Self::DisputeClosed(event) => {
                event.order_id()
            }
            Self::PaymentLink(event) => event.order_id(),
            _ => None,
        }
    }

    /// Returns the id of the payment to read back. `None` if the event names no payment.
    pub fn cf_payment_id(&self) -> Option<&CfPaymentId> {
        match self {
            Self::PaymentSuccess(event) | Self::PaymentFailed(event) | Self::PaymentUserDropped(event) => {
                event.cf_payment_id()
            }
            Self::PaymentCharges(event) => event.cf_payment_id(),
            Self::RefundStatus(event) => event.cf_payment_id(),
            Self::AutoRefundStatus(event) => event.cf_payment_id(),
            Self::DisputeCreated(event) | Self::DisputeUpdated(event) | Self::DisputeClosed(event) => {
                event.cf_payment_id()
            }
            Self::PaymentVerificationUpdate(event) => event.cf_payment_id.as_ref(),
            Self::SubscriptionAuthStatus(event)
            | Self::SubscriptionPaymentNotificationInitiated(event)
            | Self::SubscriptionPaymentSuccess(event)
            | Self::SubscriptionPaymentFailed(event)
            | Self::SubscriptionPaymentCancelled(event)
            | Self::SubscriptionPaymentDeclined(event) => event.cf_payment_id.as_ref(),
            Self::SubscriptionRefundStatus(event) => event.cf_payment_id.as_ref(),
            _ => None,
        }
    }
}
