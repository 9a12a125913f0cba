//! The surface as a person reviews it: the operation table, the enums, and the types of each tag, one line a
//! field. Everything is sorted by name, so that a reordered document shows no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::model::{
    Body, Direction, Expected, Kind, Model, Operation, Presence, Protection, RetryClass, Shape, Source, Type,
    Values,
};
use crate::private::is_private;

/// The operation table, a line an operation.
pub fn operations(model: &Model) -> String {
    let mut text = String::new();
    let mut operations: Vec<&Operation> = model.operations.iter().collect();
    operations.sort_by_key(|operation| &operation.id);
    for operation in operations {
        let (retry_class, auth) = (retry_class(operation.retry_class), credentials(operation));
        let _ = writeln!(
            text,
            "{:<6} {:<58} {:<36} {retry_class:<5} key:{:<3} auth: {auth:<30} {} -> {}",
            operation.method,
            operation.path,
            operation.id,
            if operation.keyed { "yes" } else { "no" },
            operation.request.as_deref().unwrap_or("-"),
            operation.response.as_deref().unwrap_or("-"),
        );
        let _ = writeln!(text, "       protected by: {}", protection(&operation.protected_by));
        if let Some(read) = &operation.look_up {
            let _ = writeln!(text, "       look up: {read}");
        }
        let _ = writeln!(text, "       response: {}", expected(&operation.expected));
    }
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// The names of the text fields that `Debug` shows in plain, a line a name. Each must be no text about a person.
pub fn plain_text(model: &Model) -> String {
    let fields = model.types.iter().filter_map(|found| match &found.shape {
        Shape::Object(fields) => Some(fields),
        _ => None,
    });
    let names: BTreeSet<&str> = fields
        .flatten()
        .filter(|field| {
            matches!(field.kind.innermost(), Kind::Text | Kind::Free) && !is_private(&field.name, &field.kind)
        })
        .map(|field| field.name.as_str())
        .collect();
    names.into_iter().map(|name| name.to_owned() + "\n").collect()
}

/// The retry class in one word.
pub(crate) fn retry_class(retry_class: RetryClass) -> &'static str {
    match retry_class {
        RetryClass::Safe => "safe",
        RetryClass::Keyed => "keyed",
        RetryClass::Never => "never",
    }
}

/// The alternatives of credentials in one line; the four of most operations in two words.
pub(crate) fn credentials(operation: &Operation) -> String {
    if operation.auth.len() == 4 { "all four".to_owned() } else { all_credentials(operation, false) }
}

/// The alternatives of credentials in full, sorted on request: any of them is enough.
pub(crate) fn all_credentials(operation: &Operation, is_sorted: bool) -> String {
    let mut auth: Vec<String> = operation.auth.iter().map(|headers| headers.join("+")).collect();
    if is_sorted {
        auth.sort();
    }
    if auth.is_empty() { "open".to_owned() } else { auth.join(" or ") }
}

/// What keeps a write from happening twice, in one line.
pub(crate) fn protection(protection: &Protection) -> String {
    match protection {
        Protection::Read => "needs none".to_owned(),
        Protection::Identity(found) => format!("identity, {}", source(found)),
        Protection::Lifecycle => "lifecycle".to_owned(),
        Protection::Key => "key only".to_owned(),
        Protection::Nothing => "nothing".to_owned(),
    }
}

fn expected(expected: &Expected) -> String {
    let fields = match expected.fields.as_slice() {
        [] => String::new(),
        fields => format!("; one of {}", fields.join(", ")),
    };
    format!("{}{fields}", identity(expected, false))
}

/// The shape of a response, and its fields that must equal those of the request, sorted if `sorted` is set.
pub(crate) fn identity(expected: &Expected, is_sorted: bool) -> String {
    let shape = match expected.shape {
        Body::Object => "object",
        Body::List => "list",
        Body::Empty => "empty",
        Body::Any => "any",
    };
    let mut identity: Vec<String> = expected
        .identity
        .iter()
        .map(|identity| {
            let optional = if identity.always { "" } else { " if present" };
            format!("{} = {}{optional}", identity.field, source(&identity.source))
        })
        .collect();
    if is_sorted {
        identity.sort();
    }
    if identity.is_empty() { shape.to_owned() } else { format!("{shape} with {}", identity.join(", ")) }
}

