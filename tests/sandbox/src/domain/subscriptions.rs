//! Subscriptions: INITIALIZED until the payer consents, BANK_APPROVAL_PENDING while the bank thinks, then
//! ACTIVE; paused and resumed by merchant or payer, ON_HOLD after a failed debit; ended for good in six ways.

use std::collections::HashMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::{self, Clock};
use crate::data::Content;
use crate::domain::call::{About, Call};
use crate::domain::mandates::{MandateEvent, Method};
use crate::domain::plans::Terms;
use crate::domain::state::State;
use crate::domain::subscription_payments;
use crate::domain::table::{self, Table};
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

/// What a subscription without an end of its own shows.
const NEVER: &str = "2100-01-01T05:29:59+05:30";

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

    fn is_final(self) -> bool {
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
    subscription_id: String,
    pub(crate) cf_subscription_id: String,
    /// The create request, for what is echoed.
    request: Value,
    pub(crate) session: String,
    pub(crate) terms: Terms,
    pub(crate) status: Status,
    expires: SystemTime,
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

    fn lapse(&mut self) {
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
            // A bare word, as declared and published; only events and later versions tell of the account.
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
    of_session: HashMap<String, String>,
    clock: Clock,
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

    /// The id of the subscription with this session.
    pub(crate) fn of_session(&self, session: &str) -> Option<String> {
        self.of_session.get(session).cloned()
    }

    fn insert(&mut self, subscription: Subscription) {
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

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let subscription_id = sent["subscription_id"].as_str().unwrap_or_default();
    if state.subscriptions.by_id.contains_key(subscription_id) {
        let message = "there is a subscription with this subscription_id";
        return Err(Refusal::conflict("subscription_already_exists", message));
    }
    let now = state.clock.now();
    let terms = Terms::of_subscription(&state.plans, &sent["plan_details"])?;
    let expires = moment(now, &sent["subscription_expiry_time"], "subscription_expiry_time")?;
    let first = moment(now, &sent["subscription_first_charge_time"], "subscription_first_charge_time")?;
    if let (Some(first), Some(expires)) = (first, expires)
        && first >= expires
    {
        let message = "the first debit must lie before the end of the subscription";
        return Err(Refusal::bad_request("subscription_first_charge_time_invalid", message));
    }
    let amount = &sent["authorization_details"]["authorization_amount"];
    if !amount.is_null() && Paise::read(amount).is_none_or(|amount| amount < Paise(0)) {
        let message = "authorization_amount must be in paise and not negative";
        return Err(Refusal::bad_request("authorization_details.authorization_amount_invalid", message));
    }
    let subscription = Subscription {
        subscription_id: subscription_id.to_owned(),
        cf_subscription_id: (812_400 + state.serial()).to_string(),
        request: sent.clone(),
        session: format!("sub_session_{}payment", state.token(40)),
        terms,
        status: Status::Initialized,
        expires: expires.or_else(|| clock::parse(NEVER)).ok_or_else(Refusal::internal)?,
        mandate: Mandate {
            status: "INITIALIZED",
            payment_id: String::new(),
            method: None,
            account: Value::Null,
            reference: String::new(),
            granted: None,
        },
    };
    let answer = subscription.to_json();
    state.subscriptions.insert(subscription);
    let about = About { other_id: Some(subscription_id), ..About::default() };
    state.commit(call, Change::SubscriptionCreated, about);
    Ok(Reply::ok(answer))
}

/// Tells the merchant of a subscription that has left the status it had.
pub(crate) fn tell(state: &State, subscription_id: &str, past: Option<Status>) {
    if let Some(subscription) = state.subscriptions.by_id.get(subscription_id)
        && Some(subscription.status) != past
    {
        state.tell([events::subscriptions::moved(subscription)]);
    }
}

/// The status that a subscription has now.
pub(crate) fn status(state: &State, subscription_id: &str) -> Option<Status> {
    state.subscriptions.by_id.get(subscription_id).map(|subscription| subscription.status)
}

/// A time to come, if one is given.
pub(crate) fn moment(now: SystemTime, sent: &Value, name: &str) -> Result<Option<SystemTime>, Refusal> {
    let Some(text) = sent.as_str().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let time = clock::parse(text).filter(|time| *time > now);
    time.map(Some).ok_or_else(|| {
        Refusal::bad_request(&format!("{name}_invalid"), format!("{name} must be a time in the future"))
    })
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    state.subscriptions.find(call.path("subscription_id")).map(|found| Reply::ok(found.to_json()))
}

pub(crate) fn manage(state: &mut State, call: &Call<'_>) -> Outcome {
    const RUNNING: [Status; 4] = [Status::Active, Status::OnHold, Status::Paused, Status::CustomerPaused];
    let subscription_id = call.path("subscription_id");
    same(call, "subscription_id")?;
    let now = state.clock.now();
    let subscription = state.subscriptions.find(subscription_id)?;
    let past = Some(subscription.status);
    let details = &call.body["action_details"];
    let action = call.body["action"].as_str().unwrap_or_default();
    if subscription.terms.is_on_demand() && matches!(action, "PAUSE" | "CHANGE_PLAN") {
        let message = format!("{action} is not for plans on demand");
        return Err(Refusal::bad_request("action_invalid", message));
    }
    match action {
        "CANCEL" => {
            if subscription.status.is_final() {
                subscription.must_be(&[], "cancelled")?;
            }
            subscription.status = Status::Cancelled;
            subscription_payments::withdraw_all(state, call, subscription_id);
        }
        "PAUSE" => {
            subscription.must_be(&[Status::Active], "paused")?;
            subscription.status = Status::Paused;
        }
        "ACTIVATE" => {
            subscription.must_be(&[Status::Paused, Status::OnHold], "activated")?;
            moment(now, &details["next_scheduled_time"], "action_details.next_scheduled_time")?;
            subscription.status = Status::Active;
        }
        _ => {
            subscription.must_be(&RUNNING, "moved to another plan")?;
            let plan_id = details["plan_id"].as_str().ok_or_else(|| {
                Refusal::bad_request("action_details.plan_id_missing", "which plan to move to?")
            })?;
            let terms = state.plans.find(plan_id)?.clone();
            if terms.is_on_demand() {
                let message = "a periodic subscription can't move to a plan on demand";
                return Err(Refusal::bad_request("action_details.plan_id_invalid", message));
            }
            state.subscriptions.find(subscription_id)?.terms = terms;
        }
    }
    let answer = state.subscriptions.find(subscription_id)?.to_json();
    let about = About { other_id: Some(subscription_id), ..About::default() };
    state.commit(call, Change::SubscriptionChanged, about);
    tell(state, subscription_id, past);
    Ok(Reply::ok(answer))
}

/// The id in the body must be the one in the path.
pub(crate) fn same(call: &Call<'_>, name: &str) -> Result<(), Refusal> {
    if call.body[name] == call.path(name) {
        return Ok(());
    }
    let message = format!("{name} differs between path and body");
    Err(Refusal::bad_request(&format!("{name}_invalid"), message))
}

/// Something happens without the merchant; false if it can't happen now.
pub(crate) fn happen(state: &mut State, subscription_id: &str, event: MandateEvent) -> bool {
    let Ok(subscription) = state.subscriptions.find(subscription_id) else {
        return false;
    };
    let past = Some(subscription.status);
    let by_card = subscription.mandate.method == Some(Method::Card);
    let next = match (event, subscription.status) {
        (MandateEvent::Approved | MandateEvent::Rejected, Status::BankApprovalPending) => {
            let payment_id = subscription.mandate.payment_id.clone();
            let refused = (event == MandateEvent::Rejected).then_some("the bank did not approve the mandate");
            subscription_payments::conclude_authorization(state, &Call::by_payer(), &payment_id, refused);
            return true;
        }
        (MandateEvent::PausedByPayer, Status::Active) => Status::CustomerPaused,
        (MandateEvent::ResumedByPayer, Status::CustomerPaused) => Status::Active,
        (
            MandateEvent::CancelledByPayer,
            Status::Active | Status::OnHold | Status::Paused | Status::CustomerPaused,
        ) => Status::CustomerCancelled,
        (MandateEvent::CardExpired, Status::Active) if by_card => Status::CardExpired,
        (MandateEvent::Lapsed, status) if !status.is_final() => {
            subscription.lapse();
            subscription.status
        }
        _ => return false,
    };
    subscription.status = next;
    if next.is_final() {
        subscription_payments::withdraw_all(state, &Call::by_payer(), subscription_id);
    }
    let about = About { other_id: Some(subscription_id), ..About::default() };
    state.commit(&Call::by_payer(), Change::SubscriptionChanged, about);
    tell(state, subscription_id, past);
    true
}
