//! Orders.

use serde_json::json;

use super::{Call, Kind, Outcome, Refusal, State};
use crate::ledger::Change;

impl State {
    pub(super) fn create_order(&mut self, call: &mut Call<'_>) -> Outcome {
        if call.body["order_amount"].as_f64().is_none_or(|amount| amount <= 0.0) {
            return Err(Refusal::new(400, "order_amount_invalid"));
        }
        let serial = self.serial();
        let id = call.body["order_id"].as_str().map_or_else(|| format!("order_{serial}"), str::to_owned);
        let session = format!("session_{serial}_{}", call.merchant);
        let order = json!({
            "cf_order_id": serial.to_string(), "order_id": id, "entity": "order",
            "order_amount": call.body["order_amount"], "order_currency": call.body["order_currency"],
            "order_status": "ACTIVE", "payment_session_id": session,
            "order_expiry_time": "2099-07-29T00:00:00+05:30", "created_at": "2025-07-29T00:00:00+05:30",
            "order_note": call.body["order_note"], "order_tags": call.body["order_tags"],
            "order_splits": call.body["order_splits"], "order_meta": call.body["order_meta"],
            "customer_details": call.body["customer_details"],
        });
        let mut other = order.clone();
        other["order_amount"] = json!(4_711);
        other["customer_details"] = json!({ "customer_id": "other", "customer_phone": "8888888888" });
        if self.is_taken(call, Kind::Order, &id, other) {
            let refusal = Refusal::new(409, "order_already_exists");
            return self.existing(call, Kind::Order, &id, refusal);
        }
        self.sessions.insert(session, (call.merchant.clone(), id.clone()));
        self.record(call, Change::OrderCreated, &id);
        Ok(self.put(call, Kind::Order, &id, order))
    }

    pub(super) fn terminate(&mut self, call: &Call<'_>, id: &str) -> Outcome {
        let order = self.find(call, Kind::Order, id).cloned();
        let mut order = order.ok_or_else(|| Refusal::new(404, "order_not_found"))?;
        if order["order_status"] != "ACTIVE" {
            return Err(self.either(id, (400, "order_inactive"), (409, "order_inactive")));
        }
        order["order_status"] = json!("TERMINATED");
        self.record(call, Change::OrderTerminated, id);
        Ok(self.put(call, Kind::Order, id, order))
    }
}
