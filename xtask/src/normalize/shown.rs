//! Examples stand where they are shown: a reference to a shared example is replaced by it.
//!
//! A document may write `example: { $ref: … }` too, which OpenAPI does not know; it is the value of what it names.

use anyhow::Result;
use serde_json::{Map, Value};

use super::log::Log;
use crate::document::{LONGEST, resolve, visit_words};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let shared = document.clone();
    let mut replaced = 0_usize;
    visit_words(document, &mut |_, keywords: &mut Map<String, Value>| {
        if let Some(example) = keywords.get_mut("example")
            && let Some(named) = named(&shared, example)
        {
            *example = named.get("value").unwrap_or(named).clone();
            replaced += 1;
        }
        for example in
            keywords.get_mut("examples").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            if let Some(named) = named(&shared, example) {
                *example = named.clone();
                replaced += 1;
            }
        }
    });
    if replaced > 0 {
        log.note(format!("{replaced} examples put in place"));
    }
    Ok(())
}

/// What an example names, unless it is a reference to nothing.
fn named<'a>(shared: &'a Value, example: &Value) -> Option<&'a Value> {
    let mut found = None;
    let mut target = example.get("$ref").and_then(Value::as_str);
    for _ in 0..LONGEST {
        let (_, next) = resolve(shared, target?)?;
        found = Some(next);
        target = next.get("$ref").and_then(Value::as_str);
        if target.is_none() {
            return found;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shared_example_is_put_in_place() -> Result<()> {
        let reference = json!({ "$ref": "#/components/examples/One" });
        let mut document = json!({
            "paths": { "/a": { "get": { "responses": { "200": { "content": { "application/json": {
                "examples": { "one": reference, "none": { "$ref": "#/components/examples/Gone" } },
            } } } } } } },
            "components": {
                "examples": { "One": { "value": [7] } },
                "schemas": { "S": { "type": "object", "example": reference } },
            },
        });
        run(&mut document, &mut Log::default())?;
        let media = &document["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"];
        assert_eq!(media["examples"]["one"], json!({ "value": [7] }));
        assert_eq!(media["examples"]["none"], json!({ "$ref": "#/components/examples/Gone" }));
        assert_eq!(document["components"]["schemas"]["S"]["example"], json!([7]));
        Ok(())
    }
}