fn source(source: &Source) -> String {
    match source {
        Source::Path(name) => format!("path {name}"),
        Source::Body(name) => format!("body {name}"),
    }
}

/// The events: type, variant and payload.
pub fn events(model: &Model) -> String {
    let mut text = String::new();
    for event in &model.operations {
        let payload = event.response.as_deref().unwrap_or("-");
        let _ = writeln!(text, "{:<45} {:<42} {payload}", event.id, event.variant());
    }
    text
}

/// The enums of the events, and which are those of the API.
pub fn event_enums(model: &Model) -> String {
    format!("{}of the API: {}\n", enums(model), model.shared.join(", "))
}

/// The enums with their known values.
pub fn enums(model: &Model) -> String {
    let mut text = String::new();
    let mut types: Vec<&Type> = model.types.iter().collect();
    types.sort_by_key(|found| &found.name);
    for found in types {
        if let Shape::Enum(values) = &found.shape {
            let _ = writeln!(text, "{}: {}", found.name, listed(values));
        }
    }
    text
}

/// The types that the operations of each tag reach, by tag.
pub fn types(model: &Model) -> BTreeMap<String, String> {
    let mut tags: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for operation in &model.operations {
        let reached = tags.entry(&operation.tag).or_default();
        for root in [&operation.request, &operation.response].into_iter().flatten() {
            let bare = root.trim_start_matches("Vec<").trim_end_matches('>');
            reach(model, bare, reached);
        }
    }
    tags.into_iter()
        .map(|(tag, names)| {
            let shown = names.into_iter().filter_map(|name| model.find(name)).map(outline).collect();
            (tag.to_owned(), shown)
        })
        .collect()
}

/// Collects the types that a type consists of, itself included.
pub(crate) fn reach<'a>(model: &'a Model, name: &str, reached: &mut BTreeSet<&'a str>) {
    let Some(found) = model.find(name) else { return };
    if !reached.insert(&found.name) {
        return;
    }
    let kinds: Vec<&Kind> = match &found.shape {
        Shape::Object(fields) => fields.iter().map(|field| &field.kind).collect(),
        Shape::Union(variants) => variants.iter().map(|(_, kind, _)| kind).collect(),
        Shape::Enum(_) => Vec::new(),
    };
    for name in kinds.into_iter().filter_map(Kind::named) {
        reach(model, name, reached);
    }
}

/// The known values of an enum.
fn listed(values: &Values) -> String {
    let known = values.known.join(" | ");
    if values.has_absent { format!("{known} | or absent") } else { known }
}

fn outline(found: &Type) -> String {
    let mut text = String::new();
    match &found.shape {
        Shape::Enum(values) => {
            let _ = writeln!(text, "enum {}: {}", found.name, listed(values));
        }
        Shape::Union(variants) => {
            let _ = writeln!(text, "union {}", found.name);
            for (key, kind, _) in variants {
                let _ = writeln!(text, "  {key}: {}", kind.short());
            }
        }
        Shape::Object(fields) => {
            let direction = match found.direction {
                Direction::Request => "request",
                Direction::Response => "response",
                Direction::Event => "event",
                Direction::Both => "request and response",
            };
            let _ = writeln!(text, "{} ({direction})", found.name);
            for field in fields {
                let kind = field.kind.short();
                let is_never_optional = field.required || field.presence != Presence::Optional;
                let shown = match &field.kind {
                    Kind::List(_) | Kind::Map(_) => kind,
                    _ if is_never_optional => kind,
                    _ => format!("Option<{kind}>"),
                };
                let required = if field.required { " required" } else { "" };
                let _ = writeln!(text, "  {}: {shown}{required}", field.name);
            }
        }
    }
    text
}
