//! Easy Split: how a payment is shared among vendors. The order says it when it is created, or the merchant
//! once it is paid, or a standing rule. What is not shared out stays the merchant's.

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::model::vendors::{Entry, failed};
use crate::domain::state::State;
use crate::domain::{bookkeeping, entities, shares};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;

const PROCESSED: &str = "Transaction already processed, not eligible for split";

pub(crate) fn after_payment(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let order_id = call.path("order_id");
    if !state.orders.contains_key(order_id) {
        return Err(Refusal::not_found("order_not_found", "Order not found"));
    }
    let (place, payment) = state.ledger.payment_of(order_id).ok_or_else(|| failed("Order not paid"))?;
    let payment = payment.clone();
    if payment.settlement.is_some() {
        return Err(Refusal::conflict("api_request_failed", PROCESSED));
    }
    if state.splits.closed.contains(order_id) {
        return Err(failed(PROCESSED));
    }
    let splits = &call.body["split"];
    let shares = shares::of_splits(state, splits, payment.amount)?;
    if shares::total(&shares) > payment.amount - payment.commission {
        let message =
            "Total split amount can not be greater than transaction amount / eligible split balance";
        return Err(failed(message));
    }
    let commission = shares::book(state, &payment, splits, &shares, state.clock.now());
    if let Some(event) = state.ledger.get_mut(place) {
        event.commission = event.commission + commission;
    }
    if call.body["disable_split"] == true {
        state.splits.closed.insert(order_id.to_owned());
    }
    let amount = commission.to_json();
    state.commit(call, Change::OrderSplit, About { order_id, amount: Some(&amount), ..About::default() });
    Ok(JsonResponse::ok(json!({ "message": "Order split created", "status": "OK" })))
}

/// How an order that was split is settled.
pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let order_id = call.path("order_id");
    let order = state.orders.get(order_id);
    let order =
        order.ok_or_else(|| Refusal::not_found("order_not_found", "Order Reference Id does not exist"))?;
    let refunds: Value = order.refunds.iter().map(|refund| refund.to_json(order_id)).collect();
    let of_order =
        |entry: &&Entry| entry.kind == "transaction" && entry.order_id.as_deref() == Some(order_id);
    let vendors: Value = state
        .vendors
        .entries
        .iter()
        .filter(of_order)
        .map(|entry| {
            json!({
                "vendor_id": entry.vendor_id,
                "settlement_id": entry.payout.as_ref().map(|payout| payout.id),
                "settlement_amount": entry.amount.to_json(),
                "settlement_eligibility_date": clock::with_space(entry.at),
            })
        })
        .collect();
    let settlement = state.ledger.payment_of(order_id).map_or(Value::Null, |(_, payment)| {
        let mut entity = entities::settlement(state, payment);
        // Numbers here, text in the entity itself; and the transfer's id the other way round.
        for name in ["cf_payment_id", "cf_settlement_id"] {
            entity[name] = json!(entity[name].as_str().and_then(|id| id.parse::<u64>().ok()));
        }
        entity["transfer_id"] = json!(entity["transfer_id"].as_u64().map(|id| id.to_string()));
        entity
    });
    Ok(JsonResponse::ok(json!({ "settlement": settlement, "refunds": refunds, "vendors": vendors })))
}

pub(crate) fn store_rule(state: &mut State, call: &Call<'_>) -> Outcome {
    // A rule is for what comes in from now on.
    bookkeeping::update(state);
    let mut together = Paise(0);
    for share in call.body["scheme"].as_array().into_iter().flatten() {
        state.vendors.must_take_shares(share["merchant_vendor_id"].as_str().unwrap_or_default())?;
        let part = Paise::read(&share["percentage"]).filter(|part| *part > Paise(0)).ok_or_else(|| {
            let message = "split percentage cannot be <=0 for a vendor";
            Refusal::bad_request("INVALID_REQUEST_TYPE", message)
        })?;
        together = together + part;
    }
    if together > shares::WHOLE {
        return Err(failed("total split percentage cannot be > 100"));
    }
    let product = call.body["product_type"].as_str().unwrap_or_default().to_owned();
    let terminal = call.body["terminal_id"].as_str().unwrap_or("0").to_owned();
    let stored: Value = call.body["scheme"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|share| {
            json!({
                "merchant_vendor_id": share["merchant_vendor_id"],
                "percentage": share["percentage"].to_string(),
            })
        })
        .collect();
    let response = json!({
        "product_type": product,
        "terminal_id": terminal,
        "terminal_reference_id": call.body["terminal_reference_id"],
        "active": call.body["active"],
        "scheme": stored,
        "added_on": clock::with_space(state.clock.now()),
    });
    state.splits.rules.insert((product, terminal), call.body.clone());
    state.commit(call, Change::StaticSplitStored, About::default());
    Ok(JsonResponse::ok(response))
}
