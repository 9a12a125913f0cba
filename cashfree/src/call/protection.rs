//! What protects a call against acting twice, and the identifier that the client gives where the caller gave none.

use std::time::Duration;

use cashfree_gen::expected::Source;

use super::delivery::Delivery;
use crate::{Operation, Protection, RetryClass};

/// Time that a write needs for its response, if its timeout is longer.
const WRITE_TIME: Duration = Duration::from_secs(2);

/// Whether a request is protected twice: by a key that a document says the service honours, and by something that the
/// service enforces without it.
pub(crate) fn is_protected(request: &cashfree_gen::Request) -> bool {
    let operation = request.operation;
    operation.is_key_documented()
        && match operation.protected_by {
            Protection::Identity(source) => request.value(source).is_some(),
            Protection::Lifecycle => true,
            _ => false,
        }
}

/// The time that another attempt needs, so that a call that was refused does not end as ambiguous.
pub(super) fn needs(operation: &Operation, timeout: Duration, time_limit: Duration) -> Duration {
    match operation.retry_class {
        RetryClass::Safe => Duration::ZERO,
        _ => timeout.min(WRITE_TIME).min(time_limit / 4),
    }
}

impl Delivery {
    /// Whether resending the request with its key is safe, although it may have been applied.
    pub(super) fn is_resend_safe(&self) -> bool {
        let operation = self.operation;
        let trusted = self.policy.trusts_keys() && operation.retry_class == RetryClass::Keyed;
        self.key.is_some() && (trusted || self.request.get().is_some_and(is_protected))
    }

    /// Returns the request with an identifier made of the key, where the client does that and the caller left the
    /// field out.
    pub(super) fn identified(&self, request: &cashfree_gen::Request) -> Option<cashfree_gen::Request> {
        let Protection::Identity(Source::Body(field)) = request.operation.protected_by else { return None };
        let key = self
            .key
            .as_ref()
            .filter(|_| self.client.fills_identity() && request.value(Source::Body(field)).is_none())?;
        let rest = request.body.strip_prefix(b"{")?;
        // A field that is null was set by the caller.
        let names: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&request.body).ok()?;
        if names.contains_key(field) {
            return None;
        }
        let separator = if names.is_empty() { "" } else { "," };
        let mut body = format!("{{\"{field}\":\"{}\"{separator}", key.as_identity()).into_bytes();
        body.extend_from_slice(rest);
        let mut identified = request.clone();
        identified.body = body.into();
        Some(identified)
    }
}
