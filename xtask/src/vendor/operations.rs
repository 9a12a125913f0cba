//! Operations compared: which came, went or moved, and what each takes and answers.
//!
//! | change | effect |
//! |---|---|
//! | operation added | additive |
//! | operation removed | compile and wire |
//! | method or path moved, server changed | wire |
//! | operation id changed | compile |
//! | parameter required: added, or made so | compile and wire |
//! | parameter optional: added, or made so | compile, since arguments are positional |
//! | parameter removed | compile |
//! | header of delivery, which the transport sends: added, removed, made required | additive, wire, none |
//! | alternative of credentials added, removed | additive, wire |
//! | request body added, removed, made required or optional | as a parameter |
//! | media type added, removed | additive, compile and wire |
//! | success status added, removed, replaced by another | additive, compile and wire, none |
//! | error status added, removed | additive, none |
//! | tags, deprecation, headers of answers, callbacks, extensions | none |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::change::{Difference, Effect, Part, Place, Travel, code, listed};
use super::schema::{
    self, Sides, brief, count_examples, count_texts, names, object, plural, resolve, shown, target,
};
use super::travels::{is_success, label};
use crate::document::{METHODS, method_and_path, operations};
use crate::normalize::headers::DELIVERY;

/// An operation where it stands.
#[derive(Clone)]
struct Operation<'a> {
    method: String,
    path: String,
    label: String,
    value: &'a Value,
    item: &'a Value,
}

impl Operation<'_> {
    fn endpoint(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The path with the names in braces left out.
    fn template(&self) -> (String, String) {
        let segments =
            self.path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
        (self.method.clone(), segments.collect::<Vec<_>>().join("/"))
    }
}

fn all(document: &Value) -> Vec<Operation<'_>> {
    let found = operations(document).map(|(place, value)| {
        let (method, path) = method_and_path(&place);
        let item = document.get("paths").and_then(|paths| paths.get(path.as_str())).unwrap_or(&Value::Null);
        Operation { method: method.to_owned(), label: label(&place, value), path, value, item }
    });
    found.collect()
}

/// Compares all operations.
pub(super) fn compare(sides: Sides<'_>, found: &mut Difference) {
    let (mut old, mut new) = (all(sides.old), all(sides.new));
    let mut pairs = Vec::new();
    // By place first, then by id, then by the shape of the path.
    pair(&mut old, &mut new, &mut pairs, |operation| Some(operation.endpoint()));
    let id = |operation: &Operation<'_>| {
        operation.value.get("operationId").and_then(Value::as_str).map(str::to_owned)
    };
    pair(&mut old, &mut new, &mut pairs, id);
    pair(&mut old, &mut new, &mut pairs, |operation| Some(operation.template()));

    for operation in old {
        let place = Place::new(Part::Operation, &operation.label);
        found.note(&place, format!("operation removed: {}", code(&operation.endpoint())), Effect::BOTH);
    }
    for operation in new {
        let place = Place::new(Part::Operation, &operation.label);
        found.note(&place, introduce(sides.new, &operation), Effect::ADDITIVE);
    }
    for (old, new) in pairs {
        if old.value != new.value || old.item != new.item || old.endpoint() != new.endpoint() {
            operation(sides, &old, &new, found);
        }
    }
}

fn pair<'a, K: PartialEq>(
    old: &mut Vec<Operation<'a>>,
    new: &mut Vec<Operation<'a>>,
    pairs: &mut Vec<(Operation<'a>, Operation<'a>)>,
    key: impl Fn(&Operation<'a>) -> Option<K>,
) {
    old.retain(|operation| {
        let Some(sought) = key(operation) else { return true };
        match new.iter().position(|other| key(other).as_ref() == Some(&sought)) {
            Some(index) => {
                pairs.push((operation.clone(), new.remove(index)));
                false
            }
            None => true,
        }
    });
}

