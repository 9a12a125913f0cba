//! Corrections that the edition makes itself, in other words than the overlay's.
//!
//! Such a correction is told by its effect: without it, the output is nearer to the current one than with it. Each
//! candidate is tried on a small document of the operations that its place reaches.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use roas_overlay::v1_0::Action;
use serde_json::{Value, json};

use super::compare::compare;
use super::corrections::Judged;
use super::merge::reach;
use crate::document::{self, SENTENCES, resolve};
use crate::extensions;
use crate::model::Model;
use crate::normalize;
use crate::overlay::{self, Applied};
use crate::refuse;

/// How many operations a correction is tried on.
const TRIED: usize = 3;

/// How deep references are followed when a place is compared.
const DEPTH: usize = 6;

/// Marks the corrections at `path` that `new` makes itself. `old` is the current document; both are without
/// corrections.
///
/// # Errors
/// When the overlay can't be read.
pub fn mark(judged: &mut [Judged], path: &Path, old: &Value, new: &Value) -> Result<()> {
    let actions = overlay::read(path)?.actions;
    let trial = Trial { actions: &actions, old: Side::new(old, &actions), new: Side::new(new, &actions) };
    for group in groups(&actions) {
        let applies = judged
            .get(group.clone())
            .is_some_and(|steps| steps.iter().all(|step| matches!(step.applied, Applied::Changed(_))));
        if !applies || !trial.is_candidate(group.clone())? {
            continue;
        }
        if let Some(applied) = trial.tried(group.clone()) {
            for step in judged.get_mut(group).unwrap_or_default() {
                step.applied = applied.clone();
            }
        }
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

struct Trial<'a> {
    actions: &'a [Action],
    old: Side<'a>,
    new: Side<'a>,
}

/// A document with what its operations reach.
struct Side<'a> {
    document: &'a Value,
    /// The components by the operation's id, and where it stands.
    operations: BTreeMap<String, (String, BTreeSet<String>)>,
    /// What the corrections refer to.
    always: BTreeSet<String>,
}

impl<'a> Side<'a> {
    fn new(document: &'a Value, actions: &[Action]) -> Self {
        let mut always = BTreeSet::new();
        for update in actions.iter().filter_map(|action| action.update.as_ref()) {
            reach(document, update, &mut always);
        }
        let operations = document::operations(document).filter_map(|(place, operation)| {
            let mut reached = BTreeSet::new();
            reach(document, operation, &mut reached);
            Some((operation.get("operationId")?.as_str()?.to_owned(), (place, reached)))
        });
        Self { document, operations: operations.collect(), always }
    }

    /// The operations that a place belongs to.
    fn operations_at(&self, place: &str) -> BTreeSet<&str> {
        let component: Vec<&str> = place.splitn(5, '/').take(4).collect();
        let component = component.join("/");
        let found = self.operations.iter().filter(|(_, (at, reached))| {
            place == at || place.starts_with(&format!("{at}/")) || reached.contains(&component)
        });
        found.map(|(id, _)| id.as_str()).collect()
    }

    /// The document with some of its operations only.
    fn part(&self, ids: &BTreeSet<String>) -> Value {
        let mut part = json!({ "paths": {}, "components": {} });
        for word in ["openapi", "info", "security", "tags"] {
            if let Some(value) = self.document.get(word) {
                part[word] = value.clone();
            }
        }
        part["components"]["securitySchemes"] = self.document["components"]["securitySchemes"].clone();
        let mut components = self.always.clone();
        for (place, reached) in ids.iter().filter_map(|id| self.operations.get(id)) {
            let Some(operation) = self.document.pointer(place) else { continue };
            let Some((path, method)) = place.strip_prefix("/paths/").and_then(|rest| rest.rsplit_once('/'))
            else {
                continue;
            };
            let path = path.replace("~1", "/").replace("~0", "~");
            part["paths"][&path][method] = operation.clone();
            if let Some(shared) = self.document["paths"][&path].get("parameters") {
                part["paths"][&path]["parameters"] = shared.clone();
                reach(self.document, shared, &mut components);
            }
            components.extend(reached.iter().cloned());
        }
        for pointer in components {
            let mut steps = pointer.split('/').skip(2);
            if let (Some(kind), Some(name), Some(value)) =
                (steps.next(), steps.next(), self.document.pointer(&pointer))
            {
                part["components"][kind][name.replace("~1", "/").replace("~0", "~")] = value.clone();
            }
        }
        part
    }
}

