//! Unions that are distinguished by their wrapper key: `{"upi": {..}}` is the variant `Upi`, and a key that
//! is not known keeps the whole object as JSON. Nothing is guessed from the fields inside.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::decoder::Decoder;
use super::error::DecodeError;
use super::free;
use super::path;
use super::scalar::eat_nothing;
use super::serde::impl_deserialize;
use super::traits::Decode;
use crate::scalar::is_nothing;

/// An alternative that this version of the crate does not know, or an object that is none or several of
/// the known ones: the JSON as received.
#[derive(Clone, PartialEq)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "An alternative that this version does not know.")
)]
pub struct UnknownVariant(Map<String, Value>);

impl UnknownVariant {
    /// Decodes an object without the fields at these positions, in ascending order.
    fn decode(
        decoder: &mut Decoder<'_>,
        left_out: &[LeftOut],
        is_known: fn(&str) -> bool,
    ) -> Result<Self, DecodeError> {
        let mut fields = Map::new();
        let mut left_out = left_out.iter().peekable();
        let mut position = 0;
        decoder.entries_of(is_known, &mut |decoder, key| {
            let here = left_out.next_if(|left_out| left_out.position == position);
            position += 1;
            match here {
                Some(left_out) if left_out.is_unparsed => {
                    Err(decoder.error("an alternative of another shape"))
                }
                Some(_) => decoder.skip(),
                None => {
                    let value = free::value(decoder)?;
                    decoder.charge(size_of::<(String, Value)>())?;
                    fields.insert(key.into_owned(), value);
                    Ok(())
                }
            }
        })?;
        Ok(Self(fields))
    }

    /// Returns the object as received.
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Returns the key that names the alternative: the first whose value is not null.
    pub fn key(&self) -> Option<&str> {
        let (key, _) = self.0.iter().find(|(_, value)| !value.is_null()).or_else(|| self.0.iter().next())?;
        Some(key)
    }
}

/// An object under a key that names no known alternative.
impl From<Map<String, Value>> for UnknownVariant {
    fn from(object: Map<String, Value>) -> Self {
        Self(object)
    }
}

/// Shows the keys only, and of them those that look like words of the API: what is unknown may be sensitive.
impl fmt::Debug for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys().map(|key| path::word(key))).finish()
    }
}

impl Serialize for UnknownVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Decode for UnknownVariant {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        Self::decode(decoder, &[], |_| false).map(Some)
    }
}

impl_deserialize!(UnknownVariant);

/// A field that is not kept of a union without a known alternative.
pub(crate) struct LeftOut {
    position: usize,
    /// Whether it could not be decoded; otherwise it says nothing.
    is_unparsed: bool,
}

/// Decodes a union: `is_known` says which keys it knows, `alternative` decodes the value of a known key, and returns `None` for an unknown key. A
/// value that says nothing is absent.
pub(crate) fn decode<'a, T>(
    decoder: &mut Decoder<'a>,
    is_known: fn(&str) -> bool,
    mut alternative: impl FnMut(&str, &mut Decoder<'a>) -> Option<Result<Option<T>, DecodeError>>,
    unknown: fn(UnknownVariant) -> T,
) -> Result<Option<T>, DecodeError> {
    if decoder.eat_null()? {
        return Ok(None);
    }
    let start = decoder.position();
    let mut found: Option<T> = None;
    let mut several = false;
    let mut position = 0;
    let mut left_out = Vec::new();
    decoder.entries_of(is_known, &mut |decoder, key| {
        position += 1;
        let Some(decoded) = alternative(&key, decoder) else {
            // As strictly as where it is kept.
            return free::value(decoder).map(drop);
        };
        match decoded {
            Ok(Some(next)) => several |= found.replace(next).is_some(),
            none => {
                left_out.push(LeftOut { position: position - 1, is_unparsed: none.is_err() });
                none?;
            }
        }
        Ok(())
    })?;
    match found {
        Some(only) if !several => Ok(Some(only)),
        // Two alternatives at once are neither.
        _ => {
            decoder.rewind(start);
            UnknownVariant::decode(decoder, &left_out, is_known).map(unknown).map(Some)
        }
    }
}

/// Decodes an optional union of an event, which may give the name of the alternative alone: `upi` is
/// `{"upi":{}}`.
pub(crate) fn union_or_name<T: Decode>(decoder: &mut Decoder<'_>) -> Result<Option<T>, DecodeError> {
    if decoder.peek() != Some(b'"') {
        return T::field(decoder);
    }
    if eat_nothing(decoder, is_nothing)? {
        return Ok(None);
    }
    let name = decoder.exact_string()?;
    let alternative = serde_json::json!({ name.trim().to_ascii_lowercase(): {} }).to_string();
    Decoder::new(&alternative).whole(T::item).map_err(|_| decoder.error("no alternative has this name alone"))
}

