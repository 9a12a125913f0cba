//! Subscriptions and their mandates.

use std::collections::HashMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::{self, Clock};
use crate::data::Content;
use crate::domain::model::mandates::Method;
use crate::domain::model::plans::Terms;
use crate::domain::table::{self, Table};
use crate::http::errors::Refusal;

/// What a subscription without an end of its own shows.
pub(crate) const NEVER: &str = "2100-01-01T05:29:59+05:30";

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Initialized,
    BankApprovalPending,
    Active,
    OnHold,
    Paused,
    CustomerPaused,
    Cancelled,
    CustomerCancelled,
    Completed,
    Expired,
    CardExpired,
    LinkExpired,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Initialized => "INITIALIZED",
            Self::BankApprovalPending => "BANK_APPROVAL_PENDING",
            Self::Active => "ACTIVE",
            Self::OnHold => "ON_HOLD",
            Self::Paused => "PAUSED",
            Self::CustomerPaused => "CUSTOMER_PAUSED",
            Self::Cancelled => "CANCELLED",
            Self::CustomerCancelled => "CUSTOMER_CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Expired => "EXPIRED",
            Self::CardExpired => "CARD_EXPIRED",
            Self::LinkExpired => "LINK_EXPIRED",
        }
    }

    pub(crate) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::CustomerCancelled
                | Self::Completed
                | Self::Expired
                | Self::CardExpired
                | Self::LinkExpired
        )
    }
}

/// The payer's permission, as far as it has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mandate {
    /// INITIALIZED, PENDING, ACTIVE or FAILED.
    #[serde(deserialize_with = "table::word")]
    pub(crate) status: table::Word,
    /// The AUTH payment that asked last.
    pub(crate) payment_id: String,
    pub(crate) method: Option<Method>,
    /// `payment_method` in webhooks; null before anybody was asked.
    pub(crate) account: Value,
    pub(crate) reference: String,
    pub(crate) granted: Option<SystemTime>,
}

/// One subscription, payments aside.
#[derive(Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) subscription_id: String,
    pub(crate) cf_subscription_id: String,
    /// The create request, for what is echoed.
    pub(crate) request: Value,
    pub(crate) session: String,
    pub(crate) terms: Terms,
    pub(crate) status: Status,
    pub(crate) expires: SystemTime,
    pub(crate) mandate: Mandate,
}

impl Subscription {
    pub(crate) fn offered_methods(&self) -> &Value {
        &self.request["authorization_details"]["payment_methods"]
    }

    /// `subscription_meta.return_url`, where the payer goes after the authorisation.
    pub(crate) fn return_url(&self) -> Option<&str> {
        self.request["subscription_meta"]["return_url"].as_str().filter(|url| !url.is_empty())
    }

    pub(crate) fn awaits_consent(&self) -> bool {
        self.status == Status::Initialized
    }

    /// What an authorisation takes.
    pub(crate) fn authorization_amount(&self) -> Value {
        match &self.request["authorization_details"]["authorization_amount"] {
            Value::Null => json!(1),
            given => given.clone(),
        }
    }

    pub(crate) fn returns_authorization_amount(&self) -> bool {
        self.request["authorization_details"]["authorization_amount_refund"] == true
    }

    pub(crate) fn must_be(&self, allowed: &[Status], what: &str) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        let message = format!("a subscription that is {} can't be {what}", self.status.word());
        Err(Refusal::bad_request("subscription_status_invalid", message))
    }

    /// Time passes: what has an end meets it.
    fn refresh(&mut self, now: SystemTime) {
        if !self.status.is_final() && now >= self.expires {
            self.lapse();
        }
    }

    pub(crate) fn lapse(&mut self) {
        self.status = match self.status {
            Status::Initialized => Status::LinkExpired,
            _ => Status::Expired,
        };
    }

    /// The authorisation, as both entities have it: times with a zone in a subscription, without in a payment.
    pub(crate) fn authorization(&self, time: fn(SystemTime) -> String) -> Value {
        let mandate = &self.mandate;
        json!({
            "authorization_amount": self.authorization_amount(),
            "authorization_amount_refund": self.returns_authorization_amount(),
            "authorization_reference": mandate.reference,
            "authorization_time": mandate.granted.map(time).unwrap_or_default(),
            "authorization_status": mandate.status,
            "payment_id": mandate.payment_id,
            // A bare word, as declared and published; only events and later versions have the account.
            "payment_method": mandate.method.map_or("", Method::authorised_by),
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        let sent = &self.request;
        // What is not there is an empty text, as in the published example; splits and tags are null.
        let or_empty = |value: &Value| if value.is_null() { json!("") } else { value.clone() };
        let customer = [
            "customer_name",
            "customer_email",
            "customer_phone",
            "customer_bank_account_holder_name",
            "customer_bank_account_number",
            "customer_bank_ifsc",
            "customer_bank_code",
            "customer_bank_account_type",
        ];
        let customer: serde_json::Map<String, Value> = customer
            .into_iter()
            .map(|name| (name.to_owned(), or_empty(&sent["customer_details"][name])))
            .collect();
        json!({
            "authorisation_details": self.authorization(clock::with_zone),
            "cf_subscription_id": self.cf_subscription_id,
            "customer_details": customer,
            "plan_details": self.terms.to_json(),
            "subscription_expiry_time": match &sent["subscription_expiry_time"] {
                Value::Null => json!(NEVER),
                given => given.clone(),
            },
            "subscription_first_charge_time": or_empty(&sent["subscription_first_charge_time"]),
            "subscription_id": self.subscription_id,
            "subscription_meta": { "return_url": or_empty(&sent["subscription_meta"]["return_url"]) },
            "subscription_note": or_empty(&sent["subscription_note"]),
            "subscription_session_id": self.session,
            "subscription_payment_splits": sent["subscription_payment_splits"],
            "subscription_status": self.status.word(),
            "subscription_tags": sent["subscription_tags"],
        })
    }
}

/// The account's subscriptions, by `subscription_id`.
pub(crate) struct Subscriptions {
    pub(crate) by_id: Table<Subscription>,
    /// The subscription of each session.
    pub(crate) of_session: HashMap<String, String>,
    pub(crate) clock: Clock,
}

impl Subscriptions {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { by_id: Table::default(), of_session: HashMap::new(), clock }
    }

    pub(crate) fn find(&mut self, subscription_id: &str) -> Result<&mut Subscription, Refusal> {
        let found = self.by_id.get_mut(subscription_id);
        let subscription = found.ok_or_else(|| {
            Refusal::not_found("subscription_not_found", "no subscription has this subscription_id")
        })?;
        subscription.refresh(self.clock.now());
        Ok(subscription)
    }

    /// The status that a subscription has now.
    pub(crate) fn status_of(&self, subscription_id: &str) -> Option<Status> {
        self.by_id.get(subscription_id).map(|subscription| subscription.status)
    }

    /// The id of the subscription with this session.
    pub(crate) fn of_session(&self, session: &str) -> Option<String> {
        self.of_session.get(session).cloned()
    }

    pub(crate) fn insert(&mut self, subscription: Subscription) {
        self.of_session.insert(subscription.session.clone(), subscription.subscription_id.clone());
        self.by_id.insert(subscription.subscription_id.clone(), subscription);
    }

    /// Takes in what a file held.
    pub(crate) fn restore(&mut self, content: &Content) -> anyhow::Result<()> {
        self.by_id.restore(content.table("subscriptions")?);
        for known in self.by_id.values() {
            self.of_session.insert(known.session.clone(), known.subscription_id.clone());
        }
        Ok(())
    }
}
