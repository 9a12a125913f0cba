//! A path and a header carry one word. A parameter there that is declared as a list, an object or
//! nothing in particular is a text, which the caller writes.

use anyhow::Result;
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::operations_mut;
use crate::document::is_scalar;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let shared = document.clone();
    for (place, operation) in operations_mut(document) {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if parameter["in"] != "query" && !is_scalar(&parameter["schema"], &shared) {
                log.note(format!("{place}: {} parameter {} is a text", parameter["in"], parameter["name"]));
                parameter["schema"] = json!({ "type": "string" });
            }
        }
    }
    Ok(())
}
