//! Derives what the success response of an operation holds, from the types and the words of the overlay.

use anyhow::{Result, bail};

use super::expected::{Body, Expected, Identity, Source, Words, source};
use super::protection::Protection;
use super::{Kind, Model, Operation, Shape};

/// The fields of an error body. They identify no success.
const ERROR_FIELDS: [&str; 5] = ["message", "code", "type", "help", "error"];

/// Fields that the bodies of portals, proxies and health checks have, too. They identify a success only where the
/// operation's own have no others.
const COMMON_FIELDS: [&str; 5] = ["status", "data", "action", "channel", "entity"];

/// Fills the column for an operation.
///
/// A top-level field of the response that ends in `_id` repeats the path parameter of its name, else the top-level
/// field of the body of its name. A page, which has a cursor, repeats nothing.
pub(super) fn expected(model: &Model, operation: &Operation, words: &Words) -> Result<Expected> {
    let (shape, item) = match &operation.response_body {
        Some(Kind::List(item)) => (Body::List, Some(item.as_ref())),
        Some(kind @ Kind::Object(_)) => (Body::Object, Some(kind)),
        _ if operation.responds_empty => (Body::Empty, None),
        _ => (Body::Any, None),
    };
    let fields = item.map(|kind| fields_of(model, kind)).unwrap_or_default();
    let is_page = fields.contains(&"cursor");
    let sent = operation.body.as_ref().map(|kind| fields_of(model, kind)).unwrap_or_default();
    let source_of = |field: &str| {
        if has_parameter(&operation.path, field) {
            return Some(Source::Path(field.to_owned()));
        }
        sent.contains(&field).then(|| Source::Body(field.to_owned()))
    };
    let mut identity = Vec::new();
    for field in &fields {
        let word = words.get(*field).map(String::as_str);
        let source = match word {
            Some("none") => None,
            None | Some("optional") if is_page || !is_id(field) => None,
            None | Some("optional") => source_of(field),
            Some(word) => Some(source(word)?),
        };
        if let Some(source) = source {
            check(operation, &sent, &source)?;
            identity.push(Identity { field: (*field).to_owned(), source, always: word != Some("optional") });
        }
    }
    if let Some(unknown) = words.keys().find(|field| !fields.contains(&field.as_str())) {
        bail!("x-cashfree-identity: the response has no field {unknown}");
    }
    if let Protection::Identity(source) = &operation.protected_by {
        check(operation, &sent, source)?;
    }
    let identifies = |field: &str| is_id(field) && words.get(field).is_none_or(|word| word != "none");
    let ids: Vec<&str> = fields.iter().copied().filter(|field| identifies(field)).collect();
    // An id that the request does not have may stand in one of several published shapes only.
    let identifying = match ids.is_empty() || identity.is_empty() {
        // Whether it is a page, and the last one, is for who turns the pages.
        _ if is_page => Vec::new(),
        true => {
            let own: Vec<&str> =
                fields.iter().copied().filter(|field| !ERROR_FIELDS.contains(field)).collect();
            let (common, telling): (Vec<&str>, _) =
                own.into_iter().partition(|field| COMMON_FIELDS.contains(field));
            if telling.is_empty() { common } else { telling }
        }
        false => ids,
    };
    Ok(Expected { shape, identity, fields: identifying.into_iter().map(str::to_owned).collect() })
}

/// Whether a request has such a value.
fn check(operation: &Operation, sent: &[&str], source: &Source) -> Result<()> {
    let found = match source {
        Source::Path(name) => has_parameter(&operation.path, name),
        Source::Body(name) => sent.contains(&name.as_str()),
    };
    if !found {
        bail!("no request carries {source:?}");
    }
    Ok(())
}

fn has_parameter(path: &str, name: &str) -> bool {
    path.split('/')
        .any(|segment| segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name))
}

fn is_id(field: &str) -> bool {
    (field.ends_with("_id") || field.ends_with("_uid")) && !field.ends_with("session_id")
}

fn fields_of<'a>(model: &'a Model, kind: &Kind) -> Vec<&'a str> {
    let Kind::Object(name) = kind else { return Vec::new() };
    match model.find(name).map(|found| &found.shape) {
        Some(Shape::Object(fields)) => fields.iter().map(|field| field.name.as_str()).collect(),
        _ => Vec::new(),
    }
}
