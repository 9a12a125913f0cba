//! How an object of a type that is not this crate's is read: as `serde` reads it, but never from a list by
//! position, and with no error that repeats what was given in place of an object.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::decode::error::Misread;
use crate::scalar::is_nothing;

/// Reads one object, or a list of one.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Misread> {
    // Straight from the text, a type that wants its digits gets them.
    let is_object = json.trim_ascii_start().first() == Some(&b'{');
    if is_object {
        located::<Guarded<T>>(json).map(|Guarded(object)| object)
    } else {
        located::<ObjectOf<T>>(json).map(|ObjectOf(object)| object)
    }
}

fn located<T: DeserializeOwned>(json: &[u8]) -> Result<T, Misread> {
    serde_json::from_slice(json).map_err(|error| Misread::locate::<T>(json, error))
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
            Err(E::invalid_type(de::Unexpected::Other("a truth value"), &self))
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
