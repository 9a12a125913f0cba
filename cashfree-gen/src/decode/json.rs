//! JSON of any shape with exact numbers, for comparing and checking bodies.

use std::fmt;

use super::decoder::{Decoder, text_of};
use super::error::DecodeError;

/// Any JSON value. Numbers keep their text, objects the order of their fields, and fields that are there twice. It
/// displays as JSON.
///
/// ```
/// use cashfree_gen::Json;
/// let json = Json::parse(br#"{"order_amount":499.10}"#)?;
/// assert_eq!(json.get("order_amount"), Some(&Json::Number("499.10".to_owned())));
/// # Ok::<(), cashfree_gen::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// Text, without its escapes.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object, its fields in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Parses a body as the client does: without a byte order mark, and with U+FFFD for what is not valid
    /// Unicode.
    ///
    /// # Errors
    /// [`DecodeError`] when it is not JSON, or nested deeper than 127 levels.
    pub fn parse(json: &[u8]) -> Result<Self, DecodeError> {
        let text = text_of(json);
        Decoder::of(&text).whole(value).map_err(|error| error.located_in(&text))
    }

    /// Returns the field of this name. Of a field that is there twice, the last one.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => quoted(f, text),
            Self::List(items) => {
                f.write_str("[")?;
                for (nth, item) in items.iter().enumerate() {
                    f.write_str(if nth == 0 { "" } else { "," })?;
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (nth, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if nth == 0 { "" } else { "," })?;
                    quoted(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "{}", serde_json::Value::from(text))
}

fn value(decoder: &mut Decoder<'_>) -> Result<Json, DecodeError> {
    decoder.charge(size_of::<Json>())?;
    match decoder.peek() {
        Some(b'{') => {
            let mut fields = Vec::new();
            decoder.entries(&mut |decoder, name| {
                decoder.charge(size_of::<String>())?;
                fields.push((name.into_owned(), value(decoder)?));
                Ok(())
            })?;
            Ok(Json::Object(fields))
        }
        Some(b'[') => {
            let mut items = Vec::new();
            decoder.items(&mut |decoder| {
                items.push(value(decoder)?);
                Ok(())
            })?;
            Ok(Json::List(items))
        }
        Some(b'"') => decoder.string().map(|text| Json::Text(text.into_owned())),
        Some(b'-' | b'0'..=b'9') => decoder.number().map(|text| Json::Number(text.to_owned())),
        Some(b't') => decoder.keyword("true").map(|()| Json::Bool(true)),
        Some(b'f') => decoder.keyword("false").map(|()| Json::Bool(false)),
        Some(b'n') => decoder.keyword("null").map(|()| Json::Null),
        _ => Err(decoder.unexpected("a value")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn json_displays_as_it_was_parsed() {
        for json in [
            r#"{"b":[1.10,-0,2e9,true,false,null,"\"\n\u0001é"],"a":{},"a":[]}"#,
            "9007199254740993.01",
            "[[[{}]]]",
        ] {
            assert_eq!(Json::parse(json.as_bytes()).unwrap().to_string(), json);
        }
    }
}
