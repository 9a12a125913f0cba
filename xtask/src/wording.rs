//! The wording of a document: every title, summary and description, by JSON pointer, apart from the document.
//!
//! The sentences of an official edition never reach the output. [`strip`] removes them from a document and
//! [`apply`] puts in those that this project wrote for the same places. A place without wording gets a neutral
//! line from the model.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::document::{LONGEST, SENTENCES, behind, escape, load, visit_words};

/// Texts by the JSON pointer of the field that holds them.
pub type Wording = BTreeMap<String, String>;

/// Reads a wording file; an absent file is an empty wording.
///
/// # Errors
/// When it is not a map of texts.
pub fn read(path: &Path) -> Result<Wording> {
    if !path.is_file() {
        return Ok(Wording::new());
    }
    serde_json::from_value(load(path)?)
        .with_context(|| format!("{} is not a map from JSON pointers to texts", path.display()))
}

/// Removes every sentence and every extension, and returns the sentences. A response keeps an empty
/// description, which OpenAPI requires.
pub fn strip(document: &mut Value) -> Wording {
    let mut taken = Wording::new();
    let mut take = |place: &str, fields: &mut Map<String, Value>| {
        for word in SENTENCES {
            if let Some(Value::String(text)) = fields.get(word) {
                if !text.trim().is_empty() {
                    taken.insert(format!("{place}/{word}"), text.clone());
                }
                fields.shift_remove(word);
            }
        }
    };
    visit_words(document, &mut |place, fields| {
        if place == "/info" {
            // The title of the document is its name and stays.
            let title = fields.shift_remove("title");
            take(place, fields);
            fields.extend(title.map(|title| ("title".to_owned(), title)));
        } else {
            take(place, fields);
        }
        fields.retain(|word, _| !word.starts_with("x-") || KEPT.contains(&word.as_str()));
        for (name, example) in fields.get_mut("examples").and_then(Value::as_object_mut).into_iter().flatten()
        {
            if let Some(example) = example.as_object_mut().filter(|example| example.contains_key("value")) {
                take(&format!("{place}/examples/{}", escape(name)), example);
            }
        }
        fields.shift_remove("externalDocs");
    });
    // When all are gone: the walk comes to a response after its operation.
    visit_words(document, &mut |_, fields| {
        if let Some(responses) = fields.get_mut("responses").and_then(Value::as_object_mut) {
            for response in responses.values_mut().filter_map(Value::as_object_mut) {
                if !response.contains_key("$ref") {
                    response.entry("description").or_insert_with(|| "".into());
                }
            }
        }
    });
    for list in ["tags", "servers"] {
        let items = document.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for (index, item) in items.enumerate() {
            if let Some(item) = item.as_object_mut() {
                take(&format!("/{list}/{index}"), item);
                item.retain(|word, _| !word.starts_with("x-") && word != "externalDocs");
            }
        }
    }
    taken
}

/// Extensions of this project that mark where an operation comes from.
const KEPT: [&str; 1] = [crate::extensions::KEPT_FROM];

/// Puts texts into a document. Returns the pointers whose places do not exist.
pub fn apply<'a>(document: &mut Value, wording: &'a Wording) -> Vec<&'a str> {
    let mut absent = Vec::new();
    for (pointer, text) in wording {
        let place = pointer.rsplit_once('/');
        let holder =
            place.and_then(|(holder, word)| Some((document.pointer_mut(holder)?.as_object_mut()?, word)));
        match holder {
            Some((fields, word)) => {
                fields.insert(word.to_owned(), text.clone().into());
            }
            None => absent.push(pointer.as_str()),
        }
    }
    absent
}

