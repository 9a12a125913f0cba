//! A scalar by its text on the wire: the one form in which numbers, words and flags are read, so that no
//! digit passes through a float, and no error repeats what it was given.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::decode::lenient::{Read, WORDS};
use crate::decode::lexer::Json;

/// The name by which `serde_json` hands a value over as its text. It is the name that
/// `serde_json::value::RawValue` uses; asking under it directly lets other formats, and values that
/// serde holds in a buffer, be read too. A test fails if the name ever changes.
const RAW: &str = "$serde_json::private::RawValue";

/// The name under which a number stands in a buffer when some crate of the build turns on
/// `serde_json/arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// Digits that survive a float whatever they are.
const FLOAT_DIGITS: usize = 15;

/// Any JSON value; what is no scalar is kept as its JSON.
pub(crate) enum Wire<'a> {
    /// `null`.
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// The digits as they came.
    Number(Cow<'a, str>),
    /// Text, its escapes resolved.
    Text(Cow<'a, str>),
    /// An object or a list.
    Structure(Cow<'a, str>),
}

impl<'a> Wire<'a> {
    /// Tells by the first character what a value is.
    fn of<E: de::Error>(json: Cow<'a, str>) -> Result<Self, E> {
        let json = match json {
            json if is_tight(&json) => json,
            Cow::Borrowed(json) => Cow::Borrowed(json.trim()),
            Cow::Owned(json) => Cow::Owned(json.trim().to_owned()),
        };
        Ok(match json.as_bytes() {
            b"null" => Self::Nothing,
            b"true" => Self::Flag(true),
            b"false" => Self::Flag(false),
            [b'{' | b'[', ..] => Self::Structure(json),
            [b'"', inner @ .., b'"'] => {
                if inner.contains(&b'\\') {
                    let text =
                        serde_json::from_str(&json).map_err(|_| E::custom("text with a bad escape"))?;
                    Self::Text(Cow::Owned(text))
                } else {
                    let end = json.len() - 1;
                    Self::Text(match json {
                        Cow::Borrowed(json) => Cow::Borrowed(json.get(1..end).unwrap_or_default()),
                        Cow::Owned(json) => Cow::Owned(json.get(1..end).unwrap_or_default().to_owned()),
                    })
                }
            }
            _ => {
                // Only a tree of values or a stream hands its text over as its own; the tree may have
                // held the number as a float.
                if matches!(json, Cow::Owned(_)) && was_float(&json) {
                    return Err(E::custom(LOST));
                }
                Self::Number(json)
            }
        })
    }

    /// What it is, for an error: never the value.
    fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Flag(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::Structure(_) => "an object or a list",
        }
    }

    /// The error that says what was found and what would do.
    pub(crate) fn refused<E: de::Error>(&self, expected: &'static str) -> E {
        E::invalid_type(de::Unexpected::Other(self.kind()), &expected)
    }
}

/// Whether there is nothing to trim, told by two bytes: so it is nearly always.
fn is_tight(text: &str) -> bool {
    matches!(text.as_bytes(), [b'!'..=b'~', .., b'!'..=b'~'] | [b'!'..=b'~'])
}

pub(crate) const LOST: &str = "a number that passed through a float and may have lost digits";

/// Whether the text is what a float of many digits is written as.
pub(crate) fn was_float(text: &str) -> bool {
    significant(text) > FLOAT_DIGITS
        && text.parse().ok().and_then(Number::from_f64).is_some_and(|float| float.to_string() == text)
}

/// How many digits a number really has: none of the zeros before or after them.
fn significant(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

impl<'de> Deserialize<'de> for Wire<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, ReadWire)
    }
}

struct ReadWire;

