//! The decoder against serde_json: what it accepts, values, and unparsed fields, over mutated payloads.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::decode::decoder::{Decoder, text_of};
use crate::decode::lexer::Lexer;
use crate::decode::names::{Names, quoted};
use crate::types::{Order, Payment, Refund, Subscription};
use crate::{DecodeError, FromJson};

/// How many mutated payloads a run compares.
const RUNS: usize = 100_000;

/// What serde_json decodes, given text that it accepts: no byte order mark, U+FFFD for what is not Unicode.
fn reference(body: &[u8]) -> Option<Value> {
    let text = text_of(body);
    serde_json::from_str(&without_lone_surrogates(&text)).ok()
}

/// Replaces the escapes of lone surrogates. Only the texts of the tests have them: `\u` after an even number of
/// backslashes.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return text.into();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let code = |escape: &str| {
            let digits = escape.strip_prefix("\\u")?.get(..4)?;
            digits
                .bytes()
                .all(|digit| digit.is_ascii_hexdigit())
                .then(|| u32::from_str_radix(digits, 16).ok())?
        };
        let length = match code(escape) {
            Some(0xD800..=0xDBFF) if matches!(escape.get(6..).and_then(code), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            Some(_) => 6,
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        out.push_str(escape.get(..length).unwrap_or(escape));
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}

/// Equal, but for the last digit of floats: serde_json does not always take the nearest one.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other))
                    if (one - other).abs() <= one.abs() * 4.0 * f64::EPSILON)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((a, one), (b, other))| a == b && same(one, other))
        }
        // Structure that is kept as text; a tree has no order of fields.
        (Value::String(one), Value::String(other)) => {
            let parsed =
                |text: &str| serde_json::from_str::<Value>(text).ok().filter(|json| !json.is_string());
            one == other
                || matches!((parsed(one), parsed(other)), (Some(one), Some(other)) if same(&one, &other))
        }
        _ => one == other,
    }
}

fn agree(body: &[u8]) {
    let shown = String::from_utf8_lossy(body);
    match (Value::from_json(body), reference(body)) {
        (Ok(ours), Some(theirs)) => assert!(same(&ours, &theirs), "{shown}: {ours} and {theirs}"),
        (Err(_), None) => {}
        (Err(error), Some(_)) if error.reason().contains("reserves") => {}
        (ours, theirs) => panic!("{shown}: {ours:?} and {theirs:?}"),
    }
    let text = text_of(body);
    let skipped = Decoder::of(&text).whole(|decoder| decoder.skip()).is_ok();
    let theirs = serde_json::from_str::<IgnoredAny>(&text);
    // Nesting is limited only in what is decoded.
    let is_deep = theirs.as_ref().is_err_and(|error| error.to_string().contains("recursion limit"));
    assert!(skipped == theirs.is_ok() || is_deep, "{shown}");
}

/// The place of a path in the tree of serde_json; `None` where a list of one stands for its item.
fn find<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    let pointer = path.replace('[', ".").replace(']', "").replace('.', "/");
    let pointer = pointer.strip_prefix('/').unwrap_or(&pointer);
    tree.pointer(&format!("/{pointer}"))
}

