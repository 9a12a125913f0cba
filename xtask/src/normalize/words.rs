//! Only the words stay that the generator reads, each in the form in which it reads them: extensions
//! that are not the overlay's, servers, headers of responses, links, lists of tags and foreign documentation go, and a text
//! that is none is dropped.
//!
//! OpenAPI 3.1 is read as 3.0 from here on; what it says in a schema is translated by `compose`.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::log::Log;
use crate::document::visit_words;

/// What the overlay says to the generator.
const OURS: [&str; 11] = [
    "x-rust-name",
    "x-rust-field",
    "x-cashfree-retry-class",
    "x-cashfree-read-back",
    "x-cashfree-look-up",
    "x-cashfree-protected-by",
    "x-cashfree-identity",
    "x-cashfree-sensitive",
    "x-cashfree-absent",
    "x-cashfree-present",
    "x-cashfree-limits",
];

/// Parts that nothing reads.
const UNREAD: [&str; 6] = ["externalDocs", "headers", "links", "servers", "webhooks", "jsonSchemaDialect"];

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let version = document["openapi"].to_string().replace('"', "");
    if !version.starts_with("3.0.") {
        log.note(format!("/openapi: {version} is read as 3.0.3"));
        document["openapi"] = json!("3.0.3");
    }
    empty_components(document, log);
    info(document, log);
    let mut dropped = 0_usize;
    visit_words(document, &mut |place, keywords| {
        keywords.retain(|word, _| {
            let keep = !(UNREAD.contains(&word.as_str())
                || word.starts_with("x-") && !OURS.contains(&word.as_str()));
            dropped += usize::from(!keep);
            keep
        });
        for word in ["description", "summary", "operationId"] {
            if keywords.get(word).is_some_and(|text| !text.is_string()) {
                keywords.shift_remove(word);
                log.note(format!("{place}: {word} is no text"));
            }
        }
    });
    // The keys of paths are names to the walk, extensions among them.
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|path, _| !path.starts_with("x-"));
    }
    if let Some(document) = document.as_object_mut() {
        document.shift_remove("tags");
    }
    log.note(format!("{dropped} extensions and parts that nothing reads dropped"));
    Ok(())
}

/// The title and the version stand in the generated code; a version may be written as a number.
fn info(document: &mut Value, log: &mut Log) {
    for word in ["title", "version"] {
        let text = match document.pointer(&format!("/info/{word}")) {
            Some(Value::String(_)) => continue,
            Some(number @ Value::Number(_)) => number.to_string(),
            _ => "unnamed".to_owned(),
        };
        log.note(format!("/info/{word}: read as {text}"));
        if !document["info"].is_object() {
            document["info"] = Value::Object(Map::new());
        }
        document["info"][word] = json!(text);
    }
}

/// A heading of YAML with nothing below it is null.
fn empty_components(document: &mut Value, log: &mut Log) {
    let Some(keywords) = document.as_object_mut() else { return };
    if keywords.get("components").is_some_and(Value::is_null) {
        keywords.shift_remove("components");
        log.note("/components: null, as if it were not there");
    }
    let kinds = keywords.get_mut("components").and_then(Value::as_object_mut);
    if let Some(kinds) = kinds {
        kinds.retain(|kind, named| {
            if named.is_null() {
                log.note(format!("/components/{kind}: null, as if it were not there"));
            }
            !named.is_null()
        });
    }
}
