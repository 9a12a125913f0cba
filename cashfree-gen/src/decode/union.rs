//! Unions that are told apart by their wrapper key: `{"upi": {..}}` is the variant `Upi`, and a key that
//! is not known keeps the whole object as JSON. Nothing is guessed from the members inside.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::decode::lenient::free;
use crate::decode::lexer::{Fault, Json};

/// An alternative that this version of the crate does not know, or an object that is none or several of
/// the known ones: the JSON as it came.
#[derive(Clone, PartialEq)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "An alternative that this version does not know.")
)]
pub struct UnknownVariant(Map<String, Value>);

impl UnknownVariant {
    /// An object, without the members at these positions, which say nothing.
    pub(crate) fn read(json: &mut Json<'_>, silent: &[usize]) -> Result<Self, Fault> {
        let mut members = Map::new();
        let mut position = 0;
        json.entries(&mut |json, key| {
            let value = free(json)?;
            if !silent.contains(&position) {
                members.insert(key.into_owned(), value);
            }
            position += 1;
            Ok(())
        })?;
        Ok(Self(members))
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

/// An object under a key that names no known alternative.
impl From<Map<String, Value>> for UnknownVariant {
    fn from(object: Map<String, Value>) -> Self {
        Self(object)
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
        match crate::decode::wire::Free::deserialize(deserializer)?.0 {
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
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_docs])* #[cfg_attr(feature = "schemars", schemars(rename = $key))] $variant($payload),)*
            #[cfg_attr(feature = "schemars", schemars(untagged))]
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

        impl $crate::decode::lenient::Read for $name {
            #[inline]
            fn item(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                if json.eat_null()? {
                    return Ok(None);
                }
                let start = json.place();
                let mut found: Option<Self> = None;
                let mut several = false;
                let mut position = 0;
                let mut silent = Vec::new();
                json.entries(&mut |json, key| {
                    position += 1;
                    let next = match key.as_ref() {
                        $($key => <$payload as $crate::decode::lenient::Read>::read(json).map(|next| next.map(Self::$variant)),)*
                        // As strictly as where it will be kept.
                        _ => return $crate::decode::lenient::free(json).map(drop),
                    };
                    match next {
                        Ok(Some(next)) => several |= found.replace(next).is_some(),
                        // What can't be read is set aside.
                        none => {
                            silent.push(position - 1);
                            none?;
                        }
                    }
                    Ok(())
                })?;
                match found {
                    Some(only) if !several => Ok(Some(only)),
                    // Two alternatives at once are neither.
                    _ => {
                        json.back_to(start);
                        $crate::UnknownVariant::read(json, &silent).map(Self::Unknown).map(Some)
                    }
                }
            }

            #[inline]
            fn read(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                $crate::decode::lenient::object(json, <Self as $crate::decode::lenient::Read>::item)
            }
        }

        $crate::decode::object::object! { @deserialize $name }
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
