//! Schemas in one form each: `allOf` is merged, a lone alternative is unwrapped, `anyOf` reads as
//! `oneOf`, and an enum on a list moves to its items.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use super::forms::form;
use super::limits::LIMITS;
use super::log::Log;
use super::schemas::{DEEPEST, SCHEMAS, describe, referred, schemas, visit_schemas};

/// Words of a part of an `allOf` that concern the others and are no shape of their own, beside [`LIMITS`].
const TELLING: [&str; 9] = [
    "nullable",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "discriminator",
    "deprecated",
    "title",
    "description",
];

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let named: Map<String, Value> =
        schemas(document).map(|(name, schema)| (name.clone(), schema.clone())).collect();
    visit_schemas(document, &mut |place, schema| {
        // What is merged or unwrapped may be a composition again.
        for _ in 0..DEEPEST {
            all_of(place, schema, &named, log)?;
            let Some(members) = schema.as_object_mut() else { bail!("{place}: a schema is not an object") };
            if let Some(any) = members.shift_remove("anyOf") {
                log.note(format!("{place}: anyOf read as oneOf"));
                members.insert("oneOf".to_owned(), any);
            }
            unwrap_lone(place, members, log);
            form(place, members, log);
            if !["allOf", "anyOf"].iter().any(|word| members.contains_key(*word)) && !is_lone(members) {
                break;
            }
        }
        let Some(members) = schema.as_object_mut() else { return Ok(()) };
        if ["allOf", "anyOf"].iter().any(|word| members.contains_key(*word)) || is_lone(members) {
            bail!("{place}: more than {DEEPEST} compositions within one another");
        }
        if members.contains_key("properties") && !members.contains_key("type") {
            members.insert("type".to_owned(), json!("object"));
        }
        if members.get("type") == Some(&json!("array")) && !members.contains_key("items") {
            log.note(format!("{place}: a list of nothing in particular"));
            members.insert("items".to_owned(), json!({}));
        }
        enums(place, members, log);
        Ok(())
    })
}

fn is_lone(members: &Map<String, Value>) -> bool {
    members.get("oneOf").and_then(Value::as_array).is_some_and(|alternatives| alternatives.len() == 1)
}

/// Merges the parts of an `allOf`; beside an object, a part that is none is not kept.
fn all_of(place: &str, schema: &mut Value, named: &Map<String, Value>, log: &mut Log) -> Result<()> {
    let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else { return Ok(()) };
    let Some(members) = schema.as_object_mut() else { return Ok(()) };
    members.shift_remove("allOf");
    let mut merged: Vec<Value> = match members.shift_remove(MERGED) {
        Some(Value::Array(names)) => names,
        _ => Vec::new(),
    };
    if let Some(back) = parts.iter().filter_map(referred).find(|name| merged.iter().any(|one| one == name)) {
        log.note(format!("{place}: allOf leads back to {back}; read as that alone"));
        *members = Map::from_iter([("$ref".to_owned(), json!(format!("{SCHEMAS}{back}")))]);
        return Ok(());
    }
    // The usual way to describe a reference: a part that says nothing else.
    let (described, parts): (Vec<Value>, Vec<Value>) = parts.into_iter().partition(only_tells);
    if let Some(text) = described.iter().find_map(|part| part.get("description")) {
        members.entry("description").or_insert_with(|| text.clone());
    }
    if let [only] = parts.as_slice()
        && !members.contains_key("properties")
    {
        for (key, value) in only.as_object().into_iter().flatten() {
            members.entry(key.clone()).or_insert_with(|| value.clone());
        }
        log.note(format!("{place}: lone allOf unwrapped"));
        return Ok(());
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut words = Map::new();
    let mut foreign = Vec::new();
    let mut open: Vec<Value> = parts.into_iter().rev().collect();
    let mut steps = 0;
    while let Some(part) = open.pop() {
        steps += 1;
        if steps > 1_000 {
            bail!("{place}: allOf refers to itself");
        }
        if let Some(name) = referred(&part) {
            open.extend(named.get(name).cloned());
            merged.push(json!(name));
            continue;
        }
        open.extend(part.get("allOf").and_then(Value::as_array).into_iter().flatten().rev().cloned());
        if ["oneOf", "anyOf"].iter().any(|word| part.get(word).is_some()) {
            log.note(format!("{place}: alternatives within an allOf are not kept"));
        }
        for (word, value) in part.as_object().into_iter().flatten() {
            if matches!(
                word.as_str(),
                "type" | "format" | "enum" | "items" | "additionalProperties" | "description"
            ) {
                words.entry(word.clone()).or_insert_with(|| value.clone());
            }
        }
        if let Some(kind) = part.get("type").and_then(Value::as_str).filter(|kind| *kind != "object") {
            foreign.push(kind.to_owned());
        }
        merge(place, &mut properties, &part, log);
        required.extend(part.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    merge(place, &mut properties, &Value::Object(members.clone()), log);
    required.extend(members.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    if properties.is_empty() {
        log.note(format!("{place}: allOf of parts without members; the first word on each matter counts"));
        for (word, value) in words {
            members.entry(word).or_insert(value);
        }
        return Ok(());
    }
    for kind in foreign {
        log.note(format!("{place}: a part of the allOf that is {kind} is not kept beside an object"));
    }
    log.note(format!("{place}: allOf merged into {} properties", properties.len()));
    properties.values_mut().for_each(|member| mark(member, &merged));
    members.insert("type".to_owned(), json!("object"));
    members.insert("properties".to_owned(), Value::Object(properties));
    members.insert("required".to_owned(), Value::Array(required));
    Ok(())
}

/// The word under which an `allOf` keeps the names of what was merged around it: one of them once more would be
/// merged for ever.
const MERGED: &str = "x-merged";

/// Leaves those names at each `allOf` within a value.
fn mark(value: &mut Value, merged: &[Value]) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|member| mark(member, merged));
            if members.get("allOf").is_some_and(Value::is_array) {
                members.insert(MERGED.to_owned(), merged.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, merged)),
        _ => {}
    }
}

/// Adds the fields of a part to those of the others; of two of a name the later one counts.
fn merge(place: &str, properties: &mut Map<String, Value>, part: &Value, log: &mut Log) {
    for (name, member) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if properties.get(name).is_some_and(|other| other != member) {
            log.note(format!("{place}.{name}: described by several parts of the allOf; the last counts"));
        }
        properties.insert(name.clone(), member.clone());
    }
}

