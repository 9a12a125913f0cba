//! Free JSON: values of any shape, as a tree of [`serde_json::Value`].

use serde_json::{Number, Value};

use super::decoder::Decoder;
use super::error::DecodeError;
use super::serde::impl_deserialize;
use super::traits::{Decode, DecodeStrict};
use crate::SensitiveJson;

/// Prefix of the names under which serde_json passes raw values and numbers to itself. With the features of other
/// crates it takes an object under such a name for the JSON in its text, nested as deep as the sender likes.
const RESERVED: &str = "$serde_json::private::";

/// The beginning of a string, in JSON, that begins so.
pub(super) const RESERVED_START: &str = "\"$serde_json::private::";

/// Digits that a float keeps, whatever they are.
const FLOAT_DIGITS: usize = 15;

/// Decodes any JSON as a tree of values.
pub(crate) fn value(decoder: &mut Decoder<'_>) -> Result<Value, DecodeError> {
    decoder.charge(size_of::<Value>())?;
    match decoder.peek() {
        Some(b'{') => {
            let mut entries = serde_json::Map::new();
            decoder.entries(&mut |decoder, name| {
                if name.starts_with(RESERVED) {
                    return Err(decoder.error("a field name that serde_json reserves"));
                }
                let value = value(decoder)?;
                decoder.charge(size_of::<(String, Value)>())?;
                entries.insert(name.into_owned(), value);
                Ok(())
            })?;
            Ok(entries.into())
        }
        Some(b'[') => {
            let mut items = Vec::new();
            decoder.items(&mut |decoder| {
                items.push(value(decoder)?);
                Ok(())
            })?;
            Ok(items.into())
        }
        Some(b'"') => decoder.string().map(|text| text.into_owned().into()),
        Some(b'-' | b'0'..=b'9') => {
            let number = number(decoder.number()?);
            number.map(Value::Number).ok_or_else(|| decoder.error("number out of range"))
        }
        Some(b't') => decoder.keyword("true").map(|()| true.into()),
        Some(b'f') => decoder.keyword("false").map(|()| false.into()),
        Some(b'n') => decoder.keyword("null").map(|()| Value::Null),
        _ => Err(decoder.unexpected("a value")),
    }
}

/// A number as serde_json holds it; a float is the one nearest to the text, so that it is written as received.
fn number(text: &str) -> Option<Number> {
    if text != "-0" {
        if let Ok(whole) = text.parse::<u64>() {
            return Some(whole.into());
        }
        if let Ok(whole) = text.parse::<i64>() {
            return Some(whole.into());
        }
    }
    Number::from_f64(text.parse().ok()?)
}

/// Whether a text is what a float of many digits is written as.
pub(super) fn float_may_have_lost_digits(text: &str) -> bool {
    significant_digits(text) > FLOAT_DIGITS
        && text.parse().ok().and_then(Number::from_f64).is_some_and(|float| float.to_string() == text)
}

/// Counts the digits of a number without the zeros before and after them.
fn significant_digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

/// Any JSON but null.
impl Decode for Value {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        Ok(Some(value(decoder)?).filter(|value| !value.is_null()))
    }

    fn body(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        value(decoder)
    }
}

impl DecodeStrict for Value {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        value(decoder)
    }
}

impl Decode for SensitiveJson {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        Ok(Value::item(decoder)?.map(Self::from))
    }
}

impl DecodeStrict for SensitiveJson {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        value(decoder).map(Self::from)
    }
}

impl_deserialize!(SensitiveJson);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits_are_counted() {
        for (text, count) in [("0", 0), ("-0.050", 1), ("100", 1), ("1.10e9", 2), ("123.456", 6)] {
            assert_eq!(significant_digits(text), count, "{text}");
        }
    }
}
