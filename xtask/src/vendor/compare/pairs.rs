//! Types that have another name: those that vanished, paired with new ones of the same or nearly the same shape.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::facts;
use crate::model::{Direction, Kind, Model, Shape, Type};

/// A type that has another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Its name before.
    pub old: String,
    /// Its name now.
    pub new: String,
    /// Where the overlay can give it the old name, as JSONPath.
    pub target: Option<String>,
}

impl Pair {
    /// The line of the overlay that keeps the old name.
    pub fn correction(&self) -> Option<String> {
        let target = serde_json::to_string(self.target.as_ref()?).ok()?;
        let name = &self.old;
        Some(format!(
            "- {{ target: {target}, description: \"Keeps the name of earlier editions.\", update: {{ x-rust-name: {name} }} }}"
        ))
    }
}

/// How much of two shapes must be the same, in percent.
const ALIKE: usize = 60;

/// Pairs the vanished types of `old` with the new ones of `new`, the most alike first.
pub(super) fn renamed(old: &Model, new: &Model) -> Vec<Pair> {
    let mut pairs = displaced(old, new);
    let gone: Vec<&Type> = old.types.iter().filter(|found| new.find(&found.name).is_none()).collect();
    let added: Vec<&Type> = new.types.iter().filter(|found| old.find(&found.name).is_none()).collect();
    let mut alike = Vec::new();
    for before in &gone {
        for now in &added {
            let share = likeness(before, now);
            if share >= ALIKE {
                // Of several of the same fields, the one whose fields are of the same types.
                let is_same = facts(before) == facts(now);
                let same_place = is_used_alike(old, before, new, now);
                alike.push(((share, is_same, same_place), before.name.as_str(), now.name.as_str()));
            }
        }
    }
    alike.sort_by(|one, other| (other.0, one.1, one.2).cmp(&(one.0, other.1, other.2)));
    let named: Vec<Pair> = pairs.clone();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    taken.extend(named.iter().flat_map(|pair| [pair.old.as_str(), pair.new.as_str()]));
    for ((share, _, same_place), before, now) in alike {
        // Shapes of few parts are alike by chance; they need the same place.
        let is_small = old.find(before).is_some_and(|found| items(found).len() < 3);
        if taken.contains(before) || taken.contains(now) || (is_small || share < 80) && !same_place {
            continue;
        }
        taken.extend([before, now]);
        pairs.push(Pair { old: before.to_owned(), new: now.to_owned(), target: target(new, now, 0) });
    }
    // A schema that is sent and read has one place and two types; the shorter name gives the other.
    pairs.sort_by_key(|pair: &Pair| (pair.old.len(), pair.old.clone()));
    let mut targets = BTreeSet::new();
    for pair in &mut pairs {
        if pair.target.as_ref().is_some_and(|target| !targets.insert(target.clone())) {
            pair.target = None;
        }
    }
    pairs.sort_by(|one, other| one.old.cmp(&other.old));
    pairs
}

/// Types whose name another schema of the edition has taken. They are known by the name of their schema.
fn displaced(old: &Model, new: &Model) -> Vec<Pair> {
    let of = |model: &Model, before: &Type| -> Vec<String> {
        let same = |found: &&Type| found.source == before.source && found.direction == before.direction;
        model.types.iter().filter(same).map(|found| found.name.clone()).collect()
    };
    let pairs = old.types.iter().filter(|before| before.source.is_some()).filter_map(|before| {
        let usurper = new.find(&before.name).filter(|found| found.source != before.source)?;
        let [now] = &of(new, before)[..] else { return None };
        let is_free = old.find(now).is_none() && of(old, before).len() == 1 && usurper.source.is_some();
        is_free.then(|| Pair { old: before.name.clone(), new: now.clone(), target: target(new, now, 0) })
    });
    pairs.collect()
}

