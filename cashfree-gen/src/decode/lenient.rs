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
//! Scalars are read by their text (see [`wire`](crate::decode::wire)); nothing is buffered. No error repeats a
//! value: it may be a card number.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::decode::lexer::{Fault, Json, ReadItem};
use crate::decode::scalar::Scalar;
pub(crate) use crate::decode::strict::told;
use crate::decode::wire::{Free, Wire};
use crate::scalar::is_nothing;
use crate::{Amount, Decimal, Timestamp};

/// What can be read.
pub(crate) trait Read: Sized {
    /// An item of a list, or a value of a map; `None` for null.
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault>;

    /// A member of an object, which may be absent in more ways, and an object within a list.
    fn read(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        Self::item(json)
    }

    /// A member, into its place; what says nothing leaves it as it is.
    #[inline]
    fn read_into(place: &mut Option<Self>, json: &mut Json<'_>) -> Result<(), Fault> {
        crate::decode::object::Member::read_by(place, json, Self::read)
    }
}

macro_rules! numbers {
    ($($name:ty),*) => { $(
        impl Read for $name {
            fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
                let wire = json.wire()?;
                // No number is set aside.
                Self::of_wire(wire).map_err(|fault: Fault| json.located(fault).for_good())
            }
        }
    )* };
}

numbers!(Decimal, Amount, i64);

impl Read for bool {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        let wire = json.wire()?;
        Self::of_wire(wire).map_err(|fault: Fault| json.located(fault))
    }
}

impl Read for String {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        // Nearly always.
        if json.peek() == Some(b'"') {
            return json.string().map(Some);
        }
        let wire = json.wire()?;
        Self::of_wire(wire).map_err(|fault: Fault| json.located(fault))
    }
}

/// Reads what is text, or a number or flag that stands for it: digits are not grouped, rounded or stripped.
pub(crate) fn words<'a>(json: &mut Json<'a>) -> Result<Option<Cow<'a, str>>, Fault> {
    if json.peek() == Some(b'"') {
        return json.text().map(Some);
    }
    match json.wire()? {
        Wire::Nothing => Ok(None),
        Wire::Text(text) | Wire::Number(text) => Ok(Some(text)),
        Wire::Flag(flag) => Ok(Some(if flag { "true" } else { "false" }.into())),
        other => Err(json.located(other.refused(WORDS))),
    }
}

pub(crate) const WORDS: &str = "text, or a number that stands for it";

/// What is made of words.
macro_rules! of_words {
    ($name:ty) => {
        impl $crate::decode::lenient::Read for $name {
            fn item(
                json: &mut $crate::decode::lexer::Json<'_>,
            ) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                Ok($crate::decode::lenient::words(json)?.map(|text| Self::from(text.as_ref())))
            }
        }

        impl $crate::decode::strict::Strict for $name {
            fn strict(
                json: &mut $crate::decode::lexer::Json<'_>,
            ) -> Result<Self, $crate::decode::lexer::Fault> {
                $crate::decode::strict::must(json, $crate::decode::lenient::WORDS)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::decode::wire::text(deserializer, |text| Self::from(text))
            }
        }
    };
}

pub(crate) use of_words;

impl<T: Read> Read for Box<T> {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        Ok(T::item(json)?.map(Self::new))
    }

    fn read(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        Ok(T::read(json)?.map(Self::new))
    }
}

/// Whether a text that names nothing is next; steps over it if so.
fn eat_nothing(json: &mut Json<'_>, is_nothing: fn(&str) -> bool) -> Result<bool, Fault> {
    if json.peek() != Some(b'"') {
        return json.eat_null();
    }
    let start = json.place();
    match json.wire()? {
        Wire::Text(text) if is_nothing(text.trim()) => Ok(true),
        _ => {
            json.back_to(start);
            Ok(false)
        }
    }
}

