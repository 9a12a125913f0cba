//! JSON that is not what was expected: where, and why.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::lenient::ObjectOf;

/// Where JSON can't be read, and why. The readers of the generated types never repeat a value in it.
#[derive(Debug)]
pub struct Misread {
    path: String,
    error: serde_json::Error,
}

impl Misread {
    /// Takes the second look that finds out where a first one failed.
    pub(crate) fn locate<T: DeserializeOwned>(json: &[u8], error: serde_json::Error) -> Self {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let located = serde_path_to_error::deserialize::<_, T>(&mut deserializer).err();
        // None when the value itself is whole and something stands behind it.
        let path = located.map_or_else(|| ".".to_owned(), |located| located.path().to_string());
        Self { path, error }
    }

    /// The same for what borrows from the body.
    #[cfg(feature = "webhooks")]
    pub(crate) fn of_envelope(json: &[u8], error: serde_json::Error) -> Self {
        Self::locate::<ObjectOf<std::collections::BTreeMap<String, Box<serde_json::value::RawValue>>>>(
            json, error,
        )
    }

    /// Where, as in `payment_method.card`; `.` for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn reason(&self) -> String {
        self.error.to_string()
    }

    pub(crate) fn error(&self) -> &serde_json::Error {
        &self.error
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.error)
    }
}

impl std::error::Error for Misread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The same from text.
#[cfg(feature = "webhooks")]
pub(crate) fn read_text<T: DeserializeOwned>(json: &str) -> Result<T, Misread> {
    match serde_json::from_str(json) {
        Ok(ObjectOf(value)) => Ok(value),
        Err(error) => Err(Misread::locate::<ObjectOf<T>>(json.as_bytes(), error)),
    }
}

/// Reads one object, as the body of an answer is read: nothing but an object, or a list of one, will do.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Order {
///     order_id: String,
/// }
/// let order: Order = cashfree_gen::read_object(br#"{"order_id":"order_1"}"#)?;
/// assert_eq!(order.order_id, "order_1");
/// let misread = cashfree_gen::read_object::<Order>(br#"{"order_id":{}}"#).unwrap_err();
/// assert_eq!(misread.path(), "order_id");
/// # Ok::<(), cashfree_gen::Misread>(())
/// ```
///
/// # Errors
/// Where and why it can't be read.
pub fn read_object<T: DeserializeOwned>(json: &[u8]) -> Result<T, Misread> {
    match serde_json::from_slice(json) {
        Ok(ObjectOf(value)) => Ok(value),
        Err(error) => Err(Misread::locate::<ObjectOf<T>>(json, error)),
    }
}
