//! JSON pointers and references: resolving them, and visiting the parts of a document that may hold them.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The longest chain of references that is followed. A longer one is a cycle.
pub(crate) const LONGEST: usize = 32;

/// What a reference within the document names, with its pointer; a percent-encoded one is decoded.
pub fn resolve<'a>(document: &'a Value, target: &str) -> Option<(String, &'a Value)> {
    let pointer = target.strip_prefix('#')?;
    if let Some(found) = document.pointer(pointer) {
        return Some((pointer.to_owned(), found));
    }
    let decoded = percent_decode_str(pointer).decode_utf8().ok()?.into_owned();
    let found = document.pointer(&decoded)?;
    Some((decoded, found))
}

/// What the schema at a place refers to, or the only part of it that has a shape.
pub(crate) fn behind(document: &Value, place: &str) -> Option<String> {
    let is_shaped = |part: &&String| {
        let words = document.pointer(part).and_then(Value::as_object);
        words.is_some_and(|words| SHAPES.iter().any(|word| words.contains_key(*word)))
    };
    let is_object = document.pointer(place)?.get("properties").is_some();
    let parts = parts(document, place);
    let only = match parts.as_slice() {
        [only] => Some(only),
        parts => {
            let mut shaped = parts.iter().filter(is_shaped);
            shaped.next().filter(|_| shaped.next().is_none())
        }
    };
    only.filter(|_| !is_object).cloned()
}

/// The words of a schema that give it a shape; the others describe it.
const SHAPES: [&str; 9] =
    ["$ref", "additionalProperties", "allOf", "anyOf", "enum", "items", "oneOf", "properties", "type"];

/// The schemas that a schema consists of: what it refers to, each part of its `allOf`, or the alternative to null.
pub(crate) fn parts(document: &Value, place: &str) -> Vec<String> {
    let Some(schema) = document.pointer(place) else { return Vec::new() };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let named = resolve(document, target).map(|(pointer, _)| pointer);
        return named.filter(|pointer| pointer != place).into_iter().collect();
    }
    let of = |word: &str| -> Vec<(String, &Value)> {
        let parts = schema.get(word).and_then(Value::as_array).into_iter().flatten().enumerate();
        parts.map(|(index, part)| (format!("{place}/{word}/{index}"), part)).collect()
    };
    let mut parts: Vec<String> = of("allOf").into_iter().map(|(part, _)| part).collect();
    for word in ["anyOf", "oneOf"] {
        let mut alternatives = of(word);
        alternatives.retain(|(_, part)| part.get("type").and_then(Value::as_str) != Some("null"));
        if let [(only, _)] = alternatives.as_slice() {
            parts.push(only.clone());
        }
    }
    parts
}

/// What stands under a word of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Under {
    /// A part of the document: its fields are words.
    Words,
    /// Parts by names that the API chose; `example` and `default` may be such a name.
    Names,
    /// Payloads, extensions, and what the generator drops unread.
    Data,
}

impl Under {
    pub(crate) fn word(word: &str, value: &Value) -> Self {
        match word {
            "example" | "examples" | "default" | "enum" | "const" | "callbacks" | "links" | "security"
            | "mapping" | "servers" | "tags" | "webhooks" | "externalDocs" | "headers" => Self::Data,
            "$defs" | "content" | "encoding" | "parameters" | "pathItems" | "paths" | "patternProperties"
            | "properties" | "requestBodies" | "responses" | "schemas" | "securitySchemes"
                if value.is_object() =>
            {
                Self::Names
            }
            extension if extension.starts_with("x-") => Self::Data,
            _ => Self::Words,
        }
    }
}

/// Calls back with each part of the document whose fields are words, outermost first.
pub(crate) fn visit_words(value: &mut Value, visit: &mut impl FnMut(&str, &mut Map<String, Value>)) {
    fn walk(
        value: &mut Value,
        names: bool,
        place: &mut String,
        visit: &mut impl FnMut(&str, &mut Map<String, Value>),
    ) {
        let length = place.len();
        match value {
            Value::Object(fields) => {
                if !names {
                    visit(place, fields);
                }
                for (name, field) in fields {
                    let under = if names { Under::Words } else { Under::word(name, field) };
                    if under != Under::Data {
                        place.push('/');
                        place.push_str(&escape(name));
                        walk(field, under == Under::Names, place, visit);
                        place.truncate(length);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    place.push_str(&format!("/{index}"));
                    walk(item, false, place, visit);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
    walk(value, false, &mut String::new(), visit);
}

/// Calls back with the place and the target of each `$ref` that means something: not within examples,
/// defaults and extensions, whose contents are payloads, nor in what is dropped unread.
pub fn references(value: &Value, found: &mut impl FnMut(&str, &str)) {
    references_under(value, "", found);
}

/// As [`references`], for a part of the document at `place`.
pub(crate) fn references_under(value: &Value, place: &str, found: &mut impl FnMut(&str, &str)) {
    fn walk(value: &Value, place: &mut String, names: bool, found: &mut impl FnMut(&str, &str)) {
        let length = place.len();
        match value {
            Value::Object(fields) => {
                if !names && let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    found(place, target);
                }
                for (name, field) in fields {
                    let under = if names { Under::Words } else { Under::word(name, field) };
                    if under != Under::Data {
                        place.push('/');
                        place.push_str(&escape(name));
                        walk(field, place, under == Under::Names, found);
                        place.truncate(length);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    place.push_str(&format!("/{index}"));
                    walk(item, place, false, found);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
    let names = matches!(place, "/paths");
    walk(value, &mut place.to_owned(), names, found);
}

/// A name as it stands in a JSON pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
