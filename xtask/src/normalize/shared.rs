//! The passes that every reader of the document needs, not only Rust: one form of references, parameters, paths
//! and schemas. Limits, `nullable`, error responses, credentials and examples stay.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::{SCHEMAS, visit_schemas};
use super::{
    Pass, base, callbacks, forms, inline, operations, parameters, parts, paths, references, required, shown,
    words,
};
use crate::document::references;

const PASSES: [(&str, Pass); 12] = [
    ("examples in place of references to them", shown::run),
    ("schemas within others that are referred to", parts::run),
    ("drop callbacks", callbacks::run),
    ("paths relative to the servers", base::run),
    ("words that the generator reads", words::run),
    ("references in one form", references::run),
    ("inline references to parameters, bodies and responses", inline::run),
    ("paths without a query string", paths::run),
    ("an id for each operation", operations::run),
    ("each parameter once", parameters::once),
    ("schemas in one form", schemas),
    ("required lists name properties", required_lists),
];

/// Runs these passes on a corrected document.
///
/// # Errors
/// When a pass meets something that no rule covers; the message names the place.
pub fn run_shared(document: &mut Value) -> Result<()> {
    let mut log = Log::default();
    for (name, pass) in PASSES {
        pass(document, &mut log).with_context(|| format!("pass \"{name}\""))?;
    }
    Ok(())
}

/// One form of schemas, which keeps whether null is admitted. A list of values names each once.
fn schemas(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut nullable = BTreeSet::new();
    visit_schemas(document, &mut |place, schema| {
        if admits_null(schema) {
            nullable.insert(place.to_owned());
        }
        Ok(())
    })?;
    forms::run(document, log)?;
    visit_schemas(document, &mut |place, schema| {
        if let Some(part) = lone_part(schema) {
            *schema = part;
        }
        let Some(words) = schema.as_object_mut() else { return Ok(()) };
        if nullable.contains(place) && !words.contains_key("$ref") {
            words.insert("nullable".to_owned(), json!(true));
        }
        if let Some(values) = words.get_mut("enum").and_then(Value::as_array_mut) {
            let mut seen = BTreeSet::new();
            values.retain(|value| seen.insert(value.to_string()));
            if values.is_empty() {
                words.shift_remove("enum");
            }
        }
        Ok(())
    })
}

/// What a lone `allOf` around one schema holds, where nothing stands beside it.
fn lone_part(schema: &Value) -> Option<Value> {
    let words = schema.as_object().filter(|words| words.len() == 1)?;
    match words.get("allOf")?.as_array()?.as_slice() {
        [part] => Some(part.clone()),
        _ => None,
    }
}

/// Whether null is a value, in the words of OpenAPI 3.0 or 3.1.
fn admits_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let alternatives = ["oneOf", "anyOf"].iter().filter_map(|word| schema.get(*word)?.as_array()).flatten();
    schema.get("nullable") == Some(&json!(true))
        || schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(is_null))
        || alternatives.filter_map(|alternative| alternative.get("type")).any(is_null)
}

/// Required lists. In a composition, another part may have the field that an entry names.
fn required_lists(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut composed = BTreeSet::new();
    references(document, &mut |place, target| {
        if ["/allOf/", "/anyOf/", "/oneOf/"].iter().any(|word| place.contains(word)) {
            composed.extend(target.strip_prefix(SCHEMAS).map(str::to_owned));
        }
    });
    visit_schemas(document, &mut |place, schema| {
        let is_composed = composed.contains(place)
            || place.contains('|')
            || ["allOf", "anyOf", "oneOf"].iter().any(|word| schema.get(*word).is_some());
        if is_composed {
            required::hold_part(place, schema, log);
        } else {
            required::hold(place, schema, log);
        }
        if let Some(words) = schema.as_object_mut()
            && words.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty)
        {
            words.shift_remove("required");
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(mut document: Value) -> Result<Value> {
        run_shared(&mut document)?;
        Ok(document)
    }

    #[test]
    fn null_stays_admitted_in_either_words() -> Result<()> {
        let document = shared(json!({
            "openapi": "3.1.0", "info": { "title": "T", "version": "1" },
            "paths": { "/a": { "get": { "operationId": "a", "responses": { "200": { "description": "" } } } } },
            "components": { "schemas": { "S": { "properties": {
                "a": { "type": "string", "nullable": true, "maxLength": 3 },
                "b": { "type": ["string", "null"] },
                "c": { "allOf": [{ "type": "string" }] },
            }, "required": ["c", "d"] } } },
        }))?;
        let schema = &document["components"]["schemas"]["S"];
        assert_eq!(
            *schema,
            json!({ "type": "object", "required": ["c"], "properties": {
                "a": { "type": "string", "nullable": true, "maxLength": 3 },
                "b": { "type": "string", "nullable": true },
                "c": { "type": "string" },
            } })
        );
        Ok(())
    }

    #[test]
    fn parts_of_a_composition_keep_their_required_lists() -> Result<()> {
        let parts = json!([{ "$ref": "#/components/schemas/Base" }, { "required": ["a"], "type": "object" }]);
        let document = shared(json!({
            "openapi": "3.0.0", "info": { "title": "T", "version": "1" },
            "paths": { "/a": { "parameters": [{ "name": "q", "in": "query" }], "get": {
                "operationId": "a",
                "responses": {
                    "200": { "description": "", "content": { "application/json": { "schema": { "allOf": parts } } } },
                    "404": { "$ref": "#/components/responses/Gone" },
                },
            } } },
            "components": {
                "responses": { "Gone": { "description": "" } },
                "schemas": { "Base": { "type": "object", "properties": { "a": {} }, "required": ["b", "a."] } },
            },
        }))?;
        let operation = &document["paths"]["/a"]["get"];
        assert_eq!(operation["responses"]["200"]["content"]["application/json"]["schema"]["allOf"], parts);
        assert_eq!(operation["responses"]["404"], json!({ "description": "" }));
        assert_eq!(operation["parameters"][0]["schema"], json!({ "type": "string" }));
        assert_eq!(document["components"]["schemas"]["Base"]["required"], json!(["b", "a"]));
        Ok(())
    }
}