/// A payload decodes as the text does that serde_json writes of its tree, and its unparsed fields are what the
/// tree has at their paths.
fn decodes_alike<T: FromJson + serde::Serialize>(body: &[u8], seen: &mut Seen) {
    let Some(tree) = reference(body) else {
        // A number that no tree can hold may stand in a field that is skipped.
        let is_json = serde_json::from_str::<IgnoredAny>(&text_of(body)).is_ok();
        assert!(is_json || T::from_json_tolerant(body).is_err(), "{}", String::from_utf8_lossy(body));
        seen.broken += 1;
        return;
    };
    let shown = || String::from_utf8_lossy(body).into_owned();
    let text = text_of(body);
    // A tree has each field once, and no digits that a float has not.
    let is_lossy = !text.is_ascii()
        || has_duplicates(&text)
        || text.contains("400")
        // serde_json may unfold what stands under its own names, which this reader refuses.
        || text.contains("$serde_json::private")
        || text.contains("\\ud")
        || text
            .split(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .any(|digits| digits.len() > 15);
    match (T::from_json_tolerant(body), T::from_json_tolerant(tree.to_string().as_bytes())) {
        (Ok(ours), Ok(theirs)) => {
            for field in &ours.unparsed {
                let kept = reference(field.json().as_bytes());
                if let (Some(kept), Some(there)) = (kept, find(&tree, field.path())) {
                    assert!(same(&kept, there) || is_lossy, "{}: {field:?}", shown());
                    seen.compared += 1;
                }
            }
            if !is_lossy {
                // Numbers of more digits than JSON keeps are not written.
                let write = |value: &T| serde_json::to_value(value).unwrap_or_default();
                assert!(same(&write(&ours.value), &write(&theirs.value)), "{}", shown());
                let mut paths = [ours.unparsed, theirs.unparsed]
                    .map(|unparsed| unparsed.iter().map(|field| field.path().to_owned()).collect::<Vec<_>>());
                paths.iter_mut().for_each(|paths| paths.sort());
                assert_eq!(paths[0], paths[1], "{}", shown());
                // Several names may be `*`.
                let [named, _] =
                    paths.map(|paths| Vec::from_iter(paths.into_iter().filter(|path| !path.contains('*'))));
                let mut once = named.clone();
                once.dedup();
                assert_eq!(once, named, "a field is unparsed twice: {}", shown());
            }
            seen.decoded += 1;
        }
        (Err(ours), Err(theirs)) => {
            // The fields of a tree have another order, so another one may fail first.
            let is_there = ours.path() == theirs.path()
                || ours.path().contains('*')
                || find(&tree, ours.path()).is_some();
            assert!(is_lossy || is_there, "{}: {ours} and {theirs}", shown());
            seen.refused += 1;
        }
        (ours, theirs) => assert!(
            is_lossy,
            "{}: {:?} and {:?}",
            shown(),
            ours.map(|decoded| decoded.unparsed),
            theirs.map(|decoded| decoded.unparsed)
        ),
    }
}

/// Whether an object has a name twice.
fn has_duplicates(text: &str) -> bool {
    fn walk(json: &crate::Json) -> bool {
        match json {
            crate::Json::Object(fields) => {
                let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                names.windows(2).any(|two| two[0] == two[1]) || fields.iter().any(|(_, value)| walk(value))
            }
            crate::Json::List(items) => items.iter().any(walk),
            _ => false,
        }
    }
    crate::Json::parse(text.as_bytes()).is_ok_and(|json| walk(&json))
}

#[derive(Debug, Default)]
struct Seen {
    broken: usize,
    decoded: usize,
    refused: usize,
    compared: usize,
}

/// A generator of numbers with a fixed start, so that each run compares the same.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Values that take the place of others.
const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "1.50",
    "12345678901234567890123",
    "1e400",
    "-1e-400",
    "9007199254740993",
    "\"\"",
    "\"NA\"",
    "\"x\"",
    r#""\ud83d""#,
    r#""\ud83d\ude00""#,
    r#""\udc00x""#,
    "\"7.10\"",
    "\"true\"",
    "[]",
    "{}",
    "[{}]",
    "[[1]]",
    "[null,{}]",
    r#"{"upi":null,"card":7}"#,
    r#"{"upi":{},"card":{}}"#,
    r#"{"a":{"b":1e400}}"#,
    r#"{"x":"\ud83d","upi":null}"#,
    r#"{"$serde_json::private::RawValue":"1"}"#,
    r#"{"$serde_json::private::Number":"1"}"#,
];

/// Pieces that are inserted into the text as it is.
const PIECES: &[&str] = &[
    "",
    ",",
    ":",
    "\"",
    "\\",
    "\\u00",
    "\\ud83d",
    "{",
    "}",
    "[",
    "]",
    "0",
    "-",
    ".",
    "e5",
    " ",
    "\n",
    "\u{1}",
    "é",
    "\u{feff}",
    "null",
    "\"a\":",
    "\"order_id\":\"again\",",
    "\"payment_amount\":1,",
];

