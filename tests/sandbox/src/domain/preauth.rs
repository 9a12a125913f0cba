//! Pre-authorised payments: one capture of at most what was blocked, or a release, never both.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::ledger::Unbooked;
use crate::domain::payments::{Payment, Status};
use crate::domain::state::State;
use crate::domain::table;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

/// Money blocked, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hold {
    pub(crate) start_time: Value,
    pub(crate) end_time: Value,
    /// `null` for cards.
    pub(crate) approve_by: Value,
    pub(crate) done: Option<Done>,
}

/// The one thing that was done with a hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    #[serde(deserialize_with = "table::word")]
    action: table::Word,
    captured_amount: Value,
    reference: String,
    at: SystemTime,
}

impl Hold {
    /// The captured amount, if a capture happened.
    pub(crate) fn captured(&self) -> Option<&Value> {
        self.done.as_ref().filter(|done| done.action == "CAPTURE").map(|done| &done.captured_amount)
    }

    /// When the capture happened.
    pub(crate) fn captured_at(&self) -> Option<SystemTime> {
        self.done.as_ref().filter(|done| done.action == "CAPTURE").map(|done| done.at)
    }

    /// The `authorization` member: before anything is done its action, status and amount are null.
    pub(crate) fn to_json(&self) -> Value {
        let done = self.done.as_ref();
        json!({
            "action": done.map(|d| d.action),
            "status": done.map(|_| "SUCCESS"),
            "captured_amount": done.map(|d| &d.captured_amount),
            "start_time": self.start_time,
            "end_time": self.end_time,
            "approve_by": self.approve_by,
            "action_reference": done.map(|d| &d.reference),
            "action_time": done.map(|d| clock::without_zone(d.at)),
        })
    }
}

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
        state.tell(events::payments::charged(state, &cf_payment_id));
    }
    crate::domain::payments::entity(state, &cf_payment_id).map(Reply::ok)
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
