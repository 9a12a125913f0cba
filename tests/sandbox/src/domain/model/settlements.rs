//! Settlements and their transfers to the bank.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::domain::model::ledger::Event;

/// One settlement.
#[derive(Serialize, Deserialize)]
pub(crate) struct Settlement {
    pub(crate) id: u64,
    pub(crate) initiated: SystemTime,
    /// `None` until the bank has it.
    pub(crate) transfer: Option<Transfer>,
}

/// A settlement at the bank.
#[derive(Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) id: u64,
    pub(crate) utr: String,
    pub(crate) at: SystemTime,
}

/// All settlements, oldest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Settlements(pub(crate) Vec<Settlement>);

impl Settlements {
    pub(crate) fn by_id(&self, id: u64) -> Option<&Settlement> {
        // Their ids count up.
        let place = self.0.binary_search_by_key(&id, |settlement| settlement.id).ok()?;
        self.0.get(place)
    }

    /// The settlement that an event went into.
    pub(crate) fn of(&self, event: &Event) -> Option<&Settlement> {
        self.by_id(event.settlement?)
    }
}
