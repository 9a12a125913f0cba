//! Whether an operation may be retried, and what protects a write besides its key: columns of the operation table.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::expected::{Source, source};
use crate::extensions;

/// The retry class of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// A read: repeated freely.
    Safe,
    /// A write that an idempotency key protects.
    Keyed,
    /// A write that nothing protects against a second effect.
    Never,
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

pub(super) fn protection(operation: &Value, retry_class: RetryClass, keyed: bool) -> Result<Protection> {
    let word = operation.get(extensions::PROTECTED_BY).and_then(Value::as_str);
    Ok(match (word, retry_class) {
        (Some(_), RetryClass::Safe) => bail!("x-cashfree-protected-by: the operation only reads"),
        (Some("lifecycle"), _) => Protection::Lifecycle,
        (Some(word), _) => Protection::Identity(source(word).context("x-cashfree-protected-by")?),
        (None, RetryClass::Safe) => Protection::Read,
        (None, RetryClass::Keyed) if keyed => Protection::Key,
        (None, _) => Protection::Nothing,
    })
}
