//! Tolerant readers: what the service sends is taken in every form that it is known to send it in, and
//! nothing is taken for what it is not.
//!
//! - null reads as absent, a null list as empty;
//! - text reads from a number, a number from text, a truth value from its words;
//! - empty text, and the word for nothing, read as an absent number, flag or object;
//! - a list of one reads as the object that it holds, and an object where a list is declared as a list
//!   of one.
//!
//! Each reader hands a value on as soon as it knows its form; nothing is buffered.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::{Amount, Decimal, amount, decimal};

/// Text that stands for the absence of a number, flag or object.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "null" | "NULL" | "None" | "NA" | "N/A" | "-")
}

/// A value as it may be shown in an error: short, and only if it looks like no secret.
pub(crate) fn shown(text: &str) -> String {
    let short = text.len() <= 24 && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if short && text.bytes().filter(u8::is_ascii_digit).count() < 8 {
        format!("`{text}`")
    } else {
        "the text".to_owned()
    }
}

/// Any scalar as text, exactly: digits are not grouped, rounded or stripped.
pub(crate) struct TextVisitor<F>(pub(crate) F);

impl<'de, T, F: FnOnce(&str) -> T> Visitor<'de> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, or a number that stands for it")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        float_text(value).map(|text| (self.0)(&text))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        Ok((self.0)(if value { "true" } else { "false" }))
    }
}

/// Beyond sixteen digits a float no longer tells which digits were sent.
fn float_text<E: de::Error>(value: f64) -> Result<String, E> {
    let text = value.to_string();
    if text.bytes().filter(u8::is_ascii_digit).count() > 16 {
        return Err(E::custom("a number with too many digits to be kept exactly as text"));
    }
    Ok(text)
}

/// A scalar that can be read from another kind of scalar.
pub(crate) trait Scalar: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

impl Scalar for Amount {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        amount::read(deserializer)
    }
}

impl Scalar for Decimal {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        decimal::read(deserializer)
    }
}

impl Scalar for String {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Option<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Some(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(Some(text))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Some(value.to_string()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Some(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
                float_text(value).map(Some)
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Some(value.to_string()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            /// Structure where text is declared: kept whole, as the JSON that it is.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(map)).map(|value| Some(value.to_string()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<Value>()? {
                    items.push(item);
                }
                Ok((!items.is_empty()).then(|| Value::Array(items).to_string()))
            }
        }

        deserializer.deserialize_any(Text)
    }
}

impl Scalar for i64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(number) = decimal::read(deserializer)? else { return Ok(None) };
        number
            .to_scaled(0)
            .map(Some)
            .ok_or_else(|| de::Error::custom(format_args!("{number} is not a whole number of 64 bits")))
    }
}

impl Scalar for bool {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct Flag;

        impl Visitor<'_> for Flag {
            type Value = Option<bool>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Some(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                match value {
                    0 => Ok(Some(false)),
                    1 => Ok(Some(true)),
                    _ => Err(E::invalid_value(de::Unexpected::Signed(value), &self)),
                }
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match text.trim().to_ascii_lowercase().as_str() {
                    "true" | "1" | "yes" | "y" => Ok(Some(true)),
                    "false" | "0" | "no" | "n" => Ok(Some(false)),
                    _ if is_nothing(text.trim()) => Ok(None),
                    _ => Err(E::custom(format_args!("{} is neither true nor false", shown(text)))),
                }
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
        }

        deserializer.deserialize_any(Flag)
    }
}

/// Reads an optional scalar.
pub(crate) fn scalar<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::read(deserializer)
}

/// An item or value that may be null.
struct Optional<T>(Option<T>);

impl<'de, T: Scalar> Deserialize<'de> for Optional<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Reads a list of scalars; null items are left out, a lone scalar is a list of one.
pub(crate) fn scalars<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);

    impl<'de, T: Scalar> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1_024));
            while let Some(Optional(item)) = seq.next_element()? {
                list.extend(item);
            }
            Ok(list)
        }

        fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            if is_nothing(text) {
                return Ok(Vec::new());
            }
            lone(de::value::StrDeserializer::new(text))
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Vec<T>, E> {
            lone(de::value::I64Deserializer::new(value))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Vec<T>, E> {
            lone(de::value::U64Deserializer::new(value))
        }
    }

    fn lone<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Vec<T>, D::Error> {
        Ok(T::read(deserializer)?.into_iter().collect())
    }

    deserializer.deserialize_any(List(PhantomData))
}

/// Reads an optional object or union.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
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
            while let Some(item) = seq.next_element::<ObjectItem<T>>()? {
                if let Some(item) = item.0
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
    }

    deserializer.deserialize_any(Object(PhantomData))
}

struct ObjectItem<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ObjectItem<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Item<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Item<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Some)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
        }

        deserializer.deserialize_any(Item(PhantomData)).map(Self)
    }
}

/// Reads a list of anything but plain scalars; null items are left out, a lone object is a list of one.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1_024));
            while let Some(item) = seq.next_element::<Option<T>>()? {
                list.extend(item);
            }
            Ok(list)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(|only| vec![only])
        }

        fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            if is_nothing(text.trim()) {
                return Ok(Vec::new());
            }
            T::deserialize(de::value::StrDeserializer::new(text)).map(|only| vec![only])
        }
    }

    deserializer.deserialize_any(List(PhantomData))
}

/// Reads a map of text to text; values that are null are left out, structure is kept as JSON text.
pub(crate) fn text_map<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let values: BTreeMap<String, Optional<String>> = map(deserializer)?;
    Ok(values.into_iter().filter_map(|(key, Optional(value))| Some((key, value?))).collect())
}

/// Reads a map; null, an empty list, empty text and the text of an empty object are an empty one.
pub(crate) fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    struct Entries<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some((key, value)) = map.next_entry()? {
                entries.insert(key, value);
            }
            Ok(entries)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            match seq.next_element::<de::IgnoredAny>()? {
                None => Ok(BTreeMap::new()),
                Some(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &self)),
            }
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(BTreeMap::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            match text.trim() {
                "{}" => Ok(BTreeMap::new()),
                text if is_nothing(text) => Ok(BTreeMap::new()),
                _ => Err(E::invalid_type(de::Unexpected::Other("text"), &self)),
            }
        }
    }

    deserializer.deserialize_any(Entries(PhantomData))
}

/// What a union wraps, or null.
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

/// How a payload of a union is read.
pub(crate) trait Payload: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

impl<T: de::DeserializeOwned> Payload for Box<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        object(deserializer).map(|found| found.map(Box::new))
    }
}

impl Payload for Value {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }
}

impl<T: de::DeserializeOwned> Payload for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }
}

impl Payload for String {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        scalar(deserializer)
    }
}

impl<'de, T: Payload> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// A whole body that holds one object.
pub(crate) struct ObjectOf<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ObjectOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer)?
            .map(Self)
            .ok_or_else(|| de::Error::custom("nothing where an object is expected"))
    }
}

/// A whole body that holds a list.
pub(crate) struct ListOf<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ListOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list(deserializer).map(Self)
    }
}
