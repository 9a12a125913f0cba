//! Callbacks are dropped: events are described in `openapi/webhooks`, as they are really sent.

use anyhow::Result;
use serde_json::Value;

use super::log::Log;
use super::schemas::operations_mut;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    for (place, operation) in operations_mut(document) {
        if operation.shift_remove("callbacks").is_some() {
            log.note(place);
        }
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.shift_remove("callbacks");
    }
    Ok(())
}
