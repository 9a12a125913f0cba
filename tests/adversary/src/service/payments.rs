//! Payments, and what becomes of money that is held.

use serde_json::{Value, json};

use super::{Call, Kind, OTP, Outcome, Refusal, State};
use crate::ledger::Change;

impl State {
    pub(super) fn pay(&mut self, call: &mut Call<'_>) -> Outcome {
        let session = call.body["payment_session_id"].as_str().unwrap_or_default();
        let (merchant, order_id) = self
            .sessions
            .get(session)
            .cloned()
            .ok_or_else(|| Refusal::new(400, "payment_session_id_invalid"))?;
        call.merchant = merchant;
        let order = self.find(call, Kind::Order, &order_id).cloned().unwrap_or_default();
        if order["order_status"] != "ACTIVE" {
            return Err(Refusal::new(400, "order_inactive"));
        }
        let method = call.body["payment_method"].as_object().and_then(|method| method.keys().next());
        let method = method.cloned().unwrap_or_default();
        let id = self.serial().to_string();
        let holds = order["order_note"] == "preauth_transaction";
        let hold = json!({ "action": null, "status": "SUCCESS", "captured_amount": null });
        let payment = json!({
            "cf_payment_id": id, "order_id": order_id, "entity": "payment", "payment_status": "PENDING",
            "order_amount": order["order_amount"], "order_currency": order["order_currency"],
            "payment_amount": order["order_amount"], "payment_currency": order["order_currency"],
            "is_captured": false, "payment_group": method,
            "authorization": if holds { hold } else { Value::Null },
        });
        let payments = self.of_order.entry((call.merchant.clone(), Kind::Payment, order_id.clone()));
        payments.or_default().push(id.clone());
        self.payments.insert(id.clone(), (call.merchant.clone(), order_id.clone()));
        self.record(call, Change::PaymentStarted, &id);
        self.put(call, Kind::Payment, &id, payment);
        let with_otp = method == "card";
        if !with_otp {
            self.succeed(call, &order_id, &id)?;
        }
        Ok(json!({
            "payment_amount": order["order_amount"], "cf_payment_id": id, "payment_method": method,
            "channel": if with_otp { "post" } else { "collect" },
            "action": if with_otp { "post" } else { "custom" },
            "data": { "url": null, "payload": null, "content_type": null, "method": null },
        }))
    }

    pub(super) fn authenticate(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        let found = self.payments.get(id).cloned();
        let (merchant, order_id) = found.ok_or_else(|| Refusal::new(404, "payment_not_found"))?;
        call.merchant = merchant;
        if call.body["otp"].as_str().is_none_or(|otp| otp != OTP) {
            return Err(Refusal::new(400, "otp_invalid_failed"));
        }
        self.succeed(call, &order_id, id)?;
        Ok(json!({
            "cf_payment_id": id, "action": "SUBMIT_OTP", "authenticate_status": "SUCCESS",
            "payment_message": "done",
        }))
    }

    /// Marks a pending payment as successful, and its order as paid.
    fn succeed(&mut self, call: &Call<'_>, order_id: &str, id: &str) -> Result<(), Refusal> {
        let mut order = self.find(call, Kind::Order, order_id).cloned().unwrap_or_default();
        let mut payment = self.find(call, Kind::Payment, id).cloned().unwrap_or_default();
        if payment["payment_status"] != "PENDING" || order["order_status"] != "ACTIVE" {
            return Err(Refusal::new(400, "order_already_paid"));
        }
        payment["payment_status"] = json!("SUCCESS");
        payment["is_captured"] = json!(payment["authorization"].is_null());
        order["order_status"] = json!("PAID");
        self.record(call, Change::PaymentMade, order_id);
        self.put(call, Kind::Payment, id, payment);
        self.put(call, Kind::Order, order_id, order);
        Ok(())
    }

    /// The successful payment of an order.
    pub(super) fn paid(&self, call: &Call<'_>, order_id: &str) -> Option<Value> {
        let ids = self.of_order.get(&(call.merchant.clone(), Kind::Payment, order_id.to_owned()))?;
        let mut payments = ids.iter().filter_map(|id| self.find(call, Kind::Payment, id));
        payments.find(|payment| payment["payment_status"] == "SUCCESS").cloned()
    }

    pub(super) fn authorize(&mut self, call: &Call<'_>, order_id: &str) -> Outcome {
        let mut payment = self.paid(call, order_id).ok_or_else(|| Refusal::new(404, "order_not_found"))?;
        if payment["authorization"].is_null() {
            return Err(Refusal::new(400, "order_authorization_invalid"));
        }
        if !payment["authorization"]["action"].is_null() {
            return Err(self.either(
                order_id,
                (400, "order_authorization_invalid"),
                (409, "order_authorization_invalid"),
            ));
        }
        let id = payment["cf_payment_id"].as_str().unwrap_or_default().to_owned();
        let change = if call.body["action"] == "CAPTURE" {
            let most = payment["payment_amount"].as_f64().unwrap_or_default();
            if call.body["amount"].as_f64().is_none_or(|amount| amount > most) {
                return Err(Refusal::new(400, "amount_invalid"));
            }
            payment["is_captured"] = json!(true);
            payment["authorization"]["captured_amount"] = call.body["amount"].clone();
            Change::Captured
        } else {
            payment["payment_status"] = json!("VOID");
            Change::Voided
        };
        payment["authorization"]["action"] = call.body["action"].clone();
        self.record(call, change, order_id);
        Ok(self.put(call, Kind::Payment, &id, payment))
    }
}
