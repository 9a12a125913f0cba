//! Corrections that the edition makes itself, in other words than the overlay's: what it says at the corrected place is
//! what the current document says there once corrected. References and lone `allOf` are followed, sentences and the
//! order of lists left out. A correction that sets a word of this project too (`x-…`) is never made by an edition.

use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use roas_overlay::v1_0::Action;
use serde_json::{Map, Value};

use super::corrections::Judged;
use crate::document::{SENTENCES, references, resolve};
use crate::overlay::{self, Applied};

/// How deep references are followed when a place is compared.
const DEPTH: usize = 6;

/// Marks the corrections at `path` that `new` makes itself, and those that refer to what it lacks. `old` is the current
/// document; both are without corrections.
///
/// # Errors
/// When the overlay can't be read.
pub fn mark(judged: &mut [Judged], path: &Path, old: &Value, new: &Value) -> Result<()> {
    let actions = overlay::read(path)?.actions;
    // A correction may refer to a component that another one adds.
    let (mut corrected, mut added) = (old.clone(), new.clone());
    for action in &actions {
        overlay::apply_action(&mut corrected, action)?;
        overlay::apply_action(&mut added, action)?;
    }
    for group in groups(&actions) {
        let steps = actions.get(group.clone()).unwrap_or_default();
        let Some(judged) = judged.get_mut(group) else { continue };
        if judged.iter().any(|step| !matches!(step.applied, Applied::Changed(_))) {
            continue;
        }
        let applied = if steps.iter().any(|step| refers_to_nothing(step, &added)) {
            Applied::Lost
        } else if is_made(steps, &corrected, new)? {
            Applied::Obsolete
        } else {
            continue;
        };
        judged.iter_mut().for_each(|step| step.applied = applied.clone());
    }
    Ok(())
}

/// The corrections: an action, or a removal with the updates of its holder that follow.
fn groups(actions: &[Action]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (number, action) in actions.iter().enumerate() {
        let first = groups.last().and_then(|group| actions.get(group.start));
        let belongs = action.remove != Some(true)
            && first.is_some_and(|first| {
                first.remove == Some(true) && first.target.starts_with(&format!("{}.", action.target))
            });
        match groups.last_mut().filter(|_| belongs) {
            Some(group) => group.end = number + 1,
            None => groups.push(number..number + 1),
        }
    }
    groups
}

fn refers_to_nothing(action: &Action, new: &Value) -> bool {
    let mut found = false;
    references(action.update.as_ref().unwrap_or(&Value::Null), &mut |_, target| {
        found |= resolve(new, target).is_none();
    });
    found
}

/// Whether every fact that the updates of a correction set is one of the edition.
fn is_made(steps: &[Action], corrected: &Value, new: &Value) -> Result<bool> {
    let mut compared = 0;
    for step in steps {
        if step.update.as_ref().is_some_and(sets_extension) {
            return Ok(false);
        }
        let words = step.update.as_ref().and_then(Value::as_object).into_iter().flat_map(Map::keys);
        for word in words.filter(|word| is_fact(word)) {
            let said = |document: &Value| -> Result<Vec<Option<Value>>> {
                let places = overlay::places(document, &step.target)?;
                let holders = places.iter().filter_map(|place| document.pointer(place));
                Ok(holders.map(|holder| facts(document, holder, 0).get(word).cloned()).collect())
            };
            if said(corrected)? != said(new)? {
                return Ok(false);
            }
            compared += 1;
        }
    }
    Ok(compared > 0)
}

/// Whether an update sets a word that no edition has, at any depth.
fn sets_extension(update: &Value) -> bool {
    match update {
        Value::Object(fields) => {
            fields.iter().any(|(word, field)| word.starts_with("x-") || sets_extension(field))
        }
        Value::Array(items) => items.iter().any(sets_extension),
        _ => false,
    }
}

fn is_fact(word: &str) -> bool {
    !SENTENCES.contains(&word) && !word.starts_with("example") && !word.starts_with("x-")
}

/// A part of a document without its sentences, references replaced by what they name.
fn facts(document: &Value, value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(fields) => {
            let named =
                fields.get("$ref").and_then(Value::as_str).and_then(|target| resolve(document, target));
            if let Some((_, named)) = named {
                return if depth < DEPTH { facts(document, named, depth + 1) } else { Value::Null };
            }
            let kept = fields.iter().filter(|(word, value)| {
                is_fact(word) || SENTENCES.contains(&word.as_str()) && !value.is_string()
            });
            let facts: Map<String, Value> =
                kept.map(|(word, value)| (word.clone(), facts(document, value, depth))).collect();
            match facts.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
                Some([only]) if facts.len() == 1 => only.clone(),
                _ => facts.into(),
            }
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| facts(document, item, depth)).collect();
            items.sort_by_key(|item| item.to_string());
            items.into()
        }
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_removal_and_what_replaces_it_are_one_correction() -> Result<()> {
        let actions: Vec<Action> = serde_json::from_value(json!([
            { "target": "$.a", "update": {} },
            { "target": "$.b.c.enum", "remove": true },
            { "target": "$.b.c", "update": {} },
            { "target": "$.b", "update": {} },
            { "target": "$.d", "remove": true },
            { "target": "$.dd", "update": {} },
        ]))?;
        assert_eq!(groups(&actions), [0..1, 1..4, 4..5, 5..6]);
        Ok(())
    }

    #[test]
    fn a_correction_is_made_by_what_it_leads_to() -> Result<()> {
        let one = |bank: Value| json!({ "schemas": { "V": { "properties": { "bank": bank } }, "B": { "type": "object" } } });
        let steps: Vec<Action> = serde_json::from_value(json!([
            { "target": "$.schemas.V.properties.bank", "remove": true },
            { "target": "$.schemas.V.properties", "update": { "bank": { "allOf": [{ "$ref": "#/schemas/B" }] } } },
        ]))?;
        let corrected = one(json!({ "allOf": [{ "$ref": "#/schemas/B" }] }));
        let made = one(json!({ "type": "object", "description": "A bank." }));
        assert!(is_made(&steps, &corrected, &made)?);
        assert!(!is_made(&steps, &corrected, &one(json!({ "type": "array" })))?);
        let refers = |document: &Value| steps.iter().any(|step| refers_to_nothing(step, document));
        assert!(refers(&json!({})) && !refers(&made));
        Ok(())
    }
}
