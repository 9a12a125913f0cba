//! Two schemas compared, keyword by keyword and member by member. A named schema is compared once,
//! under its own name: where both sides refer to it, the walk stops.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::change::{Difference, Effect, Examples, Place, Travel, code, listed};
use crate::normalize::required;

/// Deeper than any schema that a person wrote; a document that refers in circles ends here.
const DEPTH: usize = 48;

/// Keywords that this module compares one by one.
const KNOWN: [&str; 34] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

/// The two documents, and the names that one schema has in both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    /// New name by old name, where they differ.
    pub(super) renamed: &'a BTreeMap<String, String>,
}

/// What a reference leads to; references to references are followed. `None` when it leads nowhere or
/// in a circle.
pub(super) fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..DEPTH {
        match target(value) {
            Some(target) => value = document.pointer(target.strip_prefix('#')?)?,
            None => return Some(value),
        }
    }
    None
}

/// The target of a reference.
pub(super) fn target(value: &Value) -> Option<&str> {
    value.get("$ref").and_then(Value::as_str)
}

fn short(target: &str) -> &str {
    target.strip_prefix("#/components/schemas/").unwrap_or(target)
}

/// A schema in a few words: `` `OrderEntity` ``, `list of string`, `string (date-time)`.
pub(super) fn brief(schema: &Value) -> String {
    fn words(schema: &Value, depth: usize) -> String {
        if let Some(target) = target(schema) {
            return code(short(target));
        }
        let kind = kind(schema);
        match schema.get("items") {
            Some(items) if depth < 4 && kind == "array" => format!("list of {}", words(items, depth + 1)),
            _ => match schema.get("format").and_then(Value::as_str) {
                Some(format) => format!("{kind} ({format})"),
                None => kind,
            },
        }
    }
    words(schema, 0)
}

/// The type in words; a schema with members is an object also when it does not say so.
fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(other) => code(&other.to_string()),
        None if schema.get("properties").is_some() => "object".to_owned(),
        None if schema.get("items").is_some() => "array".to_owned(),
        None if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() => "alternatives".to_owned(),
        None => "no type".to_owned(),
    }
}

/// Whether two schemas have nothing to compare: one is a list or text, the other an object.
fn is_other_kind(old: &Value, new: &Value) -> bool {
    let is_composed =
        |schema: &Value| ["allOf", "oneOf", "anyOf"].iter().any(|name| schema.get(name).is_some());
    let (before, after) = (kind(old), kind(new));
    let is_structured = |kind: &str| matches!(kind, "object" | "array");
    before != after
        && (is_structured(&before) || is_structured(&after))
        && !is_composed(old)
        && !is_composed(new)
}

/// Compares two schemas that stand in the same place.
pub(super) fn compare(
    sides: Sides<'_>,
    place: &Place,
    schemas: (&Value, &Value),
    travel: Travel,
    found: &mut Difference,
) {
    Walk { sides, travel, found, seen: &mut BTreeSet::new() }.schema(place, schemas.0, schemas.1, 0);
}

/// Counts texts of this project or of Cashfree that differ; they are not printed.
pub(super) fn count_texts(old: &Value, new: &Value, found: &mut Difference) {
    for name in ["description", "summary", "title"] {
        if old.get(name) != new.get(name) {
            found.descriptions += 1;
        }
    }
}

/// Counts the examples of a schema, a body or a parameter.
pub(super) fn count_examples(place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    let all = |value: &Value| -> BTreeMap<String, Value> {
        let named = match value.get("examples") {
            Some(Value::Object(named)) => named.iter().map(|(k, v)| (format!("/{k}"), v.clone())).collect(),
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(index, item)| (format!("/{index}"), item.clone())).collect()
            }
            _ => BTreeMap::new(),
        };
        value.get("example").map(|one| (String::new(), one.clone())).into_iter().chain(named).collect()
    };
    let (old, new) = (all(old), all(new));
    let count = Examples {
        added: new.keys().filter(|name| !old.contains_key(*name)).count(),
        removed: old.keys().filter(|name| !new.contains_key(*name)).count(),
        changed: old.iter().filter(|(name, value)| new.get(*name).is_some_and(|new| new != *value)).count(),
    };
    if count != Examples::default() {
        let sum = found.examples.entry((place.part, place.root.clone())).or_default();
        sum.added += count.added;
        sum.removed += count.removed;
        sum.changed += count.changed;
    }
}

