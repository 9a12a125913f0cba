//! Payments of subscriptions: AUTH lets the payer consent to the mandate, CHARGE takes a debit under it.
//!
//! A debit is INITIALIZED until its day. A test decides for the bank: see `Sandbox::debit`. A
//! failed debit by UPI stays PENDING for three more attempts; after the last the subscription is ON_HOLD.

mod authorization;
mod debit;

use std::time::Duration;

use authorization::{adopt, asked, refused};
use debit::debitable;
use serde_json::{Value, json};

use crate::domain::call::{About, Call, future_time};
use crate::domain::model::mandates::{Method, Step};
use crate::domain::model::subscription_payments::{Payment, Status, not_found, without_zone};
use crate::domain::model::subscriptions::Status as SubscriptionStatus;
use crate::domain::state::State;
use crate::domain::test_data::Verdict;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::events;
pub(crate) use authorization::{conclude_authorization, decide, upload_form};
pub(crate) use debit::{debit, debit_due};

/// A debit that names no day.
const USUAL_NOTICE: Duration = Duration::from_secs(2 * 86_400);

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let subscription_id = sent["subscription_id"].as_str().unwrap_or_default();
    let payment_id = sent["payment_id"].as_str().unwrap_or_default().to_owned();
    state.subscriptions.find(subscription_id)?;
    if state.subscription_payments.find(&payment_id).is_ok() {
        let message = "there is a payment with this payment_id";
        return Err(Refusal::conflict("payment_already_exists", message));
    }
    let authorizes = sent["payment_type"] == "AUTH";
    let (consent, amount, schedule, method) = if authorizes {
        let subscription = state.subscriptions.find(subscription_id)?;
        let consent = asked(subscription, sent)?;
        let method = consent.method;
        (Some(consent), subscription.authorization_amount(), json!(""), Some(method))
    } else {
        let method = debitable(state, subscription_id, sent)?;
        let notice = if method.is_some_and(Method::is_announced) { USUAL_NOTICE } else { Duration::ZERO };
        let schedule = match &sent["payment_schedule_date"] {
            Value::Null => json!(without_zone(state.clock.now() + notice)),
            given => given.clone(),
        };
        (None, sent["payment_amount"].clone(), schedule, method)
    };
    let serial = state.serial();
    let payment = Payment {
        payment_id: payment_id.clone(),
        cf_payment_id: (863_782_000 + serial).to_string(),
        subscription_id: subscription_id.to_owned(),
        consent: consent.clone(),
        amount,
        remarks: sent["payment_remarks"].clone(),
        schedule,
        status: Status::Initialized,
        started: state.clock.now(),
        serial,
        retry_attempts: 0,
        failure: String::new(),
        refunds: Vec::new(),
    };
    let response = payment.accepted(&state.base_url, method);
    state.subscription_payments.0.push(payment);
    log(state, call, Change::SubscriptionPaymentStarted, &payment_id);
    if !authorizes && method.is_some_and(Method::is_announced) {
        send_event(state, "SUBSCRIPTION_PAYMENT_NOTIFICATION_INITIATED", &payment_id);
    }
    if let Some(consent) = consent {
        adopt(state, subscription_id, &payment_id, &consent);
        // A refused instrument is refused now; a good one waits for its payer if there is something to do.
        if consent.step == Step::None || consent.verdict != Verdict::Success {
            conclude_authorization(state, call, &payment_id, refused(&consent.verdict).as_deref());
        }
    }
    Ok(JsonResponse::ok(response))
}

/// The status of a payment.
pub(crate) fn status_of(state: &State, cf_payment_id: &str) -> Option<&'static str> {
    shown(state, cf_payment_id).map(|shown| shown.status)
}

/// What the payer's page shows of a payment.
pub(crate) struct Shown {
    pub(crate) subscription_id: String,
    pub(crate) status: &'static str,
    pub(crate) amount: Value,
    pub(crate) method: &'static str,
    /// Its consent is given on the page.
    pub(crate) awaits_payer: bool,
    /// Why it failed; empty if it did not.
    pub(crate) failure: String,
}

/// What the payer's page shows of a payment.
pub(crate) fn shown(state: &State, cf_payment_id: &str) -> Option<Shown> {
    let mut payments = state.subscription_payments.0.iter();
    let payment = payments.find(|known| known.cf_payment_id == cf_payment_id)?;
    let consent = payment.consent.as_ref();
    Some(Shown {
        subscription_id: payment.subscription_id.clone(),
        status: payment.status.word(),
        amount: payment.amount.clone(),
        method: consent.map_or("", |consent| consent.method.word()),
        awaits_payer: payment.status == Status::Initialized
            && consent.is_some_and(|consent| consent.step == Step::Visit),
        failure: payment.failure.clone(),
    })
}

