//! Payment links: pages that take an amount, whole or in parts. Each visit makes an order of its own, and
//! what a link says of itself is read off its orders: nothing here keeps a second account of the money.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::model::links::Link;
use crate::domain::model::orders::OrderStatus;
use crate::domain::model::payments::Status;
use crate::domain::payer::Decision;
use crate::domain::state::State;
use crate::domain::{entities, orders, payments};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

/// A link that names no expiry lives for thirty days.
const LIFETIME: Duration = Duration::from_secs(30 * 86_400);

fn find<'a>(state: &'a State, link_id: &str) -> Result<&'a Link, Refusal> {
    let link = state.links.by_id.get(link_id);
    link.ok_or_else(|| Refusal::not_found("link_not_found", "no link has this link_id"))
}

fn status(state: &State, link: &Link) -> &'static str {
    link.status(link.paid(&state.orders), state.clock.now())
}

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = call.body;
    let link_id = match body["link_id"].as_str() {
        Some("") => return Err(Refusal::bad_request("link_id_invalid", "link_id is empty")),
        Some(given) => given.to_owned(),
        None => format!("link_{}", state.token(20)),
    };
    let link_id = link_id.as_str();
    if state.links.by_id.contains_key(link_id) {
        return Err(Refusal::conflict("link_already_exists", "a link with this link_id exists already"));
    }
    let amount =
        Paise::read(&body["link_amount"]).filter(|amount| *amount >= Paise(100)).ok_or_else(|| {
            Refusal::bad_request(
                "link_amount_invalid",
                "link_amount must be at least 1, with at most two decimals",
            )
        })?;
    let least = &body["link_minimum_partial_amount"];
    let fits = |least: Paise| least >= Paise(100) && least <= amount && body["link_partial_payments"] == true;
    if !least.is_null() && !Paise::read(least).is_some_and(fits) {
        let message = "link_minimum_partial_amount is at least 1 and at most link_amount, and needs link_partial_payments";
        return Err(Refusal::bad_request("link_minimum_partial_amount_invalid", message));
    }
    let created = state.clock.now();
    let expires = match body["link_expiry_time"].as_str() {
        None => created + LIFETIME,
        Some(text) => clock::parse(text).filter(|&at| at > created).ok_or_else(|| {
            Refusal::bad_request("link_expiry_time_invalid", "link_expiry_time must be a time to come")
        })?,
    };
    let mut request = body.clone();
    request["link_id"] = json!(link_id);
    let link = Link {
        cf_link_id: (1_996_567 + state.serial()).to_string(),
        request,
        code: state.token(12),
        created,
        expires,
        cancelled: false,
        orders: Vec::new(),
    };
    let response = entities::link(state, &link);
    state.links.of_code.insert(link.code.clone(), link_id.to_owned());
    state.links.by_id.insert(link_id.to_owned(), link);
    let about = About { other_id: Some(link_id), amount: Some(&body["link_amount"]), ..About::default() };
    state.commit(call, Change::LinkCreated, about);
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(JsonResponse::ok(entities::link(state, find(state, call.path("link_id"))?)))
}

pub(crate) fn cancel(state: &mut State, call: &Call<'_>) -> Outcome {
    let link_id = call.path("link_id");
    let link = find(state, link_id)?;
    let status = status(state, link);
    if status != "ACTIVE" {
        let message = format!("only an ACTIVE link can be cancelled; this one is {status}");
        return Err(Refusal::bad_request("link_status_invalid", message));
    }
    for order_id in link.orders.clone() {
        // An order that has ended by itself needs no end.
        let _ = orders::end(state, call, &order_id);
    }
    if let Some(link) = state.links.by_id.get_mut(link_id) {
        link.cancelled = true;
    }
    state.commit(call, Change::LinkCancelled, About { other_id: Some(link_id), ..About::default() });
    state.send(events::links::moved(state, link_id, None));
    fetch(state, call)
}

pub(crate) fn list_orders(state: &mut State, call: &Call<'_>) -> Outcome {
    let link_id = call.path("link_id");
    let all = match call.query("status") {
        None | Some("PAID") => false,
        Some("ALL") => true,
        Some(_) => return Err(Refusal::bad_request("status_invalid", "status is ALL or PAID")),
    };
    let mut listed = Vec::new();
    for order_id in find(state, link_id)?.orders.clone() {
        let order = state.order(&order_id)?;
        if all || order.status == OrderStatus::Paid {
            let mut entity = order.to_json();
            entity["link_id"] = json!(link_id);
            listed.push(entity);
        }
    }
    Ok(JsonResponse::ok(Value::Array(listed)))
}

/// Lets a link's time run out, and that of its orders.
pub(crate) fn expire(state: &mut State, link_id: &str) -> bool {
    let now = state.clock.now();
    let Some(link) = state.links.by_id.get_mut(link_id) else {
        return false;
    };
    link.expires = now;
    for order_id in &link.orders {
        if let Some(order) = state.orders.get_mut(order_id) {
            order.expires = now;
        }
    }
    state.send(events::links::moved(state, link_id, None));
    true
}

