//! Payment attempts.

use std::time::SystemTime;

use ecow::EcoString;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use crate::clock;
use crate::domain::kept::Kept;
use crate::domain::methods::Finish;
use crate::domain::model::preauth::Hold;
use crate::domain::model::vault::Card;
use crate::domain::table;
use crate::domain::test_data::Verdict;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Pending,
    Success,
    Failed,
    UserDropped,
    Cancelled,
    Void,
    Flagged,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::UserDropped => "USER_DROPPED",
            Self::Cancelled => "CANCELLED",
            Self::Void => "VOID",
            Self::Flagged => "FLAGGED",
        }
    }
}

/// One attempt.
#[derive(Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) cf_payment_id: EcoString,
    pub(crate) order_id: EcoString,
    pub(crate) amount: Number,
    pub(crate) status: Status,
    pub(crate) captured: bool,
    pub(crate) hold: Option<Box<Hold>>,
    pub(crate) serial: u64,
    pub(crate) method: Kept,
    #[serde(deserialize_with = "table::word")]
    pub(crate) group: table::Word,
    pub(crate) verdict: Verdict,
    pub(crate) finish: Finish,
    pub(crate) started: SystemTime,
    pub(crate) completed: Option<SystemTime>,
    /// The card that a success puts into the vault.
    pub(crate) to_save: Option<Box<Card>>,
}

impl Payment {
    /// What was really taken: a partial capture takes less than was blocked.
    pub(crate) fn captured_amount(&self) -> Value {
        self.hold.as_deref().and_then(Hold::captured).cloned().unwrap_or_else(|| self.amount())
    }

    pub(crate) fn amount(&self) -> Value {
        Value::Number(self.amount.clone())
    }

    /// When the money was taken; `None` while it isn't, or is only blocked.
    pub(crate) fn taken(&self) -> Option<SystemTime> {
        let capture = self.hold.as_deref().and_then(Hold::captured_at);
        capture.or(self.completed).filter(|_| self.captured && self.status == Status::Success)
    }

    /// The kind of method, as `upi`.
    pub(crate) fn group(&self) -> &'static str {
        self.group
    }

    /// Whether the payer decides about it on a page.
    pub(crate) fn awaits_payer(&self) -> bool {
        self.status == Status::Pending && self.finish == Finish::OnVisit
    }

    /// The wrapper key of its method, as `netbanking`.
    pub(crate) fn method_name(&self) -> String {
        let method = self.method.read();
        method.as_object().and_then(|fields| fields.keys().next()).cloned().unwrap_or_default()
    }

    /// `payment_message`.
    pub(crate) fn message(&self) -> Option<&'static str> {
        match (self.status, &self.hold) {
            (Status::Pending, _) => None,
            (Status::Success | Status::Void, Some(_)) => Some("PRE_AUTH|the amount is blocked"),
            (Status::Success | Status::Void, None) => Some("the payment went through"),
            (Status::Failed, _) => Some("the payment failed"),
            (Status::UserDropped, _) => Some("the payer left"),
            (Status::Cancelled, _) => Some("the order was paid otherwise: the money goes back"),
            (Status::Flagged, _) => Some("held by a risk check"),
        }
    }

    pub(crate) fn to_json(&self, order_amount: &Value, currency: &str) -> Value {
        let banked = matches!(self.status, Status::Success | Status::Void | Status::Cancelled);
        let error = match (&self.verdict, self.status) {
            (Verdict::Failed(failure), Status::Failed) => failure.to_json(),
            _ => Value::Null,
        };
        // The published example of a failed payment says it is captured: kept, as a trap to avoid.
        let is_captured = self.captured || self.status == Status::Failed;
        json!({
            "auth_id": banked.then(|| format!("0{:05}", self.serial % 100_000)),
            "authorization": self.hold.as_deref().filter(|_| banked).map(Hold::to_json),
            "bank_reference": banked.then(|| format!("519611{:06}", self.serial % 1_000_000)),
            "cf_payment_id": self.cf_payment_id,
            "entity": "payment",
            "error_details": error,
            "international_payment": { "international": false },
            "is_captured": is_captured,
            "order_amount": order_amount,
            "order_currency": currency,
            "order_id": self.order_id,
            "payment_amount": self.amount,
            "payment_completion_time": self.completed.map(clock::with_zone),
            "payment_currency": currency,
            "payment_gateway_details": {
                "gateway_name": "CASHFREE",
                "gateway_order_id": null,
                "gateway_payment_id": null,
                "gateway_order_reference_id": null,
                "gateway_status_code": null,
                "gateway_settlement": "cashfree",
                "gateway_reference_name": null,
            },
            "payment_group": self.group,
            "payment_message": self.message(),
            "payment_method": self.method.read(),
            "payment_offers": null,
            "payment_status": self.status.word(),
            "payment_surcharge": null,
            "payment_time": clock::with_zone(self.started),
        })
    }
}
