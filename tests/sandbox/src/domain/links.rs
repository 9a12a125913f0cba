//! Payment links: pages that take an amount, whole or in parts. Each visit makes an order of its own, and
//! what a link says of itself is read off its orders: nothing here keeps a second account of the money.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::data::Content;
use crate::domain::call::{About, Call};
use crate::domain::orders::{self, OrderStatus};
use crate::domain::payer::Decision;
use crate::domain::payments::{self, Status};
use crate::domain::picture;
use crate::domain::state::State;
use crate::domain::table::Table;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

/// A link that names no expiry lives for thirty days.
const LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// The links, by the merchant's ids.
#[derive(Default)]
pub(crate) struct Links {
    pub(crate) by_id: Table<Link>,
    /// The link of each order that was made for one.
    of_order: HashMap<String, String>,
    /// The link of each page.
    of_code: HashMap<String, String>,
}

/// One link.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    cf_link_id: String,
    /// The create request: what was sent is what is echoed.
    request: Value,
    /// What the page is addressed by.
    code: String,
    created: SystemTime,
    expires: SystemTime,
    cancelled: bool,
    /// The orders made for it, oldest first.
    orders: Vec<String>,
}

impl Link {
    fn amount(&self) -> Paise {
        Paise::read(&self.request["link_amount"]).unwrap_or(Paise(0))
    }

    fn takes_parts(&self) -> bool {
        self.request["link_partial_payments"] == true
    }

    fn least_part(&self) -> Paise {
        Paise::read(&self.request["link_minimum_partial_amount"]).unwrap_or(Paise(100))
    }

    fn paid(&self, state: &State) -> Paise {
        let orders = self.orders.iter().filter_map(|order_id| state.orders.get(order_id));
        orders
            .filter(|order| order.status == OrderStatus::Paid)
            .filter_map(|order| Paise::read(&order.amount()))
            .sum()
    }

    /// A payment that arrives after the end still counts, so what was paid is looked at first.
    fn status(&self, state: &State) -> &'static str {
        let paid = self.paid(state);
        if paid >= self.amount() {
            "PAID"
        } else if self.cancelled {
            "CANCELLED"
        } else if state.clock.now() >= self.expires {
            "EXPIRED"
        } else if paid > Paise(0) {
            "PARTIALLY_PAID"
        } else {
            "ACTIVE"
        }
    }

    fn to_json(&self, state: &State) -> Value {
        let sent = &self.request;
        let or = |value: &Value, otherwise: Value| if value.is_null() { otherwise } else { value.clone() };
        json!({
            "cf_link_id": self.cf_link_id,
            "link_id": sent["link_id"],
            "link_status": self.status(state),
            "link_currency": sent["link_currency"],
            "link_amount": sent["link_amount"],
            "link_amount_paid": self.paid(state).to_json(),
            "link_partial_payments": self.takes_parts(),
            "link_minimum_partial_amount": sent["link_minimum_partial_amount"],
            "link_purpose": sent["link_purpose"],
            "link_created_at": clock::with_zone(self.created),
            "customer_details": sent["customer_details"],
            "link_meta": or(&sent["link_meta"], json!({})),
            "link_url": format!("{}/view/links/{}", state.base_url, self.code),
            "link_expiry_time": clock::with_zone(self.expires),
            "link_notes": or(&sent["link_notes"], json!({})),
            "link_auto_reminders": or(&sent["link_auto_reminders"], json!(false)),
            "link_qrcode": picture::qr_code(&format!("{}/view/links/{}", state.base_url, self.code)),
            "link_notify": or(&sent["link_notify"], json!({ "send_sms": false, "send_email": false })),
            "order_splits": or(&sent["order_splits"], json!([])),
        })
    }

    /// The create request of an order that pays `amount` of the link.
    fn order_request(&self, amount: Paise, customer_id: &str) -> Value {
        let sent = &self.request;
        let mut customer = sent["customer_details"].clone();
        customer["customer_id"] = json!(customer_id);
        let meta = &sent["link_meta"];
        json!({
            "order_amount": amount.to_json(),
            "order_currency": sent["link_currency"],
            "order_note": sent["link_purpose"],
            "order_expiry_time": clock::with_zone(self.expires),
            "order_splits": sent["order_splits"],
            "order_tags": { "link_id": sent["link_id"] },
            "customer_details": customer,
            "order_meta": {
                "return_url": meta["return_url"],
                "notify_url": meta["notify_url"],
                "payment_methods": meta["payment_methods"],
            },
        })
    }
}

fn find<'a>(state: &'a State, link_id: &str) -> Result<&'a Link, Refusal> {
    let link = state.links.by_id.get(link_id);
    link.ok_or_else(|| Refusal::not_found("link_not_found", "no link has this link_id"))
}

/// The entity of a link.
pub(crate) fn entity(state: &State, link_id: &str) -> Option<Value> {
    find(state, link_id).ok().map(|link| link.to_json(state))
}

impl Links {
    /// Takes in what a file held.
    pub(crate) fn restore(&mut self, content: &Content) -> anyhow::Result<()> {
        self.by_id.restore(content.table("links")?);
        for link in self.by_id.values() {
            let link_id = link.request["link_id"].as_str().unwrap_or_default();
            self.of_order.extend(link.orders.iter().map(|order_id| (order_id.clone(), link_id.to_owned())));
            self.of_code.insert(link.code.clone(), link_id.to_owned());
        }
        Ok(())
    }
}

/// The link that an order was made for.
pub(crate) fn of_order(state: &State, order_id: &str) -> Option<String> {
    state.links.of_order.get(order_id).cloned()
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
    let answer = link.to_json(state);
    state.links.of_code.insert(link.code.clone(), link_id.to_owned());
    state.links.by_id.insert(link_id.to_owned(), link);
    let about = About { other_id: Some(link_id), amount: Some(&body["link_amount"]), ..About::default() };
    state.commit(call, Change::LinkCreated, about);
    Ok(Reply::ok(answer))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Reply::ok(find(state, call.path("link_id"))?.to_json(state)))
}

pub(crate) fn cancel(state: &mut State, call: &Call<'_>) -> Outcome {
    let link_id = call.path("link_id");
    let link = find(state, link_id)?;
    let status = link.status(state);
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
    state.tell(events::links::moved(state, link_id, None));
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
    Ok(Reply::ok(Value::Array(listed)))
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
    state.tell(events::links::moved(state, link_id, None));
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
    let status = link.status(state);
    Ok(Shown {
        purpose: sent["link_purpose"].as_str().unwrap_or_default().to_owned(),
        status,
        left: link.amount() - link.paid(state),
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
    let status = link.status(state);
    if !matches!(status, "ACTIVE" | "PARTIALLY_PAID") {
        return Err(Refusal::bad_request("link_status_invalid", format!("this link is {status}")));
    }
    let left = link.amount() - link.paid(state);
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