const PAYLOADS: &[&str] = &[
    r#"{"order_id":"o","cf_order_id":2149460581,"order_amount":499.00,"order_currency":"INR","order_status":"ACTIVE",
"customer_details":{"customer_id":"c","customer_phone":"9999999999"},"order_meta":{"return_url":"https://a.example/","payment_methods":"cc,upi"},
"order_tags":{"a":"1"},"order_splits":[{"vendor_id":"v","amount":1.10}],"order_note":null,"unknown":{"deep":[1,{"a":null}]}}"#,
    r#"{"cf_payment_id":"123456789012345","order_id":"o","payment_currency":"INR","payment_amount":1.00,"payment_status":"SUCCESS","payment_method":{"upi":{"channel":"collect","upi_id":"a@b"}},
"error_details":null,"payment_gateway_details":{"gateway_name":"CASHFREE"},"payment_time":"2024-01-01T00:00:00+05:30","is_captured":true,"authorization":{"captured_amount":1}}"#,
    r#"{"cf_payment_id":7,"order_id":"o","payment_currency":"INR","payment_method":{"card":{"card_number":"XXXXXXXX1111","channel":"link"},"app":null},"payment_amount":"10.10","auth_id":7}"#,
    r#"{"refund_id":"r","cf_refund_id":1,"order_id":"o","cf_payment_id":2,"refund_currency":"INR","refund_amount":5,"metadata":{"a":[1,"2"]},"refund_speed":{"requested":"STANDARD"},"refund_splits":[{"vendor_id":"v","amount":2}]}"#,
    r#"{"subscription_id":"s","cf_subscription_id":7,"plan_details":{"plan_amount":10.0,"plan_max_cycles":12},"authorisation_details":{"authorization_amount":1}}"#,
];

/// A payload with a value replaced by another one.
fn replaced(random: &mut Random, payload: &str) -> String {
    let starts: Vec<usize> = payload
        .char_indices()
        .filter(|(at, letter)| *letter == ':' && !payload[..*at].ends_with("https"))
        .map(|(at, _)| at + 1)
        .collect();
    let start = starts[random.below(starts.len())];
    let text = &payload[start..];
    let mut lexer = Lexer::new(text, false);
    let end = match lexer.skip() {
        Ok(()) => lexer.at,
        Err(_) => 0,
    };
    format!("{}{}{}", &payload[..start], random.pick(VALUES), &text[end..])
}

/// A payload with a piece inserted, or bytes removed or broken.
fn damaged(random: &mut Random, payload: &str) -> Vec<u8> {
    let mut bytes = payload.as_bytes().to_vec();
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes[at] = [0xff, 0xc3, 0x80, b'"', b'{'][random.below(5)],
        1 => bytes.truncate(at),
        _ => {
            let taken = random.below(3).min(bytes.len() - at);
            bytes.splice(at..at + taken, random.pick(PIECES).bytes());
        }
    }
    bytes
}

#[test]
fn mutated_payloads_decode_as_serde_json_decodes_them() {
    let mut random = Random(0x5eed_cafe_f00d_1234);
    let mut seen = Seen::default();
    for run in 0..RUNS {
        // The payloads of orders, payments, refunds and subscriptions.
        let payload = PAYLOADS[[[0, 1, 3, 4], [0, 2, 3, 4]][run / 4 % 2][run % 4]];
        let mut text = payload.to_owned();
        for _ in 0..1 + random.below(3) {
            text = replaced(&mut random, &text);
        }
        let body = if run % 2 == 0 { damaged(&mut random, &text) } else { text.into_bytes() };
        agree(&body);
        match run % 4 {
            0 => decodes_alike::<Order>(&body, &mut seen),
            1 => decodes_alike::<Payment>(&body, &mut seen),
            2 => decodes_alike::<Refund>(&body, &mut seen),
            _ => decodes_alike::<Subscription>(&body, &mut seen),
        }
    }
    assert!(seen.broken > RUNS / 10 && seen.decoded > RUNS / 10 && seen.refused > 1_000, "{seen:?}");
    assert!(seen.compared > 1_000, "{seen:?}");
}

