//! `serde::Deserialize` for the types that this crate decodes: from any format, by way of JSON text.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::decoder::Decoder;
use super::lexer::MAX_DEPTH;
use super::traits::Decode;

/// The name under which serde_json passes a number on when some crate of the program turns its feature
/// `arbitrary_precision` on.
const NUMBER: &str = "$serde_json::private::Number";

/// Decodes a value of this crate from a deserializer of any format.
pub(crate) fn decode<'de, D: Deserializer<'de>, T: Decode>(deserializer: D) -> Result<T, D::Error> {
    decode_option(deserializer)?.ok_or_else(|| D::Error::custom("null where a value is expected"))
}

/// Decodes a value that may be null.
pub(crate) fn decode_option<'de, D: Deserializer<'de>, T: Decode>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let mut json = String::new();
    Transcode { json: &mut json, depth: MAX_DEPTH }.deserialize(deserializer)?;
    let mut decoder = Decoder::of_floats(&json);
    T::item(&mut decoder).map_err(|error| D::Error::custom(error.for_serde()))
}

/// Implements `serde::Deserialize` for a type that implements `Decode`.
macro_rules! impl_deserialize {
    // Null is the default value.
    (or_default $name:ty) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok($crate::decode::serde::decode_option(deserializer)?.unwrap_or_default())
            }
        }
    };
    ($name:ty) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::decode::serde::decode(deserializer)
            }
        }
    };
}

pub(crate) use impl_deserialize;

/// Writes whatever a deserializer has as JSON, fields that are there twice included.
struct Transcode<'j> {
    json: &'j mut String,
    depth: u8,
}

impl Transcode<'_> {
    fn deeper<E: de::Error>(&mut self) -> Result<Transcode<'_>, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("recursion limit exceeded"))?;
        Ok(Transcode { json: self.json, depth })
    }

    fn text<E: de::Error>(&mut self, text: &str) -> Result<(), E> {
        self.json.push_str(&serde_json::to_string(text).map_err(E::custom)?);
        Ok(())
    }

    fn push<E>(self, json: impl fmt::Display) -> Result<(), E> {
        self.json.push_str(&json.to_string());
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Transcode<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcode<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let start = self.json.len();
        let mut is_first = true;
        while let Some(name) = map.next_key::<String>()? {
            self.json.push(if is_first { '{' } else { ',' });
            self.text(&name)?;
            self.json.push(':');
            let value = self.json.len();
            map.next_value_seed(self.deeper()?)?;
            if is_first && name == NUMBER {
                let number =
                    self.json.get(value..).and_then(|text| serde_json::from_str::<String>(text).ok());
                if let Some(number) = number.filter(|text| text.parse::<Number>().is_ok()) {
                    self.json.truncate(start);
                    return self.push(number);
                }
            }
            is_first = false;
        }
        self.json.push_str(if is_first { "{}" } else { "}" });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.json.push('[');
        let start = self.json.len();
        loop {
            let before = self.json.len();
            if before > start {
                self.json.push(',');
            }
            if seq.next_element_seed(self.deeper()?)?.is_none() {
                self.json.truncate(before);
                self.json.push(']');
                return Ok(());
            }
        }
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.push(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.push(value)
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<(), E> {
        self.push(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.push(value)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<(), E> {
        self.push(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        match Number::from_f64(value) {
            Some(number) => self.push(number),
            None => Err(E::custom("a float that is no number")),
        }
    }

    fn visit_str<E: de::Error>(mut self, value: &str) -> Result<(), E> {
        self.text(value)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.push("null")
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.push("null")
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }
}