/// The payer decides on the link's page: pays `amount` of it (all that is left, if empty), or makes the order and
/// leaves it unpaid. Returns the id of the order.
pub(crate) fn decide(
    state: &mut State,
    code: &str,
    amount: &str,
    decision: Decision,
) -> Result<String, Refusal> {
    let link_id = by_code(state, code)?;
    let order_id = order_of_visit(state, &link_id, amount)?;
    if decision != Decision::Pending {
        pay(state, &order_id, decision)?;
    }
    Ok(order_id)
}

/// The order that a payer pays who goes on to the checkout from the page of the link.
pub(crate) fn visit(state: &mut State, code: &str, amount: &str) -> Result<String, Refusal> {
    let link_id = by_code(state, code)?;
    order_of_visit(state, &link_id, amount)
}

/// What the page of a link shows.
pub(crate) struct Shown {
    pub(crate) link_id: String,
    pub(crate) purpose: String,
    pub(crate) status: &'static str,
    /// What is left to pay.
    pub(crate) left: Paise,
    pub(crate) currency: String,
    /// The least part, where the link takes parts.
    pub(crate) least_part: Option<Paise>,
    pub(crate) payable: bool,
    pub(crate) return_url: Option<String>,
}

/// What the page behind an address shows.
pub(crate) fn page_of(state: &mut State, code: &str) -> Result<Shown, Refusal> {
    let link_id = by_code(state, code)?;
    let link = find(state, &link_id)?;
    let sent = &link.request;
    let status = status(state, link);
    Ok(Shown {
        purpose: sent["link_purpose"].as_str().unwrap_or_default().to_owned(),
        status,
        left: link.amount() - link.paid(&state.orders),
        currency: sent["link_currency"].as_str().unwrap_or_default().to_owned(),
        least_part: link.takes_parts().then(|| link.least_part()),
        payable: matches!(status, "ACTIVE" | "PARTIALLY_PAID"),
        return_url: sent["link_meta"]["return_url"].as_str().map(str::to_owned),
        link_id,
    })
}

fn by_code(state: &State, code: &str) -> Result<String, Refusal> {
    let found = state.links.of_code.get(code).cloned();
    found.ok_or_else(|| Refusal::not_found("link_not_found", "no link has this address"))
}

/// A payer opens the link's page and leaves it again.
pub(crate) fn open(state: &mut State, link_id: &str, amount: &str) -> Option<String> {
    order_of_visit(state, link_id, amount).ok()
}

fn order_of_visit(state: &mut State, link_id: &str, amount: &str) -> Result<String, Refusal> {
    let link = find(state, link_id)?.clone();
    let status = status(state, &link);
    if !matches!(status, "ACTIVE" | "PARTIALLY_PAID") {
        return Err(Refusal::bad_request("link_status_invalid", format!("this link is {status}")));
    }
    let left = link.amount() - link.paid(&state.orders);
    let amount = if amount.is_empty() { Some(left) } else { Paise::parse(amount) };
    // The last part may be smaller than the least one, and none may leave less than an order can be made for.
    let fits = |part: &Paise| {
        let one = link.takes_parts() && *part >= link.least_part() && left - *part >= Paise(100);
        *part == left || one
    };
    let amount = amount
        .filter(fits)
        .ok_or_else(|| Refusal::bad_request("order_amount_invalid", "the link does not take this amount"))?;
    order_for(state, link_id, &link, amount)
}

/// The order that an earlier visit left open for this amount, or a new one. There is one open order at a time,
/// so that a link can't be paid twice.
fn order_for(state: &mut State, link_id: &str, link: &Link, amount: Paise) -> Result<String, Refusal> {
    for order_id in &link.orders {
        if state.payments_of(order_id).any(|payment| payment.status == Status::Pending) {
            return Err(Refusal::conflict("payment_pending", "a payment of this link is under way"));
        }
        let order = state.order(order_id)?;
        if order.status == OrderStatus::Active {
            if Paise::read(&order.amount()) == Some(amount) {
                return Ok(order_id.clone());
            }
            orders::end(state, &Call::by_payer(), order_id)?;
        }
    }
    let customer_id = (409_128_494 + state.serial()).to_string();
    let request = link.order_request(amount, &customer_id);
    let created = orders::create(state, &Call { body: &request, ..Call::by_payer() })?;
    let order_id = created.body["order_id"].as_str().unwrap_or_default().to_owned();
    if let Some(link) = state.links.by_id.get_mut(link_id) {
        link.orders.push(order_id.clone());
        state.links.of_order.insert(order_id.clone(), link_id.to_owned());
    }
    Ok(order_id)
}

fn pay(state: &mut State, order_id: &str, decision: Decision) -> Result<(), Refusal> {
    let request = json!({
        "payment_session_id": state.order(order_id)?.session,
        "payment_method": { "upi": { "channel": "link" } },
    });
    let begun = payments::pay(state, &Call { body: &request, ..Call::by_payer() })?;
    payments::decide(state, begun.body["cf_payment_id"].as_str().unwrap_or_default(), decision);
    Ok(())
}
