//! What the success response of an operation holds, and what protects a write besides its key: columns of the
//! operation table, derived from the types and corrected by words of the overlay.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::extensions;

use super::{Kind, Model, Operation, Repeat, Shape};

/// The fields of an error body. They identify no success.
const ERROR_FIELDS: [&str; 5] = ["message", "code", "type", "help", "error"];

/// What a success response must hold.
#[derive(Debug, Default)]
pub struct Expected {
    /// Its shape.
    pub shape: Body,
    /// The fields that repeat a value of the request.
    pub identity: Vec<Identity>,
    /// Fields of which it holds at least one.
    pub fields: Vec<String>,
}

/// The shape of a response body.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// An object.
    Object,
    /// A list of objects.
    List,
    /// Anything.
    #[default]
    Any,
}

/// A field of the response that equals a value of the request.
#[derive(Debug)]
pub struct Identity {
    /// The field.
    pub field: String,
    /// Where the request carries the value.
    pub source: Source,
    /// Whether each response has the field.
    pub always: bool,
}

/// Where a request carries a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A path parameter.
    Path(String),
    /// A top-level field of the body.
    Body(String),
}

/// What keeps a second write from acting again, besides its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Nothing is written.
    Read,
    /// An identifier of the caller's.
    Identity(Source),
    /// The state of the object.
    Lifecycle,
    /// Only the key.
    Key,
    /// Nothing, not even a key.
    Nothing,
}

/// What the overlay says of an operation's response: `none`, `optional`, or where the value is, by field.
pub(super) type Words = BTreeMap<String, String>;

pub(super) fn words(operation: &Value) -> Result<Words> {
    let Some(word) = operation.get(extensions::IDENTITY) else { return Ok(Words::new()) };
    let members = word.as_object().context("x-cashfree-identity: not an object")?;
    let text = |(field, value): (&String, &Value)| {
        let value = value.as_str().with_context(|| format!("x-cashfree-identity: {field} is no text"))?;
        Ok((field.clone(), value.to_owned()))
    };
    members.iter().map(text).collect()
}

pub(super) fn protection(operation: &Value, repeat: Repeat, keyed: bool) -> Result<Protection> {
    let word = operation.get(extensions::PROTECTED_BY).and_then(Value::as_str);
    Ok(match (word, repeat) {
        (Some(_), Repeat::Safe) => bail!("x-cashfree-protected-by: the operation only reads"),
        (Some("lifecycle"), _) => Protection::Lifecycle,
        (Some(word), _) => Protection::Identity(source(word).context("x-cashfree-protected-by")?),
        (None, Repeat::Safe) => Protection::Read,
        (None, Repeat::Keyed) if keyed => Protection::Key,
        (None, _) => Protection::Nothing,
    })
}

fn source(word: &str) -> Result<Source> {
    match word.split_once(' ') {
        Some(("path", name)) => Ok(Source::Path(name.to_owned())),
        Some(("body", name)) => Ok(Source::Body(name.to_owned())),
        _ => bail!("`{word}` is neither `path NAME` nor `body NAME`"),
    }
}

/// Fills the column for an operation.
///
/// A top-level field of the response that ends in `_id` repeats the path parameter of its name, else the top-level
/// field of the body of its name. A page, which has a cursor, repeats nothing.
pub(super) fn expected(model: &Model, operation: &Operation, words: &Words) -> Result<Expected> {
    let (shape, item) = match &operation.answer {
        Some(Kind::List(item)) => (Body::List, Some(item.as_ref())),
        Some(kind @ Kind::Object(_)) => (Body::Object, Some(kind)),
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
    let tells = |field: &str| is_id(field) && words.get(field).is_none_or(|word| word != "none");
    let ids: Vec<&str> = fields.iter().copied().filter(|field| tells(field)).collect();
    // An id that the request does not have may stand in one of several published shapes only.
    let telling = match ids.is_empty() || identity.is_empty() {
        // Whether it is a page, and the last one, is for who turns the pages.
        _ if is_page => Vec::new(),
        true => fields.iter().copied().filter(|field| !ERROR_FIELDS.contains(field)).collect(),
        false => ids,
    };
    Ok(Expected { shape, identity, fields: telling.into_iter().map(str::to_owned).collect() })
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
