//! Refunds: those of the merchant, and those that the service begins when an order was paid twice.

use serde_json::{Value, json};

use super::{Event, number, payments, rupees};
use crate::clock;
use crate::domain::entities;
use crate::domain::model::orders::Order;
use crate::domain::model::refunds::Refund;
use crate::domain::state::State;

/// A refund came to an end.
pub(crate) fn status(state: &State, order: &Order, refund: &Refund) -> Event {
    let entity = refund.to_json(&order.order_id);
    let split = |split: &Value| {
        json!({
            "merchantVendorId": split["vendor_id"],
            "amount": split["amount"],
            "percentage": split["percentage"],
        })
    };
    let splits: Value = entity["refund_splits"].as_array().into_iter().flatten().map(split).collect();
    let mut data = json!({ "refund": {
        "cf_refund_id": number(&entity["cf_refund_id"]),
        "cf_payment_id": number(&entity["cf_payment_id"]),
        "refund_id": entity["refund_id"],
        "order_id": entity["order_id"],
        "refund_amount": rupees(&entity["refund_amount"]),
        "refund_currency": entity["refund_currency"],
        "entity": "Refund",
        "refund_type": entity["refund_type"],
        "refund_arn": entity["refund_arn"],
        "refund_status": entity["refund_status"],
        "status_description": entity["status_description"],
        "created_at": entity["created_at"],
        "processed_at": entity["processed_at"],
        "refund_note": entity["refund_note"],
        "refund_splits": splits,
        "metadata": null,
        "requested_speed": entity["refund_speed"]["requested"],
        "processed_speed": entity["refund_speed"]["processed"],
        "service_charge": 0,
        "service_tax": 0,
        "forex_conversion_handling_charge": null,
        "forex_conversion_handling_tax": null,
        "forex_conversion_rate": null,
        "charges_currency": null,
    } });
    if let Some(terminal) = payments::terminal(state, refund.cf_payment_id()) {
        data["terminalDetails"] = terminal;
    }
    Event::new("REFUND_STATUS_WEBHOOK", data).notify(&order.request()["order_meta"]["notify_url"])
}

/// The money of a second success goes back: INITIATED, and then SUCCESS.
pub(crate) fn automatic(state: &State, cf_payment_id: &str, cf_refund_id: u64) -> Option<[Event; 2]> {
    let entity = entities::payment(state, cf_payment_id).ok()?;
    let order = state.orders.get(entity["order_id"].as_str()?)?;
    let with = |status: &str, arn: String, description: &str| {
        let data = json!({ "auto_refund": {
            "event": "AUTO-REFUND",
            "cf_refund_id": cf_refund_id,
            "cf_payment_id": cf_payment_id,
            "bank_reference": entity["bank_reference"],
            "order_id": order.order_id,
            "refund_amount": rupees(&entity["payment_amount"]),
            "refund_currency": entity["payment_currency"],
            "refund_type": "PAYMENT_AUTO_REFUND",
            "refund_arn": arn,
            "refund_status": status,
            "status_description": description,
            "refund_reason": "the order was paid otherwise",
            "created_at": clock::with_zone(state.clock.now()),
            "processed_at": null,
            "refund_charge": 0,
            "refund_splits": null,
            "metadata": null,
            "forex_conversion_handling_charge": null,
            "forex_conversion_handling_tax": null,
            "forex_conversion_rate": null,
            "charges_currency": null,
        } });
        Event::new("AUTO_REFUND_STATUS_WEBHOOK", data).notify(&order.request()["order_meta"]["notify_url"])
    };
    Some([
        with("INITIATED", "N/A".to_owned(), "the money is about to go back"),
        with("SUCCESS", format!("00{cf_refund_id}"), "the money is on its way to the payer"),
    ])
}
