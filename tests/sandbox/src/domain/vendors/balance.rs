//! Balances of vendors: adjustments, transfers on demand, and what those cost.

use ecow::eco_format;
use serde_json::{Value, json};

use crate::domain::bookkeeping;
use crate::domain::call::{About, Call};
use crate::domain::model::ledger::{Event, Kind};
use crate::domain::model::vendors::{Entry, MERCHANT, failed};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;

/// A transfer on demand costs two percent, and 18 percent of that as tax; both are billed afterwards.
const TRANSFER_CHARGE: Paise = Paise(200);
const TRANSFER_TAX: Paise = Paise(1_800);
const SMALLEST_TRANSFER: Paise = Paise(1_000);

pub(crate) fn balance(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let vendor_id = call.path("vendor_id");
    state.vendors.get(vendor_id)?;
    Ok(JsonResponse::ok(balances(state, vendor_id)))
}

fn balances(state: &State, vendor_id: &str) -> Value {
    json!({
        "merchant_id": MERCHANT,
        "vendor_id": vendor_id,
        "merchant_unsettled": state.ledger.unsettled().to_json(),
        "vendor_unsettled": state.vendors.unsettled(vendor_id).to_json(),
    })
}

/// Moves money between the merchant and a vendor, in both books.
fn book(state: &mut State, vendor_id: &str, kind: &'static str, id: String, amount: Paise, to_vendor: bool) {
    let mut event = Event::new(Kind::Adjustment, &id, amount, !to_vendor, state.clock.now());
    event.remarks = eco_format!("VENDOR_{}", kind.to_ascii_uppercase());
    let entry = Entry {
        vendor_id: vendor_id.to_owned(),
        kind,
        id,
        order_id: None,
        amount: if to_vendor { amount } else { -amount },
        at: event.at,
        payout: None,
    };
    state.ledger.book(event);
    state.vendors.entries.push(entry);
}

pub(crate) fn adjust(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let vendor_id = call.path("vendor_id");
    if call.body["vendor_id"] != vendor_id {
        let message = "vendor_id is not that of the path";
        return Err(Refusal::bad_request("vendor_id_invalid", message));
    }
    state.vendors.get(vendor_id)?;
    let amount = Paise::read(&call.body["amount"]).filter(|amount| *amount > Paise(0));
    let amount = amount.ok_or_else(|| failed("Amount should be greater than zero"))?;
    let credit = call.body["type"] == "CREDIT";
    if !credit && state.vendors.unsettled(vendor_id) < amount {
        return Err(failed("Vendor does not have sufficient balance"));
    }
    if credit && state.ledger.unsettled() < amount {
        return Err(failed("Merchant does not have sufficient balance"));
    }
    let id = call.body["adjustment_id"].as_i64().unwrap_or_default();
    if !state.vendors.adjustments.insert(id) {
        let message = "an adjustment with this adjustment_id exists already";
        return Err(Refusal::conflict("adjustment_already_exists", message));
    }
    book(state, vendor_id, "adjustment", id.to_string(), amount, credit);
    let about = About { other_id: Some(vendor_id), amount: Some(&call.body["amount"]), ..About::default() };
    state.commit(call, Change::VendorAdjusted, about);
    Ok(JsonResponse::ok(json!({ "message": "Vendor & merchant balances updated", "status": "OK" })))
}

pub(crate) fn transfer(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let vendor_id = call.path("vendor_id");
    state.vendors.get(vendor_id)?;
    let sent = &call.body["transfer_amount"];
    let amount = Paise::read(sent).filter(|amount| *amount >= SMALLEST_TRANSFER);
    let amount = amount.ok_or_else(|| failed("Transfer amount should be greater than or equal to 10"))?;
    let to_vendor = call.body["transfer_from"] == "MERCHANT";
    let (side, there) = match to_vendor {
        true => ("MERCHANT", state.ledger.unsettled()),
        false => ("VENDOR", state.vendors.unsettled(vendor_id)),
    };
    if there < amount {
        return Err(failed(&format!("{side} does not have sufficient funds for express settlement")));
    }
    let id = 87_000 + state.serial();
    book(state, vendor_id, "transfer", id.to_string(), amount, to_vendor);
    let response = json!({
        "settlement_id": id,
        "transfer_details": {
            "vendor_id": vendor_id,
            "transfer_from": side,
            "transfer_type": call.body["transfer_type"],
            "transfer_amount": sent,
            "remark": call.body["remark"],
            "tags": call.body["tags"],
        },
        "balances": balances(state, vendor_id),
        "charges": charges(amount),
    });
    let about = About { other_id: Some(vendor_id), amount: Some(sent), ..About::default() };
    state.commit(call, Change::VendorTransferred, about);
    Ok(JsonResponse::ok(response))
}

pub(crate) fn transfer_charges(call: &Call<'_>) -> Outcome {
    if call.query("rate_type") != Some("VENDOR_ON_DEMAND") {
        return Err(failed("The parameter rateType must have a value among : VENDOR_ON_DEMAND,"));
    }
    let amount = serde_json::from_str(call.path("amount")).ok().and_then(|amount| Paise::read(&amount));
    let amount = amount.filter(|amount| *amount > Paise(0)).ok_or_else(|| failed("Rate not found"))?;
    Ok(JsonResponse::ok(charges(amount)))
}

fn charges(amount: Paise) -> Value {
    let charge = amount.share(TRANSFER_CHARGE);
    json!({
        "service_charges": charge.to_json(),
        "service_tax": charge.share(TRANSFER_TAX).to_json(),
        "amount": amount.to_json(),
        "billed_to": "MERCHANT",
        "is_postpaid": true,
    })
}