/// A new operation in a line.
fn introduce(document: &Value, operation: &Operation<'_>) -> String {
    let mut text = format!("operation added: {}", code(&operation.endpoint()));
    let tags = strings(operation.value.get("tags"));
    if !tags.is_empty() {
        text.push_str(&format!(", {} {}", plural("tag", tags.len()), listed(tags)));
    }
    let first = |content: &Value| {
        let content = object(content, "content")?;
        content.values().next().and_then(|body| body.get("schema")).map(brief)
    };
    let body = operation.value.get("requestBody").and_then(|body| resolve(document, body));
    if let Some(schema) = body.and_then(first) {
        text.push_str(&format!(", sends {schema}"));
    }
    let responses = object(operation.value, "responses").into_iter().flatten();
    let answer = responses
        .filter(|(status, _)| is_success(status))
        .find_map(|(_, response)| first(resolve(document, response)?));
    if let Some(schema) = answer {
        text.push_str(&format!(", answers {schema}"));
    }
    text
}

fn strings(value: Option<&Value>) -> BTreeSet<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn operation(sides: Sides<'_>, before: &Operation<'_>, after: &Operation<'_>, found: &mut Difference) {
    let place = Place::new(Part::Operation, &after.label);
    let (old, new) = (before.value, after.value);
    if !old.is_object() || !new.is_object() {
        if old != new {
            found.note(&place, "is not an object in both editions; not compared", Effect::BOTH);
        }
        return;
    }
    count_texts(old, new, found);
    if before.endpoint() != after.endpoint() {
        let is_moved = before.template() != after.template();
        let what = format!("{} → {}", code(&before.endpoint()), code(&after.endpoint()));
        match is_moved {
            true => found.note(&place, format!("moved: {what}"), Effect::WIRE),
            false => found.note(&place, format!("path parameter renamed: {what}"), Effect::NONE),
        }
    }
    if before.label != after.label {
        let what = format!("operation id {} → {}", code(&before.label), code(&after.label));
        found.note(&place, what, Effect::COMPILE);
    }
    let (tags, new_tags) = (strings(old.get("tags")), strings(new.get("tags")));
    if tags != new_tags {
        found.note(&place, format!("tags {} → {}", either(&tags), either(&new_tags)), Effect::NONE);
    }
    match (flag(old, "deprecated"), flag(new, "deprecated")) {
        (false, true) => found.note(&place, "now deprecated", Effect::NONE),
        (true, false) => found.note(&place, "no longer deprecated", Effect::NONE),
        _ => {}
    }
    security(sides, &place, old, new, found);
    parameters(sides, &place, (before, after), found);
    body(sides, &place, old.get("requestBody"), new.get("requestBody"), found);
    responses(sides, &place, old, new, found);
    others(&place, old, new, found);
}

fn either(names: &BTreeSet<&str>) -> String {
    if names.is_empty() { "none".to_owned() } else { listed(names) }
}

/// The alternatives of credentials. Those of the document hold where an operation states none.
fn security(sides: Sides<'_>, place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    let alternatives = |document: &Value, operation: &Value| -> BTreeSet<String> {
        let stated = operation.get("security").or_else(|| document.get("security")).and_then(Value::as_array);
        let words = stated.into_iter().flatten().map(|alternative| {
            let names: BTreeSet<&String> = alternative.as_object().into_iter().flat_map(Map::keys).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.into_iter().map(String::as_str).collect::<Vec<_>>().join(" + ")
            }
        });
        let words: BTreeSet<String> = words.collect();
        if words.is_empty() { BTreeSet::from(["none".to_owned()]) } else { words }
    };
    let (before, after) = (alternatives(sides.old, old), alternatives(sides.new, new));
    for words in after.difference(&before) {
        found.note(place, format!("credentials accepted: {}", code(words)), Effect::ADDITIVE);
    }
    for words in before.difference(&after) {
        found.note(place, format!("credentials no longer accepted: {}", code(words)), Effect::WIRE);
    }
}

