//! The document's rule behind a refusal: the code of a refusal names a field, and the document says what it takes.

use serde_json::Value;

use crate::document::{Document, Operation};

/// The schema of the field or parameter that the `code` of a refusal names, as JSON; `None` if it names none.
pub(crate) fn rule_of(document: &Document, operation: &Operation, code: &str) -> Option<Value> {
    let field = code.strip_suffix("_invalid").or_else(|| code.strip_suffix("_missing"))?;
    let parameter = operation.parameters.iter().find(|parameter| parameter.name == field);
    if let Some(parameter) = parameter {
        return Some(parameter.schema.clone());
    }
    let mut schema = resolve(document, &operation.body.as_ref()?.schema)?;
    for segment in field.split('.') {
        schema = match segment.parse::<usize>() {
            Ok(_) => resolve(document, &schema["items"])?,
            Err(_) => property(document, schema, segment)?,
        };
    }
    Some(shallow(schema))
}

/// The schema itself, in place of a reference to it.
fn resolve<'a>(document: &'a Document, schema: &'a Value) -> Option<&'a Value> {
    match schema["$ref"].as_str() {
        Some(reference) => document.schemas.get(reference.rsplit('/').next()?),
        None => Some(schema),
    }
}

/// A property, of the schema or of one that it is composed of.
fn property<'a>(document: &'a Document, schema: &'a Value, name: &str) -> Option<&'a Value> {
    if let Some(found) = schema["properties"].get(name) {
        return resolve(document, found);
    }
    let parts = ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| schema[word].as_array()).flatten();
    parts.filter_map(|part| property(document, resolve(document, part)?, name)).next()
}

/// A rule fits on a screen: of an object, the names of its fields.
fn shallow(schema: &Value) -> Value {
    let mut shown = schema.clone();
    if let Some(properties) = shown["properties"].as_object() {
        let names: Vec<Value> = properties.keys().cloned().map(Value::String).collect();
        shown["properties"] = Value::Array(names);
    }
    shown
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, Result};

    use super::*;

    #[test]
    fn a_code_leads_to_its_rule() -> Result<()> {
        let document = Document::shared()?;
        let create = document.operations.iter().find(|operation| operation.id == "PGCreateOrder");
        let create = create.context("no such operation")?;
        let rule = |code: &str| rule_of(&document, create, code);
        assert_eq!(rule("order_amount_invalid").context("amount")?["type"], "number");
        assert_eq!(rule("customer_details.customer_phone_invalid").context("phone")?["type"], "string");
        assert!(rule("customer_details_missing").context("details")?["properties"].is_array());
        assert_eq!(rule("order_already_paid"), None);
        assert_eq!(rule("nothing_invalid"), None);
        Ok(())
    }
}
