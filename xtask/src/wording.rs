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
///
/// The walk covers what the generator drops unread too (headers, links, callbacks, servers, webhooks), since it stays
/// in the document. A text of several words stays only in a payload and in a field of `NO_SENTENCES`.
pub fn strip(document: &mut Value) -> Wording {
    let mut taken = Wording::new();
    // The title of the document is its name and stays.
    let info = document.get_mut("info").and_then(Value::as_object_mut);
    let title = info.and_then(|info| info.shift_remove("title")).filter(Value::is_string);
    strip_part(document, Part::Words, &mut String::new(), &mut taken);
    if let (Some(title), Some(info)) = (title, document.get_mut("info").and_then(Value::as_object_mut)) {
        info.insert("title".to_owned(), title);
    }
    taken
}

/// A part of a document, by what its fields are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Words of OpenAPI.
    Words,
    /// Objects by names that the API chose.
    Names,
    /// Responses by their status.
    Responses,
    /// Path items by paths or expressions; extensions may stand among them.
    Paths,
    /// Callbacks by their names.
    Callbacks,
    /// Sentences by the names of scopes.
    Scopes,
    /// A payload.
    Data,
}

impl Part {
    /// What stands under a field of this part.
    fn under(self, word: &str, value: &Value) -> Self {
        match (self, word) {
            (Self::Data | Self::Scopes, _) => Self::Data,
            (Self::Callbacks, _) => Self::Paths,
            (Self::Names | Self::Responses | Self::Paths, _) => Self::Words,
            (
                _,
                "const" | "default" | "dependentRequired" | "enum" | "example" | "mapping" | "security"
                | "value",
            ) => Self::Data,
            // The examples of a schema are a list of payloads.
            (_, "examples") if !value.is_object() => Self::Data,
            (_, _) if !value.is_object() => Self::Words,
            (_, "callbacks") => Self::Callbacks,
            (_, "paths") => Self::Paths,
            (_, "responses") => Self::Responses,
            (_, "scopes") => Self::Scopes,
            (
                _,
                "$defs" | "content" | "definitions" | "dependentSchemas" | "encoding" | "examples"
                | "headers" | "links" | "parameters" | "pathItems" | "patternProperties" | "properties"
                | "requestBodies" | "schemas" | "securitySchemes" | "variables" | "webhooks",
            ) => Self::Names,
            _ => Self::Words,
        }
    }

    /// Whether a field is removed.
    fn removes(self, word: &str, value: &Value) -> bool {
        let is_sentence_word = SENTENCES.contains(&word);
        let is_extension = word.starts_with("x-") && !KEPT.contains(&word);
        match self {
            Self::Data | Self::Scopes => false,
            // Where objects stand by name, a text is a mistake.
            Self::Names => is_sentence_word && value.is_string(),
            Self::Responses | Self::Paths | Self::Callbacks => {
                is_extension || value.is_string() && word != "$ref"
            }
            Self::Words => {
                is_sentence_word
                    || is_extension
                    || word == "externalDocs"
                    || is_several_words(value)
                        && !NO_SENTENCES.contains(&word)
                        && self.under(word, value) != Self::Data
            }
        }
    }
}

/// Extensions of this project that mark where an operation comes from.
const KEPT: [&str; 1] = [crate::extensions::KEPT_FROM];

/// The fields whose text is a name, a pattern, a number or an address.
const NO_SENTENCES: [&str; 15] = [
    "$ref",
    "contentType",
    "externalValue",
    "format",
    "name",
    "operationId",
    "operationRef",
    "pattern",
    "propertyName",
    "requestBody",
    "required",
    "tags",
    "type",
    "url",
    "version",
];

fn is_several_words(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().contains(char::is_whitespace))
}

