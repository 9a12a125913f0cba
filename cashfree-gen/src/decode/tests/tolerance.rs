//! Each form that the service is known to send a value in, and what is never taken for something else.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::types::{IncidentStatusFilter as Status, OfferPaymentMethod, PaymentMethod};
use crate::{Amount, Decimal, DecodeError, FromJson};

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
struct Point {
    x: Option<i64>,
    y: Option<i64>,
}

crate::decode::object::impl_decode!(Point, duplicates: refused, { x, y });

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
struct All {
    text: Option<String>,
    whole: Option<i64>,
    flag: Option<bool>,
    amount: Option<Amount>,
    rate: Option<Decimal>,
    point: Option<Point>,
    method: Option<PaymentMethod>,
    points: Vec<Point>,
    methods: Vec<PaymentMethod>,
    statuses: Vec<Status>,
    values: Vec<Value>,
    any: Option<Value>,
    texts: Vec<String>,
    tags: BTreeMap<String, String>,
    map: BTreeMap<String, Point>,
    id: Option<crate::OrderId>,
    time: Option<crate::Timestamp>,
    secret: Option<crate::Sensitive>,
}

crate::decode::object::impl_decode!(All, duplicates: refused, { text, whole, flag, amount, rate, point, method, points, methods, statuses, values, any, texts, tags, map, id, time, secret });

const FIELDS: [&str; 18] = [
    "text", "whole", "flag", "amount", "rate", "point", "method", "points", "methods", "statuses", "values",
    "any", "texts", "tags", "map", "id", "time", "secret",
];

