//! Payment attempts: begun with a session, finished by the bank at once, by an OTP, or by the payer
//! opening the page that the response links to.
//!
//! A card or UPI id that can't succeed fails as soon as it is used, whatever the channel; one that
//! can succeed waits for its payer. How a method is read from a request is in `methods`.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::kept::Kept;
use crate::domain::methods::{self, Attempt, Finish};
use crate::domain::model::ledger::Unbooked;
use crate::domain::model::orders::OrderStatus;
use crate::domain::model::payments::{Payment, Status};
use crate::domain::model::preauth::Hold;
use crate::domain::model::vault::Card;
use crate::domain::payer::Decision;
use crate::domain::state::State;
use crate::domain::test_data::{self, Verdict};
use crate::domain::{entities, vault};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::{Later, events};

/// A hold lapses after seven days.
const HOLD_LIFETIME: Duration = Duration::from_secs(7 * 86_400);

pub(crate) fn pay(state: &mut State, call: &Call<'_>) -> Outcome {
    pay_by(state, call, Waits::AsTheApi).map(JsonResponse::ok)
}

/// The payer submits a method on the checkout page: an UPI request that can succeed waits for its approval there.
/// Returns the `cf_payment_id`.
pub(crate) fn pay_on_page(
    state: &mut State,
    session: &str,
    method: &Value,
    save: bool,
) -> Result<String, Refusal> {
    let body = json!({ "payment_session_id": session, "payment_method": method, "save_instrument": save });
    let response = pay_by(state, &Call { body: &body, ..Call::by_payer() }, Waits::ForThePayer)?;
    Ok(response["cf_payment_id"].as_str().unwrap_or_default().to_owned())
}

/// A network token, authenticated elsewhere, blocks the amount at once: a token is known by the number of its test card.
pub(crate) fn authorize_only(state: &mut State, call: &Call<'_>) -> Outcome {
    let session = call.body["payment_session_id"].as_str().unwrap_or_default();
    let order_id = state.sessions.get(session).map(str::to_owned).ok_or_else(unknown_session)?;
    let order = state.order(&order_id)?;
    order.must_be_active()?;
    let sent = &call.body["authorization_data"];
    let year = sent["token_expiry_year"].as_str().unwrap_or_default();
    let method = json!({ "card": {
        "channel": "link",
        "card_number": sent["token_number"],
        "card_expiry_mm": sent["token_expiry_month"],
        "card_expiry_yy": year.strip_prefix("20").filter(|short| short.len() == 2).unwrap_or(year),
        "cryptogram": sent["token_cryptogram"],
    } });
    let attempt = methods::read(&method, &order.request())?;
    let attempt = Attempt { authorize_only: true, finish: Finish::AtOnce, ..attempt };
    let begun = begin(state, call, &order_id, attempt, None)?;
    entities::payment(state, begun["cf_payment_id"].as_str().unwrap_or_default()).map(JsonResponse::ok)
}

fn unknown_session() -> Refusal {
    Refusal::bad_request("payment_session_id_invalid", "no order has this payment session")
}

/// Whether a UPI collect request of a test account waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// The test account decides at once.
    AsTheApi,
    /// It waits on the payer's page.
    ForThePayer,
}

fn pay_by(state: &mut State, call: &Call<'_>, waits: Waits) -> Result<Value, Refusal> {
    let session = call.body["payment_session_id"].as_str().unwrap_or_default();
    let order_id = state.sessions.get(session).map(str::to_owned).ok_or_else(unknown_session)?;
    let order = state.order(&order_id)?;
    order.must_be_active()?;
    let order_request = order.request();
    let method = vault::unlocked(state, &order_request["customer_details"], &call.body["payment_method"])?;
    let mut attempt = methods::read(&method, &order_request)?;
    if waits == Waits::ForThePayer && attempt.finish == Finish::AtOnce {
        attempt.finish = Finish::OnVisit;
    }
    let to_save = if call.body["save_instrument"] == true { Card::new_in(&method["card"]) } else { None };
    begin(state, call, &order_id, attempt, to_save)
}