struct Walk<'a, 'f> {
    sides: Sides<'a>,
    travel: Travel,
    found: &'f mut Difference,
    /// Pairs of different names that were followed: schemas may refer in circles.
    seen: &'f mut BTreeSet<(String, String)>,
}

impl Walk<'_, '_> {
    fn note(&mut self, place: &Place, what: impl Into<String>, sent: Effect, read: Effect) {
        self.found.note(place, what, self.travel.choose(sent, read));
    }

    fn schema(&mut self, place: &Place, old: &Value, new: &Value, depth: usize) {
        if depth > DEPTH {
            return;
        }
        match (target(old), target(new)) {
            (None, None) => self.inline(place, old, new, depth),
            (Some(old), Some(new)) if self.same_name(old, new) => {}
            (before, after) => {
                // References to another schema, or one side written in place.
                let sides = self.sides;
                let resolved = (resolve(sides.old, old), resolve(sides.new, new));
                if let (Some(was), Some(is)) = resolved
                    && is_other_kind(was, is)
                {
                    self.note(place, format!("{} → {}", brief(old), brief(new)), Effect::BOTH, Effect::BOTH);
                    return;
                }
                let mut inner = Difference::default();
                let is_new = match (before, after) {
                    (Some(before), Some(after)) => self.seen.insert((before.to_owned(), after.to_owned())),
                    _ => true,
                };
                if let (Some(old), Some(new), true) = (resolved.0, resolved.1, is_new) {
                    let (travel, found, seen) = (self.travel, &mut inner, &mut *self.seen);
                    Walk { sides, travel, found, seen }.inline(place, old, new, depth + 1);
                }
                let effect = self.travel.either(Effect::COMPILE) | inner.effect();
                match (before, after) {
                    (Some(before), None) => {
                        let what = format!("written in place, was {}", code(short(before)));
                        self.found.note(place, what, self.travel.either(Effect::COMPILE));
                    }
                    (None, Some(after)) => {
                        let what = format!("now {}, was written in place", code(short(after)));
                        self.found.note(place, what, self.travel.either(Effect::COMPILE));
                    }
                    (before, after) => {
                        let names = (short(before.unwrap_or_default()), short(after.unwrap_or_default()));
                        let differences = match inner.changes.len() {
                            _ if resolved.0.is_none() || resolved.1.is_none() => "",
                            0 => ", of the same shape",
                            1 => ", with one difference inside",
                            _ => ", with differences inside",
                        };
                        let what = format!("{} → {}{differences}", code(names.0), code(names.1));
                        self.found.note(place, what, effect);
                        inner = Difference::default();
                    }
                }
                for (name, side) in [("old", resolved.0.is_none()), ("new", resolved.1.is_none())] {
                    if side {
                        let what = format!("the {name} reference leads nowhere; not compared");
                        self.note(place, what, Effect::BOTH, Effect::BOTH);
                    }
                }
                self.found.changes.append(&mut inner.changes);
            }
        }
    }

    fn same_name(&self, old: &str, new: &str) -> bool {
        old == new || self.sides.renamed.get(short(old)).is_some_and(|name| name == short(new))
    }

