//! Refunds: of paid and captured orders, together never more than was captured. A standard refund is
//! pending for a while, an instant one succeeds at once, and only a pending or held one can be
//! cancelled.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::domain::call::{About, Call};
use crate::domain::kept::Kept;
use crate::domain::model::ledger::Unbooked;
use crate::domain::model::payments::{Payment, Status};
use crate::domain::model::refunds::{Refund, RefundStatus};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::{Later, RefundDue, events};

/// The bank gets round to the pending refunds of an order after a while.
pub(crate) fn mature(state: &mut State, order_id: &str) {
    let (delay, now) = (state.refund_delay, state.clock.now());
    let Some(order) = state.orders.get_mut(order_id) else {
        return;
    };
    let mut done = Vec::new();
    for refund in &mut order.refunds {
        let waited = now.duration_since(refund.created).unwrap_or_default();
        if refund.status == RefundStatus::Pending && waited >= delay {
            refund.status = RefundStatus::Success;
            refund.processed = Some(now);
            state.pending_refunds.remove(&(refund.created, refund.cf_refund_id.clone()));
            done.push(refund.refund_id.clone());
        }
    }
    for refund_id in done {
        state.ledger.book_later(Unbooked::Refund(order_id.into(), refund_id.as_str().into()));
        send_event(state, order_id, &refund_id);
    }
}

/// The bank gets round to all refunds that have waited long enough.
pub(crate) fn mature_all(state: &mut State) {
    let now = state.clock.now();
    let waited = |created: SystemTime| now.duration_since(created).unwrap_or_default();
    while let Some(((created, _), order_id)) = state.pending_refunds.first_key_value()
        && waited(*created) >= state.refund_delay
    {
        let order_id = order_id.clone();
        mature(state, &order_id);
        state.pending_refunds.pop_first();
    }
}

/// Lets the pending refunds of a file go on waiting.
pub(crate) fn restore(state: &mut State) {
    for order in state.orders.values() {
        for refund in order.refunds.iter().filter(|refund| refund.status == RefundStatus::Pending) {
            let left = state.refund_delay.saturating_sub(state.clock.since(refund.created));
            let key = (refund.created, refund.cf_refund_id.clone());
            let order_id = order.order_id.to_string();
            state.pending_refunds.insert(key, order_id.clone());
            let due = RefundDue { order_id, cf_refund_id: refund.cf_refund_id.clone() };
            state.outbox.later(left, Later::Refund(due));
        }
    }
}

/// Sends the event of an outcome, which is then not waited for any more.
fn send_event(state: &State, order_id: &str, refund_id: &str) {
    let Some(order) = state.orders.get(order_id) else {
        return;
    };
    if let Some(refund) = order.refunds.iter().find(|refund| refund.refund_id == refund_id) {
        state.send([events::refunds::status(state, order, refund)]);
        state.outbox.forget_refund(&refund.cf_refund_id);
    }
}

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    let refund_id = call.body["refund_id"].as_str().unwrap_or_default().to_owned();
    let order = state.order(order_id)?;
    let currency = json!(order.currency());
    // The natural key is looked at first, so that a repeated create learns that it won.
    if order.refunds.iter().any(|refund| refund.refund_id == refund_id) {
        return Err(Refusal::conflict(
            "refund_already_exists",
            "this order has a refund with this refund_id",
        ));
    }
    let given: i128 = order
        .refunds
        .iter()
        .filter(|refund| refund.status != RefundStatus::Cancelled)
        .map(|refund| refund.amount().0)
        .sum();
    let payment = refundable(state, order_id)?;
    let cf_payment_id = payment.cf_payment_id.clone();
    let captured = Paise::read(&payment.captured_amount()).unwrap_or(Paise(0));
    let wanted = Paise::read(&call.body["refund_amount"]).filter(|amount| *amount > Paise(0));
    if wanted.is_none_or(|amount| amount.0 + given > captured.0) {
        let message = "refund_amount must be positive, and all refunds together at most what was captured";
        return Err(Refusal::bad_request("refund_amount_invalid", message));
    }
    let instant = call.body["refund_speed"] == "INSTANT";
    let created = state.clock.now();
    let status = match (state.low_balance, instant) {
        (true, _) => RefundStatus::OnHold,
        (false, true) => RefundStatus::Success,
        (false, false) => RefundStatus::Pending,
    };
    let refund = Refund {
        refund_id: refund_id.clone(),
        cf_refund_id: (1_553_337 + state.serial()).to_string(),
        cf_payment_id: cf_payment_id.to_string(),
        request: Kept::from(call.body),
        amount: call.body["refund_amount"].clone(),
        currency,
        instant,
        status,
        created,
        processed: (status == RefundStatus::Success).then_some(created),
        remarks: Value::Null,
    };
    let response = refund.to_json(order_id);
    let due = RefundDue { order_id: order_id.to_owned(), cf_refund_id: refund.cf_refund_id.clone() };
    state.order_mut(order_id)?.refunds.push(refund);
    let about = About {
        order_id,
        cf_payment_id: Some(&cf_payment_id),
        refund_id: Some(&refund_id),
        amount: Some(&call.body["refund_amount"]),
        ..About::default()
    };
    state.commit(call, Change::RefundCreated, about);
    match status {
        RefundStatus::Pending => {
            state.pending_refunds.insert((created, due.cf_refund_id.clone()), order_id.to_owned());
            state.outbox.later(state.refund_delay, Later::Refund(due));
        }
        RefundStatus::Success => {
            state.ledger.book_later(Unbooked::Refund(order_id.into(), refund_id.as_str().into()));
            send_event(state, order_id, &refund_id);
        }
        RefundStatus::OnHold | RefundStatus::Cancelled => {}
    }
    Ok(JsonResponse::ok(response))
}

