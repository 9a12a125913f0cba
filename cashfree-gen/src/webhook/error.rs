//! A body that is not the event that it should be.

use std::fmt;

use crate::decode::error::DecodeError;
use crate::decode::path::joined;

/// Error decoding an event. It repeats no value of the body.
///
/// The delivery is verified: keep the body and respond with 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError {
    pub(super) path: String,
    pub(super) reason: String,
}

impl EventError {
    pub(super) fn untyped() -> Self {
        Self { path: "type".to_owned(), reason: "missing".to_owned() }
    }

    /// An event that lacks a field.
    pub(crate) fn missing(field: &str) -> Self {
        Self { path: field.to_owned(), reason: "missing".to_owned() }
    }

    pub(super) fn at(parent: &str, error: &DecodeError) -> Self {
        let path = joined(parent, error.path());
        Self { path, reason: error.reason().to_owned() }
    }

    /// Returns the path of the error in the body, such as `data.order.order_amount`; `.` for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the event can't be read at {}: {}", self.path, self.reason)
    }
}

impl std::error::Error for EventError {}