impl<'de> Visitor<'de> for ReadWire {
    type Value = Wire<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    /// From `serde_json`, one entry whose value is the text on the wire; from elsewhere, an object.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Wire<'de>, A::Error> {
        let mut members = serde_json::Map::new();
        while let Some(Text(key)) = map.next_key()? {
            match key.as_ref() {
                RAW if members.is_empty() => return Wire::of(map.next_value::<Text<'de>>()?.0),
                NUMBER if members.is_empty() => return Ok(Wire::Number(map.next_value::<Text<'de>>()?.0)),
                _ => members.insert(key.into_owned(), map.next_value::<Free>()?.0),
            };
        }
        Ok(Wire::Structure(Value::Object(members).to_string().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Wire<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(Free(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Wire::Structure(Value::Array(items).to_string().into()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Wire<'de>, E> {
        Ok(Wire::Flag(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Wire<'de>, E> {
        Ok(Wire::Number(value.to_string().into()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Wire<'de>, E> {
        Ok(Wire::Number(value.to_string().into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Wire<'de>, E> {
        Ok(Wire::Number(value.to_string().into()))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Wire<'de>, E> {
        Ok(Wire::Number(value.to_string().into()))
    }

    /// A float that came by way of a buffer: beyond fifteen digits it no longer tells which were sent.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Wire<'de>, E> {
        let text = value.to_string();
        if !value.is_finite() || significant(&text) > FLOAT_DIGITS {
            return Err(E::custom(LOST));
        }
        Ok(Wire::Number(text.into()))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Wire<'de>, E> {
        Ok(Wire::Text(text.into()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Wire<'de>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Wire<'de>, E> {
        Ok(Wire::Text(text.into()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Wire<'de>, E> {
        Ok(Wire::Nothing)
    }

    fn visit_none<E: de::Error>(self) -> Result<Wire<'de>, E> {
        Ok(Wire::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Wire<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Wire<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Any JSON as a tree of values, an entry as it stands. The library's own reader unfolds an object under
/// [`RAW`], whose text then starts a new count of depth: text in text in text could exhaust the stack.
pub(crate) struct Free(pub(crate) Value);

impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(text.into())
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
                Ok(text.into())
            }

            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(Free(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(items.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut members = serde_json::Map::new();
                while let Some((key, Free(value))) = map.next_entry::<String, Free>()? {
                    if key == NUMBER
                        && members.is_empty()
                        && let Some(number) = value.as_str().and_then(|text| text.parse().ok())
                    {
                        return Ok(Value::Number(number));
                    }
                    members.insert(key, value);
                }
                Ok(members.into())
            }
        }

        deserializer.deserialize_any(Read).map(Self)
    }
}

/// A key or a text, borrowed where that is possible.
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(text.into()))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(text.to_owned().into()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(text.into()))
            }
        }

        deserializer.deserialize_str(Read)
    }
}

/// Reads text that must be there, from text or from a number or flag that stands for it: digits are not
/// grouped, rounded or stripped.
pub(crate) fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    make: impl FnOnce(&str) -> T,
) -> Result<T, D::Error> {
    match Wire::deserialize(deserializer)? {
        Wire::Text(text) | Wire::Number(text) => Ok(make(&text)),
        Wire::Flag(flag) => Ok(make(if flag { "true" } else { "false" })),
        other => Err(other.refused(WORDS)),
    }
}

/// Reads what this crate has a reader of its own for, from any source of values.
pub(crate) fn through<'de, D: Deserializer<'de>, T: Read>(deserializer: D) -> Result<T, D::Error> {
    let wire = Wire::deserialize(deserializer)?;
    let json = match &wire {
        Wire::Structure(Cow::Borrowed(json)) => Json::of_text(json),
        Wire::Structure(Cow::Owned(json)) => Json::of_tree(json),
        other => return Err(other.refused("an object")),
    };
    json.whole(T::item).map_err(D::Error::custom)?.ok_or_else(|| wire.refused("an object"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kind_and_text(wire: &Wire<'_>) -> (&'static str, String) {
        let text = match wire {
            Wire::Nothing => String::new(),
            Wire::Flag(flag) => flag.to_string(),
            Wire::Number(text) | Wire::Text(text) | Wire::Structure(text) => text.to_string(),
        };
        (wire.kind(), text)
    }

    #[test]
    fn every_value_is_told_by_its_text() {
        for (json, kind, text) in [
            ("null", "nothing", ""),
            ("true", "a truth value", "true"),
            (" 1.10 ", "a number", "1.10"),
            ("-0", "a number", "-0"),
            ("123456789012345678901234567890", "a number", "123456789012345678901234567890"),
            (r#""""#, "text", ""),
            (r#"" a ""#, "text", " a "),
            (r#""\\\"""#, "text", "\\\""),
            (r#""é\u00e9""#, "text", "éé"),
            (r#"{ "a": 1.10 }"#, "an object or a list", r#"{ "a": 1.10 }"#),
            ("[ ]", "an object or a list", "[ ]"),
            // Not the entry that the library makes, but one that was sent.
            (
                r#"{"$serde_json::private::RawValue":"7"}"#,
                "an object or a list",
                r#"{"$serde_json::private::RawValue":"7"}"#,
            ),
        ] {
            let expected = (kind, text.to_owned());
            assert_eq!(kind_and_text(&serde_json::from_str(json).unwrap()), expected, "{json}");
            assert_eq!(kind_and_text(&serde_json::from_slice(json.as_bytes()).unwrap()), expected, "{json}");
        }
        for json in ["", "\"", "01", "1.", "nul", "{", "[1,]", "\"\\x\"", "\"\\ud800\"", "\"\u{1}\""] {
            assert!(serde_json::from_str::<Wire<'_>>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_slice::<Wire<'_>>(b"\"\xff\"").is_err());
    }

    /// Exactness hangs on one private name: were it another, the digits would come as a float.
    #[test]
    fn serde_json_hands_over_the_text_under_this_name() {
        let raw: &serde_json::value::RawValue = serde_json::from_str("1.10").unwrap();
        assert_eq!(raw.get(), "1.10");
        let wire = serde_json::from_str("1.10").unwrap();
        assert!(matches!(wire, Wire::Number(Cow::Borrowed("1.10"))));
    }

    #[test]
    fn plain_text_is_borrowed() {
        let wire = serde_json::from_str(r#""abc""#).unwrap();
        assert!(matches!(wire, Wire::Text(Cow::Borrowed("abc"))));
    }

    #[test]
    fn a_number_from_a_buffer_of_arbitrary_precision_is_read() {
        let map = std::iter::once((NUMBER, "123456789012345678901234567890.10"));
        let source = serde::de::value::MapDeserializer::<_, de::value::Error>::new(map);
        let wire = Wire::deserialize(source).unwrap();
        assert_eq!(kind_and_text(&wire), ("a number", "123456789012345678901234567890.10".to_owned()));
    }

    #[test]
    fn significant_digits_are_counted() {
        for (text, count) in [("0", 0), ("-0.050", 1), ("100", 1), ("1.10e9", 2), ("123.456", 6)] {
            assert_eq!(significant(text), count, "{text}");
        }
    }
}
