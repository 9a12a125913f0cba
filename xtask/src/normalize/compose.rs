//! Schemas in one form each: `allOf` is merged, a lone alternative is unwrapped, `anyOf` reads as
//! `oneOf`, and an enum on a list moves to its items.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use super::forms::form;
use super::limits::LIMITS;
use super::log::Log;
use super::schemas::{DEEPEST, SCHEMAS, describe, referred, schemas, visit_schemas};

/// Words of a part of an `allOf` that concern the others and are no shape of their own, beside [`LIMITS`].
const DISTINGUISHING: [&str; 9] = [
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
            let Some(keywords) = schema.as_object_mut() else { bail!("{place}: a schema is not an object") };
            if let Some(any) = keywords.shift_remove("anyOf") {
                log.note(format!("{place}: anyOf read as oneOf"));
                keywords.insert("oneOf".to_owned(), any);
            }
            drop_requirements(place, keywords, log);
            unwrap_lone(place, keywords, log);
            form(place, keywords, log);
            if !["allOf", "anyOf"].iter().any(|word| keywords.contains_key(*word)) && !is_lone(keywords) {
                break;
            }
        }
        let Some(keywords) = schema.as_object_mut() else { return Ok(()) };
        if ["allOf", "anyOf"].iter().any(|word| keywords.contains_key(*word)) || is_lone(keywords) {
            bail!("{place}: more than {DEEPEST} compositions within one another");
        }
        if keywords.contains_key("properties") && !keywords.contains_key("type") {
            keywords.insert("type".to_owned(), json!("object"));
        }
        if keywords.get("type") == Some(&json!("array")) && !keywords.contains_key("items") {
            log.note(format!("{place}: a list of nothing in particular"));
            keywords.insert("items".to_owned(), json!({}));
        }
        enums(place, keywords, log);
        Ok(())
    })
}

fn is_lone(keywords: &Map<String, Value>) -> bool {
    keywords.get("oneOf").and_then(Value::as_array).is_some_and(|alternatives| alternatives.len() == 1)
}

