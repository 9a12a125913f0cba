//! A reference to a schema in one form: the schema's own name, neither percent-encoded nor escaped.
//! Beside a reference only a description is kept, as in OpenAPI 3.0, where nothing beside it counts.

use anyhow::Result;
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::SCHEMAS;
use crate::document::{resolve, visit_words};

/// What may stand beside a reference.
const BESIDE: [&str; 4] = ["$ref", "description", "x-rust-name", "x-rust-field"];

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let shared = document.clone();
    visit_words(document, &mut |place, keywords| {
        let Some(target) = keywords.get("$ref") else { return };
        let Some(target) = target.as_str() else {
            log.note(format!("{place}: a reference that is no text says nothing"));
            keywords.shift_remove("$ref");
            return;
        };
        let found = resolve(&shared, target).map(|(pointer, _)| pointer);
        let name = found.as_deref().and_then(|pointer| pointer.strip_prefix("/components/schemas/"));
        if let Some(name) = name.filter(|name| !name.contains('/')) {
            let plain = format!("{SCHEMAS}{}", name.replace("~1", "/").replace("~0", "~"));
            keywords.insert("$ref".to_owned(), json!(plain));
        }
        let beside: Vec<String> =
            keywords.keys().filter(|word| !BESIDE.contains(&word.as_str())).cloned().collect();
        if !beside.is_empty() {
            log.note(format!("{place}: {} beside a reference dropped", beside.join(", ")));
            keywords.retain(|word, _| BESIDE.contains(&word.as_str()));
        }
    });
    Ok(())
}
