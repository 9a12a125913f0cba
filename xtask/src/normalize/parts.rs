//! A schema that stands within something else, and is referred to there, becomes one of its own, to which both
//! places refer: what bundles a document of many files leaves such references, and a schema that holds itself
//! can be named in no other way. References to parameters, bodies and responses within an operation are left to
//! [`inline`](super::inline).

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::{SCHEMAS, schemas_mut};
use crate::document::{escape, nested_schema_name, references, resolve, visit_words};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    references(document, &mut |_, target| {
        if let Some((pointer, _)) = resolve(document, target)
            && let Some(name) = nested_schema_name(document, &pointer)
        {
            found.insert(pointer, name);
        }
    });
    // What stands deeper moves first, so that the place of neither changes before it has moved.
    let mut parts: Vec<(String, String)> = found.into_iter().collect();
    parts.sort_by_key(|(pointer, _)| std::cmp::Reverse(pointer.matches('/').count()));
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for (pointer, stem) in parts {
        let is_taken =
            |name: &str| document.pointer(&format!("/components/schemas/{}", escape(name))).is_some();
        let mut name = stem.clone();
        let mut number = 2;
        while is_taken(&name) {
            name = format!("{stem}{number}");
            number += 1;
        }
        let reference = format!("{SCHEMAS}{name}");
        let Some(part) = document.pointer_mut(&pointer) else { continue };
        let schema = std::mem::replace(part, json!({ "$ref": reference }));
        log.note(format!("{pointer}: referred to; called {name}"));
        schemas_mut(document)?.insert(name, schema);
        named.insert(pointer, reference);
    }
    if named.is_empty() {
        return Ok(());
    }
    visit_words(document, &mut |_, keywords| {
        let Some(target) = keywords.get("$ref").and_then(Value::as_str) else { return };
        let plain = target
            .strip_prefix('#')
            .and_then(|pointer| named.get(pointer).or_else(|| named.get(&decoded(pointer))));
        if let Some(reference) = plain.cloned() {
            keywords.insert("$ref".to_owned(), reference.into());
        }
    });
    Ok(())
}

/// A pointer without percent signs; bundlers write braces so.
fn decoded(pointer: &str) -> String {
    percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned()
}
