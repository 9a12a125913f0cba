//! The serialized form of a stored call.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::StoredCall;
use crate::{IdempotencyKey, RetryPolicy};

/// The form that this release writes.
const VERSION: u32 = 1;

/// Headers by name, in order.
pub(super) type Headers = Vec<(String, String)>;

/// Form 1. A field that is added later gets a default, or another version.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub(super) operation: String,
    /// Path and query below the base URL, percent-encoded.
    pub(super) path: String,
    /// The exact bytes of the request. As text, so that no database writes its numbers in another way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) body: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) request_headers: Headers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<IdempotencyKey>,
    pub(super) api_version: String,
    /// `sandbox`, `production` or `custom`.
    pub(super) environment: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) credentials: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) timeout_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::retry::stored")]
    pub(super) retry: Option<RetryPolicy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) headers: Headers,
}

/// A form of any version.
#[derive(Serialize, Deserialize)]
pub(super) struct Versioned {
    v: u32,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl TryFrom<Versioned> for StoredCall {
    type Error = String;

    fn try_from(form: Versioned) -> Result<Self, String> {
        match form.v {
            VERSION => match Form::deserialize(Value::Object(form.fields)) {
                Ok(form) => Ok(Self(form)),
                Err(error) => Err(format!("not a stored call: {error}")),
            },
            other => Err(format!("a stored call of form {other}; this release reads form {VERSION}")),
        }
    }
}

impl From<StoredCall> for Versioned {
    fn from(call: StoredCall) -> Self {
        // A form is an object with text keys, which serialize always.
        let fields = match serde_json::to_value(call.0) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Self { v: VERSION, fields }
    }
}

/// Whole milliseconds; a duration beyond half a billion years is cut.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
