//! What callers see of a resource: which version, and with which values.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{ReadRules, ValueRules, draw};

/// A resource with its past.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Each with the moment from which reads show it; in the order in which they came about.
    versions: Vec<(Instant, Value)>,
}

impl Resource {
    pub(crate) fn new() -> Self {
        Self { versions: Vec::new() }
    }

    /// The resource as it is.
    pub(crate) fn now(&self) -> &Value {
        self.versions.last().map_or(&Value::Null, |(_, version)| version)
    }

    /// The resource as reads show it; `None` if they do not yet find it.
    pub(crate) fn seen(&self, at: Instant) -> Option<&Value> {
        let seen = self.versions.iter().rev().find(|(since, _)| *since <= at);
        seen.map(|(_, version)| version)
    }

    /// Adds a version.
    pub(crate) fn change(&mut self, version: Value, rules: ReadRules, seed: u64, id: &str) {
        let subject = (id, self.versions.len(), "visible");
        let now = Instant::now();
        let since = if draw::hits(rules.late, seed, subject) {
            now + draw::wait(rules.delay, seed, subject)
        } else {
            now
        };
        self.versions.push((since, version));
    }
}

/// Shows the values of a resource as the rules say.
pub(crate) fn show(body: &Value, rules: ValueRules, seed: u64, id: &str) -> Value {
    let mut shown = body.clone();
    if !draw::hits(rules.altered, seed, (id, "altered")) {
        return shown;
    }
    // One way of writing amounts for each resource.
    let in_paise = rules.paise && (!rules.whole || draw::hits(0.5, seed, (id, "paise")));
    alter(&mut shown, rules, in_paise);
    if rules.splits && shown.get("order_amount").is_some() && draw::hits(0.5, seed, (id, "splits")) {
        shown["order_splits"] = json!([{ "vendor_id": "unasked", "percentage": 5 }]);
    }
    shown
}

fn alter(value: &mut Value, rules: ValueRules, in_paise: bool) {
    let Some(fields) = value.as_object_mut() else { return };
    for (name, value) in fields {
        if value.is_object() {
            alter(value, rules, in_paise);
        } else if name == "customer_id" && rules.masked {
            let last = value.as_str().and_then(|id| id.chars().last()).unwrap_or('7');
            *value = json!(format!("MAXX_{last}"));
        } else if let Some(amount) = value.as_f64().filter(|_| name.ends_with("amount")) {
            if rules.zeros && (name.contains("minimum") || name.contains("recurring")) {
                *value = json!(0);
            } else if in_paise {
                *value = json!((amount * 100.0).round() as i64);
            } else if rules.whole {
                *value = json!(amount.trunc());
            }
        }
    }
}
