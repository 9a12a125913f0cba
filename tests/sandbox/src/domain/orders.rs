//! Orders: created ACTIVE, then PAID, EXPIRED or TERMINATED (TERMINATION_REQUESTED while an attempt
//! is in flight); and the basket and shipping data kept with them.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::kept::Kept;
use crate::domain::payments::Status;
use crate::domain::refunds::Refund;
use crate::domain::splits;
use crate::domain::state::State;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;

/// An order that names no expiry lives for thirty days.
const LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OrderStatus {
    Active,
    Paid,
    Expired,
    Terminated,
    TerminationRequested,
}

impl OrderStatus {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Paid => "PAID",
            Self::Expired => "EXPIRED",
            Self::Terminated => "TERMINATED",
            Self::TerminationRequested => "TERMINATION_REQUESTED",
        }
    }
}

/// One order and what was done to it, payments aside.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) order_id: String,
    pub(crate) cf_order_id: String,
    /// The create request: what was sent is what is echoed.
    request: Kept,
    pub(crate) amount: Number,
    currency: Box<str>,
    pub(crate) session: Box<str>,
    /// The attempts on it, oldest first.
    pub(crate) attempts: Vec<Box<str>>,
    created: SystemTime,
    pub(crate) expires: SystemTime,
    pub(crate) status: OrderStatus,
    /// What `PUT …/extended` sent last of each.
    shipment: Option<Kept>,
    delivery: Option<Kept>,
    pub(crate) refunds: Vec<Refund>,
}

impl Order {
    pub(crate) fn amount(&self) -> Value {
        Value::Number(self.amount.clone())
    }

    pub(crate) fn currency(&self) -> &str {
        &self.currency
    }

    /// The create request.
    pub(crate) fn request(&self) -> Value {
        self.request.read()
    }

    /// Refuses whatever needs an order that still takes payments.
    pub(crate) fn must_be_active(&self) -> Result<(), Refusal> {
        match self.status {
            OrderStatus::Active => Ok(()),
            OrderStatus::Paid => Err(Refusal::bad_request("order_already_paid", "the order is paid already")),
            OrderStatus::Expired => Err(Refusal::bad_request("order_inactive", "the order has expired")),
            OrderStatus::Terminated | OrderStatus::TerminationRequested => {
                Err(Refusal::bad_request("order_inactive", "the order was terminated"))
            }
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let sent = &self.request();
        let meta = &sent["order_meta"];
        let mut order_meta = json!({
            "return_url": meta["return_url"],
            "notify_url": meta["notify_url"],
            "payment_methods": meta["payment_methods"],
        });
        if !meta["payment_methods_filters"].is_null() {
            order_meta["payment_methods_filters"] = meta["payment_methods_filters"].clone();
        }
        // The cart gets an id of its own; its content is behind the extended data.
        let cart = if sent["cart_details"].is_object() {
            json!({ "cart_id": self.cf_order_id })
        } else {
            Value::Null
        };
        json!({
            "cf_order_id": self.cf_order_id,
            "created_at": clock::with_zone(self.created),
            "customer_details": customer(sent, &["customer_bank_account_number", "customer_bank_ifsc", "customer_bank_code"]),
            "entity": "order",
            "order_amount": self.amount(),
            "payment_session_id": self.session,
            "order_currency": self.currency(),
            "order_expiry_time": clock::with_zone(self.expires),
            "order_id": self.order_id,
            "order_meta": order_meta,
            "order_note": sent["order_note"],
            "order_splits": if sent["order_splits"].is_array() { sent["order_splits"].clone() } else { json!([]) },
            "order_status": self.status.word(),
            "order_tags": sent["order_tags"],
            "products": sent["products"],
            "terminal_data": null,
            "cart_details": cart,
        })
    }

    fn extended(&self) -> Value {
        let sent = &self.request();
        let cart = &sent["cart_details"];
        let address = |sent: &Value| {
            if !sent.is_object() {
                return Value::Null;
            }
            json!({
                "name": sent["full_name"], "address_line_one": sent["address_1"], "address_line_two": sent["address_2"],
                "country": sent["country"], "state": sent["state"], "city": sent["city"], "pin_code": sent["pincode"],
            })
        };
        let basket = match cart.is_object() {
            true => json!({ "name": cart["cart_name"], "items": cart["cart_items"] }),
            false => Value::Null,
        };
        json!({
            "cf_order_id": self.cf_order_id,
            "order_id": self.order_id,
            "order_amount": self.amount(),
            "order_currency": self.currency(),
            "created_at": clock::with_zone(self.created),
            "charges": { "shipping_charges": cart["shipping_charge"], "cod_handling_charges": null },
            "customer_details": customer(sent, &[]),
            "shipping_address": address(&cart["customer_shipping_address"]),
            "billing_address": address(&cart["customer_billing_address"]),
            "cart": basket,
            "offer": null,
        })
    }
}

/// The customer of a create request, with these fields where they were sent.
fn customer(request: &Value, if_sent: &[&str]) -> Value {
    let sent = &request["customer_details"];
    let mut customer = json!({
        "customer_id": sent["customer_id"],
        "customer_name": sent["customer_name"],
        "customer_email": sent["customer_email"],
        "customer_phone": sent["customer_phone"],
        "customer_uid": sent["customer_uid"],
    });
    for name in if_sent {
        if !sent[name].is_null() {
            customer[*name] = sent[name].clone();
        }
    }
    customer
}

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = call.body;
    let is_enough = |amount: &Value| Paise::read(amount).is_some_and(|amount| amount >= Paise(100));
    let amount = body["order_amount"].as_number().filter(|_| is_enough(&body["order_amount"]));
    let amount = amount.ok_or_else(|| {
        let message = "order_amount must be at least 1, with at most two decimals";
        Refusal::bad_request("order_amount_invalid", message)
    })?;
    splits::check_order(state, body)?;
    let created = state.clock.now();
    let expires = match body["order_expiry_time"].as_str() {
        None => created + LIFETIME,
        Some(text) => clock::parse(text).filter(|&at| at > created).ok_or_else(|| {
            Refusal::bad_request("order_expiry_time_invalid", "order_expiry_time must be a time to come")
        })?,
    };
    let order_id = match body["order_id"].as_str() {
        Some(given) => given.to_owned(),
        None => format!("order_{}", state.token(30)),
    };
    if state.orders.contains_key(&order_id) {
        return Err(Refusal::conflict("order_already_exists", "an order with this order_id exists already"));
    }
    let order = Order {
        cf_order_id: (2_149_460_580 + state.serial()).to_string(),
        order_id: order_id.clone(),
        request: Kept::from(body),
        amount: amount.clone(),
        currency: body["order_currency"].as_str().unwrap_or_default().into(),
        attempts: Vec::new(),
        session: format!("session_{}", state.token(100)).into(),
        created,
        expires,
        status: OrderStatus::Active,
        shipment: None,
        delivery: None,
        refunds: Vec::new(),
    };
    let answer = order.to_json();
    let customer_id = body["customer_details"]["customer_id"].as_str().unwrap_or_default();
    if !state.customer_ids.contains(customer_id) {
        state.customer_ids.insert(customer_id.to_owned());
    }
    state.sessions.insert(&order.session, &order_id);
    if let Ok(number) = order.cf_order_id.parse() {
        state.by_cf_order_id.insert(number, order_id.as_str().into());
    }
    state.orders.insert(order_id.clone(), order);
    let about = About { order_id: &order_id, amount: Some(&body["order_amount"]), ..About::default() };
    state.commit(call, Change::OrderCreated, about);
    Ok(Reply::ok(answer))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let order = state.order(call.path("order_id"))?;
    Ok(Reply::ok(order.to_json()))
}