/// A subscription that ends takes its open payments with it.
pub(crate) fn withdraw_all(state: &mut State, call: &Call<'_>, subscription_id: &str) {
    let open = |payment: &&Payment| payment.status.is_open();
    let of = state.subscription_payments.of(subscription_id);
    let ids: Vec<String> = of.filter(open).map(|payment| payment.payment_id.clone()).collect();
    for payment_id in ids {
        if let Ok(payment) = state.subscription_payments.find(&payment_id) {
            payment.status = Status::Cancelled;
        }
        log(state, call, Change::SubscriptionPaymentCancelled, &payment_id);
        send_event(state, "SUBSCRIPTION_PAYMENT_CANCELLED", &payment_id);
    }
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let subscription_id = call.path("subscription_id");
    let subscription = state.subscriptions.find(subscription_id)?;
    let payments = state.subscription_payments.of(subscription_id);
    Ok(JsonResponse::ok(payments.map(|payment| payment.to_json(subscription)).collect()))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let subscription = state.subscriptions.find(call.path("subscription_id"))?;
    let payment = state.subscription_payments.find(call.path("payment_id"))?;
    if payment.subscription_id != call.path("subscription_id") {
        return Err(not_found());
    }
    Ok(JsonResponse::ok(payment.to_json(subscription)))
}

pub(crate) fn manage(state: &mut State, call: &Call<'_>) -> Outcome {
    const RETRIABLE: [SubscriptionStatus; 2] = [SubscriptionStatus::Active, SubscriptionStatus::OnHold];
    let payment_id = call.path("payment_id");
    call.must_match_path("subscription_id")?;
    call.must_match_path("payment_id")?;
    fetch(state, call)?;
    let subscription = state.subscriptions.find(call.path("subscription_id"))?;
    let payment = state.subscription_payments.find(payment_id)?;
    let wrong_state = |word: &str| {
        let message = format!("a payment that is {} can't be {word}", payment.status.word());
        Err(Refusal::bad_request("payment_status_invalid", message))
    };
    if payment.is_authorization() {
        let message = "only a debit can be withdrawn or repeated";
        return Err(Refusal::bad_request("payment_type_invalid", message));
    }
    if call.body["action"] == "CANCEL" {
        if !payment.status.is_open() {
            return wrong_state("withdrawn");
        }
        payment.status = Status::Cancelled;
    } else {
        if payment.status != Status::Failed {
            return wrong_state("repeated");
        }
        subscription.must_be(&RETRIABLE, "charged")?;
        let at = &call.body["action_details"]["next_scheduled_time"];
        if future_time(state.clock.now(), at, "action_details.next_scheduled_time")?.is_none() {
            let message = "a repeat needs its time";
            return Err(Refusal::bad_request("action_details.next_scheduled_time_missing", message));
        }
        payment.status = Status::Initialized;
        payment.retry_attempts += 1;
        payment.schedule = at.clone();
        payment.failure.clear();
    }
    let cancelled = payment.status == Status::Cancelled;
    let started = Change::SubscriptionPaymentStarted;
    let change = if cancelled { Change::SubscriptionPaymentCancelled } else { started };
    log(state, call, change, payment_id);
    if cancelled {
        send_event(state, "SUBSCRIPTION_PAYMENT_CANCELLED", payment_id);
    }
    fetch(state, call)
}

/// The return summary of a debit that came to an end.
pub(crate) fn return_summary(state: &mut State, call: &Call<'_>) -> Outcome {
    let payment = state.subscription_payments.find(call.path("payment_id"))?;
    if payment.is_authorization() || !matches!(payment.status, Status::Success | Status::Failed) {
        let message = format!("there is no summary of a payment that is {}", payment.status.word());
        return Err(Refusal::bad_request("api_request_failed", message));
    }
    Ok(JsonResponse::ok(json!({
        "data": {
            "paymentId": payment.cf_payment_id,
            "status": "GENERATED",
            "link": format!("{}/view/summaries/{}", state.base_url, payment.cf_payment_id),
        },
        "message": "the summary is ready",
        "status": 200,
    })))
}

/// The page behind the link of a return summary.
pub(crate) fn summary_page(state: &State, cf_payment_id: &str) -> Option<String> {
    let payment = state.subscription_payments.0.iter().find(|known| known.cf_payment_id == cf_payment_id)?;
    Some(format!("{},{},{}\n", payment.payment_id, payment.amount, payment.status.word()))
}

/// Sends an event about a payment as it is now.
fn send_event(state: &mut State, kind: &'static str, payment_id: &str) {
    let found = state.subscription_payments.0.iter().find(|payment| payment.payment_id == payment_id);
    if let Some(payment) = found
        && let Ok(subscription) = state.subscriptions.find(&payment.subscription_id)
    {
        let event = events::subscriptions::payment(kind, subscription, payment);
        state.send([event]);
    }
}

fn log(state: &mut State, call: &Call<'_>, change: Change, payment_id: &str) {
    let Ok(payment) = state.subscription_payments.find(payment_id) else {
        return;
    };
    let (payment_id, cf_payment_id) = (payment.payment_id.clone(), payment.cf_payment_id.clone());
    let amount = payment.amount.clone();
    let about = About {
        other_id: Some(&payment_id),
        cf_payment_id: Some(&cf_payment_id),
        amount: Some(&amount),
        ..About::default()
    };
    state.commit(call, change, about);
}