/// Parameters by place and name, those of the path included; with the reference that led to each.
/// A path parameter goes by its position, since its name is not sent.
fn declared<'a>(
    document: &'a Value,
    operation: &Operation<'a>,
) -> BTreeMap<(String, String), (&'a Value, Option<&'a str>)> {
    let lists = [operation.item.get("parameters"), operation.value.get("parameters")];
    let all = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
    let in_path: Vec<&str> = operation.path.split(['{', '}']).skip(1).step_by(2).collect();
    all.filter_map(|stated| {
        let parameter = resolve(document, stated)?;
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let place = parameter.get("in").and_then(Value::as_str).unwrap_or("nowhere");
        let position = in_path.iter().position(|other| *other == name).filter(|_| place == "path");
        let name = position.map_or_else(|| name.to_owned(), |index| format!("{{{}}}", index + 1));
        Some(((place.to_owned(), name), (parameter, target(stated))))
    })
    .collect()
}

fn parameters(
    sides: Sides<'_>,
    place: &Place,
    (old, new): (&Operation<'_>, &Operation<'_>),
    found: &mut Difference,
) {
    let (before, after) = (declared(sides.old, old), declared(sides.new, new));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let is_delivery =
            [before.get(key), after.get(key)].into_iter().flatten().any(|(it, _)| is_delivery(it));
        match (before.get(key), after.get(key)) {
            (Some((old, named)), Some((new, new_named))) => {
                let place = place.step(naming(new));
                // What both take from the components is compared there.
                if named.is_none() || named != new_named {
                    parameter(sides, &place, old, new, found);
                }
            }
            (None, Some((new, _))) => {
                let is_required = flag(new, "required");
                let effect = match (is_required, is_delivery) {
                    (_, true) => Effect::ADDITIVE,
                    (true, false) => Effect::BOTH,
                    (false, false) => Effect::COMPILE | Effect::ADDITIVE,
                };
                let kind = held(new);
                let what =
                    format!("{} parameter added: {kind}", if is_required { "required" } else { "optional" });
                found.note(&place.step(naming(new)), what, effect);
            }
            (Some((old, _)), None) => {
                let effect = if is_delivery { Effect::WIRE } else { Effect::COMPILE };
                found.note(&place.step(naming(old)), "parameter removed", effect);
            }
            (None, None) => {}
        }
    }
}

/// Whether the transport sends it by itself.
fn is_delivery(parameter: &Value) -> bool {
    let word = |name| parameter.get(name).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    word("in") == "header" && DELIVERY.contains(&word("name").as_str())
}

/// `query count`, `header x-id`.
fn naming(parameter: &Value) -> String {
    let word = |name| parameter.get(name).and_then(Value::as_str).unwrap_or("?");
    format!("{} {}", word("in"), word("name"))
}

fn parameter(sides: Sides<'_>, place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    count_texts(old, new, found);
    count_examples(place, old, new, found);
    let effect = |effect| if is_delivery(old) && is_delivery(new) { Effect::NONE } else { effect };
    match (flag(old, "required"), flag(new, "required")) {
        (false, true) => found.note(place, "parameter now required", effect(Effect::BOTH)),
        (true, false) => found.note(place, "parameter no longer required", effect(Effect::COMPILE)),
        _ => {}
    }
    for name in ["in", "name", "style", "explode", "allowReserved"] {
        let (before, after) = (told(old, name), told(new, name));
        if before != after && !(name == "name" && old.get("in") == Some(&json!("path"))) {
            let what = format!("{name} {} → {}", shown(before.as_ref()), shown(after.as_ref()));
            found.note(place, what, Effect::BOTH);
        }
    }
    if flag(new, "deprecated") != flag(old, "deprecated") {
        let what = if flag(new, "deprecated") { "now deprecated" } else { "no longer deprecated" };
        found.note(place, what, Effect::NONE);
    }
    schemas(sides, place, old, new, Travel::SENT, found);
}

/// What a parameter says of how it is sent, or what holds where it says nothing: some editions write that out.
fn told(parameter: &Value, name: &str) -> Option<Value> {
    let is_form = || told(parameter, "style").is_some_and(|style| style == "form");
    parameter.get(name).cloned().or_else(|| match (name, parameter.get("in")?.as_str()?) {
        ("style", "query" | "cookie") => Some(json!("form")),
        ("style", "path" | "header") => Some(json!("simple")),
        ("explode", _) => Some(is_form().into()),
        ("allowReserved", _) => Some(false.into()),
        _ => None,
    })
}

