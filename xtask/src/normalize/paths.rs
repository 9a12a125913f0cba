//! The key of a path is a path: what it says beyond that moves to where it belongs.
//!
//! - A query string becomes query parameters: `?x={y}` one that is called `x`, `?x=y` one whose only
//!   value is `y`, both required.
//! - A path begins with a slash; a method is written in small letters.
//! - Two keys may come to one path. An operation that repeats the method, the path and the id of an
//!   earlier one is that one. With another id it stays, under a key that ends in `#2`, which is not sent.
//! - What stands in braces and is not declared is a text. What is declared and doesn't stand there is
//!   dropped, unless it is the same word in another spelling. A name that makes no argument, or stands
//!   there twice, is replaced: it is not sent.

use std::collections::BTreeSet;

use anyhow::Result;
use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::log::Log;
use crate::document::METHODS;
use crate::naming::{argument_name, free_argument, is_argument};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return Ok(()) };
    let mut placed: Map<String, Value> = Map::new();
    for (key, item) in std::mem::take(paths) {
        let Value::Object(item) = item else { continue };
        let (path, query) = split(&key, log);
        let (path, names) = template(&key, &path, log);
        for (method, mut operation) in methods(&key, item, log) {
            let place = format!("{} {key}", method.to_uppercase());
            declare(&place, &names, &mut operation, log);
            ask(&place, &query, &mut operation, log);
            put(&mut placed, &place, &path, &method, operation, log);
        }
    }
    *paths = placed;
    Ok(())
}

/// The path without its query string and fragment, and the fields of the former.
fn split(key: &str, log: &mut Log) -> (String, Vec<(String, String)>) {
    let (key_sent, _) = key.split_once('#').unwrap_or((key, ""));
    let (path, query) = key_sent.split_once('?').unwrap_or((key_sent, ""));
    let mut path = path.trim().to_owned();
    if !path.starts_with('/') {
        log.note(format!("{key}: begins with a slash"));
        path.insert(0, '/');
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // `?{name}` stands for a parameter of that name.
            (name.trim_matches(['{', '}']).to_owned(), value.to_owned())
        })
        .collect();
    if !pairs.is_empty() {
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        log.note(format!("{key}: {} moved from the path to the query", names.join(", ")));
    }
    (path, pairs)
}

/// The methods of a path with their operations.
fn methods(key: &str, item: Map<String, Value>, log: &mut Log) -> Vec<(String, Map<String, Value>)> {
    let mut found = Vec::new();
    for (word, operation) in item {
        let method = word.to_ascii_lowercase();
        if !METHODS.contains(&method.as_str()) {
            if !matches!(word.as_str(), "summary" | "description" | "parameters") {
                log.note(format!("{key}: {word} is no method"));
            }
            continue;
        }
        match operation {
            Value::Object(operation) => found.push((method, operation)),
            _ => log.note(format!("{key}: {word} is no operation")),
        }
    }
    found
}

/// The path with names that make arguments, and for each place in it the name as it was and as it is.
fn template(key: &str, path: &str, log: &mut Log) -> (String, Vec<(String, String)>) {
    let mut out = String::new();
    let mut names: Vec<(String, String)> = Vec::new();
    let mut taken: BTreeSet<String> = ["body".to_owned()].into();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        out.push_str(before);
        let spelled = format!("parameter {name}").to_snake_case();
        let word = if is_argument(&argument_name(name)) { name } else { &spelled };
        let chosen = free_argument(word, &mut taken);
        if chosen != name {
            log.note(format!("{key}: {{{name}}} is called {chosen}"));
        }
        out.push_str(&format!("{{{chosen}}}"));
        names.push((name.to_owned(), chosen));
        rest = after;
    }
    out.push_str(rest);
    (out, names)
}

fn parameters(operation: &mut Map<String, Value>) -> Vec<Value> {
    match operation.shift_remove("parameters") {
        Some(Value::Array(parameters)) => parameters,
        _ => Vec::new(),
    }
}

