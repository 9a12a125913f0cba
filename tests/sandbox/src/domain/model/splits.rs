//! Splits of orders and standing rules.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::table;

/// Shares of payments, and the rules that made them.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Splits {
    /// The splits of each order, as they were sent, with the time.
    pub(crate) of_order: BTreeMap<String, Vec<(SystemTime, Value)>>,
    /// Orders that take no further split.
    pub(crate) closed: BTreeSet<String>,
    /// The standing rules by product and terminal.
    #[serde(with = "table::pairs")]
    pub(crate) rules: BTreeMap<(String, String), Value>,
}

impl Splits {
    pub(crate) fn of_order(&self, order_id: &str) -> &[(SystemTime, Value)] {
        self.of_order.get(order_id).map_or(&[], Vec::as_slice)
    }
}
