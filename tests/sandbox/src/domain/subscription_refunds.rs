//! Refunds of subscription payments: of what was debited, together never more than that. They start as
//! INITIATED and succeed after a while, as the refunds of orders do.

use serde_json::Value;

use crate::domain::call::{About, Call};
use crate::domain::model::subscription_payments::{Payment, Refund, Status, not_found};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::{Later, events};

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let subscription_id = call.path("subscription_id");
    call.must_match_path("subscription_id")?;
    let refund_id = sent["refund_id"].as_str().unwrap_or_default().to_owned();
    let keeps = state.subscriptions.find(subscription_id)?.returns_authorization_amount();
    if find(state, subscription_id, &refund_id).is_some() {
        let message = "this subscription has a refund with this refund_id";
        return Err(Refusal::conflict("refund_already_exists", message));
    }
    let now = state.clock.now();
    let cf_refund_id = format!("ref_{}", 212 + state.serial());
    let payment = named(state, subscription_id, sent)?;
    if payment.status != Status::Success {
        let message = "only what was debited can be given back";
        return Err(Refusal::bad_request("payment_status_invalid", message));
    }
    let given: i128 = payment.refunds.iter().map(|refund| refund.amount().0).sum();
    // The amount of an authorisation may have gone back by itself.
    let taken = match Paise::read(&payment.amount) {
        Some(amount) if !(keeps && payment.is_authorization()) => amount.0,
        _ => 0,
    };
    let wanted = Paise::read(&sent["refund_amount"]).filter(|amount| *amount > Paise(0));
    if wanted.is_none_or(|amount| amount.0 + given > taken) {
        let message = "refund_amount must be positive, and all refunds together at most what was debited";
        return Err(Refusal::bad_request("refund_amount_invalid", message));
    }
    let refund = Refund { refund_id: refund_id.clone(), cf_refund_id, request: sent.clone(), created: now };
    // Nothing has been given back in the moment of the response, however short the delay.
    let response = refund.to_json(payment, false);
    payment.refunds.push(refund);
    let (payment_id, cf_payment_id) = (payment.payment_id.clone(), payment.cf_payment_id.clone());
    let about = About {
        other_id: Some(&payment_id),
        cf_payment_id: Some(&cf_payment_id),
        refund_id: Some(&refund_id),
        amount: Some(&sent["refund_amount"]),
        ..About::default()
    };
    state.commit(call, Change::SubscriptionRefundCreated, about);
    let event = events::subscriptions::refunded(&response);
    state.outbox.later(state.refund_delay, Later::Event(Box::new(event)));
    Ok(JsonResponse::ok(response))
}

/// The payment that a refund names, by the merchant's id or by the service's.
fn named<'a>(state: &'a mut State, subscription_id: &str, sent: &Value) -> Result<&'a mut Payment, Refusal> {
    let (own, theirs) = (sent["payment_id"].as_str(), &sent["cf_payment_id"]);
    if own.is_none() && theirs.is_null() {
        let message = "payment_id or cf_payment_id says which payment";
        return Err(Refusal::bad_request("payment_id_missing", message));
    }
    // The request has a number where every response has a text.
    let theirs = (!theirs.is_null()).then(|| theirs.to_string());
    let payments = &mut state.subscription_payments.0;
    payments
        .iter_mut()
        .filter(|payment| payment.subscription_id == subscription_id)
        .filter(|payment| own.is_none_or(|own| payment.payment_id == own))
        .find(|payment| theirs.as_ref().is_none_or(|theirs| payment.cf_payment_id == *theirs))
        .ok_or_else(not_found)
}

fn find(state: &State, subscription_id: &str, refund_id: &str) -> Option<Value> {
    let payments = state.subscription_payments.0.iter();
    let refunds = payments
        .filter(|payment| payment.subscription_id == subscription_id)
        .flat_map(|payment| payment.refunds.iter().map(move |refund| (payment, refund)));
    refunds
        .filter(|(_, refund)| refund.refund_id == refund_id)
        .map(|(payment, refund)| {
            refund.to_json(payment, state.clock.since(refund.created) >= state.refund_delay)
        })
        .next()
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let subscription_id = call.path("subscription_id");
    state.subscriptions.find(subscription_id)?;
    let refund = find(state, subscription_id, call.path("refund_id"));
    refund.map(JsonResponse::ok).ok_or_else(|| {
        Refusal::not_found("refund_not_found", "this subscription has no refund with this refund_id")
    })
}