/// The schema that something holds, in a few words.
fn held(value: &Value) -> String {
    value.get("schema").map_or_else(|| "no schema".to_owned(), brief)
}

/// The `schema` of a parameter, a header or a body.
fn schemas(
    sides: Sides<'_>,
    place: &Place,
    old: &Value,
    new: &Value,
    travel: Travel,
    found: &mut Difference,
) {
    match (old.get("schema"), new.get("schema")) {
        (Some(old), Some(new)) => schema::compare(sides, place, (old, new), travel, found),
        (None, None) => {}
        (before, after) => {
            let word = |schema: Option<&Value>| schema.map_or_else(|| "none".to_owned(), brief);
            let what = format!("schema {} → {}", word(before), word(after));
            found.note(place, what, travel.either(Effect::COMPILE));
        }
    }
}

fn body(sides: Sides<'_>, place: &Place, old: Option<&Value>, new: Option<&Value>, found: &mut Difference) {
    let place = place.step("request");
    match (old, new) {
        (Some(old), Some(new)) => {
            if target(old).is_some() && target(old) == target(new) {
                return;
            }
            let (Some(old), Some(new)) = (resolve(sides.old, old), resolve(sides.new, new)) else {
                found.note(&place, "a reference leads nowhere; not compared", Effect::BOTH);
                return;
            };
            described_body(sides, &place, old, new, found);
        }
        (None, Some(new)) => {
            let is_required = resolve(sides.new, new).is_some_and(|body| flag(body, "required"));
            let effect = if is_required { Effect::BOTH } else { Effect::COMPILE };
            found.note(
                &place,
                format!("{}request body added", if is_required { "required " } else { "" }),
                effect,
            );
        }
        (Some(_), None) => found.note(&place, "request body removed", Effect::COMPILE),
        (None, None) => {}
    }
}

fn described_body(sides: Sides<'_>, place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    count_texts(old, new, found);
    match (flag(old, "required"), flag(new, "required")) {
        (false, true) => found.note(place, "request body now required", Effect::BOTH),
        (true, false) => found.note(place, "request body no longer required", Effect::COMPILE),
        _ => {}
    }
    contents(sides, place, old, new, Travel::SENT, Effect::BOTH, found);
}

/// Bodies by media type. The type is named in the place only where there is more than one.
fn contents(
    sides: Sides<'_>,
    place: &Place,
    old: &Value,
    new: &Value,
    travel: Travel,
    removed: Effect,
    found: &mut Difference,
) {
    let empty = Map::new();
    let media = |value| object(value, "content").unwrap_or(&empty);
    let (before, after) = (media(old), media(new));
    let all = names(before, after);
    let is_one = all.len() == 1;
    for name in all {
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => {
                let place = if is_one { place.clone() } else { place.step(name.as_str()) };
                count_examples(&place, old, new, found);
                schemas(sides, &place, old, new, travel, found);
            }
            (None, Some(new)) => {
                let kind = held(new);
                let effect = if before.is_empty() { travel.either(Effect::COMPILE) } else { Effect::NONE };
                let what = format!("media type {} added: {kind}", code(name));
                found.note(place, what, effect | travel.either(Effect::ADDITIVE));
            }
            (Some(_), None) => found.note(place, format!("media type {} removed", code(name)), removed),
            (None, None) => {}
        }
    }
}