/// Merges the parts of an `allOf`; beside an object, a part that is none is not kept.
fn all_of(place: &str, schema: &mut Value, named: &Map<String, Value>, log: &mut Log) -> Result<()> {
    let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else { return Ok(()) };
    let Some(keywords) = schema.as_object_mut() else { return Ok(()) };
    keywords.shift_remove("allOf");
    let mut merged: Vec<Value> = match keywords.shift_remove(MERGED) {
        Some(Value::Array(names)) => names,
        _ => Vec::new(),
    };
    if let Some(back) = parts.iter().filter_map(referred).find(|name| merged.iter().any(|one| one == name)) {
        log.note(format!("{place}: allOf leads back to {back}; read as that alone"));
        *keywords = Map::from_iter([("$ref".to_owned(), json!(format!("{SCHEMAS}{back}")))]);
        return Ok(());
    }
    // The usual way to describe a reference: a part that says nothing else.
    let (described, parts): (Vec<Value>, Vec<Value>) = parts.into_iter().partition(only_describes);
    if let Some(text) = described.iter().find_map(|part| part.get("description")) {
        keywords.entry("description").or_insert_with(|| text.clone());
    }
    if let [only] = parts.as_slice()
        && !keywords.contains_key("properties")
    {
        for (key, value) in only.as_object().into_iter().flatten() {
            keywords.entry(key.clone()).or_insert_with(|| value.clone());
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
    merge(place, &mut properties, &Value::Object(keywords.clone()), log);
    required.extend(keywords.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    if properties.is_empty() {
        log.note(format!("{place}: allOf of parts without fields; the first word on each matter counts"));
        for (word, value) in words {
            keywords.entry(word).or_insert(value);
        }
        return Ok(());
    }
    for kind in foreign {
        log.note(format!("{place}: a part of the allOf that is {kind} is not kept beside an object"));
    }
    log.note(format!("{place}: allOf merged into {} properties", properties.len()));
    properties.values_mut().for_each(|field| mark(field, &merged));
    keywords.insert("type".to_owned(), json!("object"));
    keywords.insert("properties".to_owned(), Value::Object(properties));
    keywords.insert("required".to_owned(), Value::Array(required));
    Ok(())
}

/// The word under which an `allOf` keeps the names of what was merged around it: one of them once more would be
/// merged for ever.
const MERGED: &str = "x-merged";

/// Leaves those names at each `allOf` within a value.
fn mark(value: &mut Value, merged: &[Value]) {
    match value {
        Value::Object(keywords) => {
            keywords.values_mut().for_each(|value| mark(value, merged));
            if keywords.get("allOf").is_some_and(Value::is_array) {
                keywords.insert(MERGED.to_owned(), merged.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, merged)),
        _ => {}
    }
}

/// Adds the fields of a part to those of the others; of two of a name the later one counts.
fn merge(place: &str, properties: &mut Map<String, Value>, part: &Value, log: &mut Log) {
    for (name, field) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if properties.get(name).is_some_and(|other| other != field) {
            log.note(format!("{place}.{name}: described by several parts of the allOf; the last counts"));
        }
        properties.insert(name.clone(), field.clone());
    }
}

/// Whether a part of an `allOf` only describes the others.
fn only_describes(part: &Value) -> bool {
    let is_distinguishing = |word: &str| DISTINGUISHING.contains(&word) || LIMITS.contains(&word);
    part.as_object().is_some_and(|keywords| keywords.keys().all(|word| is_distinguishing(word)))
}

/// Alternatives that only require fields of the object are no other shapes of it.
fn drop_requirements(place: &str, keywords: &mut Map<String, Value>, log: &mut Log) {
    let only_requires = |part: &Value| {
        let words = part.as_object();
        words.is_some_and(|words| {
            words.contains_key("required")
                && words.iter().all(|(word, value)| {
                    matches!(word.as_str(), "required" | "title" | "description")
                        || word == "type" && value == "object"
                })
        })
    };
    let alternatives = keywords.get("oneOf").and_then(Value::as_array);
    if keywords.contains_key("properties")
        && alternatives.is_some_and(|parts| parts.iter().all(only_requires))
    {
        keywords.shift_remove("oneOf");
        log.note(format!("{place}: alternatives that only require fields dropped"));
    }
}

fn unwrap_lone(place: &str, keywords: &mut Map<String, Value>, log: &mut Log) {
    let lone = match keywords.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => return,
    };
    keywords.shift_remove("oneOf");
    for (key, value) in lone.as_object().into_iter().flatten() {
        keywords.entry(key.clone()).or_insert_with(|| value.clone());
    }
    log.note(format!("{place}: lone oneOf unwrapped"));
}

/// An enum stays only where its values are words; it belongs to the items of a list, not to the list.
fn enums(place: &str, keywords: &mut Map<String, Value>, log: &mut Log) {
    let Some(values) = keywords.get("enum").and_then(Value::as_array).cloned() else { return };
    if keywords.get("type") == Some(&json!("array")) {
        keywords.shift_remove("enum");
        if let Some(items) = keywords.get_mut("items").and_then(Value::as_object_mut) {
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
        keywords.shift_remove("enum");
        log.note(format!("{place}: an enum without values says nothing"));
    } else if words.len() + nulls == values.len() && keywords.get("type").is_none_or(|kind| kind == "string")
    {
        keywords.insert("type".to_owned(), json!("string"));
        keywords.insert("enum".to_owned(), json!(words));
    } else if keywords.get("type").is_some_and(|kind| kind == "string") && !words.is_empty() {
        log.note(format!("{place}: repeated or foreign enum values dropped"));
        keywords.insert("enum".to_owned(), json!(words));
    } else {
        let listed: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        keywords.shift_remove("enum");
        describe(keywords, &format!("Known values: {}.", listed.join(", ")));
        log.note(format!("{place}: values that are no words are documented, not enforced"));
    }
}
