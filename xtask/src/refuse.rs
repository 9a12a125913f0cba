//! What no Rust can be written for, reported with its place. Progenitor stops at the first such thing and
//! names no place, or writes code that does not compile; a correction in the overlay corrects each.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::document::{is_scalar, method_and_path, operations};
use crate::naming::{argument_name, is_argument, is_reserved_method};

/// Checks a normalised document.
///
/// # Errors
/// Names each fault with its place, as a JSON pointer.
pub fn check(document: &Value) -> Result<()> {
    let mut faults = Vec::new();
    let mut methods: BTreeMap<String, &str> = BTreeMap::new();
    for (place, operation) in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let name = argument_name(id);
        if !is_argument(&name) {
            faults.push(format!("{place}: operationId {id} makes no name for a method"));
        } else if is_reserved_method(&name) {
            faults.push(format!("{place}: operationId {id} is a method of every client"));
        } else if let Some(other) = methods.insert(name.clone(), id) {
            faults.push(format!("{place}: operationIds {other} and {id} are both spelled {name}"));
        }
        let (_, path) = method_and_path(&place);
        for fault in parameters(operation, document).into_iter().chain(template(&path, operation)) {
            faults.push(format!("{place}: {fault}"));
        }
    }
    ensure!(faults.is_empty(), "no code can be written for the document:\n  {}", faults.join("\n  "));
    Ok(())
}

fn declared(operation: &Value) -> impl Iterator<Item = &Value> {
    operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
}

fn parameters(operation: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut arguments: BTreeMap<String, &str> = BTreeMap::new();
    if operation.get("requestBody").is_some() {
        arguments.insert("body".to_owned(), "the body");
    }
    for parameter in declared(operation) {
        let name = parameter["name"].as_str().unwrap_or_default();
        match parameter["in"].as_str() {
            Some("path" | "query" | "header") => {}
            Some("cookie") => faults.push(format!("parameter {name}: cookies are not supported")),
            _ => faults.push(format!("parameter {name}: is in none of path, query and header")),
        }
        if !parameter["schema"].is_object() {
            faults.push(format!("parameter {name}: has no schema"));
        } else if parameter["in"] != "query" && !is_scalar(&parameter["schema"], document) {
            faults.push(format!("parameter {name}: a path or header carries one word, text or number"));
        }
        let is_token = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let is_sent = operation["x-wire"].get(name).is_none();
        if parameter["in"] == "header" && is_sent && !is_token {
            faults.push(format!("parameter {name}: no header has such a name"));
        }
        let argument = argument_name(name);
        if !is_argument(&argument) {
            faults.push(format!("parameter {name}: makes no name for an argument"));
        } else if let Some(other) = arguments.insert(argument.clone(), name) {
            faults.push(format!("parameters {other} and {name} are both spelled {argument}"));
        }
    }
    faults
}

/// Holds the braces of a path against the declared parameters. A parameter begins its segment: the
/// client takes a segment that begins otherwise as it stands.
fn template(path: &str, operation: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut named = Vec::new();
    for segment in path.split('/') {
        let mut rest = segment;
        if rest.contains('{') && !rest.starts_with('{') {
            faults.push(format!("{segment} has text before its parameter"));
        }
        while let Some((_, after)) = rest.split_once('{') {
            match after.split_once('}') {
                Some((name, after)) => {
                    named.push(name);
                    rest = after;
                }
                None => {
                    faults.push(format!("{segment} has a brace that is not closed"));
                    break;
                }
            }
        }
    }
    let in_path: Vec<&str> = declared(operation)
        .filter(|parameter| parameter["in"] == "path")
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    for name in named.iter().filter(|name| !in_path.contains(name)) {
        faults.push(format!("path parameter {name} is not declared"));
    }
    for name in in_path.iter().filter(|name| !named.contains(name)) {
        faults.push(format!("path parameter {name} does not occur in the path"));
    }
    faults
}
