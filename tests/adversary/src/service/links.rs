//! Payment links.

use serde_json::json;

use super::{Call, Kind, Outcome, Refusal, State};
use crate::ledger::Change;

impl State {
    pub(super) fn create_link(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.body["link_id"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() {
            return Err(Refusal::new(400, "link_id_missing"));
        }
        let mut link = call.body.clone();
        link["cf_link_id"] = json!(self.serial().to_string());
        link["link_status"] = json!("ACTIVE");
        link["link_amount_paid"] = json!(0);
        link["link_created_at"] = json!("2025-07-29T00:00:00+05:30");
        link["link_url"] = json!(format!("https://links.invalid/{id}"));
        let mut other = link.clone();
        other["link_amount"] = json!(4_711);
        other["link_purpose"] = json!("other");
        if self.is_taken(call, Kind::Link, &id, other) {
            let refusal = self.either(&id, (409, "link_already_exists"), (400, "link_id_already_exists"));
            return self.existing(call, Kind::Link, &id, refusal);
        }
        self.record(call, Change::LinkCreated, &id);
        Ok(self.put(call, Kind::Link, &id, link))
    }

    pub(super) fn cancel_link(&mut self, call: &Call<'_>, id: &str) -> Outcome {
        let link = self.find(call, Kind::Link, id).cloned();
        let mut link = link.ok_or_else(|| Refusal::new(404, "link_not_found"))?;
        if link["link_status"] != "ACTIVE" {
            return Err(self.either(
                id,
                (400, "link_cannot_be_cancelled"),
                (409, "link_cannot_be_cancelled"),
            ));
        }
        link["link_status"] = json!("CANCELLED");
        self.record(call, Change::LinkCancelled, id);
        Ok(self.put(call, Kind::Link, id, link))
    }
}