fn responses(sides: Sides<'_>, place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    let empty = Map::new();
    let (before, after) =
        (object(old, "responses").unwrap_or(&empty), object(new, "responses").unwrap_or(&empty));
    // One success under another status is the same answer: the client takes any of them.
    let success = |responses: &Map<String, Value>| -> Option<String> {
        let mut found = responses.keys().filter(|status| is_success(status));
        found.next().filter(|_| found.next().is_none()).cloned()
    };
    let moved = success(before).zip(success(after)).filter(|(before, after)| before != after);
    let mut after = after.clone();
    if let Some((was, is)) = moved
        && let Some(answer) = after.shift_remove(&is)
    {
        found.note(place, format!("answer {} → {}", code(&was), code(&is)), Effect::NONE);
        after.insert(was, answer);
    }
    let after = &after;
    for status in names(before, after) {
        let is_success = is_success(status);
        match (before.get(status), after.get(status)) {
            (Some(old), Some(new)) => {
                let place = place.step(status.as_str());
                if target(old).is_some() && target(old) == target(new) {
                    continue;
                }
                let (Some(old), Some(new)) = (resolve(sides.old, old), resolve(sides.new, new)) else {
                    found.note(&place, "a reference leads nowhere; not compared", Effect::COMPILE);
                    continue;
                };
                let travel = if is_success { Travel::READ } else { Travel::NOWHERE };
                response(sides, &place, old, new, travel, found);
            }
            (None, Some(new)) => {
                let kind = resolve(sides.new, new)
                    .and_then(|new| object(new, "content")?.values().next()?.get("schema").map(brief));
                let kind = kind.map(|kind| format!(": {kind}")).unwrap_or_default();
                found.note(place, format!("answer {} added{kind}", code(status)), Effect::ADDITIVE);
            }
            (Some(_), None) => {
                let effect = if is_success { Effect::BOTH } else { Effect::NONE };
                found.note(place, format!("answer {} removed", code(status)), effect);
            }
            (None, None) => {}
        }
    }
}

fn response(
    sides: Sides<'_>,
    place: &Place,
    old: &Value,
    new: &Value,
    travel: Travel,
    found: &mut Difference,
) {
    count_texts(old, new, found);
    contents(sides, place, old, new, travel, travel.either(Effect::BOTH), found);
    let empty = Map::new();
    let (before, after) =
        (object(old, "headers").unwrap_or(&empty), object(new, "headers").unwrap_or(&empty));
    let added: Vec<_> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    if !added.is_empty() {
        found.note(
            place,
            format!("{} added: {}", plural("header", added.len()), listed(added)),
            Effect::NONE,
        );
    }
    let removed: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    if !removed.is_empty() {
        found.note(
            place,
            format!("{} removed: {}", plural("header", removed.len()), listed(removed)),
            Effect::NONE,
        );
    }
    for (name, old) in before {
        let Some(new) = after.get(name) else { continue };
        if target(old).is_none() || target(old) != target(new) {
            header(sides, &place.step(format!("header {name}")), old, new, found);
        }
    }
}

fn header(sides: Sides<'_>, place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    let (Some(old), Some(new)) = (resolve(sides.old, old), resolve(sides.new, new)) else { return };
    count_texts(old, new, found);
    count_examples(place, old, new, found);
    schemas(sides, place, old, new, Travel::NOWHERE, found);
}

/// Callbacks, servers and extensions.
fn others(place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    const COMPARED: [&str; 9] = [
        "tags",
        "summary",
        "description",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "deprecated",
    ];
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return };
    for name in names(old, new).into_iter().filter(|name| !COMPARED.contains(&name.as_str())) {
        let what = match (old.get(name), new.get(name)) {
            (before, after) if before == after => continue,
            (None, _) => format!("{} added", code(name)),
            (_, None) => format!("{} removed", code(name)),
            _ => format!("{} differs", code(name)),
        };
        found.note(place, what, if name == "servers" { Effect::WIRE } else { Effect::NONE });
    }
}