macro_rules! keyed_union {
    ($(#[$docs:meta])* pub enum $name:ident {
        $($(#[$variant_docs:meta])* $variant:ident($payload:ty $(,)?) = $key:literal,)*
    }) => {
        $(#[$docs])*
        #[derive(Clone, PartialEq)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_docs])* #[cfg_attr(feature = "schemars", schemars(rename = $key))] $variant($payload),)*
            #[cfg_attr(feature = "schemars", schemars(untagged))]
            /// None of the above, or not exactly one of them: the JSON as received, less what is null.
            Unknown($crate::UnknownVariant),
        }

        impl $name {
            /// Returns the wrapper key.
            pub fn key(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $key,)*
                    Self::Unknown(unknown) => unknown.key().unwrap_or_default(),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant(payload) => f
                        .debug_tuple(stringify!($variant))
                        .field(&$crate::scalar::private::Payload(payload))
                        .finish(),)*
                    Self::Unknown(unknown) => f.debug_tuple("Unknown").field(unknown).finish(),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                match self {
                    $(Self::$variant(payload) => {
                        let mut map = serializer.serialize_map(Some(1))?;
                        map.serialize_entry($key, payload)?;
                        map.end()
                    })*
                    Self::Unknown(unknown) => unknown.serialize(serializer),
                }
            }
        }

        impl $crate::decode::traits::Decode for $name {
            #[inline]
            fn item(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                $crate::decode::union::decode(
                    decoder,
                    |key| [$($key),*].contains(&key),
                    |key, decoder| match key {
                        $($key => Some(
                            <$payload as $crate::decode::traits::Decode>::field(decoder)
                                .map(|payload| payload.map(Self::$variant)),
                        ),)*
                        _ => None,
                    },
                    Self::Unknown,
                )
            }

            #[inline]
            fn field(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                $crate::decode::collections::object(decoder, <Self as $crate::decode::traits::Decode>::item)
            }
        }

        $crate::decode::object::impl_decode_strict!($name);
        $crate::decode::serde::impl_deserialize!($name);
    };
}

pub(crate) use keyed_union;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::Value;

    use crate::types::{OfferPaymentMethod, PaymentMethod};

    #[inline]
    fn read(json: &str) -> PaymentMethod {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_known_key_decides_the_variant() {
        for (json, key) in [
            (r#"{"upi":{"channel":"collect"}}"#, "upi"),
            (r#"{"card":{"channel":"link","unknown":1}}"#, "card"),
            // Known next to nulls and to keys that are not known.
            (r#"{"card":null,"upi":{},"app":null}"#, "upi"),
            (r#"{"payment_offers":[],"netbanking":{},"payment_surcharge":null}"#, "netbanking"),
            (r#"{"upi":[{"channel":"collect"}]}"#, "upi"),
        ] {
            let method = read(json);
            assert_eq!(method.key(), key, "{json}");
            assert!(!matches!(method, PaymentMethod::Unknown(_)), "{json}");
        }
        assert_eq!(
            serde_json::to_string(&read(r#"{"upi":{"channel":1}}"#)).unwrap(),
            r#"{"upi":{"channel":"1"}}"#
        );
    }

    #[test]
    fn none_or_several_keys_are_kept_as_received() {
        for (json, key) in [
            ("{}", ""),
            (r#"{"applepay":{"deep":[1,{"a":null}],"token":"t"}}"#, "applepay"),
            (r#"{"a_note":null,"applepay":"x"}"#, "applepay"),
            (r#"{"card":{"channel":"link"},"upi":{"channel":"collect"}}"#, "card"),
            (r#"{"card":{"card_number":"4111","new":[1.25,{}],"channel":7},"upi":{"x":null}}"#, "card"),
            (r#"{"app":{},"card":{"channel":"link"},"new":1,"upi":{"channel":"collect"}}"#, "app"),
        ] {
            let method = read(json);
            assert!(matches!(method, PaymentMethod::Unknown(_)), "{json}");
            assert_eq!(method.key(), key, "{json}");
            let sent: Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_value(&method).unwrap(), sent);
        }
        // What says nothing is absent, as of a single alternative.
        assert_eq!(
            serde_json::to_string(&read(r#"{"upi":"NA","card":[],"new":""}"#)).unwrap(),
            r#"{"new":""}"#
        );
        // Nulls are absent.
        assert_eq!(serde_json::to_string(&read(r#"{"upi":null,"card":null}"#)).unwrap(), "{}");
        // A key that is there twice is no single alternative.
        assert!(matches!(read(r#"{"upi":{},"upi":{}}"#), PaymentMethod::Unknown(_)));
    }

    #[test]
    fn a_free_payload_is_kept() {
        let json = r#"{"all":{"x":[1,"2"]}}"#;
        let method: OfferPaymentMethod = serde_json::from_str(json).unwrap();
        assert!(matches!(method, OfferPaymentMethod::All(_)));
        assert_eq!(serde_json::to_string(&method).unwrap(), json);
    }

    #[test]
    fn what_is_no_object_is_refused_and_not_repeated() {
        for json in [
            "[]",
            r#"["S3CRET"]"#,
            r#""S3CRET""#,
            "4111",
            "true",
            "null",
            r#"{"upi":"S3CRET"}"#,
            r#"{"card":4111}"#,
        ] {
            let error = serde_json::from_str::<PaymentMethod>(json).unwrap_err().to_string();
            assert!(!error.contains("S3CRET") && !error.contains("4111"), "{error}");
        }
    }

    #[test]
    fn debug_shows_only_the_keys_of_what_is_unknown() {
        let shown = format!("{:?}", read(r#"{"applepay":{"token":"S3CRET"}}"#));
        assert!(shown.contains("applepay") && !shown.contains("S3CRET"), "{shown}");
    }
}