/// Begins an attempt on an order that takes payments, and returns what the payer has to do.
pub(crate) fn begin(
    state: &mut State,
    call: &Call<'_>,
    order_id: &str,
    attempt: Attempt,
    to_save: Option<Card>,
) -> Result<Value, Refusal> {
    let order = state.order(order_id)?;
    let (order_amount, amount) = (order.amount.clone(), order.amount());
    let serial = state.serial();
    let cf_payment_id = (4_129_256_396 + serial).to_string();
    let response = pay_response(&state.base_url, &cf_payment_id, &amount, &attempt);
    let now = state.clock.now();
    let finish = attempt.finish;
    let verdict = attempt.verdict.clone();
    let hold = attempt.authorize_only.then(|| Box::new(hold(&attempt.authorization, now)));
    let payment = Payment {
        cf_payment_id: cf_payment_id.as_str().into(),
        order_id: order_id.into(),
        amount: order_amount,
        status: Status::Pending,
        captured: false,
        hold,
        serial,
        method: Kept::from(&attempt.entity),
        group: attempt.group,
        verdict: attempt.verdict,
        finish,
        started: now,
        completed: None,
        to_save: to_save.map(Box::new),
    };
    state.add_payment(payment);
    let about =
        About { order_id, cf_payment_id: Some(&cf_payment_id), amount: Some(&amount), ..About::default() };
    state.commit(call, Change::PaymentStarted, about);
    // A refused instrument is refused now; a good one waits for the payer if the channel has one.
    if finish == Finish::AtOnce || verdict != Verdict::Success {
        settle(state, call, &cf_payment_id, &verdict);
    }
    Ok(response)
}

fn hold(asked: &Value, now: SystemTime) -> Hold {
    let or = |name: &str, otherwise: Value| match &asked[name] {
        Value::Null => otherwise,
        given => given.clone(),
    };
    Hold {
        start_time: or("start_time", json!(clock::with_zone(now))),
        end_time: or("end_time", json!(clock::with_zone(now + HOLD_LIFETIME))),
        approve_by: or("approve_by", Value::Null),
        done: None,
    }
}

fn pay_response(base_url: &str, cf_payment_id: &str, amount: &Value, attempt: &Attempt) -> Value {
    let page = format!("{base_url}/view/sessions/checkout/{cf_payment_id}");
    let (action, url, payload) = match (attempt.word, attempt.channel.as_str(), attempt.finish) {
        (_, _, Finish::OnOtp) => {
            ("post", json!(format!("{base_url}/orders/pay/authenticate/{cf_payment_id}")), Value::Null)
        }
        ("upi", "collect", _) => ("custom", Value::Null, Value::Null),
        ("upi", "qrcode", _) => ("custom", Value::Null, json!({ "qrcode": page })),
        ("upi", _, _) => {
            let apps = ["bhim", "default", "gpay", "paytm", "phonepe", "web"];
            ("custom", Value::Null, apps.into_iter().map(|app| (app.to_owned(), json!(page))).collect())
        }
        _ => ("link", json!(page), Value::Null),
    };
    json!({
        "payment_amount": amount,
        "cf_payment_id": cf_payment_id,
        "payment_method": attempt.word,
        "channel": attempt.channel,
        "action": action,
        "data": { "url": url, "payload": payload, "content_type": null, "method": null },
    })
}

/// Ends a pending attempt and moves its order along.
pub(crate) fn settle(state: &mut State, call: &Call<'_>, cf_payment_id: &str, verdict: &Verdict) {
    let Some(payment) = state.payments.get_mut(cf_payment_id) else {
        return;
    };
    let Some(order) = state.orders.get_mut(&payment.order_id) else {
        return;
    };
    payment.verdict = verdict.clone();
    payment.completed = Some(state.clock.now());
    let change = match verdict {
        Verdict::Success if order.status == OrderStatus::Paid => {
            // Another attempt was faster: this one's money goes back.
            payment.status = Status::Cancelled;
            Change::PaymentFailed
        }
        Verdict::Success => {
            payment.status = Status::Success;
            payment.captured = payment.hold.is_none();
            if payment.captured {
                state.ledger.book_later(Unbooked::Payment(cf_payment_id.into()));
            }
            order.status = OrderStatus::Paid;
            Change::PaymentMade
        }
        Verdict::Failed(_) => {
            payment.status = Status::Failed;
            Change::PaymentFailed
        }
        Verdict::Dropped => {
            payment.status = Status::UserDropped;
            Change::PaymentFailed
        }
        Verdict::Flagged => {
            payment.status = Status::Flagged;
            Change::PaymentFailed
        }
    };
    let (order_id, amount) = (payment.order_id.clone(), payment.amount());
    let to_save = payment.to_save.take().filter(|_| payment.status == Status::Success);
    let in_flight = state.payments_of(&order_id).any(|other| other.status == Status::Pending);
    if let Some(order) = state.orders.get_mut(&order_id)
        && order.status == OrderStatus::TerminationRequested
        && !in_flight
    {
        order.status = OrderStatus::Terminated;
    }
    let about = About {
        order_id: &order_id,
        cf_payment_id: Some(cf_payment_id),
        amount: Some(&amount),
        ..About::default()
    };
    state.commit(call, change, about);
    send_events(state, cf_payment_id);
    if let Some(card) = to_save {
        vault::save(state, call, &order_id, *card);
    }
}