fn read(field: &str, json: &str) -> Result<All, DecodeError> {
    All::from_json(format!(r#"{{"{field}":{json}}}"#).as_bytes())
}

#[test]
fn null_is_absent_everywhere() -> Result<(), DecodeError> {
    for field in FIELDS {
        assert_eq!(read(field, "null")?, All::default(), "{field}");
    }
    Ok(())
}

#[test]
fn the_words_for_nothing_are_absent() -> Result<(), DecodeError> {
    for word in ["", " ", "NA", "N/A", "null", "-"] {
        for field in ["whole", "flag", "amount", "rate", "point", "method", "points", "texts", "tags", "map"]
        {
            if word == " " && field == "texts" {
                continue;
            }
            assert_eq!(read(field, &format!("\"{word}\""))?, All::default(), "{field} {word:?}");
        }
        assert_eq!(read("text", &format!("\"{word}\""))?.text.as_deref(), Some(word));
    }
    Ok(())
}

#[test]
fn scalars_read_from_each_other() -> Result<(), DecodeError> {
    for (json, expected) in [
        (r#""a\"b""#, r#"a"b"#),
        ("1234567890123456789012", "1234567890123456789012"),
        ("10.10", "10.10"),
        ("1e400", "1e400"),
        ("true", "true"),
        (r#"{"b": 1, "a":[1.10]}"#, r#"{"b": 1, "a":[1.10]}"#),
        ("[1, 2]", "[1, 2]"),
    ] {
        assert_eq!(read("text", json)?.text.as_deref(), Some(expected), "{json}");
    }
    assert_eq!(read("text", "[ ]")?.text, None);

    for (json, expected) in [("7", 7), (r#""7""#, 7), ("7.0", 7), ("7e1", 70), (r#"" -7 ""#, -7)] {
        assert_eq!(read("whole", json)?.whole, Some(expected), "{json}");
    }
    for (json, expected) in [
        ("true", true),
        ("0", false),
        ("1", true),
        (r#""TRUE""#, true),
        (r#""no""#, false),
        (r#"" Y ""#, true),
    ] {
        assert_eq!(read("flag", json)?.flag, Some(expected), "{json}");
    }
    assert_eq!(read("amount", r#""1.50""#)?.amount, Some(Amount::paise(150)));
    assert_eq!(read("id", "16381")?.id.as_ref().map(|id| id.as_str()), Some("16381"));

    for (field, json) in [
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
        assert!(read(field, json).is_err(), "{field} {json}");
    }
    Ok(())
}

#[test]
fn a_float_in_free_json_is_written_back_as_it_was_read() -> Result<(), DecodeError> {
    for number in ["4.1116191111111196e+23", "4.35", "0.1", "1e-7", "5e-324", "9007199254740993.0"] {
        let read = read("any", number)?.any.unwrap_or_default();
        assert_eq!(read.as_f64(), number.parse().ok(), "{number}");
        assert_eq!(Value::from_json(read.to_string().as_bytes())?, read, "{number}");
    }
    Ok(())
}

#[test]
fn a_list_of_one_is_its_object_and_an_object_a_list_of_one() -> Result<(), DecodeError> {
    let point = || Point { x: Some(1), y: None };
    for json in [r#"{"x":1}"#, r#"[{"x":1}]"#, r#"[null,{"x":"1"}]"#] {
        assert_eq!(read("point", json)?.point, Some(point()), "{json}");
        assert_eq!(read("points", json)?.points, [point()], "{json}");
    }
    assert_eq!(read("point", "[]")?, All::default());
    assert!(read("point", "[{},{}]").is_err());
    assert_eq!(read("statuses", r#""ACTIVE""#)?.statuses, [Status::from("ACTIVE")]);
    assert_eq!(read("statuses", r#"["ACTIVE",null,7]"#)?.statuses.len(), 2);
    assert_eq!(read("texts", "7")?.texts, ["7"]);
    assert_eq!(read("texts", "1.5")?.texts, ["1.5"]);
    assert_eq!(
        read("texts", r#"["a",null,7,1.10,true,{"b":1}]"#)?.texts,
        ["a", "7", "1.10", "true", r#"{"b":1}"#]
    );
    assert_eq!(read("values", "[1,[2],null,{}]")?.values.len(), 3);
    Ok(())
}

#[test]
fn a_list_is_never_read_into_an_object_by_position() {
    for (field, json) in [
        ("point", "[1,2]"),
        ("point", "[[1,2]]"),
        ("points", "[1,2]"),
        ("points", "[[1,2]]"),
        ("points", "[[{}]]"),
        ("map", r#"{"a":[1,2]}"#),
        ("methods", "[[1]]"),
        ("method", "[[1]]"),
    ] {
        assert!(read(field, json).is_err(), "{field} {json}");
    }
    assert!(Point::from_json(b"[1,2]").is_err());
    assert!(Vec::<Point>::from_json(b"[[1,2]]").is_err());
    assert!(
        serde_json::from_str::<Point>("[1,2]").is_err() && serde_json::from_str::<Point>("[{}]").is_err()
    );
}

#[test]
fn maps_accept_the_forms_of_an_empty_map() -> Result<(), DecodeError> {
    for json in ["{}", "[]", r#""{}""#, r#""""#, "null"] {
        assert_eq!(read("tags", json)?, All::default(), "{json}");
    }
    let tags = read("tags", r#"{"a":"1","b":2,"c":null,"d":{"e":[1.10]},"f":true}"#)?.tags;
    let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(tags, [("a", "1"), ("b", "2"), ("d", r#"{"e":[1.10]}"#), ("f", "true")]);
    assert_eq!(read("tags", r#"[null,{"a":1}]"#)?, read("tags", r#"{"a":1}"#)?);
    for json in ["[1]", "7", r#""text""#, "true", "[[{}]]", r#"[{"a":1},{"a":2}]"#] {
        assert!(read("tags", json).is_err(), "{json}");
    }
    Ok(())
}

#[test]
fn a_body_of_nothing_is_no_object_but_an_empty_list() -> Result<(), DecodeError> {
    for json in ["null", "[]", r#""""#] {
        assert!(Point::from_json(json.as_bytes()).is_err(), "{json}");
        assert!(Vec::<Point>::from_json(json.as_bytes())?.is_empty(), "{json}");
    }
    Ok(())
}

#[test]
fn errors_name_what_is_wrong_and_never_its_value() {
    for field in FIELDS {
        for json in [
            r#""S3CRET""#,
            "4111111111111111",
            "-4111",
            "4111.5",
            r#"{"S":"S3CRET"}"#,
            r#"["S3CRET",4111]"#,
            "[[4111]]",
        ] {
            let Err(error) = read(field, json) else { continue };
            let error = error.to_string();
            assert!(!error.contains("S3CRET") && !error.contains("4111"), "{field} {json}: {error}");
        }
    }
    let error = read("amount", r#"{"a":1}"#).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("an object or a list, expected a number"), "{error}");
    let error = read("point", "4111").err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("a number, expected an object"), "{error}");
}

#[test]
fn deep_nesting_is_an_error_or_kept_as_text_but_no_overflow() {
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    for json in
        [nested("[", "]"), nested(r#"{"upi":"#, "}"), nested(r#"{"other":"#, "}"), "[".repeat(100_000)]
    {
        for field in FIELDS {
            let read = read(field, &json);
            // Text keeps structure as it stands, and a field that is not known is skipped.
            let kept = matches!(field, "text" | "texts" | "tags");
            let skipped =
                json.starts_with('{') && matches!(field, "point" | "points" | "map" | "method" | "methods");
            assert!(kept || skipped || read.is_err(), "{field} {}", &json[..20]);
        }
    }
    assert!(read("method", &nested(r#"{"other":"#, "}")).is_err());
    // Text inside text that the library would unfold in a tree of values starts a new count of depth
    // each time; the doubling of its escapes keeps that short.
    let mut json = "1".to_owned();
    for _ in 0..14 {
        let text = Value::from(json);
        json =
            format!(r#"{}{{"$serde_json::private::RawValue":{text}}}{}"#, "[".repeat(120), "]".repeat(120));
    }
    for field in FIELDS {
        let _ = read(field, &json);
    }
    assert!(Value::from_json(json.as_bytes()).is_err());
    for key in ["all", "card", "other"] {
        let _ = serde_json::from_str::<OfferPaymentMethod>(&format!(r#"{{"{key}":{json}}}"#));
    }
    let all: Result<Value, _> = serde_json::from_str(&nested("[", "]"));
    assert!(all.is_err());
}

#[test]
fn a_key_that_is_there_twice_is_an_error() {
    assert!(All::from_json(br#"{"whole":1,"whole":2}"#).is_err());
}

proptest::proptest! {
    /// Every reader returns for any JSON, and no error repeats a text of it.
    #[test]
    fn any_json_is_read_or_refused(json in any_json(), index in 0..FIELDS.len()) {
        if let Err(error) = read(FIELDS[index], &json.to_string()) {
            proptest::prop_assert!(!error.to_string().contains("S3CRET"), "{}", error);
        }
        let _ = serde_json::from_value::<All>(Value::Object([(FIELDS[index].to_owned(), json)].into_iter().collect()));
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
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}
