//! Orders: created ACTIVE, then PAID, EXPIRED or TERMINATED (TERMINATION_REQUESTED while an attempt
//! is in flight); and the basket and shipping data kept with them.

use std::time::Duration;

use ecow::{EcoString, eco_format};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::kept::Kept;
use crate::domain::model::orders::{Order, OrderStatus};
use crate::domain::model::payments::Status;
use crate::domain::shares;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;

/// An order that names no expiry lives for thirty days.
const LIFETIME: Duration = Duration::from_secs(30 * 86_400);

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = call.body;
    let is_enough = |amount: &Value| Paise::read(amount).is_some_and(|amount| amount >= Paise(100));
    let amount = body["order_amount"].as_number().filter(|_| is_enough(&body["order_amount"]));
    let amount = amount.ok_or_else(|| {
        let message = "order_amount must be at least 1, with at most two decimals";
        Refusal::bad_request("order_amount_invalid", message)
    })?;
    shares::check_order(state, body)?;
    let created = state.clock.now();
    let expires = match body["order_expiry_time"].as_str() {
        None => created + LIFETIME,
        Some(text) => clock::parse(text).filter(|&at| at > created).ok_or_else(|| {
            Refusal::bad_request("order_expiry_time_invalid", "order_expiry_time must be a time to come")
        })?,
    };
    let order_id: EcoString = match body["order_id"].as_str() {
        Some(given) => given.into(),
        None => eco_format!("order_{}", state.token(30)),
    };
    if state.orders.contains_key(&order_id) {
        return Err(Refusal::conflict("order_already_exists", "an order with this order_id exists already"));
    }
    let order = Order {
        cf_order_id: 2_149_460_580 + state.serial(),
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
    let response = order.to_json();
    let customer_id = body["customer_details"]["customer_id"].as_str().unwrap_or_default();
    if !state.customer_ids.contains(customer_id) {
        state.customer_ids.insert(customer_id.to_owned());
    }
    state.sessions.insert(&order.session, order_id.clone());
    state.by_cf_order_id.insert(order.cf_order_id, order_id.clone());
    state.orders.insert(order_id.clone(), order);
    let about = About { order_id: &order_id, amount: Some(&body["order_amount"]), ..About::default() };
    state.commit(call, Change::OrderCreated, about);
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let order = state.order(call.path("order_id"))?;
    Ok(JsonResponse::ok(order.to_json()))
}

pub(crate) fn terminate(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    if call.body["order_status"] != "TERMINATED" {
        return Err(Refusal::bad_request("order_status_invalid", "an order can only be set to TERMINATED"));
    }
    end(state, call, order_id)?;
    Ok(JsonResponse::ok(state.order(order_id)?.to_json()))
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
    Ok(JsonResponse::ok(order.extended()))
}

pub(crate) fn update_extended(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    let order = state.order_mut(order_id)?;
    // Fields that are not sent keep what an earlier call stored.
    for (stored, name) in
        [(&mut order.shipment, "shipment_details"), (&mut order.delivery, "order_delivery_status")]
    {
        if !call.body[name].is_null() {
            *stored = Some(Kept::from(&call.body[name]));
        }
    }
    let response = json!({
        "cf_order_id": order.cf_order_id(),
        "order_id": order.order_id,
        "shipment_details": order.shipment.as_ref().map(Kept::read),
        "order_delivery_status": order.delivery.as_ref().map(Kept::read),
    });
    state.commit(call, Change::OrderExtended, About { order_id, ..About::default() });
    Ok(JsonResponse::ok(response))
}