/// Compares what operations take from the components, once.
pub(super) fn compare_shared(sides: Sides<'_>, found: &mut Difference) {
    let empty = Map::new();
    let of = |document, kind| object(object_of(document, "components"), kind);
    for (kind, word) in [
        ("parameters", "parameter"),
        ("requestBodies", "request body"),
        ("responses", "response"),
        ("headers", "header"),
        ("securitySchemes", "security scheme"),
    ] {
        let (before, after) = (of(sides.old, kind).unwrap_or(&empty), of(sides.new, kind).unwrap_or(&empty));
        for name in names(before, after) {
            let place = Place::new(Part::Shared, format!("{word} {name}"));
            match (before.get(name), after.get(name)) {
                (Some(old), Some(new)) if old == new => {}
                (Some(old), Some(new)) => match kind {
                    "parameters" => parameter(sides, &place, old, new, found),
                    "requestBodies" => described_body(sides, &place, old, new, found),
                    "responses" => {
                        let travel =
                            if answers_success(sides.new, name) { Travel::READ } else { Travel::NOWHERE };
                        response(sides, &place, old, new, travel, found);
                    }
                    "headers" => header(sides, &place, old, new, found),
                    _ => security_scheme(&place, old, new, found),
                },
                // Where one is used, the operation tells.
                (None, _) => found.note(&place, "added", Effect::NONE),
                (_, None) => found.note(&place, "removed", Effect::NONE),
            }
        }
    }
}

fn object_of<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// Whether an operation takes a shared response for a success.
fn answers_success(document: &Value, name: &str) -> bool {
    let reference = format!("#/components/responses/{name}");
    let mut found =
        operations(document).flat_map(|(_, operation)| object(operation, "responses").into_iter().flatten());
    found.any(|(status, response)| is_success(status) && target(response) == Some(&reference))
}

fn security_scheme(place: &Place, old: &Value, new: &Value, found: &mut Difference) {
    count_texts(old, new, found);
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        found.note(place, "is not an object in both editions; not compared", Effect::WIRE);
        return;
    };
    for name in names(old, new).into_iter().filter(|name| name.as_str() != "description") {
        if old.get(name) != new.get(name) {
            let what = format!("{name} {} → {}", shown(old.get(name)), shown(new.get(name)));
            found.note(place, what, Effect::WIRE);
        }
    }
}

/// Compares what concerns all operations: version, servers and tags.
pub(super) fn compare_document(sides: Sides<'_>, found: &mut Difference) {
    let Sides { old, new, .. } = sides;
    let place = Place::new(Part::Document, "document");
    count_texts(object_of(old, "info"), object_of(new, "info"), found);
    for (pointer, word) in [("/openapi", "OpenAPI version"), ("/info/version", "API version")] {
        let (before, after) = (old.pointer(pointer), new.pointer(pointer));
        if before != after {
            found.note(&place, format!("{word} {} → {}", shown(before), shown(after)), Effect::NONE);
        }
    }
    let urls = |document: &Value| -> BTreeSet<String> {
        let servers = document.get("servers").and_then(Value::as_array).into_iter().flatten();
        servers.filter_map(|server| Some(server.get("url")?.as_str()?.to_owned())).collect()
    };
    let (before, after) = (urls(old), urls(new));
    for url in after.difference(&before) {
        found.note(&place, format!("server added: {}", code(url)), Effect::ADDITIVE);
    }
    for url in before.difference(&after) {
        found.note(&place, format!("server removed: {}", code(url)), Effect::WIRE);
    }
    let tags = |document: &Value| -> BTreeMap<String, Value> {
        let tags = document.get("tags").and_then(Value::as_array).into_iter().flatten();
        tags.filter_map(|tag| Some((tag.get("name")?.as_str()?.to_owned(), tag.clone()))).collect()
    };
    let (before, after) = (tags(old), tags(new));
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        found.note(&place, format!("tag added: {}", code(name)), Effect::NONE);
    }
    for (name, tag) in &before {
        match after.get(name) {
            None => found.note(&place, format!("tag removed: {}", code(name)), Effect::NONE),
            Some(new) => count_texts(tag, new, found),
        }
    }
    // A path item without a method holds nothing that is compared above.
    let paths = |document: &Value| -> BTreeSet<String> {
        let paths = object(document, "paths").into_iter().flatten();
        let is_odd = |item: &Value| !METHODS.iter().any(|method| item.get(method).is_some());
        paths.filter(|(_, item)| is_odd(item)).map(|(path, _)| path.clone()).collect()
    };
    for path in paths(new).difference(&paths(old)) {
        found.note(&place, format!("path without an operation: {}", code(path)), Effect::NONE);
    }
}
