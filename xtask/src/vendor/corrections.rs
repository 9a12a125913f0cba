//! The corrections held against another edition: those that apply, those that lost their place, and those that
//! the edition makes itself; and the overlay's text without the latter two.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::overlay::{self, Applied};

/// How many actions after a removal may belong to the same correction.
const STEPS: usize = 3;

/// A correction and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The line of the overlay on which it begins.
    pub line: usize,
    /// Where it applies, as JSONPath.
    pub target: String,
    /// The reason, as the overlay gives it.
    pub reason: String,
    /// The Rust names that it asks for.
    pub names: Vec<String>,
    /// What it does in the edition.
    pub applied: Applied,
}

/// Marks the corrections that ask for names which the output does not have; whether there is one.
pub fn mark_unused(judged: &mut [Judged], is_generated: impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    for action in judged.iter_mut().filter(|action| matches!(action.applied, Applied::Changed(_))) {
        if action.names.iter().any(|name| !is_generated(name)) {
            action.applied = Applied::Unused;
            found = true;
        }
    }
    found
}

/// Applies an overlay to an edition, action by action, and says of each what it does. A removal and the updates
/// that undo it are obsolete together.
///
/// # Errors
/// When the overlay can't be read.
pub fn judge(document: &mut Value, path: &Path) -> Result<Vec<Judged>> {
    let lines = overlay::lines(path)?;
    let mut judged: Vec<Judged> = Vec::new();
    // The first action of a correction that begins with a removal, and what held the removed before.
    let mut removed: Option<(usize, Vec<(String, Value)>)> = None;
    for (number, action) in overlay::read(path)?.actions.iter().enumerate() {
        if action.remove == Some(true) && removed.as_ref().is_none_or(|(start, _)| number - start >= STEPS) {
            let holders = overlay::holders(document, &action.target)?;
            let before = holders
                .into_iter()
                .filter_map(|place| Some((place.clone(), document.pointer(&place)?.clone())));
            removed = Some((number, before.collect()));
        }
        let applied = overlay::apply_action(document, action)?;
        let mut names = Vec::new();
        overlay::requested_names(action.update.as_ref(), &mut names);
        judged.push(Judged {
            line: lines.get(number).copied().unwrap_or_default(),
            target: action.target.clone(),
            reason: action.description.clone().unwrap_or_default(),
            names,
            applied,
        });
        if let Some((start, before)) = removed.as_ref().filter(|(start, _)| number > *start) {
            let is_undone = before.iter().all(|(place, value)| document.pointer(place) == Some(value));
            let steps = judged.get_mut(*start..).unwrap_or_default();
            if is_undone && steps.iter().all(|step| matches!(step.applied, Applied::Changed(_))) {
                steps.iter_mut().for_each(|step| step.applied = Applied::Obsolete);
                removed = None;
            } else if number - start >= STEPS {
                removed = None;
            }
        }
    }
    Ok(judged)
}

/// The corrections of operations that a message names, each with its line: what stops the generator may be one of them.
///
/// # Errors
/// When the overlay can't be read.
pub fn named_in(message: &str, path: &Path, document: &Value) -> Result<Vec<String>> {
    let ids: Vec<&str> = message.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut found = Vec::new();
    for (action, line) in overlay::read(path)?.actions.iter().zip(overlay::lines(path)?) {
        let words = action.update.as_ref().and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let words: Vec<String> =
            words.filter(|word| word.starts_with("x-cashfree-")).map(|word| format!("`{word}`")).collect();
        let is_named = |place: &String| {
            let id = document.pointer(place).and_then(|operation| operation.get("operationId")?.as_str());
            id.is_some_and(|id| ids.contains(&id))
        };
        if !words.is_empty() && overlay::places(document, &action.target)?.iter().any(is_named) {
            found.push(format!("line {line}: {} sets {}", action.target, words.join(", ")));
        }
    }
    Ok(found)
}

/// The text of an overlay without the actions that do nothing in the edition.
///
/// # Errors
/// When the overlay can't be read.
pub fn carried(path: &Path, judged: &[Judged]) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let starts: Vec<usize> = judged.iter().map(|action| action.line).collect();
    let mut kept = String::new();
    let mut is_kept = true;
    for (line, number) in text.lines().zip(1..) {
        if let Some(at) = starts.iter().position(|start| *start == number) {
            is_kept = judged.get(at).is_some_and(|action| matches!(action.applied, Applied::Changed(_)));
        } else if line.starts_with('#') || line.trim().is_empty() {
            // Comments between actions belong to the group that follows.
            is_kept = true;
        }
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    if judged.iter().all(|action| !matches!(action.applied, Applied::Changed(_))) {
        kept = kept.replace("\nactions:\n", "\nactions: []\n");
    }
    Ok(kept)
}
