//! Vendors of Easy Split: what the service thinks of them, and their payouts.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{Event, in_rupees};
use crate::clock;
use crate::domain::model::vendors::{Entry, MERCHANT, Payout, Vendor};
use crate::domain::state::State;
use crate::money::{self, Paise};

/// A vendor moved on from this status.
pub(crate) fn moved(vendor: &Vendor, past: &str) -> Event {
    let sent = &vendor.request;
    let (bank, upi) = (&sent["bank"], &sent["upi"]);
    let holder = if bank.is_object() { &bank["account_holder"] } else { &upi["account_holder"] };
    let data = json!({
        "merchant_id": MERCHANT,
        "merchant_vendor_id": vendor.vendor_id,
        "updated_status": vendor.status(),
        "past_status": past,
        "name": sent["name"],
        "email": sent["email"],
        "phone": sent["phone"],
        "account_holder": holder,
        "account_number": text(&bank["account_number"]),
        "ifsc": bank["ifsc"],
        "vpa": upi["vpa"],
        "product_type": "PG",
        "max_split": null,
        "dashboard_access": sent["dashboard_access"] == true,
    });
    Event::new("VENDOR_STATUS_UPDATE", data)
}

/// A payout is on its way, and at the vendor's bank.
pub(crate) fn paid_out(state: &State, vendor_id: &str, payout: &Payout) -> Option<[Event; 2]> {
    let sent = &state.vendors.get(vendor_id).ok()?.request;
    let (bank, upi) = (&sent["bank"], &sent["upi"]);
    let in_it = |entry: &&Entry| {
        entry.vendor_id == vendor_id && entry.payout.as_ref().is_some_and(|known| known.id == payout.id)
    };
    let entries: Vec<&Entry> = state
        .vendors
        .entries
        .iter()
        .filter(in_it)
        .filter(|entry| entry.kind != "vendor_settlement")
        .collect();
    let sum = |taken: fn(&str) -> bool| -> Paise {
        entries.iter().filter(|entry| taken(entry.kind)).map(|entry| entry.amount).sum()
    };
    let from = entries.iter().map(|entry| entry.at).min();
    let till = entries.iter().map(|entry| entry.at).max();
    let with = |kind, status, utr: Option<&str>, settled: Option<SystemTime>| {
        let data = json!({ "settlement": {
            "settlement_id": payout.id,
            "vendor_id": vendor_id,
            "status": status,
            "utr": utr,
            "settlement_amount": in_rupees(sum(|_| true)),
            "service_charge": 0.0,
            "service_tax": 0.0,
            "adjustment": in_rupees(sum(|kind| kind != "transaction")),
            "vendor_transaction_amount": in_rupees(sum(|kind| kind == "transaction")),
            "payment_amount": null,
            "amount_settled": null,
            "settlement_type": null,
            // The service writes the word.
            "settled_on": settled.map_or_else(|| "null".to_owned(), clock::with_zone),
            "payment_from": from.map(clock::with_space),
            "payment_till": till.map(clock::with_space),
            "account_mode": if bank.is_object() { "BANK" } else { "UPI" },
            "account_number": masked(&text(&bank["account_number"])),
            "ifsc": bank["ifsc"],
            "vpa": upi["vpa"],
            "settled_orders_count": null,
            "reason": null,
        } });
        Event::new(kind, data)
    };
    Some([
        with("VENDOR_SETTLEMENT_INITIATED", "INITIATED", None, None),
        with("VENDOR_SETTLEMENT_SUCCESS", "SUCCESS", Some(&payout.utr), Some(payout.at)),
    ])
}

/// An account number, which requests may have as a number.
fn text(value: &Value) -> Value {
    if value.is_null() { Value::Null } else { json!(money::text(value)) }
}

fn masked(number: &Value) -> Value {
    number.as_str().map_or(Value::Null, |number| {
        let hidden = number.chars().count().saturating_sub(4);
        let shown = number.chars().enumerate().map(|(at, digit)| if at < hidden { 'X' } else { digit });
        json!(shown.collect::<String>())
    })
}