/// Pairs new types with types that `new` has still, where a place of the one is a place of the other and the shapes are
/// the same: an edition splits a shared schema. Both may have the old name.
pub(super) fn split(old: &Model, new: &Model, taken: &[Pair]) -> Vec<Pair> {
    let is_taken = |name: &str| taken.iter().any(|pair| pair.new == name);
    let added = new.types.iter().filter(|found| old.find(&found.name).is_none() && !is_taken(&found.name));
    let pairs = added.filter_map(|now| {
        let before = old.types.iter().find(|before| {
            let is_same = |other: &Type| facts(other) == facts(now) && other.direction == now.direction;
            let is_there = new.find(&before.name).is_some_and(is_same);
            is_there && is_same(before) && is_used_alike(old, before, new, now)
        })?;
        Some(Pair { old: before.name.clone(), new: now.name.clone(), target: target(new, &now.name, 0) })
    });
    pairs.filter(|pair| pair.target.is_some()).collect()
}

/// Whether both types stand in fields of one name, or are bodies of one operation.
fn is_used_alike(old: &Model, before: &Type, new: &Model, now: &Type) -> bool {
    let (one, other) = (places(old, &before.name), places(new, &now.name));
    one.iter().any(|place| other.contains(place))
}

fn places(model: &Model, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for holder in &model.types {
        let parts = facts(holder).into_iter().filter(|fact| fact.kind.is_some_and(|kind| refers(kind, name)));
        found.extend(parts.map(|fact| fact.name.to_owned()));
    }
    for operation in &model.operations {
        let uses = |kind: &Option<Kind>| kind.as_ref().is_some_and(|kind| refers(kind, name));
        if uses(&operation.body) {
            found.insert(format!("request {}", operation.id));
        }
        if uses(&operation.response_body) {
            found.insert(format!("response {}", operation.id));
        }
        let own = operation.parameters.iter().filter(|parameter| refers(&parameter.kind, name));
        found.extend(own.map(|parameter| parameter.wire.clone()));
    }
    found
}

fn refers(kind: &Kind, name: &str) -> bool {
    kind.named() == Some(name)
}

/// The shared part of two types of the same shape, in percent.
fn likeness(one: &Type, other: &Type) -> usize {
    let same_shape = std::mem::discriminant(&one.shape) == std::mem::discriminant(&other.shape);
    let sent = |found: &Type| found.direction == Direction::Request;
    if !same_shape || sent(one) != sent(other) {
        return 0;
    }
    let (one, other) = (items(one), items(other));
    let all = one.union(&other).count();
    (one.intersection(&other).count() * 100).checked_div(all).unwrap_or_default()
}

fn items(found: &Type) -> BTreeSet<&str> {
    facts(found).iter().map(|fact| fact.name).collect()
}

/// The place of a type in the document: its schema, or the field of a schema that holds it.
fn target(model: &Model, name: &str, depth: usize) -> Option<String> {
    let found = model.find(name)?;
    if let Some(source) = &found.source {
        return Some(format!("$.components.schemas['{source}']"));
    }
    if depth > 8 {
        return None;
    }
    model.types.iter().find_map(|holder| {
        let Shape::Object(fields) = &holder.shape else { return None };
        let field = fields.iter().find(|field| refers(&field.kind, name))?;
        let place = target(model, &holder.name, depth + 1)?;
        let mut path = format!("{place}.properties['{}']", field.name);
        let mut kind = &field.kind;
        loop {
            match kind {
                Kind::List(inner) => {
                    path.push_str(".items");
                    kind = inner;
                }
                Kind::Map(inner) => {
                    path.push_str(".additionalProperties");
                    kind = inner;
                }
                _ => return Some(path),
            }
        }
    })
}

/// The kind with its types under their new names.
pub(super) fn translated(kind: &Kind, names: &BTreeMap<&str, &str>) -> Kind {
    let renamed =
        |name: &String| names.get(name.as_str()).map_or_else(|| name.clone(), |new| (*new).to_owned());
    match kind {
        Kind::Enum(name) => Kind::Enum(renamed(name)),
        Kind::Object(name) => Kind::Object(renamed(name)),
        Kind::Union(name) => Kind::Union(renamed(name)),
        Kind::List(inner) => Kind::List(Box::new(translated(inner, names))),
        Kind::Map(inner) => Kind::Map(Box::new(translated(inner, names))),
        other => other.clone(),
    }
}
