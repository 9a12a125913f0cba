//! Schemas that stand within another component or an operation and are referred to there.

use heck::ToUpperCamelCase;
use serde_json::Value;

use super::references::{LONGEST, escape, resolve};

/// The name of a schema that stands within something else; `None` for any other place.
pub(crate) fn nested_schema_name(document: &Value, pointer: &str) -> Option<String> {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let (mut words, rest) = match steps.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["components", "schemas", name, _, ..] => (vec![name.to_owned()], steps.get(3..)?),
        ["components", _, name, ..] => (vec![name.to_owned()], below_schema(&steps)?),
        ["paths", path, method, ..] => {
            let operation = document.pointer(&format!("/paths/{}/{method}", escape(path)))?;
            let id = operation.get("operationId").and_then(Value::as_str);
            let sent = steps.iter().any(|step| step == "requestBody");
            let read = steps.iter().any(|step| step == "responses");
            let way = if sent {
                "Request"
            } else if read {
                "Response"
            } else {
                "Parameter"
            };
            let id = id.map_or_else(|| format!("{method} {path}"), str::to_owned);
            (vec![id, way.to_owned()], below_schema(&steps)?)
        }
        _ => return None,
    };
    let mut rest = rest.iter();
    while let Some(step) = rest.next() {
        words.push(match step.as_str() {
            "properties" => rest.next()?.clone(),
            "items" => "Item".to_owned(),
            "additionalProperties" => "Value".to_owned(),
            "allOf" | "anyOf" | "oneOf" => format!("Of{}", rest.next()?),
            _ => return None,
        });
    }
    let name: String = words.iter().map(|word| word.to_upper_camel_case()).collect();
    (!name.is_empty()).then_some(name)
}

/// What leads on from the schema of a parameter, a body or a response.
fn below_schema(steps: &[String]) -> Option<&[String]> {
    let at = steps.iter().position(|step| step == "schema")?;
    steps.get(at + 1..)
}

/// Whether a place within an operation or a component is one that may be referred to.
pub(crate) fn is_referable(document: &Value, pointer: &str) -> bool {
    let within: Vec<&str> = pointer.strip_prefix("/paths/").unwrap_or_default().split('/').skip(1).collect();
    match within[..] {
        ["parameters", _] | [_, "requestBody"] | [_, "parameters" | "responses", _] => true,
        _ => nested_schema_name(document, pointer).is_some() && !leads_back(document, pointer),
    }
}

/// Whether a schema is nothing but a reference to itself.
fn leads_back(document: &Value, pointer: &str) -> bool {
    let mut at = pointer.to_owned();
    for _ in 0..LONGEST {
        let part = document.pointer(&at).and_then(|part| part.get("$ref")).and_then(Value::as_str);
        match part.and_then(|target| resolve(document, target)) {
            Some((next, _)) if next == pointer => return true,
            Some((next, _)) => at = next,
            None => return false,
        }
    }
    true
}

/// Whether a value of this schema is one word: what a path or a header can carry.
pub(crate) fn is_scalar(schema: &Value, document: &Value) -> bool {
    match schema["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).is_some_and(|target| target["type"] == "string"),
        None => schema["type"].as_str().is_some_and(|kind| !matches!(kind, "array" | "object")),
    }
}
