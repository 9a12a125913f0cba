//! Refunds.

use serde_json::json;

use super::{Call, Kind, Outcome, Refusal, State};
use crate::ledger::Change;

impl State {
    pub(super) fn create_refund(&mut self, call: &Call<'_>, order_id: &str) -> Outcome {
        let payment = self.paid(call, order_id).ok_or_else(|| Refusal::new(400, "order_id_not_paid"))?;
        if payment["is_captured"] != true {
            return Err(Refusal::new(400, "order_id_not_paid"));
        }
        let refund_id = call.body["refund_id"].as_str().unwrap_or_default().to_owned();
        if refund_id.is_empty() {
            return Err(Refusal::new(400, "refund_id_missing"));
        }
        let id = format!("{order_id}/{refund_id}");
        let refund = json!({
            "cf_payment_id": payment["cf_payment_id"], "cf_refund_id": self.serial().to_string(),
            "refund_id": refund_id, "order_id": order_id, "entity": "refund",
            "refund_amount": call.body["refund_amount"], "refund_currency": "INR",
            "refund_note": call.body["refund_note"], "refund_status": "PENDING",
            "refund_type": "MERCHANT_INITIATED", "refund_splits": [], "refund_mode": "STANDARD",
            "created_at": "2025-07-29T00:00:00+05:30",
        });
        let mut other = refund.clone();
        other["refund_amount"] = json!(47);
        other["refund_note"] = json!("other");
        if self.is_taken(call, Kind::Refund, &id, other) {
            let refusal = self.either(&id, (409, "refund_already_exists"), (400, "refund_id_already_exists"));
            return self.existing(call, Kind::Refund, &id, refusal);
        }
        let refunds = self.of_order.entry((call.merchant.clone(), Kind::Refund, order_id.to_owned()));
        refunds.or_default().push(id.clone());
        self.record(call, Change::RefundCreated, &id);
        Ok(self.put(call, Kind::Refund, &id, refund))
    }

    pub(super) fn cancel_refund(&mut self, call: &Call<'_>, order_id: &str, refund_id: &str) -> Outcome {
        let id = format!("{order_id}/{refund_id}");
        let refund = self.find(call, Kind::Refund, &id).cloned();
        let mut refund = refund.ok_or_else(|| Refusal::new(404, "refund_not_found"))?;
        if refund["refund_status"] != "PENDING" {
            return Err(self.either(&id, (400, "refund_ineligible"), (409, "refund_ineligible")));
        }
        refund["refund_status"] = json!("CANCELLED");
        self.record(call, Change::RefundCancelled, &id);
        Ok(self.put(call, Kind::Refund, &id, refund))
    }
}
