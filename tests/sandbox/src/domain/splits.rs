//! Easy Split: how a payment is shared among vendors. The order says it when it is created, or the merchant
//! once it is paid, or a standing rule. What is not shared out stays the merchant's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::ledger::{self, Event};
use crate::domain::settlements;
use crate::domain::state::State;
use crate::domain::table;
use crate::domain::vendors::{Entry, failed};
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;

/// All of it, in hundredths of a percent.
const WHOLE: Paise = Paise(10_000);
const PROCESSED: &str = "Transaction already processed, not eligible for split";

/// Shares of payments, and the rules that made them.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Splits {
    /// The splits of each order, as they were sent, with the time.
    of_order: BTreeMap<String, Vec<(SystemTime, Value)>>,
    /// Orders that take no further split.
    closed: BTreeSet<String>,
    /// The standing rules by product and terminal.
    #[serde(with = "table::pairs")]
    rules: BTreeMap<(String, String), Value>,
}

impl Splits {
    pub(crate) fn of_order(&self, order_id: &str) -> &[(SystemTime, Value)] {
        self.of_order.get(order_id).map_or(&[], Vec::as_slice)
    }
}

/// The shares of a list of splits in an amount.
fn shares(state: &State, splits: &Value, of: Paise) -> Result<Vec<(String, Paise)>, Refusal> {
    let mut shares = Vec::new();
    for split in splits.as_array().into_iter().flatten() {
        let vendor_id = split["vendor_id"].as_str().unwrap_or_default();
        state.vendors.must_take_shares(vendor_id)?;
        let share = match (&split["amount"], &split["percentage"]) {
            (Value::Null, Value::Null) => return Err(failed("neither amount nor percentage is present")),
            (amount, Value::Null) => {
                let amount = Paise::read(amount).filter(|amount| *amount > Paise(0));
                amount.ok_or_else(|| failed("Invalid vendor split amount"))?
            }
            (Value::Null, percentage) => {
                let part = Paise::read(percentage).filter(|part| *part > Paise(0) && *part <= WHOLE);
                of.share(part.ok_or_else(|| failed("Invalid vendor split percentage"))?)
            }
            _ => return Err(failed("Invalid Request: Both Amount and percentage are present")),
        };
        shares.push((vendor_id.to_owned(), share));
    }
    Ok(shares)
}

fn total(shares: &[(String, Paise)]) -> Paise {
    shares.iter().map(|(_, share)| *share).sum()
}

/// Holds the splits of an order that is about to be created against its amount and the vendors there are.
pub(crate) fn check_order(state: &State, order: &Value) -> Result<(), Refusal> {
    let amount = Paise::read(&order["order_amount"]).unwrap_or(Paise(0));
    if total(&shares(state, &order["order_splits"], amount)?) > amount {
        return Err(failed("Total split amount can not be greater than transaction amount"));
    }
    Ok(())
}

/// Shares out a payment as its order or the standing rule has it; answers the vendors' part.
pub(crate) fn share_payment(state: &mut State, payment: &Event) -> Paise {
    let order_id = payment.order_id.clone().unwrap_or_default();
    let of_order = state.orders.get(&order_id).map(|order| order.request()["order_splits"].clone());
    let splits = of_order.filter(|splits| splits.as_array().is_some_and(|list| !list.is_empty()));
    let Some(splits) = splits.or_else(|| rule(state)) else {
        return Paise(0);
    };
    // A capture may have taken less than the order's amount; a vendor may have been blocked since.
    let shares = shares(state, &splits, payment.amount).unwrap_or_default();
    if total(&shares) > payment.amount {
        return Paise(0);
    }
    book(state, payment, &splits, &shares, payment.at)
}

/// The standing rule for payments that no terminal took.
fn rule(state: &State) -> Option<Value> {
    let rule = state.splits.rules.get(&("PG".to_owned(), "0".to_owned()))?;
    let share = |share: &Value| json!({ "vendor_id": share["merchant_vendor_id"], "percentage": share["percentage"] });
    (rule["active"] == true).then(|| rule["scheme"].as_array().into_iter().flatten().map(share).collect())
}

