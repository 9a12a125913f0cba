//! Authorisations: the payer consents to the mandate on a page, by a signed form or at once.

use serde_json::{Value, json};

use super::{Status, log, send_event, status_of};
use crate::domain::call::Call;
use crate::domain::mandates;
use crate::domain::model::mandates::{Consent, Method, Step};
use crate::domain::model::subscriptions::{Status as SubscriptionStatus, Subscription};
use crate::domain::payer::Decision;
use crate::domain::state::State;
use crate::domain::test_data::Verdict;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::events;

/// What an AUTH payment asks the payer.
pub(super) fn asked(subscription: &Subscription, sent: &Value) -> Result<Consent, Refusal> {
    match sent["subscription_session_id"].as_str() {
        None => {
            let message = "an authorisation needs the session of its subscription";
            return Err(Refusal::bad_request("subscription_session_id_missing", message));
        }
        Some(session) if session != subscription.session => {
            let message = "this is not the session of the subscription";
            return Err(Refusal::bad_request("sub_session_id_invalid", message));
        }
        Some(_) => {}
    }
    subscription.must_be(&[SubscriptionStatus::Initialized], "authorised")?;
    if sent["payment_method"].is_null() {
        let message = "an authorisation needs a method";
        return Err(Refusal::bad_request("payment_method_missing", message));
    }
    mandates::read(&sent["payment_method"], subscription.offered_methods())
}

/// The authorisation that a subscription shows is the one the payer dealt with last.
pub(super) fn adopt(state: &mut State, subscription_id: &str, payment_id: &str, consent: &Consent) {
    if let Ok(subscription) = state.subscriptions.find(subscription_id) {
        let mandate = &mut subscription.mandate;
        mandate.status = "INITIALIZED";
        mandate.payment_id = payment_id.to_owned();
        mandate.method = Some(consent.method);
        mandate.account = consent.account.clone();
    }
}

pub(super) fn refused(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Success => None,
        Verdict::Failed(failure) => {
            failure.to_json()["error_description"].as_str().map(str::to_owned).or(Some(String::new()))
        }
        Verdict::Dropped => Some("the payer left".to_owned()),
        Verdict::Flagged => Some("held by a risk check".to_owned()),
    }
}

/// Ends an authorisation: the mandate holds, unless somebody refused.
pub(crate) fn conclude_authorization(
    state: &mut State,
    call: &Call<'_>,
    payment_id: &str,
    refused: Option<&str>,
) {
    let reference = format!("UTIB{:020}", state.serial());
    let Ok(payment) = state.subscription_payments.find(payment_id) else {
        return;
    };
    let subscription_id = payment.subscription_id.clone();
    let Ok(subscription) = state.subscriptions.find(&subscription_id) else {
        return;
    };
    let past = Some(subscription.status);
    let change = if let Some(reason) = refused {
        payment.status = Status::Failed;
        reason.clone_into(&mut payment.failure);
        subscription.mandate.status = "FAILED";
        // The payer may try again.
        subscription.status = SubscriptionStatus::Initialized;
        Change::SubscriptionPaymentFailed
    } else {
        payment.status = Status::Success;
        subscription.mandate.status = "ACTIVE";
        subscription.mandate.reference = reference;
        subscription.mandate.granted = Some(state.clock.now());
        subscription.status = SubscriptionStatus::Active;
        Change::SubscriptionPaymentMade
    };
    log(state, call, change, payment_id);
    send_event(state, "SUBSCRIPTION_AUTH_STATUS", payment_id);
    state.send(events::subscriptions::status_changed(state, &subscription_id, past));
}

/// The payer decides on the page of an authorisation. Returns the payment's status.
pub(crate) fn decide(state: &mut State, cf_payment_id: &str, decision: Decision) -> Option<&'static str> {
    let payment = state.subscription_payments.0.iter().find(|known| known.cf_payment_id == cf_payment_id)?;
    let (payment_id, subscription_id) = (payment.payment_id.clone(), payment.subscription_id.clone());
    let consent = payment.consent.clone().filter(|consent| consent.step == Step::Visit);
    let awaits = state.subscriptions.find(&subscription_id).is_ok_and(|found| found.awaits_consent());
    let decides = payment.status == Status::Initialized && awaits && decision != Decision::Pending;
    if let Some(consent) = consent.filter(|_| decides) {
        adopt(state, &subscription_id, &payment_id, &consent);
        let reason = match decision {
            Decision::Failed => Some("the payer declined"),
            Decision::UserDropped => Some("the payer left"),
            Decision::Success | Decision::Pending => None,
        };
        if reason.is_none() && consent.method == Method::Enach {
            await_bank(state, &subscription_id, &payment_id);
        } else {
            conclude_authorization(state, &Call::by_payer(), &payment_id, reason);
        }
    }
    status_of(state, cf_payment_id)
}

fn await_bank(state: &mut State, subscription_id: &str, payment_id: &str) {
    let past = state.subscriptions.status_of(subscription_id);
    if let Ok(subscription) = state.subscriptions.find(subscription_id) {
        subscription.status = SubscriptionStatus::BankApprovalPending;
        subscription.mandate.status = "PENDING";
    }
    if let Ok(payment) = state.subscription_payments.find(payment_id) {
        payment.status = Status::Pending;
    }
    send_event(state, "SUBSCRIPTION_AUTH_STATUS", payment_id);
    state.send(events::subscriptions::status_changed(state, subscription_id, past));
}

/// The signed form of a paper mandate arrives, and goes to the bank.
pub(crate) fn upload_form(state: &mut State, call: &Call<'_>) -> Outcome {
    let payment_id = call.path("payment_id");
    let text = |name: &str| call.part(name).map(crate::http::multipart::Part::text).unwrap_or_default();
    if text("payment_id") != payment_id {
        return Err(Refusal::bad_request("payment_id_invalid", "payment_id differs between path and form"));
    }
    if !["UPLOAD", "SUBMIT_DOCUMENT"].contains(&text("action").as_str()) {
        return Err(Refusal::bad_request("action_invalid", "action is UPLOAD or SUBMIT_DOCUMENT"));
    }
    let payment = state.subscription_payments.find(payment_id)?;
    let consent = payment.consent.clone().filter(|consent| consent.step == Step::Form);
    let Some(consent) = consent.filter(|_| payment.status == Status::Initialized) else {
        let message = "this payment does not wait for a signed form";
        return Err(Refusal::bad_request("payment_method_invalid", message));
    };
    let subscription_id = payment.subscription_id.clone();
    let subscription = state.subscriptions.find(&subscription_id)?;
    subscription.must_be(&[SubscriptionStatus::Initialized], "authorised")?;
    let before = subscription.mandate.status;
    adopt(state, &subscription_id, payment_id, &consent);
    await_bank(state, &subscription_id, payment_id);
    log(state, call, Change::MandateFormFiled, payment_id);
    // The published example returns the status before the form arrived.
    Ok(JsonResponse::ok(json!({
        "payment_id": payment_id,
        "authorization_status": before,
        "action": "SUBMIT_DOCUMENT",
        "payment_message": "the form is with the bank",
    })))
}
