//! Each schema in a form that OpenAPI 3.0 knows: words hold what they may hold, or go.
//!
//! - A schema that is no object (`true`, nothing at all) is free JSON.
//! - Of several types the one that reads all is taken: `null` aside, a number for whole and other
//!   numbers, a text for scalars of all kinds; what can't be one of these is free JSON, and so is a type
//!   that does not exist.
//! - Fields make an object and items a list, whatever type is said.
//! - A format without a type is that of a text, unless it is one of numbers.
//! - `const` is an enum of one; an alternative that is only `null` is none.
//! - A word that no rule reads is dropped.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::visit_schemas;

/// The types of OpenAPI 3.0.
const TYPES: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];

/// Words that later passes read.
const READ: [&str; 34] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
    "x-cashfree-absent",
    "x-cashfree-limits",
    "x-cashfree-present",
    "x-cashfree-sensitive",
    "x-fields",
    "x-present",
    "x-rust-field",
    "x-rust-name",
];

/// Words of OpenAPI that say nothing to a decoder.
const SILENT: [&str; 13] = [
    "deprecated",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "not",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
    "$schema",
    "$comment",
];

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    visit_schemas(document, &mut |place, schema| {
        if !schema.is_object() {
            log.note(format!("{place}: {schema} is no schema; free JSON"));
            *schema = json!({});
        }
        if let Some(keywords) = schema.as_object_mut() {
            form(place, keywords, log);
        }
        Ok(())
    })
}

/// Normalizes the form of one schema, not of what it holds.
pub(super) fn form(place: &str, keywords: &mut Map<String, Value>, log: &mut Log) {
    if keywords.contains_key("$ref") {
        keywords.retain(|word, _| {
            matches!(word.as_str(), "$ref" | "description" | "x-rust-name" | "x-rust-field")
        });
        return;
    }
    if let Some(only) = keywords.shift_remove("const") {
        keywords.entry("enum").or_insert_with(|| json!([only]));
    }
    keywords.retain(|word, _| {
        let read = READ.contains(&word.as_str());
        if !read && !SILENT.contains(&word.as_str()) {
            log.note(format!("{place}: {word} is not read"));
        }
        read
    });
    hold(place, keywords, log);
    kinds(place, keywords, log);
}

/// Drops what a word can't hold.
fn hold(place: &str, keywords: &mut Map<String, Value>, log: &mut Log) {
    if keywords.get("items").is_some_and(|items| !items.is_object()) {
        log.note(format!("{place}: a list of nothing in particular"));
        keywords.insert("items".to_owned(), json!({}));
    }
    let fits = |word: &str, value: &Value| match word {
        "properties" => value.is_object(),
        "required" | "enum" | "allOf" | "oneOf" | "anyOf" => value.is_array(),
        "additionalProperties" => value.is_object() || value.is_boolean(),
        "format" => value.is_string(),
        _ => true,
    };
    keywords.retain(|word, value| {
        let keep = fits(word, value);
        if !keep {
            log.note(format!("{place}: {word} says {value}, which it can't"));
        }
        keep
    });
    for word in ["oneOf", "anyOf"] {
        let Some(alternatives) = keywords.get_mut(word).and_then(Value::as_array_mut) else { continue };
        let before = alternatives.len();
        alternatives.retain(|alternative| alternative.get("type").is_none_or(|kind| kind != "null"));
        if alternatives.len() < before {
            log.note(format!("{place}: null is no alternative"));
            if alternatives.is_empty() {
                keywords.shift_remove(word);
            }
        }
    }
}

/// One type, which fits what else is said.
fn kinds(place: &str, keywords: &mut Map<String, Value>, log: &mut Log) {
    if let Some(said) = keywords.get("type").cloned() {
        let listed: Vec<&str> = match &said {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => {
                kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
            }
            _ => Vec::new(),
        };
        let chosen = if listed.iter().any(|kind| !TYPES.contains(kind)) { None } else { one_of(&listed) };
        match chosen {
            Some(kind) if said == kind => {}
            Some(kind) => {
                log.note(format!("{place}: type {said} read as {kind}"));
                keywords.insert("type".to_owned(), json!(kind));
            }
            None => {
                log.note(format!("{place}: type {said} says nothing"));
                keywords.shift_remove("type");
            }
        }
    }
    let shaped = ["type", "enum", "properties", "items", "oneOf", "anyOf", "allOf", "additionalProperties"]
        .iter()
        .any(|word| keywords.contains_key(*word));
    if let Some(format) = keywords.get("format").and_then(Value::as_str).filter(|_| !shaped) {
        let kind = match format {
            "int32" | "int64" => "integer",
            "float" | "double" => "number",
            _ => "string",
        };
        log.note(format!("{place}: format {format} is that of a {kind}"));
        keywords.insert("type".to_owned(), json!(kind));
    }
    if !keywords.contains_key("type") {
        keywords.shift_remove("format");
    }
    let has_fields = keywords.get("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    let kind = keywords.get("type").and_then(Value::as_str).map(str::to_owned);
    let has_items = keywords.contains_key("items");
    let fitting = match kind.as_deref() {
        Some("array") if has_fields && !has_items => Some("object"),
        Some("array") => None,
        Some("object") | None if has_items && !has_fields => Some("array"),
        None if has_fields || keywords.contains_key("additionalProperties") => Some("object"),
        Some("object") | None => None,
        Some(_) if has_fields => Some("object"),
        Some(_) => None,
    };
    if let Some(fitting) = fitting {
        if let Some(kind) = &kind {
            log.note(format!("{place}: {kind} read as {fitting}, since it holds what one holds"));
        }
        keywords.insert("type".to_owned(), json!(fitting));
    }
    let kind = keywords.get("type").and_then(Value::as_str);
    let (list, object) = (kind == Some("array"), kind.is_none_or(|kind| kind == "object"));
    if !list {
        keywords.shift_remove("items");
    }
    if !object {
        for word in ["properties", "additionalProperties", "required"] {
            if keywords.shift_remove(word).is_some() {
                log.note(format!("{place}: {word} says nothing here"));
            }
        }
    }
}

fn one_of(kinds: &[&str]) -> Option<&'static str> {
    let chosen = match kinds {
        [] => return None,
        [only] => only,
        several if several.iter().all(|kind| matches!(*kind, "integer" | "number")) => "number",
        several if !several.iter().any(|kind| matches!(*kind, "array" | "object")) => "string",
        _ => return None,
    };
    TYPES.into_iter().find(|kind| *kind == chosen)
}