pub(crate) fn terminate(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    if call.body["order_status"] != "TERMINATED" {
        return Err(Refusal::bad_request("order_status_invalid", "an order can only be set to TERMINATED"));
    }
    end(state, call, order_id)?;
    Ok(Reply::ok(state.order(order_id)?.to_json()))
}

/// Takes an active order out of service: at once, or when the attempt in flight has failed.
pub(crate) fn end(state: &mut State, call: &Call<'_>, order_id: &str) -> Result<(), Refusal> {
    state.order(order_id)?.must_be_active()?;
    let in_flight = state.payments_of(order_id).any(|payment| payment.status == Status::Pending);
    let order = state.order_mut(order_id)?;
    order.status = if in_flight { OrderStatus::TerminationRequested } else { OrderStatus::Terminated };
    state.commit(call, Change::OrderTerminated, About { order_id, ..About::default() });
    Ok(())
}

pub(crate) fn fetch_extended(state: &mut State, call: &Call<'_>) -> Outcome {
    let order = state.order(call.path("order_id"))?;
    Ok(Reply::ok(order.extended()))
}

pub(crate) fn update_extended(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    let order = state.order_mut(order_id)?;
    // Members that are not sent keep what an earlier call stored.
    for (stored, name) in
        [(&mut order.shipment, "shipment_details"), (&mut order.delivery, "order_delivery_status")]
    {
        if !call.body[name].is_null() {
            *stored = Some(Kept::from(&call.body[name]));
        }
    }
    let answer = json!({
        "cf_order_id": order.cf_order_id,
        "order_id": order.order_id,
        "shipment_details": order.shipment.as_ref().map(Kept::read),
        "order_delivery_status": order.delivery.as_ref().map(Kept::read),
    });
    state.commit(call, Change::OrderExtended, About { order_id, ..About::default() });
    Ok(Reply::ok(answer))
}
