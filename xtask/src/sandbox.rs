//! The documents that the local sandbox embeds: the API and its events, corrected and normalised, as JSON.
//!
//! The sandbox depends on neither SDK crate and reads no other description of the API, so every fault that
//! the overlay or a pass fixes is fixed for the sandbox too. Descriptions are left out; limits, required lists,
//! error responses and examples stay, because the sandbox checks requests and responses against them.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::document::visit_words;
use crate::extensions;
use crate::normalize;
use crate::render::File;
use crate::versions::Versions;

/// The folder of the documents, from the root of the workspace.
pub const OUT: &str = "tests/sandbox/documents";

/// The list of all versions of the API that Cashfree has published.
const PUBLISHED: &str = "x-published-versions";

/// The document of the API, corrected but not yet normalised, as the sandbox reads it.
///
/// # Errors
/// When a pass meets something that no rule covers.
pub fn payments(corrected: &Value, versions: &Versions) -> Result<File> {
    let mut document = corrected.clone();
    normalize::run_shared(&mut document)?;
    visit_words(&mut document, &mut |place, words| {
        words.retain(|word, _| is_kept(word));
        if place.rsplit('/').nth(1) == Some("responses") {
            // OpenAPI requires a description of each response.
            words.insert("description".to_owned(), json!(""));
        }
        if place == "/info" {
            words.retain(|word, _| matches!(word.as_str(), "title" | "version"));
        }
    });
    // The rest is inlined.
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|kind, _| matches!(kind.as_str(), "examples" | "schemas" | "securitySchemes"));
    }
    document[PUBLISHED] = json!(versions.published);
    sort(document.get_mut("paths"));
    sort(document.pointer_mut("/components/schemas"));
    file("payments.json", &document)
}

/// The document of the events as the sandbox reads it. The order of the samples stays.
///
/// # Errors
/// When the document can't be written as JSON, which does not happen.
pub fn events(document: &Value) -> Result<File> {
    let mut document = document.clone();
    let mut described = Vec::new();
    for (name, event) in document["x-webhooks"].as_object().into_iter().flatten() {
        let text = event["post"]["description"].as_str().unwrap_or_default();
        described.push((name.clone(), text.lines().next().unwrap_or_default().to_owned()));
    }
    let mut events = document["x-webhooks"].take();
    for part in [&mut document, &mut events] {
        visit_words(part, &mut |_, words| {
            words.retain(|word, _| is_kept(word));
        });
    }
    for (name, text) in described {
        events[name]["post"]["summary"] = json!(text);
    }
    document["x-webhooks"] = events;
    file("webhooks.json", &document)
}

fn is_kept(word: &str) -> bool {
    let of_the_client =
        [extensions::ABSENT, extensions::FIELD_NAMES, extensions::PRESENT, extensions::PRESENT_FIELDS];
    word != "description" && !word.starts_with("x-rust-") && !of_the_client.contains(&word)
}

/// Sorts by name, so that an edition in another order shows no difference.
fn sort(named: Option<&mut Value>) {
    if let Some(fields) = named.and_then(Value::as_object_mut) {
        let mut sorted: Vec<(String, Value)> = std::mem::take(fields).into_iter().collect();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        *fields = Map::from_iter(sorted);
    }
}

fn file(name: &'static str, document: &Value) -> Result<File> {
    let text = serde_json::to_string_pretty(document).with_context(|| format!("cannot write {name}"))?;
    Ok(File { name, text: text + "\n" })
}
