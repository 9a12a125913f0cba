//! Simulation: a merchant decides how a pending payment ends, or pretends that paid orders are settled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::model::payments::Status;
use crate::domain::payments;
use crate::domain::state::State;
use crate::domain::test_data::{self, Verdict};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;

/// How far back a settlement can reach.
const REACH: Duration = Duration::from_secs(7 * 86_400);

pub(crate) fn payment(state: &mut State, call: &Call<'_>) -> Outcome {
    let entity_id = call.body["entity_id"].as_str().unwrap_or_default();
    if call.body["entity"] != "PAYMENTS" {
        let message = "the sandbox simulates PAYMENTS only";
        return Err(Refusal::bad_request("entity_unsupported", message));
    }
    let payment = state
        .payments
        .get(entity_id)
        .ok_or_else(|| Refusal::not_found("entityId_not_found", "no payment has this cf_payment_id"))?;
    if payment.status != Status::Pending {
        let message = "this payment has ended already";
        return Err(Refusal::bad_request("entity_id_invalid", message));
    }
    let wanted = &call.body["entity_simulation"];
    let error = wanted["payment_error_code"].as_str().unwrap_or_default();
    let status = wanted["payment_status"].as_str().unwrap_or_default();
    if !error.is_empty() && status != "FAILED" {
        let message = "payment_error_code goes with FAILED";
        return Err(Refusal::bad_request("entity_simulation.payment_error_code_invalid", message));
    }
    let verdict = match status {
        "SUCCESS" => Some(Verdict::Success),
        "USER_DROPPED" => Some(Verdict::Dropped),
        "FAILED" => {
            let code = if error.is_empty() { "TRANSACTION_DECLINED" } else { error }.to_owned();
            Some(test_data::failed(code, "simulated", "bank", "the payment was made to fail"))
        }
        // It is pending, and remains so.
        _ => None,
    };
    if let Some(verdict) = verdict {
        payments::settle(state, call, entity_id, &verdict);
    }
    let simulation_id = format!("sim_{}", state.token(32));
    let response = json!({
        "simulation_id": simulation_id,
        "entity": "PAYMENTS",
        "entity_id": entity_id,
        "entity_simulation": { "payment_status": status, "payment_error_code": error },
    });
    state.simulations.payments.insert(simulation_id, response.clone());
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch_payment(state: &mut State, call: &Call<'_>) -> Outcome {
    found(&state.simulations.payments, call)
}

pub(crate) fn fetch_settlement(state: &mut State, call: &Call<'_>) -> Outcome {
    found(&state.simulations.settlements, call)
}

fn found(simulations: &BTreeMap<String, Value>, call: &Call<'_>) -> Outcome {
    let simulation = simulations.get(call.path("simulation_id"));
    simulation
        .map(|simulation| JsonResponse::ok(simulation.clone()))
        .ok_or_else(|| Refusal::not_found("simulation_not_found", "no simulation has this simulation_id"))
}

pub(crate) fn settlement(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = call.body;
    if !body["errorReason"].is_null() && body["status"] != "FAILED" {
        return Err(Refusal::bad_request("errorReason_invalid", "errorReason goes with FAILED"));
    }
    let orders = match body["merchantOrderIds"].as_array().filter(|ids| !ids.is_empty()) {
        Some(ids) => named(state, ids)?,
        None => since(state, body["txnTime"].as_str())?,
    };
    if body["status"] == "SUCCESS" {
        state.simulations.settled.extend(orders);
    }
    let settlement_id = (14_934_289_844 + state.serial()).to_string();
    let simulation_id = format!("sim_{}", state.token(32));
    let response = json!({
        "simulation_id": simulation_id,
        "entity": "SETTLEMENTS",
        "settlement_ids": [settlement_id],
        "simulation_status": body["status"],
    });
    state.simulations.settlements.insert(simulation_id, response.clone());
    let about = About { other_id: Some(&settlement_id), ..About::default() };
    state.commit(call, Change::SettlementSimulated, about);
    Ok(JsonResponse::ok(response))
}

/// Whether there is money to settle: a hold is none until it is captured.
fn awaits_settlement(state: &State, order_id: &str) -> bool {
    let captured =
        state.payments_of(order_id).any(|payment| payment.captured && payment.status == Status::Success);
    captured && !state.simulations.settled.contains(order_id)
}

fn named(state: &mut State, ids: &[Value]) -> Result<Vec<String>, Refusal> {
    let mut orders = Vec::new();
    for order_id in ids.iter().filter_map(Value::as_str) {
        state.order(order_id)?;
        if !awaits_settlement(state, order_id) {
            let message = format!("order {order_id} is not paid, or settled already");
            return Err(Refusal::bad_request("merchantOrderIds_invalid", message));
        }
        orders.push(order_id.to_owned());
    }
    Ok(orders)
}

/// The orders paid since a time of the last seven days.
fn since(state: &State, time: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(time) = time else {
        let message = "merchantOrderIds or txnTime is needed";
        return Err(Refusal::bad_request("merchantOrderIds_missing", message));
    };
    let now = state.clock.now();
    let recent = |at: &SystemTime| *at <= now && now.duration_since(*at).is_ok_and(|past| past <= REACH);
    let from = clock::parse(time)
        .filter(recent)
        .ok_or_else(|| Refusal::bad_request("txnTime_invalid", "txnTime is a time of the last seven days"))?;
    let paid = state.payments.values().filter(|payment| payment.completed.is_some_and(|at| at >= from));
    let orders: BTreeSet<String> =
        paid.map(|payment| payment.order_id.to_string()).filter(|id| awaits_settlement(state, id)).collect();
    if orders.is_empty() {
        return Err(Refusal::not_found("transaction_not_found", "nothing since then awaits its settlement"));
    }
    Ok(orders.into_iter().collect())
}