fn book(
    state: &mut State,
    payment: &Event,
    splits: &Value,
    shares: &[(String, Paise)],
    at: SystemTime,
) -> Paise {
    let order_id = payment.order_id.clone().unwrap_or_default();
    for (vendor_id, share) in shares {
        let id = (305_000 + state.serial()).to_string();
        state.vendors.entries.push(Entry {
            vendor_id: vendor_id.clone(),
            kind: "transaction",
            id,
            order_id: Some(order_id.clone()),
            amount: *share,
            at,
            payout: None,
        });
    }
    state.splits.of_order.entry(order_id).or_default().push((at, splits.clone()));
    total(shares)
}

/// Takes back from the vendors what a refund says; answers how much that is.
pub(crate) fn take_back(state: &mut State, refund: &Event) -> Paise {
    let order_id = refund.order_id.clone().unwrap_or_default();
    let Some(order) = state.orders.get(&order_id) else {
        return Paise(0);
    };
    let found = order.refunds.iter().find(|known| known.refund_id() == refund.id);
    let splits = found.map(|known| known.request()["refund_splits"].clone()).unwrap_or_default();
    let shares = shares(state, &splits, refund.amount).unwrap_or_default();
    for (vendor_id, share) in &shares {
        state.vendors.entries.push(Entry {
            vendor_id: vendor_id.clone(),
            kind: "REFUND",
            id: refund.id.clone(),
            order_id: Some(order_id.clone()),
            amount: -*share,
            at: refund.at,
            payout: None,
        });
    }
    total(&shares)
}

pub(crate) fn after_payment(state: &mut State, call: &Call<'_>) -> Outcome {
    ledger::bring_up_to_date(state);
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
    let shares = shares(state, splits, payment.amount)?;
    if total(&shares) > payment.amount - payment.commission {
        let message =
            "Total split amount can not be greater than transaction amount / eligible split balance";
        return Err(failed(message));
    }
    let commission = book(state, &payment, splits, &shares, state.clock.now());
    if let Some(event) = state.ledger.get_mut(place) {
        event.commission = event.commission + commission;
    }
    if call.body["disable_split"] == true {
        state.splits.closed.insert(order_id.to_owned());
    }
    let amount = commission.to_json();
    state.commit(call, Change::OrderSplit, About { order_id, amount: Some(&amount), ..About::default() });
    Ok(Reply::ok(json!({ "message": "Order split created", "status": "OK" })))
}

/// How an order that was split is settled.
pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    ledger::bring_up_to_date(state);
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
        let mut entity = settlements::entity(state, payment);
        // Numbers here, text in the entity itself; and the transfer's id the other way round.
        for name in ["cf_payment_id", "cf_settlement_id"] {
            entity[name] = json!(entity[name].as_str().and_then(|id| id.parse::<u64>().ok()));
        }
        entity["transfer_id"] = json!(entity["transfer_id"].as_u64().map(|id| id.to_string()));
        entity
    });
    Ok(Reply::ok(json!({ "settlement": settlement, "refunds": refunds, "vendors": vendors })))
}

pub(crate) fn store_rule(state: &mut State, call: &Call<'_>) -> Outcome {
    // A rule is for what comes in from now on.
    ledger::bring_up_to_date(state);
    let mut together = Paise(0);
    for share in call.body["scheme"].as_array().into_iter().flatten() {
        state.vendors.must_take_shares(share["merchant_vendor_id"].as_str().unwrap_or_default())?;
        let part = Paise::read(&share["percentage"]).filter(|part| *part > Paise(0)).ok_or_else(|| {
            let message = "split percentage cannot be <=0 for a vendor";
            Refusal::bad_request("INVALID_REQUEST_TYPE", message)
        })?;
        together = together + part;
    }
    if together > WHOLE {
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
    let answer = json!({
        "product_type": product,
        "terminal_id": terminal,
        "terminal_reference_id": call.body["terminal_reference_id"],
        "active": call.body["active"],
        "scheme": stored,
        "added_on": clock::with_space(state.clock.now()),
    });
    state.splits.rules.insert((product, terminal), call.body.clone());
    state.commit(call, Change::StaticSplitStored, About::default());
    Ok(Reply::ok(answer))
}
