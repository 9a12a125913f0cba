//! Types of the caller: decoded by `serde_json`, but never from a list by position, and with no error that
//! repeats the value that was sent where an object is expected.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

#[cfg(test)]
use super::decoder::work;
use super::decoder::{Decoder, text_of};
use super::error::{DecodeError, split_path};
use super::free;
use super::lexer::Lexer;
use super::path;
use super::unparsed::Decoded;
use crate::scalar::is_nothing;

/// Decodes one object, or a list of one.
pub(crate) fn decode_object<T: DeserializeOwned>(json: &[u8]) -> Result<Decoded<T>, DecodeError> {
    let is_object = text_of(json).trim_ascii_start().starts_with('{');
    if is_object {
        decode::<Guarded<T>>(json).map(|decoded| decoded.map(|Guarded(object)| object))
    } else {
        decode::<ObjectOf<T>>(json).map(|decoded| decoded.map(|ObjectOf(object)| object))
    }
}

/// Decodes whatever JSON the type accepts.
pub(crate) fn decode<T: DeserializeOwned>(json: &[u8]) -> Result<Decoded<T>, DecodeError> {
    let (text, is_replaced) = valid_text(json);
    if text.contains(free::RESERVED_START) {
        return Err(DecodeError::at_path(".".to_owned(), "a name that serde_json reserves".to_owned()));
    }
    let value = serde_json::from_str(&text).map_err(|error| locate::<T>(&text, &error))?;
    let replaced_text = if is_replaced { vec![".".to_owned()] } else { Vec::new() };
    Ok(Decoded { value, unparsed: Vec::new(), replaced_text })
}

/// Returns a body as text that `serde_json` accepts: with U+FFFD for bytes that are not UTF-8, and for halves
/// of surrogate pairs; and whether there was any.
pub(super) fn valid_text(json: &[u8]) -> (Cow<'_, str>, bool) {
    let text = text_of(json);
    let is_repaired = matches!(text, Cow::Owned(_));
    if !text.contains("\\u") {
        return (text, is_repaired);
    }
    // Strings with escapes are written anew.
    let mut lexer = Lexer::new(&text, is_repaired);
    let mut valid = String::with_capacity(text.len());
    while let Some(start) = text.get(lexer.at..).and_then(|rest| rest.find('"')).map(|at| lexer.at + at) {
        valid.push_str(text.get(lexer.at..start).unwrap_or_default());
        lexer.at = start;
        match lexer.text() {
            Ok(string) => valid.push_str(&serde_json::Value::from(string.as_ref()).to_string()),
            // Not JSON, as `serde_json` will say.
            Err(_) => {
                lexer.at = start;
                break;
            }
        }
    }
    #[cfg(test)]
    work::add(lexer.at);
    valid.push_str(text.get(lexer.at..).unwrap_or_default());
    let is_replaced = is_repaired || lexer.has_replaced;
    (Cow::Owned(valid), is_replaced)
}

/// Decodes a second time to find the path of the failure.
fn locate<T: DeserializeOwned>(text: &str, error: &serde_json::Error) -> DecodeError {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let located = serde_path_to_error::deserialize::<_, T>(&mut deserializer).err();
    // None when the value itself is whole and something stands behind it.
    let found = located.map_or_else(|| ".".to_owned(), |located| path::truncated(Words(located.path())));
    let message = without_values(&error.to_string());
    // A type of this crate within the other one names its part of the path itself.
    if let Some((reason, within, after)) = split_path(&message) {
        let path = path::truncated(path::joined(&found, within));
        return DecodeError::at_path(path, format!("{reason}{after}"));
    }
    if found == "." && (error.is_syntax() || error.is_eof()) {
        // A type that reads JSON as it stands has not seen where it breaks.
        if let Err(broken) = Decoder::new(text).whole(free::value) {
            return DecodeError::at_path(broken.located_in(text).path().to_owned(), message);
        }
    }
    DecodeError::at_path(found, message)
}

/// A path whose names are words. Others are keys of maps, which may hold anything.
struct Words<'a>(&'a serde_path_to_error::Path);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use serde_path_to_error::Segment;
        if self.0.iter().len() == 0 {
            return f.write_str(".");
        }
        for (index, segment) in self.0.iter().enumerate() {
            let name = match segment {
                Segment::Seq { index } => {
                    write!(f, "[{index}]")?;
                    continue;
                }
                Segment::Map { key } => path::word(key),
                Segment::Enum { variant } => path::word(variant),
                Segment::Unknown => "?",
            };
            f.write_str(if index == 0 { "" } else { "." })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// The readers that `serde` derives for other people's types quote what they did not expect.
fn without_values(reason: &str) -> String {
    for (start, end) in [
        ("invalid type: ", ", expected "),
        ("invalid value: ", ", expected "),
        ("unknown variant ", ", expected "),
        ("unknown variant ", ", there are no variants"),
        ("unknown field ", ", expected "),
        ("unknown field ", ", there are no fields"),
    ] {
        let Some(rest) = reason.strip_prefix(start) else { continue };
        let Some((found, _)) = rest.rsplit_once(end) else { continue };
        let word = found.split(['"', '`']).next().unwrap_or_default();
        let expected = rest.get(found.len()..).unwrap_or_default();
        return format!("{start}{}{expected}", word.trim_end());
    }
    reason.to_owned()
}

/// A whole body that holds one object.
struct ObjectOf<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ObjectOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        optional(deserializer)?
            .map(Self)
            .ok_or_else(|| de::Error::custom("nothing where an object is expected"))
    }
}

/// The numbers and flags that a visitor of structure refuses.
macro_rules! refuse_numbers {
    () => {
        fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Err(E::invalid_type(de::Unexpected::Other("a boolean"), &self))
        }

        fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Err(E::invalid_type(de::Unexpected::Other("a number"), &self))
        }

        fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Err(E::invalid_type(de::Unexpected::Other("a number"), &self))
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Err(E::invalid_type(de::Unexpected::Other("a number"), &self))
        }
    };
}

/// Reads an optional object.
fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(Some)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(item) = seq.next_element::<Option<Guarded<T>>>()? {
                if let Some(Guarded(item)) = item
                    && found.replace(item).is_some()
                {
                    return Err(de::Error::custom("several objects where one is expected"));
                }
            }
            Ok(found)
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if is_nothing(text.trim()) {
                Ok(None)
            } else {
                Err(E::invalid_type(de::Unexpected::Other("text"), &self))
            }
        }

        refuse_numbers!();
    }

    deserializer.deserialize_any(Object(PhantomData))
}

/// A visitor that takes an object and nothing else. What it is given instead is named by its kind only:
/// serde's own messages would repeat the text or number.
struct OnlyObject<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OnlyObject<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(map)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<V::Value, E> {
        Err(E::invalid_type(de::Unexpected::Other("text"), &self))
    }

    refuse_numbers!();
}

/// Reads an object, and names what is none by its kind only.
fn object<'de, D: Deserializer<'de>, V: Visitor<'de>>(
    deserializer: D,
    visitor: V,
) -> Result<V::Value, D::Error> {
    deserializer.deserialize_any(OnlyObject(visitor))
}

/// A deserializer that never reads a list into a struct by position, as derived code would, nor lets
/// such code repeat a value in an error.
struct Guard<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Guard<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        object(self.0, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// An item of a list or a value of a map, read under [`Guard`].
struct Guarded<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Guarded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(Guard(deserializer)).map(Self)
    }
}
