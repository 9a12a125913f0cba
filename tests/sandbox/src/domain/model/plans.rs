//! Plans, and the terms that subscriptions have from them or of their own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::errors::Refusal;
use crate::money::Paise;

/// The account's plans, by `plan_id`.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Plans(pub(crate) BTreeMap<String, Terms>);

impl Plans {
    pub(crate) fn find(&self, plan_id: &str) -> Result<&Terms, Refusal> {
        self.0.get(plan_id).ok_or_else(|| Refusal::not_found("plan_not_found", "no plan has this plan_id"))
    }
}

/// What may be debited, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Terms(pub(crate) Value);

impl Terms {
    /// Reads terms. A plan calls the amount of a scheduled debit `plan_recurring_amount`, a subscription with
    /// terms of its own `plan_amount`; `within` is the path to the fields.
    pub(crate) fn read(sent: &Value, amount: &str, within: &str) -> Result<Self, Refusal> {
        let missing = |name: &str| {
            let message = format!("{within}{name} is required for such terms");
            Refusal::bad_request(&format!("{within}{name}_missing"), message)
        };
        let invalid = |name: &str, message: &str| {
            Refusal::bad_request(&format!("{within}{name}_invalid"), format!("{within}{name} {message}"))
        };
        let periodic = sent["plan_type"] == "PERIODIC";
        let always = ["plan_name", "plan_type", "plan_max_amount"];
        let scheduled = [amount, "plan_interval_type", "plan_intervals"];
        for name in always.iter().chain(scheduled.iter().filter(|_| periodic)) {
            if sent[name].is_null() {
                return Err(missing(name));
            }
        }
        let most = Paise::read(&sent["plan_max_amount"]).filter(|most| *most > Paise(0));
        let most = most.ok_or_else(|| invalid("plan_max_amount", "must be more than nothing"))?;
        if periodic {
            Paise::read(&sent[amount])
                .filter(|each| *each > Paise(0) && *each <= most)
                .ok_or_else(|| invalid(amount, "must be more than nothing and at most plan_max_amount"))?;
            sent["plan_intervals"]
                .as_i64()
                .filter(|intervals| *intervals > 0)
                .ok_or_else(|| invalid("plan_intervals", "must be at least 1"))?;
        }
        if sent["plan_max_cycles"].as_i64().is_some_and(|cycles| cycles < 0) {
            return Err(invalid("plan_max_cycles", "can't be negative"));
        }
        let or = |name: &str, otherwise: Value| match &sent[name] {
            Value::Null => otherwise,
            given => given.clone(),
        };
        Ok(Self(json!({
            "plan_id": or("plan_id", json!("")),
            "plan_name": sent["plan_name"],
            "plan_type": sent["plan_type"],
            "plan_max_cycles": or("plan_max_cycles", json!(0)),
            "plan_recurring_amount": or(amount, json!(0)),
            "plan_max_amount": sent["plan_max_amount"],
            "plan_interval_type": or("plan_interval_type", json!("")),
            "plan_intervals": or("plan_intervals", json!(0)),
            "plan_currency": or("plan_currency", json!("INR")),
            "plan_note": or("plan_note", json!("")),
            "plan_status": if within.is_empty() { "ACTIVE" } else { "" },
        })))
    }

    /// The terms of a new subscription: those of the plan it names, or its own.
    pub(crate) fn of_subscription(plans: &Plans, sent: &Value) -> Result<Self, Refusal> {
        match sent["plan_id"].as_str() {
            Some(plan_id) => plans.find(plan_id).cloned(),
            None => Self::read(sent, "plan_amount", "plan_details."),
        }
    }

    pub(crate) fn to_json(&self) -> &Value {
        &self.0
    }

    pub(crate) fn is_on_demand(&self) -> bool {
        self.0["plan_type"] == "ON_DEMAND"
    }

    /// The most that one debit may take.
    pub(crate) fn ceiling(&self) -> Paise {
        Paise::read(&self.0["plan_max_amount"]).unwrap_or(Paise(0))
    }

    /// How many debits there will be, if there is an end to them.
    pub(crate) fn cycles(&self) -> Option<usize> {
        let cycles = self.0["plan_max_cycles"].as_u64().filter(|cycles| *cycles > 0);
        cycles.and_then(|cycles| usize::try_from(cycles).ok())
    }
}