/// The pointer under which a text has a place in the document, where `pointer` leads through a reference or a lone
/// `allOf` now.
pub fn followed(document: &Value, pointer: &str) -> Option<String> {
    let (holder, word) = pointer.rsplit_once('/')?;
    let mut place = String::new();
    for step in holder.split('/').skip(1) {
        for _ in 0..LONGEST {
            if document.pointer(&format!("{place}/{step}")).is_some() {
                break;
            }
            place = behind(document, &place)?;
        }
        place = format!("{place}/{step}");
    }
    // A reference has no text of its own.
    for _ in 0..LONGEST {
        match behind(document, &place) {
            Some(next) => place = next,
            None => break,
        }
    }
    document.pointer(&place)?.as_object()?;
    Some(format!("{place}/{word}"))
}

/// The operations, parameters, schemas and fields that have no description, as JSON pointers.
pub fn missing(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let is_described = |fields: &Map<String, Value>| {
        ["description", "summary"]
            .iter()
            .any(|word| fields.get(*word).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty()))
    };
    visit_words(&mut document.clone(), &mut |place, fields| {
        let steps: Vec<&str> = place.split('/').skip(1).collect();
        let is_documented = matches!(steps[..], ["paths", _, method] if crate::document::METHODS.contains(&method))
            || matches!(steps[..], ["components", "schemas" | "parameters", _])
            || matches!(steps[..], [.., "properties", _])
            || matches!(steps[..], ["paths", .., "parameters", _]);
        if is_documented && !fields.contains_key("$ref") && !is_described(fields) {
            found.push(format!("{place}/description"));
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "openapi": "3.0.0",
            "info": { "title": "T", "version": "2023-08-01", "description": "A." },
            "tags": [{ "name": "N", "description": "B." }],
            "paths": { "/a/{id}": { "get": {
                "operationId": "get", "summary": "C.", "x-code": "D.",
                "responses": { "200": { "description": "E.", "content": { "application/json": {
                    "examples": { "one": { "summary": "F.", "value": { "description": "kept" } } },
                } } } },
            } } },
            "components": { "schemas": { "S": { "properties": {
                "description": { "type": "string", "description": "G." }, "title": { "type": "string" },
            } } } },
        })
    }

    #[test]
    fn sentences_are_taken_and_put_back() {
        let mut stripped = document();
        let wording = strip(&mut stripped);
        let texts: Vec<&str> = wording.values().map(String::as_str).collect();
        assert_eq!(texts, ["G.", "A.", "F.", "E.", "C.", "B."]);
        let text = stripped.to_string();
        assert!(
            !["A.", "B.", "C.", "D.", "E.", "F.", "G."].iter().any(|sentence| text.contains(sentence)),
            "{text}"
        );
        assert!(text.contains("kept") && text.contains("\"title\":{\"type\":\"string\"}"), "{text}");
        assert_eq!(stripped["paths"]["/a/{id}"]["get"]["responses"]["200"]["description"], "");
        assert_eq!(apply(&mut stripped, &wording), Vec::<&str>::new());
        let mut again = document();
        again["paths"]["/a/{id}"]["get"].as_object_mut().into_iter().for_each(|get| {
            get.shift_remove("x-code");
        });
        assert_eq!(stripped, again);
    }

    #[test]
    fn a_text_follows_its_schema_into_a_component() {
        let document = json!({ "components": { "schemas": {
            "A": { "properties": { "b": { "allOf": [{ "$ref": "#/components/schemas/A_b" }] } } },
            "A_b": { "type": "object", "properties": { "c": {} } },
        } } });
        let at = |path: &str| followed(&document, &format!("/components/schemas/A/properties/b{path}"));
        assert_eq!(at("/description").as_deref(), Some("/components/schemas/A_b/description"));
        assert_eq!(
            at("/properties/c/description").as_deref(),
            Some("/components/schemas/A_b/properties/c/description")
        );
        assert_eq!(at("/properties/d/description"), None);
    }

    #[test]
    fn what_has_no_wording_is_listed() {
        assert_eq!(
            missing(&document()),
            ["/components/schemas/S/description", "/components/schemas/S/properties/title/description"]
        );
        let wording = Wording::from([("/paths/~1gone/get/summary".to_owned(), "Z.".to_owned())]);
        assert_eq!(apply(&mut document(), &wording), ["/paths/~1gone/get/summary"]);
    }
}
