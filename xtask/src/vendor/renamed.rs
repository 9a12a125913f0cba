//! Named schemas that go by another name: one that vanished and one that is new, of the same shape.
//!
//! Texts and examples are no part of a shape, and a reference counts as the same when what it names
//! was found to be renamed, so that a whole family is recognised once its innermost member is. What
//! then remains is paired by the names of its members, when most of them agree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use similar::TextDiff;

use super::schema::object;

/// How many of the members of two schemas must agree, of those of both, for them to be one.
const AGREEING: f64 = 0.75;

/// With fewer members, agreement means nothing.
const MEMBERS: usize = 4;

/// New name by old name. A pair need not be of exactly the same shape; the walk finds what differs.
pub(super) fn pairs(old: &Value, new: &Value) -> BTreeMap<String, String> {
    let empty = Map::new();
    let schemas = |document: &Value| {
        let found = document.get("components").and_then(|components| object(components, "schemas"));
        found.unwrap_or(&empty).clone()
    };
    let (old, new) = (schemas(old), schemas(new));
    let mut vanished: BTreeSet<&String> = old.keys().filter(|name| !new.contains_key(*name)).collect();
    let mut fresh: BTreeSet<&String> = new.keys().filter(|name| !old.contains_key(*name)).collect();
    let mut pairs = BTreeMap::new();

    loop {
        let before = pairs.len();
        for name in vanished.clone() {
            let shape = shape(&old[name], &pairs, false);
            if !has_contents(&shape) {
                continue;
            }
            let same =
                fresh.iter().filter(|other| self::shape(&new[**other], &BTreeMap::new(), false) == shape);
            if let Some(other) = nearest(name, same.copied()) {
                vanished.remove(name);
                fresh.remove(other);
                pairs.insert(name.clone(), other.clone());
            }
        }
        if pairs.len() == before {
            break;
        }
    }
    for name in vanished {
        let alike = fresh.iter().filter(|other| is_alike(&old[name], &new[**other]));
        if let Some(other) = nearest(name, alike.copied()) {
            fresh.remove(other);
            pairs.insert(name.clone(), other.clone());
        }
    }
    pairs
}

/// The most similar name.
fn nearest<'a>(name: &str, others: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let ratio = |other: &String| TextDiff::from_chars(name, other.as_str()).ratio();
    others.max_by(|a, b| ratio(a).total_cmp(&ratio(b)))
}

/// A schema without its texts and examples, under the new names.
fn shape(schema: &Value, pairs: &BTreeMap<String, String>, names_are_data: bool) -> Value {
    match schema {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| {
                names_are_data
                    || !matches!(name.as_str(), "description" | "summary" | "title" | "example" | "examples")
            });
            let mapped = kept.map(|(name, value)| {
                let inside = shape(value, pairs, !names_are_data && name == "properties");
                (name.clone(), if name == "$ref" { renamed(inside, pairs) } else { inside })
            });
            Value::Object(mapped.collect())
        }
        Value::Array(items) => items.iter().map(|item| shape(item, pairs, false)).collect(),
        other => other.clone(),
    }
}

fn renamed(target: Value, pairs: &BTreeMap<String, String>) -> Value {
    const SCHEMAS: &str = "#/components/schemas/";
    let name = target.as_str().and_then(|target| target.strip_prefix(SCHEMAS));
    match name.and_then(|name| pairs.get(name)) {
        Some(name) => json!(format!("{SCHEMAS}{name}")),
        None => target,
    }
}

/// Plain text is the same shape as any other plain text; that says nothing.
fn has_contents(shape: &Value) -> bool {
    let filled = |name: &str| match shape.get(name) {
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    };
    ["properties", "enum", "oneOf", "anyOf", "allOf"].into_iter().any(filled)
}

fn is_alike(old: &Value, new: &Value) -> bool {
    let names = |schema| -> BTreeSet<String> {
        object(schema, "properties").into_iter().flat_map(Map::keys).cloned().collect()
    };
    let (old, new) = (names(old), names(new));
    let all = old.union(&new).count();
    let common = u32::try_from(old.intersection(&new).count()).unwrap_or(u32::MAX);
    let all_count = u32::try_from(all).unwrap_or(u32::MAX);
    all >= MEMBERS && f64::from(common) >= AGREEING * f64::from(all_count)
}