/// The captured payment that money can go back from.
fn refundable<'a>(state: &'a State, order_id: &'a str) -> Result<&'a Payment, Refusal> {
    let mut voided = false;
    for payment in state.payments_of(order_id).rev() {
        match payment.status {
            Status::Success if payment.captured => return Ok(payment),
            Status::Success => {
                let message = "the payment is authorised but not captured: void it instead";
                return Err(Refusal::bad_request("refund_unsupported", message));
            }
            Status::Void => voided = true,
            _ => {}
        }
    }
    if voided {
        Err(Refusal::bad_request(
            "order_id_voided",
            "the authorisation was released: there is nothing to refund",
        ))
    } else {
        Err(Refusal::bad_request("order_id_not_paid", "only a paid order can be refunded"))
    }
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    mature(state, order_id);
    let refunds = &state.order(order_id)?.refunds;
    Ok(JsonResponse::ok(refunds.iter().map(|refund| refund.to_json(order_id)).collect()))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let refund = find(state, call)?;
    Ok(JsonResponse::ok(refund.to_json(call.path("order_id"))))
}

pub(crate) fn cancel(state: &mut State, call: &Call<'_>) -> Outcome {
    let refund = find(state, call)?;
    if !matches!(refund.status, RefundStatus::Pending | RefundStatus::OnHold) {
        let message = "only a pending or held refund can be cancelled";
        return Err(Refusal::bad_request("refund_status_invalid", message));
    }
    refund.status = RefundStatus::Cancelled;
    refund.remarks = call.body["remarks"].clone();
    let response = refund.to_json(call.path("order_id"));
    let pending = (refund.created, refund.cf_refund_id.clone());
    let (cf_payment_id, amount) = (refund.cf_payment_id.clone(), refund.amount.clone());
    let about = About {
        order_id: call.path("order_id"),
        cf_payment_id: Some(&cf_payment_id),
        refund_id: Some(call.path("refund_id")),
        amount: Some(&amount),
        ..About::default()
    };
    state.pending_refunds.remove(&pending);
    state.commit(call, Change::RefundCancelled, about);
    send_event(state, call.path("order_id"), call.path("refund_id"));
    Ok(JsonResponse::ok(response))
}

fn find<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Refund, Refusal> {
    mature(state, call.path("order_id"));
    let order = state.order_mut(call.path("order_id"))?;
    let refund =
        order.refunds.iter_mut().find(|refund| refund.refund_id == call.path("refund_id")).ok_or_else(
            || Refusal::not_found("refund_not_found", "this order has no refund with this refund_id"),
        )?;
    Ok(refund)
}
