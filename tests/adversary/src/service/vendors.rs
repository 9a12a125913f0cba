//! Writes that only a key protects: no id distinguishes a repeat from a second write.

use serde_json::{Value, json};

use super::{Call, Kind, Outcome, Refusal, State};
use crate::ledger::Change;

impl State {
    pub(super) fn transfer(&mut self, call: &Call<'_>, vendor: &str) -> Value {
        let id = self.serial();
        self.record(call, Change::Transferred, &id.to_string());
        json!({
            "settlement_id": id,
            "transfer_details": {
                "vendor_id": vendor, "transfer_from": call.body["transfer_from"],
                "transfer_type": call.body["transfer_type"], "transfer_amount": call.body["transfer_amount"],
                "remark": call.body["remark"], "tags": call.body["tags"],
            },
            "balances": {
                "merchant_id": 1, "vendor_id": vendor, "merchant_unsettled": 1000.5, "vendor_unsettled": 10.5,
            },
            "charges": { "service_charges": 0.2, "service_tax": 0.04, "amount": 10, "billed_to": "MERCHANT" },
        })
    }

    pub(super) fn adjust(&mut self, call: &Call<'_>, vendor: &str) -> Value {
        self.record(call, Change::Adjusted, vendor);
        json!({ "status": "OK", "message": "balances were updated" })
    }

    pub(super) fn split(&mut self, call: &Call<'_>, order: &str) -> Outcome {
        if self.find(call, Kind::Order, order).is_none() {
            return Err(Refusal::new(404, "order_not_found"));
        }
        self.record(call, Change::Split, order);
        Ok(json!({ "status": "OK", "message": "the order was split" }))
    }
}
