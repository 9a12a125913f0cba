//! Subscriptions: INITIALIZED until the payer consents, BANK_APPROVAL_PENDING while the bank thinks, then
//! ACTIVE; paused and resumed by merchant or payer, ON_HOLD after a failed debit; ended for good in six ways.

use serde_json::Value;

use crate::clock;
use crate::domain::call::{About, Call, future_time};
use crate::domain::mandates::MandateEvent;
use crate::domain::model::mandates::Method;
use crate::domain::model::plans::Terms;
use crate::domain::model::subscriptions::{Mandate, NEVER, Status, Subscription};
use crate::domain::state::State;
use crate::domain::subscription_payments;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let subscription_id = sent["subscription_id"].as_str().unwrap_or_default();
    if state.subscriptions.by_id.contains_key(subscription_id) {
        let message = "there is a subscription with this subscription_id";
        return Err(Refusal::conflict("subscription_already_exists", message));
    }
    let now = state.clock.now();
    let terms = Terms::of_subscription(&state.plans, &sent["plan_details"])?;
    let expires = future_time(now, &sent["subscription_expiry_time"], "subscription_expiry_time")?;
    let first = future_time(now, &sent["subscription_first_charge_time"], "subscription_first_charge_time")?;
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
    let response = subscription.to_json();
    state.subscriptions.insert(subscription);
    let about = About { other_id: Some(subscription_id), ..About::default() };
    state.commit(call, Change::SubscriptionCreated, about);
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    state.subscriptions.find(call.path("subscription_id")).map(|found| JsonResponse::ok(found.to_json()))
}

pub(crate) fn manage(state: &mut State, call: &Call<'_>) -> Outcome {
    const RUNNING: [Status; 4] = [Status::Active, Status::OnHold, Status::Paused, Status::CustomerPaused];
    let subscription_id = call.path("subscription_id");
    call.must_match_path("subscription_id")?;
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
            future_time(now, &details["next_scheduled_time"], "action_details.next_scheduled_time")?;
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
    let response = state.subscriptions.find(subscription_id)?.to_json();
    let about = About { other_id: Some(subscription_id), ..About::default() };
    state.commit(call, Change::SubscriptionChanged, about);
    state.send(events::subscriptions::status_changed(state, subscription_id, past));
    Ok(JsonResponse::ok(response))
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
    state.send(events::subscriptions::status_changed(state, subscription_id, past));
    true
}
