//! Each operation has an id of its own that makes the name of a method.
//!
//! Of those that share an id, or are spelled alike in Rust, the one with the shortest path keeps it, of
//! equally short ones the first by alphabet, path before method; each other one is called by the id, its
//! method and its path. An id that is missing, or makes
//! no method, is replaced by method and path. So a name depends on the operation and not on where it
//! stands in the document.

use std::collections::BTreeSet;

use anyhow::Result;
use heck::{ToLowerCamelCase, ToUpperCamelCase};
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::operations_mut;
use crate::naming::{argument_name, is_method};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut found: Vec<(String, Option<String>)> = operations_mut(document)
        .map(|(place, operation)| {
            (place, operation.get("operationId").and_then(Value::as_str).map(str::to_owned))
        })
        .collect();
    let by_path = |place: &str| {
        let (method, path) = place.split_once(' ').unwrap_or((place, ""));
        (path.split('/').count(), path.to_owned(), method.to_owned())
    };
    found.sort_by_key(|(place, _)| by_path(place));

    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut unnamed = Vec::new();
    for (place, id) in found {
        match id {
            Some(id) if is_method(&argument_name(&id)) => {
                if !taken.insert(argument_name(&id)) {
                    unnamed.push((place, Some(id)));
                }
            }
            id => {
                let said = id.filter(|id| !id.is_empty());
                log.note(match said {
                    Some(id) => format!("{place}: operationId {id} makes no method"),
                    None => format!("{place}: no operationId"),
                });
                unnamed.push((place, None));
            }
        }
    }
    let mut names = Vec::new();
    for (place, id) in unnamed {
        let words: String =
            place.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
        let stem = match &id {
            Some(id) => format!("{id}{}", words.to_upper_camel_case()),
            None => words.to_lower_camel_case(),
        };
        let mut name = stem.clone();
        let mut number = 2;
        while !is_method(&argument_name(&name)) || !taken.insert(argument_name(&name)) {
            name = format!("{stem}{number}");
            number += 1;
        }
        log.note(match &id {
            Some(id) => format!("{place}: operationId {id} is taken; called {name}"),
            None => format!("{place}: called {name}"),
        });
        names.push((place, name));
    }
    for (place, operation) in operations_mut(document) {
        if let Some((_, name)) = names.iter().find(|(other, _)| *other == place) {
            operation.insert("operationId".to_owned(), json!(name));
        }
    }
    Ok(())
}
