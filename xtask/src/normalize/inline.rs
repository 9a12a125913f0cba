//! References to shared parameters, request bodies, responses and headers are replaced by what they
//! name, so that the later passes meet them in one form. References to schemas stay.

use anyhow::{Result, bail};
use serde_json::Value;

use super::{Log, SCHEMAS, operations_mut};
use crate::document::METHODS;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let shared = document.clone();
    let mut replaced = 0_usize;
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            resolve(item.get_mut("parameters"), &shared, &mut replaced)?;
            let parameters = item.remove("parameters");
            for method in METHODS {
                // Parameters of the path belong to each of its operations, which may override them.
                if let (Some(shared), Some(operation)) = (&parameters, item.get_mut(method)) {
                    merge_parameters(operation, shared);
                }
            }
        }
    }
    for (_, operation) in operations_mut(document) {
        for key in ["parameters", "requestBody", "responses"] {
            resolve(operation.get_mut(key), &shared, &mut replaced)?;
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

fn resolve(value: Option<&mut Value>, shared: &Value, replaced: &mut usize) -> Result<()> {
    let Some(value) = value else { return Ok(()) };
    for _ in 0..8 {
        let Some(target) =
            value.get("$ref").and_then(Value::as_str).filter(|target| !target.starts_with(SCHEMAS))
        else {
            break;
        };
        let Some(found) = target.strip_prefix('#').and_then(|pointer| shared.pointer(pointer)) else {
            bail!("reference to {target}, which does not exist");
        };
        *value = found.clone();
        *replaced += 1;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if !matches!(name.as_str(), "schema" | "example" | "examples") {
                    resolve(Some(member), shared, replaced)?;
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                resolve(Some(item), shared, replaced)?;
            }
        }
        _ => {}
    }
    Ok(())
}