/// Sends the events of an attempt that ended, and of what follows from that.
fn send_events(state: &mut State, cf_payment_id: &str) {
    state.send(events::payments::ended(state, cf_payment_id));
    state.send(events::payments::charged(state, cf_payment_id));
    let Some((status, order_id)) = state.payments.get(cf_payment_id).map(|p| (p.status, p.order_id.clone()))
    else {
        return;
    };
    if status == Status::Cancelled {
        let cf_refund_id = 1_313_455_000 + state.serial();
        if let Some([begun, done]) = events::refunds::automatic(state, cf_payment_id, cf_refund_id) {
            state.send([begun]);
            state.outbox.later(state.refund_delay, Later::Event(Box::new(done)));
        }
    }
    if status == Status::Success
        && let Some(link_id) = state.links.of_order(&order_id)
    {
        state.send(events::links::moved(state, link_id, Some(cf_payment_id)));
    }
}

pub(crate) fn authenticate(state: &mut State, call: &Call<'_>) -> Outcome {
    let cf_payment_id = call.path("cf_payment_id");
    let payment = state
        .payments
        .get(cf_payment_id)
        .ok_or_else(|| Refusal::not_found("payment_not_found", "no payment has this cf_payment_id"))?;
    if payment.finish != Finish::OnOtp || payment.status != Status::Pending {
        let message = "this payment does not wait for an OTP";
        return Err(Refusal::bad_request("headless_otp_submit_request_failed", message));
    }
    let action = call.body["action"].as_str().unwrap_or_default();
    let (status, message) = if action == "RESEND_OTP" {
        ("SUCCESS", "another otp is on its way")
    } else if call.body["otp"] == test_data::OTP {
        settle(state, call, cf_payment_id, &Verdict::Success);
        ("SUCCESS", "the otp is right")
    } else {
        // The attempt stays open: the payer may have mistyped.
        ("FAILED", "the otp is wrong")
    };
    Ok(JsonResponse::ok(json!({
        "cf_payment_id": cf_payment_id,
        "authenticate_status": status,
        "action": action,
        "payment_message": message,
    })))
}

/// The payer decides on the payment page. Returns the payment's status.
pub(crate) fn decide(state: &mut State, cf_payment_id: &str, decision: Decision) -> Option<&'static str> {
    let payment = state.payments.get(cf_payment_id)?;
    if payment.awaits_payer() && decision != Decision::Pending {
        let verdict = match decision {
            Decision::Failed => {
                test_data::failed("TRANSACTION_DECLINED", "auth_declined", "customer", "the payer declined")
            }
            Decision::UserDropped => Verdict::Dropped,
            Decision::Success | Decision::Pending => payment.verdict.clone(),
        };
        settle(state, &Call::by_payer(), cf_payment_id, &verdict);
    }
    status_of(state, cf_payment_id)
}

/// The status of a payment.
pub(crate) fn status_of(state: &State, cf_payment_id: &str) -> Option<&'static str> {
    state.payments.get(cf_payment_id).map(|payment| payment.status.word())
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    let order = state.order(order_id)?;
    let (amount, currency) = (order.amount(), order.currency().to_owned());
    // Oldest first, as in the published example.
    let entities = state.payments_of(order_id).map(|payment| payment.to_json(&amount, &currency));
    Ok(JsonResponse::ok(entities.collect()))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    state.order(order_id)?;
    let cf_payment_id = call.path("cf_payment_id");
    match state.payments.get(cf_payment_id) {
        Some(payment) if payment.order_id == order_id => {
            entities::payment(state, cf_payment_id).map(JsonResponse::ok)
        }
        _ => {
            Err(Refusal::not_found("payment_not_found", "this order has no payment with this cf_payment_id"))
        }
    }
}
