//! What the success response of an operation holds: a column of the operation table.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::extensions;

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
    /// An empty object, or no body.
    Empty,
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

/// What the overlay says of an operation's response: `none`, `optional`, or where the value is, by field.
pub(super) type Words = BTreeMap<String, String>;

pub(super) fn words(operation: &Value) -> Result<Words> {
    let Some(word) = operation.get(extensions::IDENTITY) else { return Ok(Words::new()) };
    let fields = word.as_object().context("x-cashfree-identity: not an object")?;
    let text = |(field, value): (&String, &Value)| {
        let value = value.as_str().with_context(|| format!("x-cashfree-identity: {field} is no text"))?;
        Ok((field.clone(), value.to_owned()))
    };
    fields.iter().map(text).collect()
}

pub(super) fn source(word: &str) -> Result<Source> {
    match word.split_once(' ') {
        Some(("path", name)) => Ok(Source::Path(name.to_owned())),
        Some(("body", name)) => Ok(Source::Body(name.to_owned())),
        _ => bail!("`{word}` is neither `path NAME` nor `body NAME`"),
    }
}
