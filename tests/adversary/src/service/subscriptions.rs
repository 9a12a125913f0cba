//! Plans and subscriptions.

use serde_json::json;

use super::{Call, Kind, Outcome, Refusal, State};
use crate::ledger::Change;

impl State {
    pub(super) fn create_plan(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.body["plan_id"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() {
            return Err(Refusal::new(400, "plan_id_missing"));
        }
        let mut plan = call.body.clone();
        plan["plan_status"] = json!("ACTIVE");
        let mut other = plan.clone();
        other["plan_max_amount"] = json!(4_711);
        other["plan_name"] = json!("other");
        if self.is_taken(call, Kind::Plan, &id, other) {
            let refusal = self.either(&id, (409, "plan_already_exists"), (400, "plan_id_already_exists"));
            return self.existing(call, Kind::Plan, &id, refusal);
        }
        self.record(call, Change::PlanCreated, &id);
        Ok(self.put(call, Kind::Plan, &id, plan))
    }

    pub(super) fn create_subscription(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.body["subscription_id"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() {
            return Err(Refusal::new(400, "subscription_id_missing"));
        }
        let mut subscription = call.body.clone();
        subscription["cf_subscription_id"] = json!(self.serial().to_string());
        subscription["subscription_status"] = json!("INITIALIZED");
        subscription["subscription_session_id"] = json!(format!("sub_session_{}", self.serial()));
        // The response spells the object in another way, and names the amount of a debit otherwise.
        subscription["authorisation_details"] = subscription["authorization_details"].take();
        let amount = subscription["plan_details"]["plan_amount"].take();
        subscription["plan_details"]["plan_recurring_amount"] = amount;
        let mut other = subscription.clone();
        other["authorisation_details"]["authorization_amount"] = json!(4_711);
        other["subscription_note"] = json!("other");
        if self.is_taken(call, Kind::Subscription, &id, other) {
            let refusal = self.either(
                &id,
                (409, "subscription_already_exists"),
                (400, "subscription_id_already_exists"),
            );
            return self.existing(call, Kind::Subscription, &id, refusal);
        }
        self.record(call, Change::SubscriptionCreated, &id);
        Ok(self.put(call, Kind::Subscription, &id, subscription))
    }
}