    fn inline(&mut self, place: &Place, old: &Value, new: &Value, depth: usize) {
        if depth > DEPTH || old == new {
            return;
        }
        if !old.is_object() || !new.is_object() {
            let words = |value: &Value| if value.is_object() { brief(value) } else { shown(Some(value)) };
            let what = format!("schema {} → {}", words(old), words(new));
            self.note(place, what, Effect::BOTH, Effect::BOTH);
            return;
        }
        count_texts(old, new, self.found);
        count_examples(place, old, new, self.found);
        if is_other_kind(old, new) {
            self.note(place, format!("{} → {}", brief(old), brief(new)), Effect::BOTH, Effect::BOTH);
            return;
        }
        let (before, after) = (bases(old), bases(new));
        let without_bases = before == after || !self.seen.insert((before, after));
        let old = merged(self.sides.old, old, without_bases);
        let new = merged(self.sides.new, new, without_bases);

        self.kind(place, &old, &new);
        self.limits(place, &old, &new);
        self.flags(place, &old, &new);
        self.values(place, &old, &new);
        self.members(place, &old, &new, depth);
        self.contents(place, &old, &new, depth);
        self.alternatives(place, &old, &new, depth);
        self.others(place, &old, &new);
    }

    fn kind(&mut self, place: &Place, old: &Value, new: &Value) {
        let (before, after) = (kind(old), kind(new));
        if before != after {
            self.note(place, format!("type {before} → {after}"), Effect::BOTH, Effect::BOTH);
        }
        if old.get("format") != new.get("format") {
            let what = format!("format {} → {}", shown(old.get("format")), shown(new.get("format")));
            self.note(place, what, Effect::COMPILE, Effect::COMPILE);
        }
    }

