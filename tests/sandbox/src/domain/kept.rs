//! Text that is kept for long, and JSON as such text: it takes less memory than a tree.
//!
//! Objects of one kind repeat the names of their fields and most of their values. A text is kept as its difference from
//! an earlier one of its kind, compressed.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use lz4_flex::block;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Shorter texts are not compared with others.
const SHORT: usize = 48;
/// Longer texts are not what others are compared with.
const LONG: usize = 1 << 14;
/// Kinds of text that are distinguished. Beyond them, the earlier ones are forgotten.
const KINDS: usize = 256;

/// A text that others differ from.
type Base = Arc<Box<str>>;

/// The last text of each kind that had little in common with the one before it.
///
/// One for the whole program: which base a text has makes no difference to what is read.
static BASES: LazyLock<Mutex<HashMap<Box<str>, Base>>> = LazyLock::new(Mutex::default);

/// Objects of one kind begin with the same field.
fn kind(text: &str) -> Option<&str> {
    let kind = text.split_once(':')?.0;
    (text.len() >= SHORT && text.len() <= LONG && kind.len() < SHORT).then_some(kind)
}

/// A text, compressed.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    difference: Box<[u8]>,
    base: Option<Base>,
}

impl Packed {
    pub(crate) fn new(text: &str) -> Self {
        let Some(kind) = kind(text) else {
            return Self { difference: difference(text, ""), base: None };
        };
        let known = BASES.lock().unwrap_or_else(PoisonError::into_inner).get(kind).cloned();
        if let Some(base) = known {
            let difference = difference(text, &base);
            if difference.len() <= text.len() / 2 {
                return Self { difference, base: Some(base) };
            }
        }
        let base = Base::new(text.into());
        let mut bases = BASES.lock().unwrap_or_else(PoisonError::into_inner);
        if bases.len() >= KINDS {
            bases.clear();
        }
        bases.insert(kind.into(), Arc::clone(&base));
        Self { difference: difference(text, &base), base: Some(base) }
    }

    pub(crate) fn text(&self) -> String {
        let base = self.base.as_ref().map_or("", |base| base);
        let text = block::decompress_size_prepended_with_dict(&self.difference, base.as_bytes());
        // It was made from a text and the same base.
        String::from_utf8(text.unwrap_or_default()).unwrap_or_default()
    }
}

fn difference(text: &str, base: &str) -> Box<[u8]> {
    let packed = block::compress_prepend_size_with_dict(text.as_bytes(), base.as_bytes());
    // A copy of its own size.
    packed.as_slice().into()
}

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(from)?))
    }
}

/// A JSON value as text, read anew each time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept(Packed);

impl From<&Value> for Kept {
    fn from(value: &Value) -> Self {
        Self(Packed::new(&value.to_string()))
    }
}

impl Kept {
    pub(crate) fn read(&self) -> Value {
        // It was written from a value.
        serde_json::from_str(&self.0.text()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_comes_back_as_it_was() {
        for value in [
            json!(null),
            json!({ "z": 1, "a": [499.5, 0.1, 999_999_999_999_999.9, "₹\u{0}\""], "m": { "k": true } }),
            json!(10.10),
            json!("x".repeat(100_000)),
        ] {
            assert_eq!(Kept::from(&value).read().to_string(), value.to_string());
        }
    }

    #[test]
    fn texts_of_one_kind_share_what_they_have_in_common() {
        let text = |number: u32, note: &str| {
            format!(r#"{{"kept_test":{number},"note":"{note}","customer":"A. Payer","phone":"9999999999"}}"#)
        };
        let texts: Vec<_> = (0..100).map(|number| text(number, "two pairs of socks")).collect();
        let packed: Vec<_> = texts.iter().map(|text| Packed::new(text)).collect();
        assert!(packed.iter().skip(1).all(|packed| packed.difference.len() < 32), "{packed:?}");
        assert!(packed.iter().map(Packed::text).eq(texts));
        // One that has little in common takes the place of the base; those packed before stay as they are.
        let other = format!(r#"{{"kept_test":{:?}}}"#, (0..90).collect::<Vec<u32>>());
        assert_eq!(Packed::new(&other).text(), other);
        assert_eq!(packed[99].text(), text(99, "two pairs of socks"));
    }
}
