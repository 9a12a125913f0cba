//! Shares of the vendors in a payment: computed from splits, booked for each vendor, taken back by a refund.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::domain::model::ledger::Event;
use crate::domain::model::vendors::{Entry, failed};
use crate::domain::state::State;
use crate::http::errors::Refusal;
use crate::money::Paise;

/// All of it, in hundredths of a percent.
pub(crate) const WHOLE: Paise = Paise(10_000);

/// The shares of a list of splits in an amount.
pub(crate) fn of_splits(state: &State, splits: &Value, of: Paise) -> Result<Vec<(String, Paise)>, Refusal> {
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

pub(crate) fn total(shares: &[(String, Paise)]) -> Paise {
    shares.iter().map(|(_, share)| *share).sum()
}

/// Holds the splits of an order that is about to be created against its amount and the vendors there are.
pub(crate) fn check_order(state: &State, order: &Value) -> Result<(), Refusal> {
    let amount = Paise::read(&order["order_amount"]).unwrap_or(Paise(0));
    if total(&of_splits(state, &order["order_splits"], amount)?) > amount {
        return Err(failed("Total split amount can not be greater than transaction amount"));
    }
    Ok(())
}

/// Shares out a payment as its order or the standing rule has it; returns the vendors' part.
pub(crate) fn share_payment(state: &mut State, payment: &Event) -> Paise {
    let order_id = payment.order_id.clone().unwrap_or_default();
    let of_order = state.orders.get(&order_id).map(|order| order.request()["order_splits"].clone());
    let splits = of_order.filter(|splits| splits.as_array().is_some_and(|list| !list.is_empty()));
    let Some(splits) = splits.or_else(|| rule(state)) else {
        return Paise(0);
    };
    // A capture may have taken less than the order's amount; a vendor may have been blocked since.
    let shares = of_splits(state, &splits, payment.amount).unwrap_or_default();
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

pub(crate) fn book(
    state: &mut State,
    payment: &Event,
    splits: &Value,
    shares: &[(String, Paise)],
    at: SystemTime,
) -> Paise {
    let order_id = payment.order_id.as_deref().unwrap_or_default().to_owned();
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

/// Takes back from the vendors what a refund says; returns how much that is.
pub(crate) fn take_back(state: &mut State, refund: &Event) -> Paise {
    let order_id = refund.order_id.as_deref().unwrap_or_default().to_owned();
    let Some(order) = state.orders.get(&order_id) else {
        return Paise(0);
    };
    let found = order.refunds.iter().find(|known| known.refund_id() == refund.id);
    let splits = found.map(|known| known.request()["refund_splits"].clone()).unwrap_or_default();
    let shares = of_splits(state, &splits, refund.amount).unwrap_or_default();
    for (vendor_id, share) in &shares {
        state.vendors.entries.push(Entry {
            vendor_id: vendor_id.clone(),
            kind: "REFUND",
            id: refund.id.to_string(),
            order_id: Some(order_id.clone()),
            amount: -*share,
            at: refund.at,
            payout: None,
        });
    }
    total(&shares)
}
