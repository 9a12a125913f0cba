//! Refunds of orders.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::kept::Kept;
use crate::money::Paise;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RefundStatus {
    Pending,
    OnHold,
    Success,
    Cancelled,
}

/// One refund.
#[derive(Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) refund_id: String,
    pub(crate) cf_refund_id: String,
    pub(crate) cf_payment_id: String,
    /// The create request, for what is echoed.
    pub(crate) request: Kept,
    pub(crate) amount: Value,
    pub(crate) currency: Value,
    pub(crate) instant: bool,
    pub(crate) status: RefundStatus,
    pub(crate) created: SystemTime,
    pub(crate) processed: Option<SystemTime>,
    pub(crate) remarks: Value,
}

impl Refund {
    pub(crate) fn amount(&self) -> Paise {
        Paise::read(&self.amount).unwrap_or(Paise(0))
    }

    /// When the money went back; `None` until then.
    pub(crate) fn given_back(&self) -> Option<SystemTime> {
        self.processed.filter(|_| self.status == RefundStatus::Success)
    }

    pub(crate) fn refund_id(&self) -> &str {
        &self.refund_id
    }

    pub(crate) fn cf_payment_id(&self) -> &str {
        &self.cf_payment_id
    }

    /// The create request.
    pub(crate) fn request(&self) -> Value {
        self.request.read()
    }

    pub(crate) fn to_json(&self, order_id: &str) -> Value {
        let speed = if self.instant { "INSTANT" } else { "STANDARD" };
        let (word, description) = match self.status {
            RefundStatus::Pending => ("PENDING", "the bank is working on it"),
            RefundStatus::OnHold => ("ONHOLD", "waiting for the merchant's balance"),
            RefundStatus::Success => ("SUCCESS", "the money is on its way to the payer"),
            RefundStatus::Cancelled => ("CANCELLED", "cancelled by the merchant"),
        };
        let done = self.status == RefundStatus::Success;
        let description = match (self.status, self.remarks.as_str()) {
            (RefundStatus::Cancelled, Some(remarks)) if !remarks.is_empty() => remarks,
            _ => description,
        };
        let request = self.request();
        let splits = &request["refund_splits"];
        json!({
            "cf_payment_id": self.cf_payment_id,
            "cf_refund_id": self.cf_refund_id,
            "refund_id": self.refund_id,
            "order_id": order_id,
            "entity": "refund",
            "refund_amount": self.amount,
            "refund_currency": self.currency,
            "refund_note": request["refund_note"],
            "refund_status": word,
            "refund_type": "MERCHANT_INITIATED",
            "refund_splits": if splits.is_array() { splits.clone() } else { json!([]) },
            "status_description": description,
            "refund_speed": {
                "requested": speed,
                "accepted": speed,
                "processed": done.then_some(speed),
                "message": null,
            },
            // Digits with leading zeros: a reference, not a number.
            "refund_arn": done.then(|| format!("00{}", self.cf_refund_id)),
            "metadata": null,
            "created_at": clock::with_zone(self.created),
            "processed_at": self.processed.map(clock::with_zone),
            "refund_charge": 0,
            "refund_mode": speed,
            "forex_conversion_handling_charge": null,
            "forex_conversion_handling_tax": null,
            "forex_conversion_rate": null,
            "charges_currency": null,
        })
    }
}
