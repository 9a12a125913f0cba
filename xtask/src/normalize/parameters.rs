//! Each parameter of an operation once, in a form that a method can take.
//!
//! What is no parameter is dropped, and so is a repeated one: the first counts, headers whatever their
//! capitals. One without a schema is a text. Where two of different places would make one argument, or a
//! name makes none, the argument is called by the place as well, and `x-wire` keeps the name that is sent.
//! There is one style: a list repeats the name, and an object is sent as JSON.

use std::collections::BTreeSet;

use anyhow::Result;
use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::operations_mut;
use crate::naming::{argument_name, free_argument, is_argument};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    once(document, log)?;
    for (place, operation) in operations_mut(document) {
        let body = operation.contains_key("requestBody");
        let Some(kept) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { continue };
        let aliases = aliases(&place, body, kept, log);
        if !aliases.is_empty() {
            operation.insert("x-wire".to_owned(), Value::Object(aliases));
        }
    }
    Ok(())
}

/// Each parameter once and in one form, under the name that is sent.
pub(super) fn once(document: &mut Value, log: &mut Log) -> Result<()> {
    for (place, operation) in operations_mut(document) {
        let Some(declared) = operation.shift_remove("parameters") else { continue };
        let mut kept: Vec<Value> = Vec::new();
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        for mut parameter in declared.as_array().cloned().unwrap_or_default() {
            let (Some(name), Some(at)) = (parameter["name"].as_str(), parameter["in"].as_str()) else {
                log.note(format!("{place}: a parameter without name or place dropped"));
                continue;
            };
            let (name, at) = (name.to_owned(), at.to_owned());
            let spelled = if at == "header" { name.to_ascii_lowercase() } else { name.clone() };
            if !seen.insert((at.clone(), spelled)) {
                log.note(format!("{place}: {at} parameter {name} is declared again; the first counts"));
                continue;
            }
            form(&place, &name, &mut parameter, log);
            kept.push(parameter);
        }
        if !kept.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(kept));
        }
    }
    Ok(())
}

/// Keeps of a parameter what is read.
fn form(place: &str, name: &str, parameter: &mut Value, log: &mut Log) {
    let media =
        parameter.get("content").and_then(Value::as_object).and_then(|content| content.values().next());
    let schema = match (parameter.get("schema"), media.and_then(|media| media.get("schema"))) {
        (Some(schema), _) | (None, Some(schema)) if schema.is_object() => schema.clone(),
        _ => {
            log.note(format!("{place}: parameter {name} has no schema; a text"));
            json!({ "type": "string" })
        }
    };
    let is_whole = matches!(schema["type"].as_str(), Some("array" | "object"));
    let style = parameter["style"].as_str().unwrap_or("form");
    if parameter["in"] == "query" && (style != "form" || is_whole && parameter["explode"] == false) {
        log.note(format!(
            "{place}: parameter {name}: style and explode are not read; a list repeats the name, an object is JSON"
        ));
    }
    let mut kept = Map::new();
    for word in ["name", "in", "description"] {
        if let Some(value) = parameter.get(word) {
            kept.insert(word.to_owned(), value.clone());
        }
    }
    if parameter["required"] == true || parameter["in"] == "path" {
        kept.insert("required".to_owned(), json!(true));
    }
    kept.insert("schema".to_owned(), schema);
    *parameter = Value::Object(kept);
}

/// Distinguishes arguments; the names that are sent, by those that are not.
fn aliases(place: &str, body: bool, parameters: &mut [Value], log: &mut Log) -> Map<String, Value> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    if body {
        taken.insert("body".to_owned());
    }
    let mut wire = Map::new();
    // The names in a path are set; what is sent by name gives way.
    let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
    taken.extend(in_path.map(|parameter| argument_name(parameter["name"].as_str().unwrap_or_default())));
    for parameter in parameters.iter_mut().filter(|parameter| parameter["in"] != "path") {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let argument = argument_name(&name);
        if is_argument(&argument) && taken.insert(argument) {
            continue;
        }
        let stem = format!("{}_{}", parameter["in"].as_str().unwrap_or_default(), name).to_snake_case();
        let alias = free_argument(&stem, &mut taken);
        log.note(format!("{place}: the argument for {name} is {alias}"));
        parameter["name"] = json!(alias);
        wire.insert(alias, json!(name));
    }
    wire
}
