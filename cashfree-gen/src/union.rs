//! Unions that are told apart by their wrapper key: `{"upi": {..}}` is the variant `Upi`, and a key that
//! is not known keeps the whole object as JSON. Nothing is guessed from the members inside.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// An alternative that this version of the crate does not know, or an object that is none or several of
/// the known ones: the JSON as it came.
#[derive(Clone, PartialEq)]
pub struct UnknownVariant(Map<String, Value>);

impl UnknownVariant {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The object as it came.
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Its first key, which names the alternative.
    pub fn key(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }
}

/// Shows the keys only: what is unknown may be sensitive.
impl fmt::Debug for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Serialize for UnknownVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UnknownVariant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self)
    }
}

macro_rules! keyed_union {
    ($(#[$docs:meta])* pub enum $name:ident {
        $($(#[$variant_docs:meta])* $variant:ident($payload:ty $(,)?) = $key:literal,)*
    }) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_docs])* $variant($payload),)*
            /// None of the above, or not exactly one of them: the JSON as it came.
            Unknown($crate::UnknownVariant),
        }

        impl $name {
            /// The wrapper key.
            pub fn key(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $key,)*
                    Self::Unknown(unknown) => unknown.key().unwrap_or_default(),
                }
            }

            fn into_json(self) -> Result<serde_json::Map<String, serde_json::Value>, serde_json::Error> {
                let mut members = serde_json::Map::new();
                match self {
                    $(Self::$variant(payload) => {
                        members.insert($key.to_owned(), serde_json::to_value(payload)?);
                    })*
                    Self::Unknown(unknown) => members = unknown.as_json().clone(),
                }
                Ok(members)
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

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Keyed;

                impl<'de> serde::de::Visitor<'de> for Keyed {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object with one key that tells what it holds")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        use serde::de::Error as _;
                        let mut found: Option<$name> = None;
                        let mut several: Option<serde_json::Map<String, serde_json::Value>> = None;
                        let mut others = serde_json::Map::new();
                        while let Some(key) = map.next_key::<String>()? {
                            let next = match key.as_str() {
                                $($key => map
                                    .next_value::<$crate::lenient::Maybe<$payload>>()?
                                    .0
                                    .map($name::$variant),)*
                                _ => {
                                    others.insert(key, map.next_value()?);
                                    continue;
                                }
                            };
                            let Some(next) = next else { continue };
                            match found.take() {
                                None => found = Some(next),
                                // Two alternatives at once are neither: both are kept as they came.
                                Some(first) => {
                                    let kept = several.get_or_insert_default();
                                    kept.extend(first.into_json().map_err(A::Error::custom)?);
                                    found = Some(next);
                                }
                            }
                        }
                        match (found, several) {
                            (Some(only), None) => Ok(only),
                            (last, several) => {
                                let mut members = several.unwrap_or_default();
                                if let Some(last) = last {
                                    members.extend(last.into_json().map_err(A::Error::custom)?);
                                }
                                members.extend(others);
                                Ok($name::Unknown($crate::UnknownVariant::new(members)))
                            }
                        }
                    }
                }

                deserializer.deserialize_map(Keyed)
            }
        }
    };
}

pub(crate) use keyed_union;
