//! Holds of pre-authorised payments.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::table;

/// Money blocked, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hold {
    pub(crate) start_time: Value,
    pub(crate) end_time: Value,
    /// `null` for cards.
    pub(crate) approve_by: Value,
    pub(crate) done: Option<Done>,
}

impl Hold {
    /// The captured amount, if a capture happened.
    pub(crate) fn captured(&self) -> Option<&Value> {
        self.done.as_ref().filter(|done| done.action == "CAPTURE").map(|done| &done.captured_amount)
    }

    /// When the capture happened.
    pub(crate) fn captured_at(&self) -> Option<SystemTime> {
        self.done.as_ref().filter(|done| done.action == "CAPTURE").map(|done| done.at)
    }

    /// The `authorization` field: before anything is done its action, status and amount are null.
    pub(crate) fn to_json(&self) -> Value {
        let done = self.done.as_ref();
        json!({
            "action": done.map(|d| d.action),
            "status": done.map(|_| "SUCCESS"),
            "captured_amount": done.map(|d| &d.captured_amount),
            "start_time": self.start_time,
            "end_time": self.end_time,
            "approve_by": self.approve_by,
            "action_reference": done.map(|d| &d.reference),
            "action_time": done.map(|d| clock::without_zone(d.at)),
        })
    }
}

/// The one thing that was done with a hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    #[serde(deserialize_with = "table::word")]
    pub(crate) action: table::Word,
    pub(crate) captured_amount: Value,
    pub(crate) reference: String,
    pub(crate) at: SystemTime,
}
