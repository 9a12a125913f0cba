//! JSON that is not what was expected: where, and why.

use std::fmt::{self, Write as _};

use serde::de::{self, DeserializeOwned};
use serde_path_to_error::Path;

use crate::decode::lenient::{Read, free};
use crate::decode::lexer::{Fault, Json, apart};
use crate::decode::unparsed::SetAside;

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
        // A type of this crate within the other one tells its part of the path itself.
        match apart(&error.to_string()) {
            Some((reason, within, after)) => Self {
                path: cut(joined(&path, within)),
                error: de::Error::custom(format_args!("{reason}{after}")),
            },
            // A reader of text as it stands has not seen where it breaks.
            None if path == "." && (error.is_syntax() || error.is_eof()) => {
                let broken = Json::of_bytes(json).whole(free).err();
                Self { path: broken.map_or(path, |fault| fault.path()), error }
            }
            None => Self { path, error },
        }
    }

    pub(crate) fn new(fault: &Fault, json: &[u8]) -> Self {
        Self { path: fault.path(), error: de::Error::custom(fault.reason_in(json)) }
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

/// A path below another; `.` is the whole of what it is the path of.
pub(crate) fn joined(above: &str, path: &str) -> String {
    match (above, path) {
        ("" | ".", path) => path.to_owned(),
        (above, ".") => above.to_owned(),
        (above, path) if path.starts_with('[') => format!("{above}{path}"),
        (above, path) => format!("{above}.{path}"),
    }
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

/// What a body is read into: the answers of the API, lists of them, and what they are made of.
///
/// The client reads its answers so. `serde` can read the same types, within others and from other
/// formats, but not as fast.
///
/// ```
/// use cashfree_gen::Answer;
/// use cashfree_gen::types::Order;
///
/// let order = Order::from_json(br#"{"order_id":7,"order_amount":"499.00"}"#)?;
/// assert_eq!(order.order_id.unwrap().as_str(), "7");
/// assert_eq!(Vec::<Order>::from_json(b"[{},{}]")?.len(), 2);
/// let misread = Order::from_json(br#"{"order_amount":{}}"#).unwrap_err();
/// assert_eq!(misread.path(), "order_amount");
/// # Ok::<(), cashfree_gen::Misread>(())
/// ```
pub trait Answer: sealed::Sealed + Sized {
    /// Reads a whole body: an object, or a list of one, for an object; a list, or one item, for a list.
    ///
    /// # Errors
    /// Where and why it can't be read.
    fn from_json(json: &[u8]) -> Result<Self, Misread>;
}

impl<T: Read> Answer for T {
    fn from_json(json: &[u8]) -> Result<Self, Misread> {
        read(json)
    }
}

mod sealed {
    #[allow(unnameable_types, reason = "so that only types of this crate are answers")]
    pub trait Sealed {}

    impl<T: super::Read> Sealed for T {}
}

/// Reads a whole body.
pub(crate) fn read<T: Read>(json: &[u8]) -> Result<T, Misread> {
    Json::of_bytes(json).whole(must).map_err(|fault| Misread::new(&fault, json))
}

/// Reads a whole body, less what is set aside.
pub(crate) fn read_setting_aside<T: Read>(json: &[u8]) -> Result<(T, Vec<SetAside>), Misread> {
    Json::of_bytes(json).whole_setting_aside(must).map_err(|fault| Misread::new(&fault, json))
}

fn must<T: Read>(json: &mut Json<'_>) -> Result<T, Fault> {
    match T::read(json)? {
        Some(value) => Ok(value),
        None => Err(json.fault("nothing where a value is expected")),
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
    crate::decode::foreign::read(json)
}
