//! JSON that is not what was expected: where, and why.

use std::fmt::{self, Write as _};

use serde::de::DeserializeOwned;
use serde_path_to_error::Path;

use crate::lenient::ObjectOf;

/// How many characters of a path are told.
const TOLD: usize = 200;

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
        let path = located.map_or_else(|| ".".to_owned(), |located| place(located.path()));
        Self { path, error }
    }

    /// The same for what borrows from the body.
    #[cfg(feature = "webhooks")]
    pub(crate) fn of_envelope(json: &[u8], error: serde_json::Error) -> Self {
        Self::locate::<ObjectOf<std::collections::BTreeMap<String, Box<serde_json::value::RawValue>>>>(
            json, error,
        )
    }

    /// Where, as in `payment_method.card`; `.` for the whole. A long one ends in `…`.
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

/// A path as it is told.
pub(crate) fn place(path: &Path) -> String {
    cut(path)
}

/// On one line, and cut, for the names in a path are the sender's.
pub(crate) fn cut(path: impl fmt::Display) -> String {
    struct Cut {
        kept: String,
        room: usize,
    }

    impl fmt::Write for Cut {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for character in text.chars() {
                if self.room == 0 {
                    self.kept.push('…');
                    return Err(fmt::Error);
                }
                self.room -= 1;
                self.kept.push(if character.is_control() { ' ' } else { character });
            }
            Ok(())
        }
    }

    let mut cut = Cut { kept: String::new(), room: TOLD };
    // The error is the end of the room.
    let _ = write!(cut, "{path}");
    cut.kept
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
