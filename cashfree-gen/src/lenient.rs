//! Tolerant readers: what the service sends is taken in every form that it is known to send it in, and
//! nothing is taken for what it is not.
//!
//! - null reads as absent, a null list as empty;
//! - text reads from a number, a number from text, a truth value from its words;
//! - empty text, and the word for nothing, read as an absent number, flag or object;
//! - a list of one reads as the object that it holds, and an object where a list is declared as a list
//!   of one;
//! - a list is never read into an object member by member.
//!
//! Scalars are read by their text (see [`wire`](crate::wire)); of structure nothing is buffered. No error
//! repeats a value: it may be a card number.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{
    BoolDeserializer, F64Deserializer, I64Deserializer, MapAccessDeserializer, SeqAccessDeserializer,
    StrDeserializer, U64Deserializer,
};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::wire::{self, Free, Guard, Guarded, Wire, refuse_numbers};
use crate::{Amount, Decimal, Timestamp};

/// Text that stands for the absence of a number, flag or object.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "null" | "NULL" | "None" | "NA" | "N/A" | "-")
}

/// A scalar that can be read from another kind of scalar.
pub(crate) trait Scalar: Sized {
    fn read<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E>;
}

impl Scalar for Decimal {
    fn read<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        match wire {
            Wire::Nothing => Ok(None),
            Wire::Number(text) | Wire::Text(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => match text.trim() {
                    text if is_nothing(text) => Ok(None),
                    text => text.parse().map(Some).map_err(E::custom),
                },
            },
            other => Err(other.refused("a number, or a number as text")),
        }
    }
}

impl Scalar for Amount {
    fn read<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        Ok(Decimal::read(wire)?.map(Self::from))
    }
}

impl Scalar for i64 {
    fn read<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        Decimal::read(wire)?
            .map(|number| number.to_scaled(0).ok_or_else(|| E::custom("not a whole number of 64 bits")))
            .transpose()
    }
}

impl Scalar for bool {
    fn read<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        match wire {
            Wire::Nothing => Ok(None),
            Wire::Flag(flag) => Ok(Some(flag)),
            Wire::Number(text) | Wire::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "y" => Ok(Some(true)),
                "false" | "0" | "no" | "n" => Ok(Some(false)),
                _ if is_nothing(text.trim()) => Ok(None),
                _ => Err(E::custom("neither true nor false")),
            },
            other => Err(other.refused("true or false")),
        }
    }
}

impl Scalar for String {
    /// Structure where text is declared is kept whole, as the JSON that it is.
    fn read<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        Ok(match wire {
            Wire::Nothing => None,
            Wire::Flag(flag) => Some(flag.to_string()),
            Wire::Structure(json) if is_empty_list(&json) => None,
            Wire::Number(text) | Wire::Text(text) | Wire::Structure(text) => Some(text.into_owned()),
        })
    }
}

fn is_empty_list(json: &str) -> bool {
    json.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.trim().is_empty())
}

/// Reads an optional scalar.
pub(crate) fn scalar<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::read(Wire::deserialize(deserializer)?)
}

/// An item or value that may be null.
struct Optional<T>(Option<T>);

impl<'de, T: Scalar> Deserialize<'de> for Optional<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer).map(Self)
    }
}

/// Reads a list of scalars; null items are left out, a lone scalar is a list of one.
pub(crate) fn scalars<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let items: Vec<Optional<T>> = list(deserializer)?;
    Ok(items.into_iter().filter_map(|Optional(item)| item).collect())
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

/// Reads what is tolerant by itself.
#[cfg(feature = "webhooks")]
pub(crate) fn own<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

/// Reads an optional time of an event; one that names none is absent, and stray spaces go.
pub(crate) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = scalar(deserializer)?;
    Ok(text.filter(|text| !is_nothing(text.trim())).map(|text| match text.trim() {
        trimmed if trimmed.len() < text.len() => Timestamp::from(trimmed),
        _ => Timestamp::from(text),
    }))
}

/// Reads an optional union, of which an event may give the name of the alternative alone: `upi` reads as
/// `{"upi":{}}`.
pub(crate) fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    struct Named<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Named<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object, or the name of one")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            object(MapAccessDeserializer::new(map))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            object(SeqAccessDeserializer::new(seq))
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let name = text.trim();
            if is_nothing(name) {
                return Ok(None);
            }
            let alternative = serde_json::json!({ name.to_ascii_lowercase(): {} });
            T::deserialize(alternative).map(Some).map_err(E::custom)
        }

        refuse_numbers!();
    }

    deserializer.deserialize_any(Named(PhantomData))
}

