//! Idempotency keys: one for each logical write.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::headers::is_printable;
use crate::{Operation, RetryClass};

/// Idempotency key: identifies one logical write.
///
/// - The key is made before the first attempt and is the same on every attempt, in this process or another one.
/// - The same key with another body is refused with 422
///   ([`is_idempotency_mismatch`](crate::Error::is_idempotency_mismatch)).
/// - How long the service remembers keys is not published.
///
/// See <https://www.cashfree.com/docs/api-reference/payments/api-best-practices>.
///
/// ```
/// use cashfree::IdempotencyKey;
/// // The same business event gives the same key, in whichever process.
/// let key = IdempotencyKey::derive("refund", &["order_1", "complaint_17"]);
/// assert_eq!(key, IdempotencyKey::derive("refund", &["order_1", "complaint_17"]));
/// assert_ne!(key, IdempotencyKey::derive("refund", &["order_1complaint", "_17"]));
/// ```
///
/// A stored key is restored by `serde` or `parse`.
///
/// ```
/// # use cashfree::IdempotencyKey;
/// let key = IdempotencyKey::random();
/// assert_eq!(key.to_string().parse::<IdempotencyKey>()?, key);
/// assert_eq!(serde_json::from_str::<IdempotencyKey>(&serde_json::to_string(&key)?)?, key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct IdempotencyKey(String);

/// Error of an idempotency key that cannot be a header value: a key is printable ASCII, not empty, without a space at
/// either end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an idempotency key is printable ASCII, not empty, without a space at either end")
    }
}

impl std::error::Error for InvalidKey {}

impl IdempotencyKey {
    /// Creates a random key (a UUID).
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// Derives the key of a business event (a UUID of version 5) from a namespace and the parts that identify the event.
    /// Another process that knows the parts derives the same key.
    pub fn derive(namespace: &str, parts: &[&str]) -> Self {
        let space = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://docs.rs/cashfree#idempotency-key");
        let mut name = String::new();
        for part in std::iter::once(&namespace).chain(parts) {
            // The length before each part makes the list of parts unambiguous.
            name.push_str(&format!("{}:{part},", part.len()));
        }
        Self(Uuid::new_v5(&space, name.as_bytes()).to_string())
    }

    /// Creates a key from text.
    ///
    /// # Errors
    /// [`InvalidKey`] if the text cannot be a header value.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = key.into();
        if key.is_empty() || !is_printable(&key) { Err(InvalidKey) } else { Ok(Self(key)) }
    }

    /// Returns the key as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns an identifier that is the same for the same key: the key, where it fits (3 to 45 letters, digits, `-` or
    /// `_`), else a UUID made of it.
    pub(crate) fn as_identity(&self) -> String {
        let fits = (3..=45).contains(&self.0.len())
            && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if fits { self.0.clone() } else { Self::derive("identity", &[&self.0]).0 }
    }

    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    fn from_str(key: &str) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = InvalidKey;

    fn try_from(key: String) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

impl From<&Self> for IdempotencyKey {
    fn from(key: &Self) -> Self {
        key.clone()
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

impl AsRef<str> for IdempotencyKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Source of the idempotency keys of writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// A write without a key gets a random one. The default.
    #[default]
    Auto,
    /// A write without a key is an [`ErrorKind::Request`](crate::ErrorKind::Request), before anything is sent.
    Explicit,
    /// Only keys that are set on a call are sent. Writes without one are not retried once they may have arrived.
    Off,
}

/// Returns whether a key is sent with the operation: the document declares one, and it writes.
pub(crate) fn takes_key(operation: &Operation) -> bool {
    operation.idempotency_key && operation.retry_class != RetryClass::Safe
}
