//! The registered customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The registered customers, by their phone numbers.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Customers {
    pub(crate) by_phone: BTreeMap<String, Value>,
}
