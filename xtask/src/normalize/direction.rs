//! What goes out and what comes in part ways: a response type requires nothing, so that a field may
//! be absent or null; a request type keeps its required fields. A type that serves both and requires
//! something, itself or in a field, becomes two; the one that is read gets the suffix `Entity`.
//! Each type is marked `x-direction: request`, `response` or `both`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::{
    children, children_mut, operation_schemas_mut, operations_mut, reachable, reference, referred, schemas,
    schemas_mut,
};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let (sent, read) = roots(document);
    let sent = reachable(document, &sent);
    let read = reachable(document, &read);

    let strict = strict(document);
    let mut twins: BTreeMap<String, String> = BTreeMap::new();
    let existing: BTreeSet<String> = schemas(document).map(|(name, _)| name.clone()).collect();
    for name in strict.iter().filter(|name| sent.contains(*name) && read.contains(*name)) {
        let mut twin = format!("{name}Entity");
        while existing.contains(&twin) {
            twin.push_str("Entity");
        }
        log.note(format!("{name}: read as {twin}"));
        twins.insert(name.clone(), twin);
    }

    let named = schemas_mut(document)?;
    let mut parted = Map::new();
    for (name, schema) in std::mem::take(named) {
        let direction = match (sent.contains(&name), read.contains(&name)) {
            (true, true) if twins.contains_key(&name) => "request",
            (true, true) => "both",
            (true, false) => "request",
            (false, true) => "response",
            (false, false) => "none",
        };
        if let Some(twin) = twins.get(&name) {
            let mut copy = schema.clone();
            mark(&mut copy, "response");
            point_to_twins(&mut copy, &twins);
            parted.insert(twin.clone(), copy);
        }
        let mut schema = schema;
        mark(&mut schema, direction);
        if direction == "response" {
            point_to_twins(&mut schema, &twins);
        }
        parted.insert(name, schema);
    }
    *named = parted;
    for (_, operation) in operations_mut(document) {
        for (place, schema) in operation_schemas_mut(operation) {
            if place.ends_with(":response") {
                point_to_twins(schema, &twins);
            }
        }
    }
    Ok(())
}

/// The outermost schemas that are sent, and those that are read.
fn roots(document: &mut Value) -> (Vec<Value>, Vec<Value>) {
    let (mut sent, mut read) = (Vec::new(), Vec::new());
    for (_, operation) in operations_mut(document) {
        for (place, schema) in operation_schemas_mut(operation) {
            if place.ends_with(":response") { &mut read } else { &mut sent }.push(schema.clone());
        }
    }
    (sent, read)
}

/// The types that require something, themselves or through what they refer to.
fn strict(document: &Value) -> BTreeSet<String> {
    fn refers_to(schema: &Value, strict: &BTreeSet<String>) -> bool {
        referred(schema).is_some_and(|name| strict.contains(name))
            || children(schema).iter().any(|child| refers_to(child, strict))
    }
    let requires = |schema: &Value| {
        schema.get("required").and_then(Value::as_array).is_some_and(|names| !names.is_empty())
    };
    let mut strict: BTreeSet<String> =
        schemas(document).filter(|(_, schema)| requires(schema)).map(|(name, _)| name.clone()).collect();
    loop {
        let more: Vec<String> = schemas(document)
            .filter(|(name, schema)| !strict.contains(*name) && refers_to(schema, &strict))
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return strict;
        }
        strict.extend(more);
    }
}

fn mark(schema: &mut Value, direction: &str) {
    if let Some(keywords) = schema.as_object_mut() {
        keywords.insert("x-direction".to_owned(), json!(direction));
        if direction == "response" {
            keywords.shift_remove("required");
        }
    }
}

fn point_to_twins(schema: &mut Value, twins: &BTreeMap<String, String>) {
    if let Some(twin) = referred(schema).and_then(|name| twins.get(name)).cloned()
        && let Some(keywords) = schema.as_object_mut()
    {
        keywords.insert("$ref".to_owned(), reference(&twin)["$ref"].clone());
    }
    for (_, child) in children_mut(schema) {
        point_to_twins(child, twins);
    }
}
