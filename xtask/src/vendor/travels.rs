//! Who sends a named schema and who reads it, over the references that lead to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::Travel;
use crate::document::{method_and_path, operations, references};

/// The operations that reach a named schema.
#[derive(Debug, Default, Clone)]
pub(super) struct Uses {
    sent: BTreeSet<String>,
    read: BTreeSet<String>,
    failed: BTreeSet<String>,
}

impl Uses {
    fn travel(&self) -> Travel {
        Travel { sent: !self.sent.is_empty(), read: !self.read.is_empty() }
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.read.is_empty() && self.failed.is_empty()
    }

    /// In words, for the report.
    fn words(&self) -> String {
        let by = |verb: &str, operations: &BTreeSet<String>| match (operations.len(), operations.first()) {
            (1, Some(one)) => Some(format!("{verb} by `{one}`")),
            (0, _) | (_, None) => None,
            (count, _) => Some(format!("{verb} by {count}")),
        };
        let words: Vec<_> = [by("sent", &self.sent), by("read", &self.read)].into_iter().flatten().collect();
        match words.is_empty() {
            false => words.join(", "),
            true if self.failed.is_empty() => "unused".to_owned(),
            true => "errors only".to_owned(),
        }
    }
}

/// The name of an operation in the report: its id, or method and path where it has none.
pub(super) fn label(place: &str, operation: &Value) -> String {
    match operation.get("operationId").and_then(Value::as_str) {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => {
            let (method, path) = method_and_path(place);
            format!("{} {path}", method.to_uppercase())
        }
    }
}

/// Whether an answer of this status is the one that a method returns.
pub(super) fn is_success(status: &str) -> bool {
    status.starts_with('2') || status == "default"
}

/// Which way a schema goes in either edition, and who uses it in the new one; or did in the old, when
/// nobody does any more.
pub(super) fn both(
    old: &BTreeMap<String, Uses>,
    new: &BTreeMap<String, Uses>,
    name: &str,
) -> (Travel, String) {
    let (old, new) = (old.get(name).cloned().unwrap_or_default(), new.get(name).cloned().unwrap_or_default());
    let (before, after) = (old.travel(), new.travel());
    let travel = Travel { sent: before.sent || after.sent, read: before.read || after.read };
    (travel, if new.is_empty() { old.words() } else { new.words() })
}

/// Uses by the name of the schema.
pub(super) fn uses(document: &Value) -> BTreeMap<String, Uses> {
    let mut uses: BTreeMap<String, Uses> = BTreeMap::new();
    for (place, operation) in operations(document) {
        let label = label(&place, operation);
        let item = method_and_path(&place).1;
        let item = document.get("paths").and_then(|paths| paths.get(item.as_str()));
        let shared = item.and_then(|item| item.get("parameters"));
        let inputs = [operation.get("parameters"), operation.get("requestBody"), shared];
        for name in inputs.into_iter().flatten().flat_map(|value| reached(document, value)) {
            uses.entry(name).or_default().sent.insert(label.clone());
        }
        let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
        for (status, response) in responses {
            for name in reached(document, response) {
                let uses = uses.entry(name).or_default();
                let set = if is_success(status) { &mut uses.read } else { &mut uses.failed };
                set.insert(label.clone());
            }
        }
    }
    uses
}

/// The named schemas that a value refers to, at any distance.
fn reached(document: &Value, value: &Value) -> BTreeSet<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        references(value, &mut |_, target| {
            if seen.insert(target.to_owned())
                && let Some(found) = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer))
            {
                open.push(found);
            }
        });
    }
    let names = seen.iter().filter_map(|target| target.strip_prefix("#/components/schemas/"));
    names.map(str::to_owned).collect()
}