/// Reads an optional object or union, by `item`, which takes nothing else.
#[inline]
pub(crate) fn object<'a, T>(
    json: &mut Json<'a>,
    item: impl Fn(&mut Json<'a>) -> Result<Option<T>, Fault>,
) -> Result<Option<T>, Fault> {
    if json.peek() == Some(b'{') {
        return item(json);
    }
    let mut found = None;
    in_other_form(json, &mut |json| {
        if let Some(another) = item(json)?
            && found.replace(another).is_some()
        {
            return Err(json.fault("several objects where one is expected"));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Reads what may stand for an object: a list of one, in which null does not count, or nothing.
fn in_other_form<'a>(json: &mut Json<'a>, item: ReadItem<'_, 'a>) -> Result<(), Fault> {
    match json.peek() {
        Some(b'[') => json.items(item),
        _ if eat_nothing(json, is_nothing)? => Ok(()),
        _ => Err(json.unexpected("an object")),
    }
}

/// Reads an optional time of an event; one that names none is absent, and stray spaces go.
pub(crate) fn moment(json: &mut Json<'_>) -> Result<Option<Timestamp>, Fault> {
    let text = String::read(json)?;
    // Nearly always.
    if let Some([b'0'..=b'9', .., b'0'..=b'9' | b'Z']) = text.as_deref().map(str::as_bytes) {
        return Ok(text.map(Timestamp::from));
    }
    Ok(text.filter(|text| !is_nothing(text.trim())).map(|text| match text.trim() {
        trimmed if trimmed.len() < text.len() => Timestamp::from(trimmed),
        _ => Timestamp::from(text),
    }))
}

/// Reads an optional union, of which an event may give the name of the alternative alone: `upi` reads as
/// `{"upi":{}}`.
pub(crate) fn named<T: Read>(json: &mut Json<'_>) -> Result<Option<T>, Fault> {
    if json.peek() != Some(b'"') {
        return T::read(json);
    }
    if eat_nothing(json, is_nothing)? {
        return Ok(None);
    }
    let Some(name) = String::item(json)? else { return Ok(None) };
    let alternative = serde_json::json!({ name.trim().to_ascii_lowercase(): {} }).to_string();
    Json::of_text(&alternative).whole(T::item).map_err(|_| json.fault("no alternative has this name alone"))
}

/// Reads a list; null items are left out, a lone item is a list of one.
impl<T: Read> Read for Vec<T> {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        if json.eat_null()? {
            return Ok(None);
        }
        let mut list = Self::new();
        each(json, &mut |json| {
            if let Some(item) = T::item(json)? {
                // Most lists hold one thing, and room for four of it is more than an allocator has at hand.
                if list.is_empty() {
                    list.reserve_exact(1);
                }
                list.push(item);
            }
            Ok(())
        })?;
        Ok(Some(list))
    }
}

/// Reads the items of a list, or a lone one.
fn each<'a>(json: &mut Json<'a>, item: ReadItem<'_, 'a>) -> Result<(), Fault> {
    match json.peek() {
        Some(b'[') => json.items(item),
        _ if eat_nothing(json, is_nothing)? => Ok(()),
        _ => item(json),
    }
}

/// Any JSON but null.
impl Read for Value {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        match free(json)? {
            Self::Null => Ok(None),
            value => Ok(Some(value)),
        }
    }
}

impl Read for Free {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        free(json).map(|value| Some(Self(value)))
    }
}

/// Reads any JSON as a tree of values.
pub(crate) fn free(json: &mut Json<'_>) -> Result<Value, Fault> {
    match json.peek() {
        Some(b'{') => {
            let mut members = serde_json::Map::new();
            json.entries(&mut |json, name| {
                members.insert(name.into_owned(), free(json)?);
                Ok(())
            })?;
            Ok(members.into())
        }
        Some(b'[') => {
            let mut items = Vec::new();
            json.items(&mut |json| {
                items.push(free(json)?);
                Ok(())
            })?;
            Ok(items.into())
        }
        Some(b'-' | b'0'..=b'9') => {
            let number = json.number()?.parse();
            number.map(Value::Number).map_err(|_| json.fault("number out of range"))
        }
        _ => Ok(match json.wire()? {
            Wire::Flag(flag) => flag.into(),
            Wire::Text(text) => text.into_owned().into(),
            _ => Value::Null,
        }),
    }
}

