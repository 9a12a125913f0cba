//! Fields that could not be decoded, and text with replaced bytes.
//!
//! A field of an unexpected shape costs that field, not the response: it reads as absent and is kept as JSON.
//! Two things are never left unparsed, and fail the whole: a number, so that no response shows less money than
//! it has; and the content of the response, which is the whole or its `data`. A list is never shortened: where
//! an item fails, the field that holds the list is unparsed.

use std::fmt;

#[cfg(feature = "webhook")]
use super::path;

/// A field that could not be decoded, as JSON. The decoded value has it as absent.
///
/// `Debug` does not show the JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct UnparsedField {
    path: String,
    json: Box<str>,
}

impl UnparsedField {
    pub(super) fn new(path: String, json: &str) -> Self {
        Self { path, json: json.into() }
    }

    /// Returns the JSON path, as in `order_meta.payment_methods_filters`. `*` stands for a name that no type declares, as
    /// in `order_tags.*`. A path of more than 200 characters is truncated and ends in `…`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the value as the JSON text that was received.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for UnparsedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnparsedField").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A decoded value, with what it does not show of the body.
#[derive(Clone, Debug)]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// Fields that could not be decoded and are absent in the value.
    pub unparsed: Vec<UnparsedField>,
    /// JSON paths of texts in which U+FFFD stands for bytes that are not UTF-8, or for half of a surrogate
    /// pair.
    pub replaced_text: Vec<String>,
}

impl<T> Decoded<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Decoded<U> {
        Decoded { value: change(self.value), unparsed: self.unparsed, replaced_text: self.replaced_text }
    }

    /// The same, with paths within the field that holds the value.
    #[cfg(feature = "webhook")]
    pub(crate) fn within(mut self, parent: &str) -> Self {
        for field in &mut self.unparsed {
            field.path = path::joined(parent, &field.path);
        }
        for path in &mut self.replaced_text {
            *path = path::joined(parent, path);
        }
        self
    }
}