/// Holds the declared path parameters against the path.
fn declare(place: &str, names: &[(String, String)], operation: &mut Map<String, Value>, log: &mut Log) {
    let mut own = parameters(operation);
    let named = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
    let mut declared: Vec<Value> = Vec::new();
    let mut others = Vec::new();
    own.drain(..).for_each(|parameter| {
        if parameter["in"] == "path" { declared.push(parameter) } else { others.push(parameter) }
    });
    let mut kept = Vec::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    for (name, chosen) in names {
        let exact = declared.iter().position(|parameter| named(parameter) == *name);
        let alike = || {
            declared.iter().position(|parameter| {
                named(parameter).to_snake_case() == name.to_snake_case()
                    && !names.iter().any(|(other, _)| *other == named(parameter))
            })
        };
        let found = exact.or_else(alike);
        let mut parameter = match found.and_then(|at| Some((at, declared.get(at)?))) {
            Some((at, parameter)) => {
                used.insert(at);
                if exact.is_none() {
                    log.note(format!("{place}: path parameter {} is {name}", named(parameter)));
                }
                parameter.clone()
            }
            None => {
                log.note(format!("{place}: path parameter {name} is not declared; a text"));
                json!({ "in": "path", "schema": { "type": "string" } })
            }
        };
        parameter["name"] = json!(chosen);
        parameter["required"] = json!(true);
        kept.push((found.unwrap_or(usize::MAX), parameter));
    }
    for (at, parameter) in declared.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        let again = names.iter().any(|(name, _)| *name == named(parameter));
        let why = if again { "is declared twice" } else { "does not occur in the path; dropped" };
        let _ = at;
        log.note(format!("{place}: path parameter {} {why}", named(parameter)));
    }
    // In the order of their declaration, as ever.
    kept.sort_by_key(|(at, _)| *at);
    let all: Vec<Value> = kept.into_iter().map(|(_, parameter)| parameter).chain(others).collect();
    if !all.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(all));
    }
}

/// Adds the fields of the query string that are not declared.
fn ask(place: &str, query: &[(String, String)], operation: &mut Map<String, Value>, log: &mut Log) {
    if query.is_empty() {
        return;
    }
    let mut own = parameters(operation);
    for (name, value) in query {
        if own.iter().any(|parameter| parameter["in"] == "query" && parameter["name"] == *name) {
            continue;
        }
        // `?x={y}`: `y` may have been declared, as the query parameter that it fills.
        let filled = value.strip_prefix('{').and_then(|value| value.strip_suffix('}'));
        let declared =
            own.iter_mut().find(|parameter| filled.is_some_and(|value| parameter["name"] == value));
        if let Some(parameter) = declared.filter(|parameter| parameter["in"] == "query") {
            parameter["name"] = json!(name);
            log.note(format!("{place}: query parameter {} is {name}", value));
            continue;
        }
        let schema = match filled {
            None if !value.is_empty() => json!({ "type": "string", "enum": [value] }),
            _ => json!({ "type": "string" }),
        };
        own.push(json!({ "name": name, "in": "query", "required": true, "schema": schema }));
    }
    operation.insert("parameters".to_owned(), Value::Array(own));
}

/// Puts an operation at its path, or at the next key of it that is free for the method.
fn put(
    placed: &mut Map<String, Value>,
    place: &str,
    path: &str,
    method: &str,
    operation: Map<String, Value>,
    log: &mut Log,
) {
    let mut key = path.to_owned();
    let mut number = 2;
    while let Some(taken) = placed.get(&key).and_then(|item| item.get(method)) {
        if taken.get("operationId") == operation.get("operationId") {
            log.note(format!("{place}: repeats {} {path}; the first is kept", method.to_uppercase()));
            return;
        }
        key = format!("{path}#{number}");
        number += 1;
    }
    if let Some(item) = placed.entry(key).or_insert_with(|| json!({})).as_object_mut() {
        item.insert(method.to_owned(), Value::Object(operation));
    }
}
