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

    /// The key that names the alternative: the first whose value is not null.
    pub fn key(&self) -> Option<&str> {
        let (key, _) = self.0.iter().find(|(_, value)| !value.is_null()).or_else(|| self.0.iter().next())?;
        Some(key)
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
        match crate::wire::Free::deserialize(deserializer)?.0 {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(serde::de::Error::custom("expected an object")),
        }
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
            /// None of the above, or not exactly one of them: the JSON as it came, less what is null.
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

            #[inline]
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

        impl $crate::lenient::Read for $name {
            #[inline]
            fn item(json: &mut $crate::json::Json<'_>) -> Result<Option<Self>, $crate::json::Fault> {
                if json.eat_null()? {
                    return Ok(None);
                }
                let mut found: Option<Self> = None;
                let mut several: Option<serde_json::Map<String, serde_json::Value>> = None;
                let mut others = serde_json::Map::new();
                json.entries(&mut |json, key| {
                    let next = match key.as_ref() {
                        $($key => $crate::lenient::Read::read(json)?.map(Self::$variant),)*
                        _ => {
                            others.insert(key.into_owned(), $crate::lenient::free(json)?);
                            return Ok(());
                        }
                    };
                    let Some(next) = next else { return Ok(()) };
                    // Two alternatives at once are neither: both are kept as they came.
                    if let Some(first) = found.replace(next) {
                        several.get_or_insert_default().extend(first.into_json().map_err(serde::de::Error::custom)?);
                    }
                    Ok(())
                })?;
                match (found, several) {
                    (Some(only), None) => Ok(Some(only)),
                    (last, several) => {
                        let mut members = several.unwrap_or_default();
                        if let Some(last) = last {
                            let last: Result<_, $crate::json::Fault> =
                                last.into_json().map_err(serde::de::Error::custom);
                            members.extend(last?);
                        }
                        members.extend(others);
                        Ok(Some(Self::Unknown($crate::UnknownVariant::new(members))))
                    }
                }
            }

            #[inline]
            fn read(json: &mut $crate::json::Json<'_>) -> Result<Option<Self>, $crate::json::Fault> {
                $crate::lenient::object(json, <Self as $crate::lenient::Read>::item)
            }
        }

        $crate::object::object! { @deserialize $name }
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
    fn the_one_known_key_tells_the_variant() {
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
    fn none_or_several_are_kept_as_they_came() {
        for (json, key) in [
            ("{}", ""),
            (r#"{"applepay":{"deep":[1,{"a":null}],"token":"t"}}"#, "applepay"),
            (r#"{"a_note":null,"applepay":"x"}"#, "applepay"),
            (r#"{"card":{"channel":"link"},"upi":{"channel":"collect"}}"#, "card"),
            (r#"{"app":{},"card":{"channel":"link"},"new":1,"upi":{"channel":"collect"}}"#, "app"),
        ] {
            let method = read(json);
            assert!(matches!(method, PaymentMethod::Unknown(_)), "{json}");
            assert_eq!(method.key(), key, "{json}");
            let sent: Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_value(&method).unwrap(), sent);
        }
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
