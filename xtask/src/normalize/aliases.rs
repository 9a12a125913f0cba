//! A named schema that is neither an object with fields, nor an enum, nor a union is dissolved into
//! the places that refer to it: a scalar, list, map or free object needs no type of its own.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::{reachable, referred, schemas, schemas_mut, visit_schemas};
use crate::extensions;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    visit_schemas(document, &mut |place, schema| {
        loosen(place, schema, log);
        Ok(())
    })?;

    let mut aliases: Map<String, Value> = schemas(document)
        .filter(|(_, schema)| !is_type(schema))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    free_circles(&mut aliases, log);
    for (name, schema) in &aliases {
        log.note(format!("{name}: {}", shape(schema)));
    }
    // An alias may lead to another one; a chain is as long as there are aliases at most.
    for _ in 0..=aliases.len() {
        let mut dissolved = 0_usize;
        visit_schemas(document, &mut |_, schema| {
            if let Some(target) = referred(schema).and_then(|name| aliases.get(name)).cloned() {
                let own = schema.get("description").cloned();
                *schema = target;
                if let (Some(own), Some(keywords)) = (own, schema.as_object_mut()) {
                    keywords.insert("description".to_owned(), own);
                }
                dissolved += 1;
            }
            Ok(())
        })?;
        if dissolved == 0 {
            break;
        }
    }
    schemas_mut(document)?.retain(|name, _| !aliases.contains_key(name));
    visit_schemas(document, &mut |place, schema| {
        free_values(place, schema, log);
        Ok(())
    })
}

/// A list of itself, or two names for each other, can't be dissolved: there is no end to it.
fn free_circles(aliases: &mut Map<String, Value>, log: &mut Log) {
    let named = json!({ "components": { "schemas": aliases } });
    for (name, schema) in aliases.iter_mut() {
        if reachable(&named, [&*schema]).contains(name)
            && let Some(keywords) = schema.as_object_mut()
        {
            keywords.retain(|key, _| key == "description");
            log.note(format!("{name}: consists of itself"));
        }
    }
}

/// A map of anything to anything is free JSON.
fn free_values(place: &str, schema: &mut Value, log: &mut Log) {
    let Some(keywords) = schema.as_object_mut() else { return };
    let says_nothing = |values: &Value| {
        values.as_object().is_some_and(|values| {
            !["type", "$ref", "enum", "oneOf", "properties"].iter().any(|key| values.contains_key(*key))
        })
    };
    if keywords.get("additionalProperties").is_some_and(says_nothing) && !keywords.contains_key("properties")
    {
        keywords.retain(|key, _| is_kept(key));
        log.note(format!("{place}: free JSON"));
    }
}

/// Description of free JSON.
fn is_kept(word: &str) -> bool {
    matches!(word, "description" | "x-rust-name" | "x-cashfree-sensitive" | extensions::EMPTY)
}

/// Whether a named schema becomes a type: an object with fields, an enum, or a union.
fn is_type(schema: &Value) -> bool {
    let has_fields =
        schema.get("properties").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty());
    has_fields || schema.get("enum").is_some() || schema.get("oneOf").is_some()
}

/// An object without fields is a map where it says what it holds, else free JSON, with a mark if it says that it holds
/// nothing. An object with fields may always hold more of them, so that `additionalProperties` says nothing.
fn loosen(place: &str, schema: &mut Value, log: &mut Log) {
    let Some(keywords) = schema.as_object_mut() else { return };
    if keywords.get("type").is_none_or(|kind| kind != "object") || keywords.contains_key("oneOf") {
        return;
    }
    let has_fields =
        keywords.get("properties").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty());
    let values = keywords
        .get("additionalProperties")
        .filter(|values| values.as_object().is_some_and(|values| !values.is_empty()));
    match (has_fields, values.is_some()) {
        (true, _) => {
            if keywords.shift_remove("additionalProperties").is_some_and(|more| more.is_object()) {
                log.note(format!("{place}: values beside its fields are not kept"));
            }
        }
        (false, true) => {
            keywords.shift_remove("properties");
        }
        (false, false) => {
            let is_empty = keywords.get("additionalProperties") == Some(&Value::Bool(false));
            keywords.retain(|key, _| is_kept(key));
            if is_empty {
                keywords.insert(extensions::EMPTY.to_owned(), Value::Bool(true));
                log.note(format!("{place}: an empty object is free JSON"));
            } else {
                log.note(format!("{place}: free JSON"));
            }
        }
    }
}

fn shape(schema: &Value) -> &'static str {
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => "a list",
        Some("object") => "a map",
        Some(_) => "a scalar",
        None if schema.get("$ref").is_some() => "another name",
        None => "free JSON",
    }
}
