//! Results of simulations.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was simulated, by id.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Simulations {
    pub(crate) payments: BTreeMap<String, Value>,
    pub(crate) settlements: BTreeMap<String, Value>,
    /// The orders that a simulation has settled: once is enough.
    pub(crate) settled: BTreeSet<String>,
}
