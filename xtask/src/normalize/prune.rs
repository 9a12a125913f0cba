//! What nothing refers to any more is dropped: types that no operation reaches (branches that became
//! variants, wrappers that were dissolved, payloads of events, which `openapi/webhooks` describes), and
//! shared parts that were put in place.

use anyhow::Result;
use serde_json::Value;

use super::log::Log;
use super::schemas::{operation_schemas_mut, operations_mut, reachable, schemas_mut};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut roots = Vec::new();
    for (_, operation) in operations_mut(document) {
        roots.extend(operation_schemas_mut(operation).into_iter().map(|(_, schema)| schema.clone()));
    }
    let reached = reachable(document, &roots);
    schemas_mut(document)?.retain(|name, _| {
        let keep = reached.contains(name);
        if !keep {
            log.note(name);
        }
        keep
    });
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|part, _| matches!(part.as_str(), "schemas" | "securitySchemes"));
    }
    Ok(())
}
