//! A field that the overlay says to stand in each response (`x-cashfree-present`) must stand in each published example
//! of it, and hold something there: a program that takes the field for granted loses a response without it.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::log::Log;
use super::schemas::{operations_mut, referred, schemas};
use crate::extensions;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let marked: Vec<(String, Vec<String>)> = schemas(document)
        .map(|(name, schema)| {
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let present = properties.filter(|(_, field)| field.get(extensions::PRESENT).is_some());
            (name.clone(), present.map(|(field, _)| field.clone()).collect::<Vec<_>>())
        })
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    for (name, fields) in marked {
        let examples = examples(document, &name);
        for (place, example) in &examples {
            if let Some(field) = fields.iter().find(|field| !says_something(example.get(*field))) {
                bail!("{place}: no {field}, which stands in each {name} by {}", extensions::PRESENT);
            }
        }
        log.note(format!("{name}: {} in {} examples", fields.join(", "), examples.len()));
    }
    Ok(())
}

fn says_something(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null() && value != "")
}

/// The published examples of a schema: its own, and those of the responses that hold it or a list of it.
fn examples(document: &mut Value, name: &str) -> Vec<(String, Map<String, Value>)> {
    let components = document.get("components").cloned().unwrap_or_default();
    let resolve = |value: &Value| match value.get("$ref").and_then(Value::as_str) {
        Some(target) => components.pointer(target.trim_start_matches("#/components")).cloned(),
        None => Some(value.clone()),
    };
    let mut found = Vec::new();
    let mut add = |place: &str, example: &Value| {
        let Some(mut resolved) = resolve(example) else { return };
        // Behind a reference, an example has its value in a word.
        let example = match resolved.get_mut("value") {
            Some(value) if example.get("$ref").is_some() => value.take(),
            _ => resolved,
        };
        let items = match example {
            Value::Array(items) => items,
            item => vec![item],
        };
        found.extend(items.into_iter().filter_map(|item| match item {
            Value::Object(fields) => Some((place.to_owned(), fields)),
            _ => None,
        }));
    };
    if let Some(example) = components.pointer(&format!("/schemas/{name}/example")) {
        add(name, example);
    }
    for (place, operation) in operations_mut(document) {
        let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
        for response in responses.filter(|(status, _)| status.starts_with('2')) {
            let Some(response) = resolve(response.1) else { continue };
            for content in response["content"].as_object().into_iter().flat_map(Map::values) {
                let schema = &content["schema"];
                if referred(schema).or(referred(&schema["items"])) != Some(name) {
                    continue;
                }
                if let Some(example) = content.get("example") {
                    add(&place, example);
                }
                for example in content["examples"].as_object().into_iter().flat_map(Map::values) {
                    if let Some(value) = resolve(example).as_ref().and_then(|example| example.get("value")) {
                        add(&place, value);
                    }
                }
            }
        }
    }
    found
}
