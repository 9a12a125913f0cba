//! The error bodies of the API.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::echo::RequestSecrets;

/// Error body of the API. Each part may be absent.
///
/// Every part is fit for a log:
///
/// - on one line, at most 1,000 characters;
/// - card numbers, and words with an `@`, are replaced by `***`;
/// - a part that repeats a secret of the request is withheld whole (see [`Error`](crate::Error#secrets)).
///
/// Structure in place of text is shown as JSON if it is short. [`Error::body`](crate::Error::body) has the body as
/// received.
///
/// See <https://www.cashfree.com/docs/api-reference/payments/api-best-practices>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// Machine-readable error code, such as `order_already_exists`. An open set.
    pub code: Option<String>,
    /// Class of the error, such as `invalid_request_error`. An open set that does not follow the HTTP status.
    pub error_type: Option<String>,
    /// Message for people.
    pub message: Option<String>,
    /// Link to further information.
    pub help: Option<String>,
}

impl ApiError {
    /// Reads an error body: an object, or a list of one. Bytes that are not UTF-8 become U+FFFD. `None` if the body
    /// is not JSON or has none of the fields.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let text = cashfree_gen::json_text(body);
        let error = match text.len() <= LONGEST_WITH_STRUCTURE {
            true => serde_json::from_str::<ErrorBody<true>>(&text).ok()?.0,
            false => serde_json::from_str::<ErrorBody<false>>(&text).ok()?.0,
        };
        (error != Self::default()).then_some(error)
    }

    /// Replaces each part by what a log may show.
    pub(super) fn redacted(self, secrets: &RequestSecrets) -> Self {
        let redact = |text: Option<String>| text.map(|text| secrets.redact(&text));
        Self {
            code: redact(self.code),
            error_type: redact(self.error_type),
            message: redact(self.message),
            help: redact(self.help),
        }
    }
}

/// The longest body, in bytes, of which structure in place of text is built. Of a longer one it is skipped.
const LONGEST_WITH_STRUCTURE: usize = 64 * 1024;

/// The longest structure, in bytes of JSON, that is shown in place of text.
const LONGEST_STRUCTURE: usize = 1_000;

/// A field of an error body.
#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Field {
    Code,
    Type,
    Message,
    Help,
    #[serde(other)]
    Unknown,
}

/// An error body. A derived struct would refuse a field that occurs twice; here the last one counts.
struct ErrorBody<const STRUCTURE: bool>(ApiError);

impl<'de, const STRUCTURE: bool> Deserialize<'de> for ErrorBody<STRUCTURE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ErrorBodyVisitor::<STRUCTURE>)
    }
}

struct ErrorBodyVisitor<const STRUCTURE: bool>;

impl<'de, const STRUCTURE: bool> Visitor<'de> for ErrorBodyVisitor<STRUCTURE> {
    type Value = ErrorBody<STRUCTURE>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error of the API")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut error = ApiError::default();
        while let Some(field) = fields.next_key()? {
            let part = match field {
                Field::Code => &mut error.code,
                Field::Type => &mut error.error_type,
                Field::Message => &mut error.message,
                Field::Help => &mut error.help,
                Field::Unknown => {
                    fields.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *part = fields.next_value::<Text<STRUCTURE>>()?.0;
        }
        Ok(ErrorBody(error))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let only = items.next_element()?;
        let more = items.next_element::<IgnoredAny>()?;
        only.filter(|_| more.is_none()).ok_or_else(|| A::Error::custom("not one error"))
    }
}

/// Text, or the JSON in its place.
struct Text<const STRUCTURE: bool>(Option<String>);

impl<'de, const STRUCTURE: bool> Deserialize<'de> for Text<STRUCTURE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor::<STRUCTURE>).map(Self)
    }
}

struct TextVisitor<const STRUCTURE: bool>;

impl<'de, const STRUCTURE: bool> Visitor<'de> for TextVisitor<STRUCTURE> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        if STRUCTURE {
            return Value::deserialize(MapAccessDeserializer::new(fields)).map(structure);
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        if STRUCTURE {
            return Value::deserialize(SeqAccessDeserializer::new(items)).map(structure);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

fn structure(value: Value) -> Option<String> {
    Some(value.to_string())
        .filter(|json| json.len() <= LONGEST_STRUCTURE && !matches!(json.as_str(), "{}" | "[]"))
}