/// Reads a list; null items are left out, a lone item is a list of one.
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
            while let Some(item) = seq.next_element::<Option<Guarded<T>>>()? {
                list.extend(item.map(|Guarded(item)| item));
            }
            Ok(list)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
            lone(MapAccessDeserializer::new(map))
        }

        fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            if is_nothing(text.trim()) {
                return Ok(Vec::new());
            }
            lone(StrDeserializer::new(text))
        }

        fn visit_bool<E: de::Error>(self, value: bool) -> Result<Vec<T>, E> {
            lone(BoolDeserializer::new(value))
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Vec<T>, E> {
            lone(I64Deserializer::new(value))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Vec<T>, E> {
            lone(U64Deserializer::new(value))
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Vec<T>, E> {
            lone(F64Deserializer::new(value))
        }
    }

    fn lone<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        T::deserialize(Guard(deserializer)).map(|only| vec![only])
    }

    deserializer.deserialize_any(List(PhantomData))
}

/// Reads any JSON but null.
pub(crate) fn free<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map(|Free(value)| value))
}

/// Reads a list of any JSON; null items are left out, a lone item is a list of one.
pub(crate) fn free_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    let items: Vec<Free> = list(deserializer)?;
    Ok(items.into_iter().map(|Free(value)| value).collect())
}

/// Reads a map of text to text; values that are null are left out, structure is kept as JSON text.
pub(crate) fn text_map<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let values: BTreeMap<String, Optional<String>> = map(deserializer)?;
    Ok(values.into_iter().filter_map(|(key, Optional(value))| Some((key, value?))).collect())
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, Guarded(value))) = map.next_entry()? {
            entries.insert(key, value);
        }
        Ok(entries)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(item) = seq.next_element::<Option<OneMap<T>>>()? {
            if let Some(OneMap(entries)) = item
                && found.replace(entries).is_some()
            {
                return Err(de::Error::custom("several objects where one is expected"));
            }
        }
        Ok(found.unwrap_or_default())
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

    refuse_numbers!();
}

/// A map within a list.
struct OneMap<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::object(deserializer, Entries(PhantomData)).map(Self)
    }
}

/// Reads a map; null, an empty list, empty text and the text of an empty object are an empty one, a list
/// of one is the map that it holds.
pub(crate) fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
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
        free(deserializer)
    }
}