/// Removes the sentences and the extensions of a part of the document.
fn strip_part(value: &mut Value, part: Part, place: &mut String, taken: &mut Wording) {
    let length = place.len();
    match value {
        Value::Object(fields) => {
            fields.retain(|word, field| {
                let is_removed = part.removes(word, field);
                if let Value::String(text) = field
                    && is_removed
                    && SENTENCES.contains(&word.as_str())
                    && !text.trim().is_empty()
                {
                    taken.insert(format!("{place}/{word}"), text.clone());
                }
                !is_removed
            });
            for (name, field) in fields {
                place.push('/');
                place.push_str(&escape(name));
                let under = part.under(name, field);
                if part == Part::Scopes {
                    let text = std::mem::replace(field, "".into());
                    taken.extend(text.as_str().map(|text| (place.clone(), text.to_owned())));
                } else if under != Part::Data {
                    strip_part(field, under, place, taken);
                }
                if part == Part::Responses
                    && let Some(response) = field.as_object_mut()
                    && !response.contains_key("$ref")
                {
                    response.insert("description".to_owned(), "".into());
                }
                place.truncate(length);
            }
        }
        Value::Array(items) => {
            let word = place.rsplit('/').next().unwrap_or_default();
            if !NO_SENTENCES.contains(&word) {
                items.retain(|item| !is_several_words(item));
            }
            for (index, item) in items.iter_mut().enumerate() {
                place.push_str(&format!("/{index}"));
                strip_part(item, part, place, taken);
                place.truncate(length);
            }
        }
        _ => {}
    }
}

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

    /// A document with `sentence` wherever OpenAPI has a sentence, and where editions put one by mistake.
    fn every_position(sentence: &str) -> Value {
        let texts = |mut part: Value| {
            for word in ["title", "summary", "description", "x-note", "$comment", "note"] {
                part[word] = sentence.into();
            }
            part["externalDocs"] = json!({ "url": "https://a.example", "description": sentence });
            part["x-notes"] = json!({ "list": [sentence] });
            part["notes"] = json!([sentence, { "text": sentence }]);
            part
        };
        let server = || {
            let variable = texts(json!({ "default": "a", "enum": ["a", "b"] }));
            json!([texts(json!({ "url": "https://{host}.example", "variables": { "host": variable } }))])
        };
        let schema = |inner: Value| {
            texts(json!({
                "type": "object", "properties": { "description": inner, "title": texts(json!({})) },
                "items": texts(json!({})), "allOf": [texts(json!({}))], "not": texts(json!({})),
                "additionalProperties": texts(json!({})), "$defs": { "summary": texts(json!({})) },
                "patternProperties": { "a": texts(json!({})) }, "xml": texts(json!({ "name": "a" })),
                "discriminator": texts(json!({ "propertyName": "a" })),
            }))
        };
        let example = || texts(json!({ "value": { "description": "A payload stays." } }));
        let header = || {
            let content = json!({ "text/plain": texts(json!({ "examples": { "one": example() } })) });
            texts(json!({ "schema": schema(json!({})), "content": content }))
        };
        let link = || texts(json!({ "server": server()[0], "parameters": { "id": "$response.body#/id" } }));
        let media = || {
            let encoding = json!({ "file": texts(json!({ "headers": { "x-a": header() } })) });
            texts(json!({
                "schema": schema(texts(json!({}))), "encoding": encoding,
                "examples": { "one": example(), "two": texts(json!({ "externalValue": "https://a.example" })) },
            }))
        };
        let response = || {
            texts(json!({
                "headers": { "x-a": header() }, "content": { "application/json": media() }, "links": { "a": link() },
            }))
        };
        let body = || texts(json!({ "content": { "application/json": media() } }));
        let parameter = || texts(json!({ "name": "a b", "in": "query", "schema": schema(json!({})) }));
        let operation = |callbacks: Value| {
            texts(json!({
                "operationId": "get", "tags": ["Two words"], "parameters": [parameter()], "requestBody": body(),
                "responses": { "200": response(), "default": response(), "x-note": sentence },
                "callbacks": callbacks, "servers": server(),
            }))
        };
        let item = |callbacks: Value| {
            texts(json!({ "servers": server(), "parameters": [parameter()], "post": operation(callbacks) }))
        };
        let callback =
            || json!({ "{$url}": item(json!({})), "x-note": texts(json!({})), "description": sentence });
        let scopes = json!({ "read": sentence });
        let flows = json!({ "implicit": texts(json!({ "scopes": scopes })) });
        texts(json!({
            "openapi": "3.1.0",
            "info": texts(json!({ "version": "1", "license": texts(json!({ "name": "A licence" })) })),
            "servers": server(),
            "tags": [texts(json!({ "name": "Two words" }))],
            "paths": { "/a": item(json!({ "added": callback() })), "x-note": texts(json!({})) },
            "webhooks": { "added": item(json!({})) },
            "components": texts(json!({
                "schemas": { "S": schema(schema(json!({}))), "description": texts(json!({})) },
                "responses": { "R": response() }, "parameters": { "P": parameter() }, "headers": { "x-a": header() },
                "examples": { "E": example() }, "requestBodies": { "B": body() }, "links": { "L": link() },
                "callbacks": { "C": callback() }, "pathItems": { "I": item(json!({})) },
                "securitySchemes": { "A": texts(json!({ "type": "oauth2", "flows": texts(flows) })) },
            })),
        }))
    }

    #[test]
    fn a_sentence_is_taken_from_every_position() {
        let mut document = every_position("A sentence of somebody else.");
        document["info"]["title"] = "T".into();
        let wording = strip(&mut document);
        let text = format!("{document:#}");
        let left: Vec<&str> = text.lines().filter(|line| line.contains("somebody")).collect();
        assert!(left.is_empty(), "{left:#?}");
        for kept in ["A payload stays.", "Two words", "A licence", "\"a b\"", "$response.body#/id", "$url"] {
            assert!(text.contains(kept), "{kept} is lost:\n{text}");
        }
        for place in
            ["/paths/~1a/post/callbacks/added/{$url}/post/summary", "/servers/0/variables/host/description"]
        {
            assert!(wording.contains_key(place), "{place} is not returned");
        }
        // A second time there is nothing to take.
        let stripped = document.clone();
        strip(&mut document);
        assert_eq!(document, stripped);
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
