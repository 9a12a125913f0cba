//! Pre-authorised payments: one capture of at most what was blocked, or a release, never both.

use serde_json::Value;

use crate::domain::call::{About, Call};
use crate::domain::entities;
use crate::domain::model::ledger::Unbooked;
use crate::domain::model::payments::{Payment, Status};
use crate::domain::model::preauth::Done;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

pub(crate) fn authorize(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    let capture = match call.body["action"].as_str() {
        Some("CAPTURE") => true,
        Some("VOID") => false,
        None if call.body["action"].is_null() => {
            return Err(Refusal::bad_request("action_missing", "action is required"));
        }
        _ => {
            return Err(Refusal::bad_request("action_invalid", "action must be CAPTURE or VOID"));
        }
    };
    let amount = &call.body["amount"];
    if capture && amount.is_null() {
        return Err(Refusal::bad_request("amount_missing", "a capture says how much it takes"));
    }
    state.order(order_id)?;
    let cf_payment_id = held(state, order_id)?.cf_payment_id.clone();
    let reference = format!("7525782703466{:09}", state.serial());
    let Some(payment) = state.payments.get_mut(&cf_payment_id) else {
        return Err(Refusal::internal());
    };
    let authorised = Paise::read(&payment.amount());
    let Some(hold) = payment.hold.as_mut() else {
        return Err(Refusal::internal());
    };
    match hold.done.as_ref().map(|done| done.action) {
        None => {}
        Some("VOID") => {
            return Err(Refusal::conflict("order_id_voided", "the authorisation was released before"));
        }
        Some(_) => {
            return Err(Refusal::conflict("order_already_captured", "the authorisation was captured before"));
        }
    }
    if capture && Paise::read(amount).is_none_or(|wanted| wanted <= Paise(0) || Some(wanted) > authorised) {
        let message = "amount must be more than nothing and at most what was authorised";
        return Err(Refusal::bad_request("amount_invalid", message));
    }
    hold.done = Some(Done {
        action: if capture { "CAPTURE" } else { "VOID" },
        captured_amount: if capture { amount.clone() } else { Value::Null },
        reference,
        at: state.clock.now(),
    });
    let (change, about_amount) = if capture {
        payment.captured = true;
        state.ledger.book_later(Unbooked::Payment(cf_payment_id.as_str().into()));
        (Change::Captured, amount.clone())
    } else {
        payment.status = Status::Void;
        (Change::Voided, payment.amount())
    };
    let about = About {
        order_id,
        cf_payment_id: Some(&cf_payment_id),
        amount: Some(&about_amount),
        ..About::default()
    };
    state.commit(call, change, about);
    if capture {
        state.send(events::payments::charged(state, &cf_payment_id));
    }
    entities::payment(state, &cf_payment_id).map(JsonResponse::ok)
}

/// The authorised payment of an order.
fn held<'a>(state: &'a State, order_id: &'a str) -> Result<&'a Payment, Refusal> {
    let mut paid = false;
    for payment in state.payments_of(order_id).rev() {
        if !matches!(payment.status, Status::Success | Status::Void) {
            continue;
        }
        paid = true;
        if payment.hold.is_some() {
            return Ok(payment);
        }
    }
    if paid {
        // An ordinary payment is captured as it is made: there is nothing left to decide.
        Err(Refusal::not_found(
            "authorization_not_found",
            "the payment of this order was not an authorisation",
        ))
    } else {
        Err(Refusal::bad_request("order_id_not_paid", "no payment of this order was authorised"))
    }
}