/// Reads a map; null, an empty list, empty text and the text of an empty object are an empty one, a list
/// of one is the map that it holds. Values that are null are left out.
impl<T: Read> Read for BTreeMap<String, T> {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        if json.eat_null()? {
            return Ok(None);
        }
        let mut entries = Self::new();
        json.entries(&mut |json, name| {
            if let Some(value) = T::item(json)? {
                entries.insert(name.into_owned(), value);
            }
            Ok(())
        })?;
        Ok(Some(entries))
    }

    fn read(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        if eat_nothing(json, |text| text == "{}")? { Ok(None) } else { object(json, Self::item) }
    }
}

/// A whole body that holds one object.
pub(crate) struct ObjectOf<T>(pub(crate) T);

impl<T: Read> Read for ObjectOf<T> {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        match T::read(json)? {
            Some(object) => Ok(Some(Self(object))),
            None => Err(json.fault("nothing where an object is expected")),
        }
    }
}

/// A whole body that holds a list.
pub(crate) struct ListOf<T>(pub(crate) Vec<T>);

impl<T: Read> Read for ListOf<T> {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        Ok(Some(Self(Vec::read(json)?.unwrap_or_default())))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, unreachable_pub)]
mod tests {
    use super::*;
    use crate::decode::error;
    use crate::types::{IncidentStatusFilter as Status, OfferPaymentMethod, PaymentMethod};

    crate::decode::object::object! {
        #[members(Refused)]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct Point {
            #[read("x")]
            pub x: Option<i64>,
            #[read("y")]
            pub y: Option<i64>,
        }
    }

    crate::decode::object::object! {
        #[members(Refused)]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct All {
            #[read("text")]
            pub text: Option<String>,
            #[read("whole")]
            pub whole: Option<i64>,
            #[read("flag")]
            pub flag: Option<bool>,
            #[read("amount")]
            pub amount: Option<Amount>,
            #[read("rate")]
            pub rate: Option<Decimal>,
            #[read("point")]
            pub point: Option<Point>,
            #[read("method")]
            pub method: Option<PaymentMethod>,
            #[read("points")]
            pub points: Vec<Point>,
            #[read("methods")]
            pub methods: Vec<PaymentMethod>,
            #[read("statuses")]
            pub statuses: Vec<Status>,
            #[read("values")]
            pub values: Vec<Value>,
            #[read("any")]
            pub any: Option<Value>,
            #[read("texts")]
            pub texts: Vec<String>,
            #[read("tags")]
            pub tags: BTreeMap<String, String>,
            #[read("map")]
            pub map: BTreeMap<String, Point>,
            #[read("id")]
            pub id: Option<crate::OrderId>,
            #[read("time")]
            pub time: Option<crate::Timestamp>,
            #[read("secret")]
            pub secret: Option<crate::Sensitive>,
        }
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
    fn a_float_in_free_json_is_written_back_as_it_was_read() {
        for number in ["4.1116191111111196e+23", "4.35", "0.1", "1e-7", "5e-324", "9007199254740993.0"] {
            let read = read("any", number).unwrap().any.unwrap();
            assert_eq!(read.as_f64(), number.parse().ok(), "{number}");
            let again: Value = serde_json::from_str(&read.to_string()).unwrap();
            assert_eq!(again, read, "{number}");
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
        assert!(error::read::<ObjectOf<Point>>(b"[1,2]").is_err());
        assert!(error::read::<ListOf<Point>>(b"[[1,2]]").is_err());
        assert!(
            serde_json::from_str::<Point>("[1,2]").is_err() && serde_json::from_str::<Point>("[{}]").is_err()
        );
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
            assert!(error::read::<ObjectOf<Point>>(json.as_bytes()).is_err(), "{json}");
            assert!(error::read::<ListOf<Point>>(json.as_bytes()).unwrap().0.is_empty(), "{json}");
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
