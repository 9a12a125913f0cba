//! Decode errors: where JSON could not be decoded, and why. No error repeats a value: it may be a card number.

use std::borrow::Cow;
use std::fmt;

use serde::de;

use super::path::{self, Step, Steps};

/// Error returned when JSON could not be decoded.
///
/// It names the JSON path and the reason, and repeats no value of the body.
#[derive(Debug)]
pub struct DecodeError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    reason: Cow<'static, str>,
    /// Bytes of the text before the error.
    offset: Option<usize>,
    steps: Steps,
    path: String,
    is_final: bool,
}

impl DecodeError {
    pub(super) fn new(reason: Cow<'static, str>, offset: Option<usize>) -> Self {
        Self(Box::new(Inner { reason, offset, steps: Vec::new(), path: ".".to_owned(), is_final: false }))
    }

    /// An error of another decoder, whose path is known.
    pub(super) fn at_path(path: String, reason: String) -> Self {
        let mut error = Self::new(reason.into(), None);
        error.0.path = path;
        error
    }

    /// Sets the offset, unless it is known.
    pub(super) fn or_at(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Marks an error that no field can be left unparsed for.
    pub(crate) fn into_final(mut self) -> Self {
        self.0.is_final = true;
        self
    }

    pub(super) fn is_final(&self) -> bool {
        self.0.is_final
    }

    /// Adds a step in front of the path.
    pub(super) fn within(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// Completes the error: formats its path, and its reason with line and column.
    #[cold]
    pub(crate) fn located_in(mut self, text: &str) -> Self {
        let inner = &mut *self.0;
        inner.path = path::shown(&inner.steps);
        let before = inner.offset.and_then(|offset| text.as_bytes().get(..offset)).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        inner.reason = format!("{} at line {line} column {column}", inner.reason).into();
        self
    }

    /// Returns the JSON path, as in `payment_method.card`; `.` is the whole body. A path of more than 200
    /// characters is truncated and ends in `…`.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the reason, with line and column.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The reason as serde's errors carry it, which have no path: [`split_path`] separates the two again.
    pub(super) fn for_serde(&self) -> String {
        match self.0.steps.as_slice() {
            [] => self.0.reason.clone().into_owned(),
            steps => format!("{}{IN}{})", self.0.reason, path::shown(steps)),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.path, self.0.reason)
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::new(reason.to_string().into(), None)
    }
}

/// Separates reason and path; no reason contains it.
const IN: &str = " (in ";

/// Splits the message of an error of serde into the reason, the path that a decoder of this crate put into
/// it, and the rest.
pub(super) fn split_path(message: &str) -> Option<(&str, &str, &str)> {
    let (reason, rest) = message.split_once(IN)?;
    let (path, after) = rest.rsplit_once(')')?;
    Some((reason, path, after))
}
