//! Settlements: begun, and at the bank. The UTR is a number of sixteen digits here, a text in the API.

use serde_json::{Value, json};

use super::{Event, in_rupees, number};
use crate::clock;
use crate::domain::model::ledger::{self, Kind};
use crate::domain::state::State;
use crate::money::Paise;

pub(crate) fn moved(state: &State, id: u64) -> Option<Event> {
    let settlement = state.settlements.by_id(id)?;
    let of_it = |event: &&ledger::Event| event.kind != Kind::Settlement;
    let events: Vec<&ledger::Event> = state.ledger.of_settlement(id).filter(of_it).collect();
    let payments = || events.iter().filter(|event| event.kind == Kind::Payment);
    let paid: Paise = payments().map(|event| event.amount).sum();
    let charge: Paise = events.iter().map(|event| event.charge).sum();
    let tax: Paise = events.iter().map(|event| event.tax).sum();
    let net: Paise = events.iter().map(|event| event.net()).sum();
    let times = || events.iter().map(|event| event.at);
    let transfer = settlement.transfer.as_ref();
    let (kind, status) = match transfer {
        None => ("SETTLEMENT_INITIATED", "INITIATED"),
        Some(_) => ("SETTLEMENT_SUCCESS", "SUCCESS"),
    };
    let data = json!({ "settlement": {
        "settlement_id": id,
        "utr": transfer.map(|transfer| number(&json!(transfer.utr))),
        "status": status,
        "payment_amount": in_rupees(paid),
        "service_charge": in_rupees(charge),
        "service_tax": in_rupees(tax),
        // Refunds, disputes and vendors' shares: what is neither paid nor charged.
        "adjustment": in_rupees(net - (paid - charge - tax)),
        "settlement_amount": in_rupees(net),
        "amount_settled": in_rupees(net),
        "settlement_charge": 0.0,
        "settlement_tax": 0.0,
        "payment_from": times().min().map(clock::with_space),
        "payment_till": times().max().map(clock::with_space),
        "settled_on": transfer.map(|transfer| clock::with_zone(transfer.at)),
        "settlement_initiated_on": clock::with_zone(settlement.initiated),
        "settlement_type": "STANDARD",
        "reason": null,
        "remarks": null,
        "charges_currency": null,
        "forex_conversion_handling_charge": null,
        "forex_conversion_handling_tax": null,
        "forex_conversion_rate": Value::Null,
    } });
    Some(Event::new(kind, data))
}
