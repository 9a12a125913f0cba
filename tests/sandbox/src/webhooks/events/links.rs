//! Payment links: one event for whatever happens to them. Amounts are texts, times have no zone.

use serde_json::{Value, json};

use super::{Event, amount_text, number, pick, time};
use crate::clock;
use crate::domain::entities;
use crate::domain::state::State;

/// A link moved on; by a payment, if one is named.
pub(crate) fn moved(state: &State, link_id: &str, cf_payment_id: Option<&str>) -> Option<Event> {
    let entity = entities::link(state, state.links.by_id.get(link_id)?);
    let mut meta = json!({});
    for name in ["notify_url", "return_url", "upi_intent"] {
        if !entity["link_meta"][name].is_null() {
            meta[name] = entity["link_meta"][name].clone();
        }
    }
    let mut data = json!({
        "cf_link_id": number(&entity["cf_link_id"]),
        "link_id": entity["link_id"],
        "link_status": entity["link_status"],
        "link_currency": entity["link_currency"],
        "link_amount": amount_text(&entity["link_amount"]),
        "link_amount_paid": amount_text(&entity["link_amount_paid"]),
        "link_partial_payments": entity["link_partial_payments"],
        "link_minimum_partial_amount": amount_text(&entity["link_minimum_partial_amount"]),
        "link_purpose": entity["link_purpose"],
        "link_created_at": time(&entity["link_created_at"], clock::with_space),
        "customer_details":
            pick(&entity["customer_details"], &["customer_phone", "customer_email", "customer_name"]),
        "link_meta": meta,
        "link_url": entity["link_url"],
        "link_expiry_time": time(&entity["link_expiry_time"], clock::with_space),
        "link_notes": entity["link_notes"],
        "link_auto_reminders": entity["link_auto_reminders"],
        "link_notify": pick(&entity["link_notify"], &["send_sms", "send_email"]),
    });
    if let Some(order) = cf_payment_id.and_then(|id| order(state, id)) {
        data["order"] = order;
    }
    Some(Event::new("PAYMENT_LINK_EVENT", data).notify(&entity["link_meta"]["notify_url"]))
}

fn order(state: &State, cf_payment_id: &str) -> Option<Value> {
    let payment = entities::payment(state, cf_payment_id).ok()?;
    let order = state.orders.get(payment["order_id"].as_str()?)?;
    let hash: String = state.fingerprint(&order.order_id).chars().take(20).collect();
    Some(json!({
        "order_id": order.order_id,
        "order_amount": amount_text(&order.amount()),
        "order_expiry_time": clock::with_space(order.expires),
        "order_hash": hash,
        "transaction_id": number(&payment["cf_payment_id"]),
        "transaction_status": payment["payment_status"],
    }))
}
