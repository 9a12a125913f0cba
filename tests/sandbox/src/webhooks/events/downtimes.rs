//! Incidents: something is out of order, or works again. A card incident has one event for each network.

use serde_json::{Value, json};

use super::Event;

/// The alerts of an incident, which is the API's entity of it.
pub(crate) fn alerts(incident: &Value, status: &str) -> Vec<Event> {
    let body = json!({
        "id": incident["incident_id"],
        "impact": incident["incident_impact"],
        "message": incident["incident_message"],
        "start_time": incident["incident_start_time"],
        "end_time": incident["incident_end_time"],
        "status": status,
        "type": incident["incident_type"],
    });
    let instruments = instruments(&incident["payment_method"]).into_iter();
    instruments
        .map(|instruments| {
            Event::new("HEALTH_ALERT", json!({ "incident": body, "instruments": instruments }))
        })
        .collect()
}

fn instruments(method: &Value) -> Vec<Value> {
    for name in ["upi", "net_banking", "wallet"] {
        let issuers = &method[name][format!("{name}_issuer")];
        if !issuers.is_null() {
            return vec![json!({ name: { "issuers": issuers } })];
        }
    }
    let card = &method["card"];
    let networks = card["card_network"].as_array().into_iter().flatten();
    networks
        .map(|scheme| {
            json!({ "card": { "type": card["card_type"][0], "scheme": scheme, "issuers": card["card_issuer"] } })
        })
        .collect()
}
