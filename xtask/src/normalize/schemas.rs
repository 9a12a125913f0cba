//! The schemas of a document: references to them, and visits of each one.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::document::METHODS;
use crate::extensions;

/// The prefix of a reference to a named schema.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// A reference to the named schema.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// The name that a schema refers to, if it is a reference.
pub(super) fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

pub(super) fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
}

/// The named schemas, made if the document has none.
pub(super) fn schemas_mut(document: &mut Value) -> Result<&mut Map<String, Value>> {
    document
        .as_object_mut()
        .context("the document is not an object")?
        .entry("components")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .context("/components: not an object")?
        .entry("schemas")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .context("/components/schemas: not an object")
}

/// Each operation: its place for messages, and itself.
pub(super) fn operations_mut(
    document: &mut Value,
) -> impl Iterator<Item = (String, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        item.as_object_mut().into_iter().flatten().filter_map(move |(method, operation)| {
            if !METHODS.contains(&method.as_str()) {
                return None;
            }
            Some((format!("{} {path}", method.to_uppercase()), operation.as_object_mut()?))
        })
    })
}

/// The schemas directly under this one: properties, items, values, alternatives.
pub(super) fn children(schema: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.extend(properties.values());
    }
    for key in ["items", "additionalProperties", "not"] {
        found.extend(schema.get(key).filter(|child| child.is_object()));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        found.extend(schema.get(key).and_then(Value::as_array).into_iter().flatten());
    }
    found
}

/// The same, to be changed, each with the step that leads to it.
pub(super) fn children_mut(schema: &mut Value) -> Vec<(String, &mut Value)> {
    let mut found = Vec::new();
    let Some(keywords) = schema.as_object_mut() else { return found };
    for (key, field) in keywords {
        match (key.as_str(), field) {
            ("properties", Value::Object(properties)) => {
                found.extend(properties.iter_mut().map(|(name, child)| (format!(".{name}"), child)));
            }
            ("items", child @ Value::Object(_)) => found.push(("[]".to_owned(), child)),
            ("additionalProperties", child @ Value::Object(_)) => found.push((".*".to_owned(), child)),
            ("oneOf" | "anyOf" | "allOf", Value::Array(alternatives)) => {
                found.extend(
                    alternatives.iter_mut().enumerate().map(|(index, child)| (format!("|{index}"), child)),
                );
            }
            _ => {}
        }
    }
    found
}

/// How deep schemas may be written into one another. A document is far from it; an `allOf` that holds
/// itself in a field, and so would be merged for ever, is not.
pub(super) const DEEPEST: usize = 64;

/// Visits every schema of the document, parents first: the named ones, then those of each
/// operation's parameters, body and responses. The place reads like `Order.order_meta[]`.
pub(super) fn visit_schemas(
    document: &mut Value,
    visit: &mut impl FnMut(&str, &mut Value) -> Result<()>,
) -> Result<()> {
    fn walk(
        place: &str,
        depth: usize,
        schema: &mut Value,
        visit: &mut impl FnMut(&str, &mut Value) -> Result<()>,
    ) -> Result<()> {
        if depth > DEEPEST {
            let start: String = place.chars().take(60).collect();
            bail!("{start}…: more than {DEEPEST} schemas deep; does an allOf hold itself?");
        }
        visit(place, schema)?;
        for (step, child) in children_mut(schema) {
            walk(&format!("{place}{step}"), depth + 1, child, visit)?;
        }
        Ok(())
    }

    for (name, schema) in schemas_mut(document)? {
        walk(name, 0, schema, visit)?;
    }
    for (_, operation) in operations_mut(document) {
        for (place, schema) in operation_schemas_mut(operation) {
            walk(&place, 0, schema, visit)?;
        }
    }
    Ok(())
}

/// The outermost schemas of an operation: parameters, body, responses.
pub(super) fn operation_schemas_mut(operation: &mut Map<String, Value>) -> Vec<(String, &mut Value)> {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or("operation").to_owned();
    let mut found = Vec::new();
    for (key, field) in operation {
        match key.as_str() {
            "parameters" => {
                for parameter in field.as_array_mut().into_iter().flatten() {
                    let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                    if let Some(schema) = parameter.get_mut("schema") {
                        found.push((format!("{id}({name})"), schema));
                    }
                }
            }
            "requestBody" => {
                found.extend(content_schema_mut(field).map(|schema| (format!("{id}:request"), schema)))
            }
            "responses" => {
                for response in field.as_object_mut().into_iter().flat_map(Map::values_mut) {
                    found.extend(
                        content_schema_mut(response).map(|schema| (format!("{id}:response"), schema)),
                    );
                }
            }
            _ => {}
        }
    }
    found
}

/// The schema of a body or response: that of its first media type.
pub(super) fn content_schema_mut(holder: &mut Value) -> Option<&mut Value> {
    holder.get_mut("content")?.as_object_mut()?.values_mut().next()?.get_mut("schema")
}

/// The names that can be reached from these schemas by references.
pub(super) fn reachable<'a>(
    document: &'a Value,
    roots: impl IntoIterator<Item = &'a Value>,
) -> BTreeSet<String> {
    let named = document.pointer("/components/schemas");
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Value> = roots.into_iter().collect();
    while let Some(schema) = open.pop() {
        if let Some(name) = referred(schema)
            && reached.insert(name.to_owned())
        {
            open.extend(named.and_then(|named| named.get(name)));
        }
        open.extend(children(schema));
    }
    reached
}

/// Appends a sentence to a description.
pub(super) fn describe(schema: &mut Map<String, Value>, sentence: &str) {
    let text = match schema.get("description").and_then(Value::as_str) {
        Some(text) if !text.is_empty() => format!("{}\n\n{sentence}", text.trim_end()),
        _ => sentence.to_owned(),
    };
    schema.insert("description".to_owned(), Value::String(text));
}

/// The shape of a schema as text: without descriptions, names and limits, and whatever the order of its words,
/// required fields and values.
pub(super) fn shape(schema: &Value) -> String {
    fn sorted(word: &str, value: &Value) -> Value {
        match value {
            Value::Object(keywords) => {
                let is_descriptive = |key: &str, value: &Value| {
                    matches!(key, "description" | extensions::SOURCE | extensions::RUST_NAME)
                        && value.is_string()
                        || key == extensions::LIMITS
                };
                let mut kept: Vec<(&String, &Value)> =
                    keywords.iter().filter(|(key, value)| !is_descriptive(key, value)).collect();
                kept.sort_by_key(|(key, _)| *key);
                Value::Object(
                    kept.into_iter().map(|(key, value)| (key.clone(), sorted(key, value))).collect(),
                )
            }
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| sorted("", item)).collect();
                if matches!(word, "required" | "enum") {
                    items.sort_by_key(Value::to_string);
                }
                Value::Array(items)
            }
            other => other.clone(),
        }
    }
    sorted("", schema).to_string()
}