/// Whether a part of an `allOf` only describes the others.
fn only_tells(part: &Value) -> bool {
    let is_distinguishing = |word: &str| TELLING.contains(&word) || LIMITS.contains(&word);
    part.as_object().is_some_and(|members| members.keys().all(|word| is_distinguishing(word)))
}

fn unwrap_lone(place: &str, members: &mut Map<String, Value>, log: &mut Log) {
    let lone = match members.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => return,
    };
    members.shift_remove("oneOf");
    for (key, value) in lone.as_object().into_iter().flatten() {
        members.entry(key.clone()).or_insert_with(|| value.clone());
    }
    log.note(format!("{place}: lone oneOf unwrapped"));
}

/// An enum stays only where its values are words; it belongs to the items of a list, not to the list.
fn enums(place: &str, members: &mut Map<String, Value>, log: &mut Log) {
    let Some(values) = members.get("enum").and_then(Value::as_array).cloned() else { return };
    if members.get("type") == Some(&json!("array")) {
        members.shift_remove("enum");
        if let Some(items) = members.get_mut("items").and_then(Value::as_object_mut) {
            items.insert("enum".to_owned(), Value::Array(values));
            log.note(format!("{place}: enum moved from the list to its items"));
        }
        return;
    }
    let mut words: Vec<&str> = Vec::new();
    for word in values.iter().filter_map(Value::as_str) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let nulls = values.iter().filter(|value| value.is_null()).count();
    if words.is_empty() && nulls == values.len() {
        members.shift_remove("enum");
        log.note(format!("{place}: an enum without values says nothing"));
    } else if words.len() + nulls == values.len() && members.get("type").is_none_or(|kind| kind == "string") {
        members.insert("type".to_owned(), json!("string"));
        members.insert("enum".to_owned(), json!(words));
    } else if members.get("type").is_some_and(|kind| kind == "string") && !words.is_empty() {
        log.note(format!("{place}: repeated or foreign enum values dropped"));
        members.insert("enum".to_owned(), json!(words));
    } else {
        let listed: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        members.shift_remove("enum");
        describe(members, &format!("Known values: {}.", listed.join(", ")));
        log.note(format!("{place}: values that are no words are documented, not enforced"));
    }
}
