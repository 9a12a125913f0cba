//! Payments of subscriptions, with the refunds of each.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::model::mandates::{Consent, Method, Step};
use crate::domain::model::subscriptions::Subscription;
use crate::http::errors::Refusal;
use crate::money::Paise;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Initialized,
    Pending,
    Success,
    Failed,
    Cancelled,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Initialized => "INITIALIZED",
            Self::Pending => "PENDING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Initialized | Self::Pending)
    }
}

/// One payment.
#[derive(Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) payment_id: String,
    pub(crate) cf_payment_id: String,
    pub(crate) subscription_id: String,
    /// `None` for a debit.
    pub(crate) consent: Option<Consent>,
    pub(crate) amount: Value,
    pub(crate) remarks: Value,
    pub(crate) schedule: Value,
    pub(crate) status: Status,
    pub(crate) started: SystemTime,
    pub(crate) serial: u64,
    pub(crate) retry_attempts: u32,
    pub(crate) failure: String,
    pub(crate) refunds: Vec<Refund>,
}

impl Payment {
    fn kind(&self) -> &'static str {
        if self.consent.is_some() { "AUTH" } else { "CHARGE" }
    }

    pub(crate) fn is_authorization(&self) -> bool {
        self.consent.is_some()
    }

    pub(crate) fn to_json(&self, subscription: &Subscription) -> Value {
        let mut authorization = subscription.authorization(without_zone);
        authorization["start_time"] = authorization["authorization_time"].clone();
        let done = self.status == Status::Success;
        json!({
            "authorization_details": authorization,
            "cf_payment_id": self.cf_payment_id,
            "cf_txn_id": done.then(|| (31_507_000 + self.serial).to_string()),
            "cf_order_id": if done { (2_149_460_000 + self.serial).to_string() } else { String::new() },
            "cf_subscription_id": subscription.cf_subscription_id,
            "failure_details": { "failure_reason": self.failure },
            "payment_amount": self.amount,
            "payment_id": self.payment_id,
            "payment_initiated_date": with_bare_offset(self.started),
            "payment_remarks": self.remarks,
            "payment_schedule_date": self.schedule,
            "payment_status": self.status.word(),
            "payment_type": self.kind(),
            "retry_attempts": self.retry_attempts,
            "subscription_id": self.subscription_id,
        })
    }

    /// The response to the create: the payment is accepted, no more.
    pub(crate) fn accepted(&self, base_url: &str, method: Option<Method>) -> Value {
        let consent = self.consent.as_ref();
        let page = consent
            .filter(|consent| consent.step == Step::Visit)
            .map(|_| format!("{base_url}/view/sessions/checkout/{}", self.cf_payment_id));
        json!({
            "action": consent.map(|_| if page.is_some() { "link" } else { "custom" }),
            "cf_payment_id": self.cf_payment_id,
            "channel": consent.map(|consent| &consent.channel),
            "data": { "url": page, "payload": null, "content_type": null, "method": null },
            "failure_details": { "failure_reason": null },
            "payment_amount": self.amount,
            "payment_id": self.payment_id,
            "payment_initiated_date": with_bare_offset(self.started),
            "payment_method": method.map(Method::word),
            "payment_status": self.status.word(),
            "payment_type": self.kind(),
            "subscription_id": self.subscription_id,
        })
    }
}

/// `2024-04-18T16:40:00`: the form of the times around an authorisation.
pub(crate) fn without_zone(at: SystemTime) -> String {
    clock::with_zone(at).trim_end_matches("+05:30").to_owned()
}

/// `2024-04-18T22:14:58+0530`: the form of `payment_initiated_date`.
fn with_bare_offset(at: SystemTime) -> String {
    format!("{}+0530", without_zone(at))
}

/// The payments of all subscriptions, oldest first; `payment_id` is unique in the account.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct SubscriptionPayments(pub(crate) Vec<Payment>);

impl SubscriptionPayments {
    pub(crate) fn find(&mut self, payment_id: &str) -> Result<&mut Payment, Refusal> {
        self.0.iter_mut().find(|payment| payment.payment_id == payment_id).ok_or_else(not_found)
    }

    pub(crate) fn of(&self, subscription_id: &str) -> impl Iterator<Item = &Payment> {
        self.0.iter().filter(move |payment| payment.subscription_id == subscription_id)
    }

    /// Debits that were taken or may still be.
    pub(crate) fn debits(&self, subscription_id: &str) -> usize {
        let counts = |payment: &&Payment| {
            !payment.is_authorization() && !matches!(payment.status, Status::Failed | Status::Cancelled)
        };
        self.of(subscription_id).filter(counts).count()
    }
}

pub(crate) fn not_found() -> Refusal {
    Refusal::not_found("payment_not_found", "no payment of a subscription has this payment_id")
}

/// One refund, kept with its payment.
#[derive(Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) refund_id: String,
    pub(crate) cf_refund_id: String,
    /// The create request, for what is echoed.
    pub(crate) request: Value,
    pub(crate) created: SystemTime,
}

impl Refund {
    pub(crate) fn amount(&self) -> Paise {
        Paise::read(&self.request["refund_amount"]).unwrap_or(Paise(0))
    }

    pub(crate) fn to_json(&self, payment: &Payment, done: bool) -> Value {
        json!({
            "payment_id": payment.payment_id,
            "cf_payment_id": payment.cf_payment_id,
            "refund_id": self.refund_id,
            "cf_refund_id": self.cf_refund_id,
            "refund_amount": self.request["refund_amount"],
            "refund_note": self.request["refund_note"],
            // Responses have another word for the slower speed than requests.
            "refund_speed": if self.request["refund_speed"] == "INSTANT" { "INSTANT" } else { "NORMAL" },
            "refund_status": if done { "SUCCESS" } else { "INITIATED" },
        })
    }
}