    fn limits(&mut self, place: &Place, old: &Value, new: &Value) {
        let upper = ["maxLength", "maximum", "maxItems", "maxProperties"];
        let lower = ["minLength", "minimum", "minItems", "minProperties"];
        for (names, is_upper) in [(upper, true), (lower, false)] {
            for name in names {
                let (before, after) = (old.get(name), new.get(name));
                if before == after {
                    continue;
                }
                let what = format!("{name} {} → {}", shown(before), shown(after));
                let numbers = (before.and_then(Value::as_f64), after.and_then(Value::as_f64));
                let looser = match numbers {
                    (Some(before), Some(after)) => (after > before) == is_upper,
                    _ => after.is_none(),
                };
                self.note(place, what, if looser { Effect::ADDITIVE } else { Effect::WIRE }, Effect::NONE);
            }
        }
        for name in
            ["pattern", "default", "multipleOf", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum"]
        {
            // `false` is what holds where nothing is said, save for a default.
            let is_said = |value: &&Value| name == "default" || **value != Value::Bool(false);
            let (before, after) = (old.get(name).filter(is_said), new.get(name).filter(is_said));
            if before != after {
                let is_lifted = after.is_none() && name != "default";
                let effect = if is_lifted { Effect::ADDITIVE } else { Effect::WIRE };
                self.note(
                    place,
                    format!("{name} {} → {}", shown(before), shown(after)),
                    effect,
                    Effect::NONE,
                );
            }
        }
    }

    fn flags(&mut self, place: &Place, old: &Value, new: &Value) {
        let none = Effect::NONE;
        for (name, set, unset) in [
            ("nullable", (Effect::ADDITIVE, none), (Effect::WIRE, none)),
            ("readOnly", (Effect::WIRE, none), (Effect::ADDITIVE, none)),
            ("writeOnly", (none, Effect::WIRE), (none, Effect::ADDITIVE)),
            ("deprecated", (none, none), (none, none)),
        ] {
            let is_set = |schema: &Value| schema.get(name).and_then(Value::as_bool).unwrap_or_default();
            match (is_set(old), is_set(new)) {
                (false, true) => self.note(place, format!("now {name}"), set.0, set.1),
                (true, false) => self.note(place, format!("no longer {name}"), unset.0, unset.1),
                _ => {}
            }
        }
    }

    fn values(&mut self, place: &Place, old: &Value, new: &Value) {
        let values = |schema: &Value| -> Option<BTreeSet<String>> {
            Some(schema.get("enum")?.as_array()?.iter().map(word).collect())
        };
        match (values(old), values(new)) {
            (Some(old), Some(new)) => {
                let added: Vec<_> = new.difference(&old).collect();
                if !added.is_empty() {
                    let what = format!("enum {} added: {}", plural("value", added.len()), listed(added));
                    self.note(place, what, Effect::ADDITIVE, Effect::ADDITIVE);
                }
                let removed: Vec<_> = old.difference(&new).collect();
                if !removed.is_empty() {
                    let what =
                        format!("enum {} removed: {}", plural("value", removed.len()), listed(removed));
                    self.note(place, what, Effect::BOTH, Effect::COMPILE);
                }
            }
            (None, Some(new)) => {
                let what = format!("now an enum of {}", listed(new));
                self.note(place, what, Effect::BOTH, Effect::COMPILE);
            }
            (Some(_), None) => self.note(place, "no longer an enum", Effect::COMPILE, Effect::COMPILE),
            (None, None) => {}
        }
    }

    fn members(&mut self, place: &Place, old: &Value, new: &Value, depth: usize) {
        let empty = Map::new();
        let members = |schema| object(schema, "properties").unwrap_or(&empty);
        let (before, after) = (members(old), members(new));
        let (required_before, required_after) = (required(old), required(new));
        for name in names(before, after) {
            let place = place.member(name);
            match (before.get(name), after.get(name)) {
                (None, Some(member)) => {
                    let is_required = required_after.contains(name.as_str());
                    let sent = if is_required { Effect::BOTH } else { Effect::ADDITIVE };
                    let what = format!(
                        "{}member added: {}",
                        if is_required { "required " } else { "" },
                        brief(member)
                    );
                    self.note(&place, what, sent, Effect::ADDITIVE);
                }
                (Some(member), None) => {
                    let what = format!("member removed: {}", brief(member));
                    self.note(&place, what, Effect::BOTH, Effect::COMPILE);
                }
                (Some(old), Some(new)) => {
                    match (required_before.contains(name.as_str()), required_after.contains(name.as_str())) {
                        (false, true) => self.note(&place, "now required", Effect::BOTH, Effect::NONE),
                        (true, false) => {
                            self.note(&place, "no longer required", Effect::COMPILE, Effect::NONE)
                        }
                        _ => {}
                    }
                    self.schema(&place, old, new, depth + 1);
                }
                (None, None) => {}
            }
        }
        let is_member = |name: &&str| before.contains_key(*name) || after.contains_key(*name);
        for (what, names) in [
            ("requires a member that does not exist", &required_after - &required_before),
            ("no longer requires a member that does not exist", &required_before - &required_after),
        ] {
            for name in names.iter().filter(|name| !is_member(name)) {
                self.note(&place.member(name), what, Effect::NONE, Effect::NONE);
            }
        }
    }

    fn contents(&mut self, place: &Place, old: &Value, new: &Value, depth: usize) {
        for (name, step) in [("items", "[]"), ("additionalProperties", ".{}")] {
            match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) if old.is_object() && new.is_object() => {
                    self.schema(&place.inside(step), old, new, depth + 1);
                }
                (before, after) if before != after => {
                    let words = |value: Option<&Value>| match value {
                        Some(Value::Object(_)) => value.map(brief).unwrap_or_default(),
                        value => shown(value),
                    };
                    let what = format!("{name} {} → {}", words(before), words(after));
                    self.note(place, what, Effect::COMPILE, Effect::COMPILE);
                }
                _ => {}
            }
        }
    }

    /// Alternatives are told apart by the name they refer to, by title, by what they wrap, or by position.
    fn alternatives(&mut self, place: &Place, old: &Value, new: &Value, depth: usize) {
        for keyword in ["oneOf", "anyOf"] {
            let named = |schema: &Value| -> BTreeMap<String, Value> {
                let items = schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
                items.enumerate().map(|(index, item)| (self.alternative(index, item), item.clone())).collect()
            };
            let (before, after) = (named(old), named(new));
            for (name, item) in &before {
                match after.get(name) {
                    Some(new) => self.schema(&place.inside(&format!("<{name}>")), item, new, depth + 1),
                    None => {
                        let what = format!("alternative removed: {}", code(name));
                        self.note(place, what, Effect::BOTH, Effect::COMPILE);
                    }
                }
            }
            for name in after.keys().filter(|name| !before.contains_key(*name)) {
                let what = format!("alternative added: {}", code(name));
                self.note(place, what, Effect::ADDITIVE, Effect::ADDITIVE);
            }
        }
    }

    fn alternative(&self, index: usize, item: &Value) -> String {
        if let Some(target) = target(item) {
            let name = short(target);
            return self.sides.renamed.get(name).cloned().unwrap_or_else(|| name.to_owned());
        }
        let wrapped = object(item, "properties").filter(|members| members.len() == 1);
        match (item.get("title").and_then(Value::as_str), wrapped.and_then(|members| members.keys().next())) {
            (_, Some(member)) => member.clone(),
            (Some(title), None) => title.to_owned(),
            (None, None) => format!("no. {}", index + 1),
        }
    }

    fn others(&mut self, place: &Place, old: &Value, new: &Value) {
        let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return };
        for name in names(old, new).into_iter().filter(|name| !KNOWN.contains(&name.as_str())) {
            if old.get(name) != new.get(name) {
                self.note(place, format!("{} differs", code(name)), Effect::NONE, Effect::NONE);
            }
        }
    }
}

