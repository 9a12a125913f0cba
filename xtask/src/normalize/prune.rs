//! Types that no operation reaches are dropped: branches that became variants, wrappers that were
//! dissolved, and payloads of events, which `openapi/webhooks` describes.

use anyhow::Result;
use serde_json::Value;

use super::{Log, operation_schemas_mut, operations_mut, reachable, schemas_mut};

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
    Ok(())
}
