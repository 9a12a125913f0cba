//! References to shared parameters, request bodies, responses and headers are replaced by what they
//! name, so that the later passes meet them in one form. References to schemas stay.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::log::Log;
use super::schemas::{SCHEMAS, operations_mut};
use crate::document::{self, LONGEST, METHODS};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let shared = document.clone();
    let mut replaced = 0_usize;
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            resolve(item.get_mut("parameters"), &shared, 0, &mut replaced)?;
            let parameters = item.remove("parameters");
            for method in METHODS {
                // Parameters of the path belong to each of its operations, which may override them.
                if let (Some(shared), Some(operation)) = (&parameters, item.get_mut(method)) {
                    merge_parameters(operation, shared);
                }
            }
        }
    }
    for (place, operation) in operations_mut(document) {
        for key in ["parameters", "requestBody", "responses"] {
            resolve(operation.get_mut(key), &shared, 0, &mut replaced)
                .with_context(|| format!("{place}: {key}"))?;
        }
    }
    log.note(format!("{replaced} references resolved"));
    Ok(())
}

fn merge_parameters(operation: &mut Value, shared: &Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    let own = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
    let Some(own) = own.as_array_mut() else { return };
    for parameter in shared.as_array().into_iter().flatten() {
        let same = |other: &Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
        if !own.iter().any(same) {
            own.push(parameter.clone());
        }
    }
}

fn resolve(value: Option<&mut Value>, shared: &Value, depth: usize, replaced: &mut usize) -> Result<()> {
    let Some(value) = value else { return Ok(()) };
    let mut links = 0;
    while let Some(target) =
        value.get("$ref").and_then(Value::as_str).filter(|target| !target.starts_with(SCHEMAS))
    {
        links += 1;
        if links + depth > LONGEST {
            bail!("reference to {target} leads back to itself");
        }
        let Some((_, found)) = document::resolve(shared, target) else {
            bail!("reference to {target}, which does not exist");
        };
        *value = found.clone();
        *replaced += 1;
    }
    match value {
        Value::Object(keywords) => {
            for (name, field) in keywords {
                if !matches!(name.as_str(), "schema" | "example" | "examples") {
                    resolve(Some(field), shared, depth + 1, replaced)?;
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                resolve(Some(item), shared, depth + 1, replaced)?;
            }
        }
        _ => {}
    }
    Ok(())
}