impl<T: de::DeserializeOwned> Payload for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(|ListOf(items)| items))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::types::{IncidentStatusFilter as Status, OfferPaymentMethod, PaymentMethod};

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Point {
        #[serde(deserialize_with = "scalar")]
        x: Option<i64>,
        #[serde(deserialize_with = "scalar")]
        y: Option<i64>,
    }

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct All {
        #[serde(deserialize_with = "scalar")]
        text: Option<String>,
        #[serde(deserialize_with = "scalar")]
        whole: Option<i64>,
        #[serde(deserialize_with = "scalar")]
        flag: Option<bool>,
        #[serde(deserialize_with = "scalar")]
        amount: Option<Amount>,
        #[serde(deserialize_with = "scalar")]
        rate: Option<Decimal>,
        #[serde(deserialize_with = "object")]
        point: Option<Point>,
        #[serde(deserialize_with = "object")]
        method: Option<PaymentMethod>,
        #[serde(deserialize_with = "list")]
        points: Vec<Point>,
        #[serde(deserialize_with = "list")]
        methods: Vec<PaymentMethod>,
        #[serde(deserialize_with = "list")]
        statuses: Vec<Status>,
        #[serde(deserialize_with = "free_list")]
        values: Vec<Value>,
        #[serde(deserialize_with = "free")]
        any: Option<Value>,
        #[serde(deserialize_with = "scalars")]
        texts: Vec<String>,
        #[serde(deserialize_with = "text_map")]
        tags: BTreeMap<String, String>,
        #[serde(deserialize_with = "map")]
        map: BTreeMap<String, Point>,
        id: Option<crate::OrderId>,
        time: Option<crate::Timestamp>,
        secret: Option<crate::Sensitive>,
    }

    const MEMBERS: [&str; 18] = [
        "text", "whole", "flag", "amount", "rate", "point", "method", "points", "methods", "statuses",
        "values", "any", "texts", "tags", "map", "id", "time", "secret",
    ];

    fn read(member: &str, json: &str) -> Result<All, serde_json::Error> {
        serde_json::from_str(&format!(r#"{{"{member}":{json}}}"#))
    }

    #[test]
    fn null_is_absent_everywhere() {
        for member in MEMBERS {
            assert_eq!(read(member, "null").unwrap(), All::default(), "{member}");
        }
    }

    #[test]
    fn the_words_for_nothing_are_absent() {
        for word in ["", " ", "NA", "N/A", "null", "-"] {
            for member in
                ["whole", "flag", "amount", "rate", "point", "method", "points", "texts", "tags", "map"]
            {
                if word == " " && member == "texts" {
                    continue;
                }
                assert_eq!(
                    read(member, &format!("\"{word}\"")).unwrap(),
                    All::default(),
                    "{member} {word:?}"
                );
            }
            assert_eq!(read("text", &format!("\"{word}\"")).unwrap().text.as_deref(), Some(word));
        }
    }

    #[test]
    fn scalars_read_from_each_other() {
        for (json, expected) in [
            (r#""a\"b""#, r#"a"b"#),
            ("1234567890123456789012", "1234567890123456789012"),
            ("10.10", "10.10"),
            ("1e400", "1e400"),
            ("true", "true"),
            (r#"{"b": 1, "a":[1.10]}"#, r#"{"b": 1, "a":[1.10]}"#),
            ("[1, 2]", "[1, 2]"),
        ] {
            assert_eq!(read("text", json).unwrap().text.as_deref(), Some(expected), "{json}");
        }
        assert_eq!(read("text", "[ ]").unwrap().text, None);

        for (json, expected) in [("7", 7), (r#""7""#, 7), ("7.0", 7), ("7e1", 70), (r#"" -7 ""#, -7)] {
            assert_eq!(read("whole", json).unwrap().whole, Some(expected), "{json}");
        }
        for (json, expected) in [
            ("true", true),
            ("0", false),
            ("1", true),
            (r#""TRUE""#, true),
            (r#""no""#, false),
            (r#"" Y ""#, true),
        ] {
            assert_eq!(read("flag", json).unwrap().flag, Some(expected), "{json}");
        }
        assert_eq!(read("amount", r#""1.50""#).unwrap().amount, Some(Amount::paise(150)));
        assert_eq!(read("id", "16381").unwrap().id.unwrap(), "16381");

        for (member, json) in [
            ("whole", "7.5"),
            ("whole", "9223372036854775808"),
            ("whole", "true"),
            ("flag", "2"),
            ("flag", "1.5"),
            ("flag", r#""maybe""#),
            ("flag", "{}"),
            ("amount", r#""abc""#),
            ("amount", "1e400"),
            ("amount", "[1]"),
            ("amount", "{}"),
            ("rate", "false"),
        ] {
            assert!(read(member, json).is_err(), "{member} {json}");
        }
    }

    #[test]
    fn a_list_of_one_is_its_object_and_an_object_a_list_of_one() {
        let point = || Point { x: Some(1), y: None };
        for json in [r#"{"x":1}"#, r#"[{"x":1}]"#, r#"[null,{"x":"1"}]"#] {
            assert_eq!(read("point", json).unwrap().point, Some(point()), "{json}");
            assert_eq!(read("points", json).unwrap().points, [point()], "{json}");
        }
        assert_eq!(read("point", "[]").unwrap(), All::default());
        assert!(read("point", "[{},{}]").is_err());
        assert_eq!(read("statuses", r#""ACTIVE""#).unwrap().statuses, [Status::from("ACTIVE")]);
        assert_eq!(read("statuses", r#"["ACTIVE",null,7]"#).unwrap().statuses.len(), 2);
        assert_eq!(read("texts", "7").unwrap().texts, ["7"]);
        assert_eq!(read("texts", "1.5").unwrap().texts, ["1.5"]);
        assert_eq!(
            read("texts", r#"["a",null,7,1.10,true,{"b":1}]"#).unwrap().texts,
            ["a", "7", "1.10", "true", r#"{"b":1}"#]
        );
        assert_eq!(read("values", "[1,[2],null,{}]").unwrap().values.len(), 3);
    }

    #[test]
    fn a_list_is_never_read_into_an_object_by_position() {
        for (member, json) in [
            ("point", "[1,2]"),
            ("point", "[[1,2]]"),
            ("points", "[1,2]"),
            ("points", "[[1,2]]"),
            ("points", "[[{}]]"),
            ("map", r#"{"a":[1,2]}"#),
            ("methods", "[[1]]"),
            ("method", "[[1]]"),
        ] {
            assert!(read(member, json).is_err(), "{member} {json}");
        }
        assert!(serde_json::from_str::<ObjectOf<Point>>("[1,2]").is_err());
        assert!(serde_json::from_str::<ListOf<Point>>("[[1,2]]").is_err());
        assert!(<Vec<Point> as Payload>::read(&mut serde_json::Deserializer::from_str("[[1,2]]")).is_err());
    }

    #[test]
    fn maps_take_what_stands_for_an_empty_one() {
        for json in ["{}", "[]", r#""{}""#, r#""""#, "null"] {
            assert_eq!(read("tags", json).unwrap(), All::default(), "{json}");
        }
        let tags = read("tags", r#"{"a":"1","b":2,"c":null,"d":{"e":[1.10]},"f":true}"#).unwrap().tags;
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, [("a", "1"), ("b", "2"), ("d", r#"{"e":[1.10]}"#), ("f", "true")]);
        assert_eq!(read("tags", r#"[null,{"a":1}]"#).unwrap(), read("tags", r#"{"a":1}"#).unwrap());
        for json in ["[1]", "7", r#""text""#, "true", "[[{}]]", r#"[{"a":1},{"a":2}]"#] {
            assert!(read("tags", json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_body_of_nothing_is_no_object_but_an_empty_list() {
        for json in ["null", "[]", r#""""#] {
            assert!(serde_json::from_str::<ObjectOf<Point>>(json).is_err(), "{json}");
            assert!(serde_json::from_str::<ListOf<Point>>(json).unwrap().0.is_empty(), "{json}");
        }
    }

    #[test]
    fn errors_name_what_is_wrong_and_never_its_value() {
        for member in MEMBERS {
            for json in [
                r#""S3CRET""#,
                "4111111111111111",
                "-4111",
                "4111.5",
                r#"{"S":"S3CRET"}"#,
                r#"["S3CRET",4111]"#,
                "[[4111]]",
            ] {
                let Err(error) = read(member, json) else { continue };
                let error = error.to_string();
                assert!(!error.contains("S3CRET") && !error.contains("4111"), "{member} {json}: {error}");
            }
        }
        let error = read("amount", r#"{"a":1}"#).unwrap_err().to_string();
        assert!(error.contains("an object or a list, expected a number"), "{error}");
        let error = read("point", "4111").unwrap_err().to_string();
        assert!(error.contains("a number, expected an object"), "{error}");
    }

    #[test]
    fn deep_nesting_is_an_error_or_kept_as_text_but_no_overflow() {
        let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for json in
            [nested("[", "]"), nested(r#"{"upi":"#, "}"), nested(r#"{"other":"#, "}"), "[".repeat(100_000)]
        {
            for member in MEMBERS {
                let read = read(member, &json);
                // Text keeps structure as it stands, and a member that is not known is skipped.
                let kept = matches!(member, "text" | "texts" | "tags");
                let skipped = json.starts_with('{')
                    && matches!(member, "point" | "points" | "map" | "method" | "methods");
                assert!(kept || skipped || read.is_err(), "{member} {}", &json[..20]);
            }
        }
        assert!(read("method", &nested(r#"{"other":"#, "}")).is_err());
        // Text inside text that the library would unfold in a tree of values starts a new count of depth
        // each time; the doubling of its escapes keeps that short.
        let mut json = "1".to_owned();
        for _ in 0..14 {
            let text = serde_json::to_string(&json).unwrap();
            json = format!(
                r#"{}{{"$serde_json::private::RawValue":{text}}}{}"#,
                "[".repeat(120),
                "]".repeat(120)
            );
        }
        for member in MEMBERS {
            let _ = read(member, &json);
        }
        assert!(serde_json::from_str::<Free>(&json).is_ok());
        for key in ["all", "card", "other"] {
            let _ = serde_json::from_str::<OfferPaymentMethod>(&format!(r#"{{"{key}":{json}}}"#));
        }
        let all: Result<Value, _> = serde_json::from_str(&nested("[", "]"));
        assert!(all.is_err());
    }

    #[test]
    fn a_key_that_is_there_twice_is_an_error() {
        assert!(serde_json::from_str::<All>(r#"{"whole":1,"whole":2}"#).is_err());
    }

    proptest::proptest! {
        /// Whatever JSON comes, every reader answers, and no error repeats a text of it.
        #[test]
        fn any_json_is_read_or_refused(json in any_json(), index in 0..MEMBERS.len()) {
            if let Err(error) = read(MEMBERS[index], &json.to_string()) {
                proptest::prop_assert!(!error.to_string().contains("S3CRET"), "{}", error);
            }
            let _ = serde_json::from_value::<All>(Value::Object([(MEMBERS[index].to_owned(), json)].into_iter().collect()));
        }
    }

    fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;

        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            r"S3CRET\PC{0,6}".prop_map(Value::from),
            prop::sample::select(vec!["", "NA", "1.5", "true", "{}"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let key = prop::sample::select(vec!["x", "upi", "card", "other"]).prop_map(str::to_owned);
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(key, inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }
}