#[test]
fn it_accepts_what_serde_json_accepts() {
    for json in [
        "",
        " ",
        "null",
        "nul",
        "nulll",
        "null ",
        "true",
        "True",
        "-",
        "-0",
        "0",
        "00",
        "01",
        "-01",
        "1.",
        ".1",
        "1.0",
        "1.e1",
        "1e",
        "1e+",
        "1E-2",
        "1e400",
        "-1e400",
        "1e-400",
        "0x1",
        "+1",
        "1 2",
        "NaN",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "[",
        "]",
        "[]",
        "[ ]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,2]",
        "{",
        "{}",
        "{ }",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"\":{\"\":[{}]}}",
        "\"",
        "\"a",
        "\"a\"b",
        r#""\""#,
        r#""\"""#,
        r#""\x""#,
        r#""\u""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\u00e9\n\/""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\n""#,
        r#""\ud83d\ud83d""#,
        "\"\u{1}\"",
        "\"a\nb\"",
        "\"\u{7f}é😀\"",
        "\u{feff}1",
        "/**/1",
        "[\"12345678\",\"1234567\\\"\",\"123456789012345\\n\"]",
        " \t\r\n[ 1 , { \"a\" : \"b\" } ] ",
    ] {
        agree(json.as_bytes());
    }
    for bytes in [&b"\"\xff\""[..], b"[\"a\", \"\xc3\x28\"]", b"{\"\xff\":1}", b"\xff"] {
        agree(bytes);
    }
    for depth in [1, 126, 127, 128, 129, 10_000] {
        agree(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
        agree(format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)).as_bytes());
    }
}

#[test]
fn an_error_has_its_path_line_and_column() {
    for (json, shown) in [
        ("[1,\n 2,\n x]", "[2]: expected value at line 3 column 1"),
        (r#"{"a":{"b\u0021":[{},{"c":tru}]}}"#, "*.*[1].*: expected ident at line 1 column 25"),
        ("{} {}", ".: trailing characters at line 1 column 3"),
        ("[", "[0]: EOF while parsing a value at line 1 column 1"),
    ] {
        let refused: Result<Value, DecodeError> = Value::from_json(json.as_bytes());
        assert_eq!(refused.err().map(|error| error.to_string()).as_deref(), Some(shown), "{json}");
    }
}

#[test]
fn a_name_is_one_whether_it_is_escaped_and_wherever_it_stands() {
    const ALL: [(&str, usize); 3] = [(quoted!(one), 0), (quoted!(two), 1), (quoted!(three), 2)];
    static TABLE: [u16; Names::room(3)] = Names::table(&ALL);
    let names = Names { all: &ALL, table: &TABLE };
    for (json, expected) in [
        (r#"{"one":1,"two":2,"three":3}"#, [Some(0), Some(1), Some(2)]),
        (r#"{"three":1 , "one":[{}],"other":null}"#, [Some(2), Some(0), None]),
        (r#"{"t\u0077o":1,"tw":2,"one":3}"#, [Some(1), None, Some(0)]),
        (r#"{ "one" : 1 ,"one":2,"one\n":3}"#, [Some(0), Some(0), None]),
    ] {
        let mut found = Vec::new();
        let read = Decoder::new(json).whole(|decoder| {
            decoder.fields(&names, |decoder, position| {
                found.push(position);
                decoder.skip()
            })
        });
        assert!(read.is_ok(), "{json}");
        assert_eq!(found, expected, "{json}");
    }
}

#[test]
fn digits_that_a_float_may_have_lost_are_refused() {
    use crate::decode::traits::Decode;

    let number = "1234567890.1234567";
    assert!(crate::Decimal::item(&mut Decoder::new(number)).is_ok());
    assert!(crate::Decimal::item(&mut Decoder::of_floats(number)).is_err());
    assert!(crate::Decimal::item(&mut Decoder::of_floats("499.00")).is_ok());
}

#[test]
fn any_bytes_are_decoded_or_refused() {
    let mut random = Random(7);
    for _ in 0..5_000 {
        let bytes: Vec<u8> = (0..random.below(40)).map(|_| random.below(256) as u8).collect();
        agree(&bytes);
    }
}