/// All names of two objects, in alphabetical order.
pub(super) fn names<'a>(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> BTreeSet<&'a String> {
    old.keys().chain(new.keys()).collect()
}

/// The object under a name.
pub(super) fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Map<String, Value>> {
    value.get(name).and_then(Value::as_object)
}

/// "value" or "values".
pub(super) fn plural(word: &str, count: usize) -> String {
    format!("{word}{}", if count == 1 { "" } else { "s" })
}

/// As the generator reads them: a stray full stop is none of the name.
fn required(schema: &Value) -> BTreeSet<&str> {
    let exists = |name: &str| schema["properties"].get(name).is_some();
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names
        .filter_map(Value::as_str)
        .map(|name| if exists(required::mended(name)) { required::mended(name) } else { name })
        .collect()
}

/// A value as code, cut where it gets long.
pub(super) fn shown(value: Option<&Value>) -> String {
    const LENGTH: usize = 100;
    let Some(word) = value.map(word) else { return "none".to_owned() };
    match word.char_indices().nth(LENGTH) {
        Some((end, _)) => code(&format!("{}…", word.get(..end).unwrap_or_default())),
        None => code(&word),
    }
}

/// A value on one line, text without its quotes.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn all_of(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("allOf").and_then(Value::as_array).into_iter().flatten()
}

/// The named schemas that a schema is composed of.
fn bases(schema: &Value) -> String {
    listed(all_of(schema).filter_map(target))
}

/// A schema with its `allOf` merged into it. Where both editions compose the same named schemas these
/// are left out, since they are compared under their own names.
fn merged(document: &Value, schema: &Value, without_bases: bool) -> Value {
    struct Merge<'a> {
        document: &'a Value,
        without_bases: bool,
        into: Map<String, Value>,
        seen: BTreeSet<&'a str>,
    }
    impl<'a> Merge<'a> {
        fn add(&mut self, schema: &'a Value) {
            for part in all_of(schema) {
                let is_followed =
                    target(part).is_none_or(|name| !self.without_bases && self.seen.insert(name));
                if let Some(part) = resolve(self.document, part).filter(|_| is_followed) {
                    self.add(part);
                }
            }
            for (name, value) in schema.as_object().into_iter().flatten() {
                match (name.as_str(), self.into.get_mut(name), value) {
                    ("allOf", ..) => {}
                    ("properties", Some(Value::Object(known)), Value::Object(members)) => {
                        known.extend(members.clone());
                    }
                    ("required", Some(Value::Array(known)), Value::Array(names)) => {
                        known.extend(names.iter().cloned());
                    }
                    _ => {
                        self.into.insert(name.clone(), value.clone());
                    }
                }
            }
        }
    }
    if schema.get("allOf").is_none() {
        return schema.clone();
    }
    let mut merge = Merge { document, without_bases, into: Map::new(), seen: BTreeSet::new() };
    merge.add(schema);
    json!(merge.into)
}