impl Trial<'_> {
    /// Whether a correction changes more than names, at a place whose facts are others in the edition.
    fn is_candidate(&self, group: Range<usize>) -> Result<bool> {
        let steps = self.actions.get(group).unwrap_or_default();
        let is_structural = |action: &Action| {
            action.remove == Some(true)
                || action.update.as_ref().and_then(Value::as_object).is_none_or(|words| {
                    words.keys().any(|word| !word.starts_with("x-") && !SENTENCES.contains(&word.as_str()))
                })
        };
        if !steps.iter().any(is_structural) {
            return Ok(false);
        }
        for step in steps {
            let facts = |document: &Value| -> Result<Vec<Value>> {
                let places = overlay::places(document, &step.target)?;
                let values = places.iter().filter_map(|place| document.pointer(place));
                Ok(values.map(|value| facts(document, value, 0)).collect())
            };
            if facts(self.old.document)? != facts(self.new.document)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the correction is obsolete, because the output is nearer to the current one without it, or lost, because
    /// it refers to what the edition lacks.
    fn tried(&self, group: Range<usize>) -> Option<Applied> {
        let target = self.actions.get(group.start).map(|action| action.target.as_str()).unwrap_or_default();
        let places = overlay::places(self.new.document, target).unwrap_or_default();
        let ids: BTreeSet<String> = places
            .iter()
            .flat_map(|place| self.new.operations_at(place))
            .filter(|id| self.old.operations.contains_key(*id))
            .take(TRIED)
            .map(str::to_owned)
            .collect();
        if ids.is_empty() {
            return None;
        }
        let (before, without) = (self.model(&self.old, &ids, 0..0)?, self.model(&self.new, &ids, group)?);
        let Some(with) = self.model(&self.new, &ids, 0..0) else { return Some(Applied::Lost) };
        let is_nearer = distance(&before, &without) < distance(&before, &with);
        (is_nearer || compare(&with, &without).changes.is_empty()).then_some(Applied::Obsolete)
    }

    /// The model of some operations, corrected by all actions but those left out.
    fn model(&self, side: &Side<'_>, ids: &BTreeSet<String>, left_out: Range<usize>) -> Option<Model> {
        let mut document = side.part(ids);
        for (number, action) in self.actions.iter().enumerate() {
            if !left_out.contains(&number) {
                overlay::apply_action(&mut document, action).ok()?;
            }
        }
        for item in document["paths"].as_object_mut()?.values_mut() {
            for operation in item.as_object_mut()?.values_mut().filter_map(Value::as_object_mut) {
                // They name operations that are not in the part.
                operation.retain(|word, _| word != extensions::READ_BACK && word != extensions::LOOK_UP);
            }
        }
        document::check(&document).ok()?;
        normalize::run(&mut document).ok()?;
        refuse::check(&document).ok()?;
        Model::read(&document).ok()
    }
}

/// How many changes there are between two models. Names of types are no facts; others keep or change them.
fn distance(before: &Model, after: &Model) -> usize {
    compare(before, after).changes.iter().filter(|change| !change.what.starts_with("is called")).count()
}

/// A part of a document without its sentences, references replaced by what they name.
fn facts(document: &Value, value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            if let Some((_, named)) = target.and_then(|target| resolve(document, target)) {
                return if depth < DEPTH { facts(document, named, depth + 1) } else { Value::Null };
            }
            let kept = members.iter().filter(|(word, value)| {
                !(SENTENCES.contains(&word.as_str()) && value.is_string()
                    || word.starts_with("example")
                    || word.starts_with("x-"))
            });
            kept.map(|(word, value)| (word.clone(), facts(document, value, depth))).collect()
        }
        Value::Array(items) => items.iter().map(|item| facts(document, item, depth)).collect(),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
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
}
