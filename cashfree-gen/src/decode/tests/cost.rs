//! The cost of decoding: linear in the length of the body, for every shape of body, and bounded in memory. It is
//! counted, not timed: what else the machine does changes nothing.

use std::time::{Duration, Instant};

use crate::decode::decoder::work;
use crate::types::{Order, Payment, PaymentReconEntry};
use crate::{FromJson, Json};

/// A way to decode a body.
type Decode = fn(&[u8]);

fn payment(body: &[u8]) {
    drop(Payment::from_json_tolerant(body));
}

fn payments(body: &[u8]) {
    drop(Vec::<Payment>::from_json_tolerant(body));
}

fn order(body: &[u8]) {
    drop(Order::from_json_tolerant(body));
}

fn free(body: &[u8]) {
    drop(serde_json::Value::from_json_tolerant(body));
}

fn json(body: &[u8]) {
    drop(Json::parse(body));
}

fn foreign(body: &[u8]) {
    drop(crate::decode_object::<std::collections::BTreeMap<String, serde::de::IgnoredAny>>(body));
}

#[cfg(feature = "webhook")]
fn event(body: &[u8]) {
    drop(crate::webhooks::Event::read_with_unparsed(body));
}

/// A piece that is repeated, between a beginning and an end.
const SHAPES: &[(&str, &str, &str, Decode)] = &[
    // A union whose alternatives say nothing, or can't be decoded, or are several.
    (r#"{"payment_method":{"x":1"#, r#","upi":null"#, "}}", payment),
    (r#"{"payment_method":{"x":1"#, r#","upi":7"#, "}}", payment),
    (r#"{"payment_method":{"x":1"#, r#","upi":{}"#, "}}", payment),
    (r#"{"payment_method":{"x":1"#, r#","y":1e400"#, "}}", payment),
    (r#"{"payment_method":[null"#, ",null", "]}", payment),
    // Fields that are kept as JSON.
    (r#"[{}"#, r#",{"payment_method":7,"error_details":[1,2]}"#, "]", payments),
    (r#"{"order_tags":{"a":1"#, r#","b":[{}]"#, "}}", order),
    (r#"{"order_splits":[{}"#, r#",{"tags":[{"a":{"b":1e400}}]}"#, "]}", order),
    // Lists and maps.
    ("[{}", ",{}", "]", payments),
    ("[null", ",null", "]", payments),
    ("[", "[", "", payments),
    (r#"{"order_note":"#, "[", "", order),
    ("{\"x\":1", ",\"x\":1", "}", order),
    ("{\"order_tags\":{\"x\":1", ",\"x\":1", "}}", order),
    // Texts, names and white space.
    ("{\"order_note\":\"", "a", "\"}", order),
    ("{\"order_note\":\"", "\\u0041", "\"}", order),
    ("{\"order_note\":\"", "\\ud83d", "\"}", order),
    ("{\"order_note\":\"", "\u{fffd}", "\"}", order),
    ("{\"", "a", "\":1}", order),
    ("{\"order_amount\":", "1", "}", order),
    ("{\"order_amount\":\"", "1", "\"}", order),
    ("{\"order_amount\":1e", "1", "}", order),
    ("{\"order_status\":\" ", " ", "\"}", order),
    (" ", " ", "{\"order_meta\":7,\"customer_details\":7}", order),
    // Free JSON.
    ("[1", ",1.5", "]", free),
    ("{\"a\":1", ",\"a\\u0062\":[{}]", "}", free),
    ("[1", ",1.5", "]", json),
    ("{\"a\":1", ",\"a\\u0062\":[{}]", "}", json),
    ("{\"a\":\"", "\\ud83d\\u0041", "\"}", foreign),
    ("{\"a\":[1", ",\"\\u0041\"", "]}", foreign),
    #[cfg(feature = "webhook")]
    (r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{}"#, r#","data":{"order":{}}"#, "}", event),
    #[cfg(feature = "webhook")]
    (
        r#"{"data":{"payment":{"payment_method":{"x":1"#,
        r#","upi":null"#,
        r#"}}},"type":"PAYMENT_SUCCESS_WEBHOOK"}"#,
        event,
    ),
    #[cfg(feature = "webhook")]
    (r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","event_time":1"#, r#","event_time":"x""#, "}", event),
];

fn body((start, piece, end, _): &(&str, &str, &str, Decode), length: usize) -> Vec<u8> {
    format!("{start}{}{end}", piece.repeat(length / piece.len())).into_bytes()
}

/// Twice the input makes at most twice the work.
#[test]
fn work_is_linear_in_the_length_of_the_body() {
    for shape in SHAPES {
        let work = |length| work::of(|| shape.3(&body(shape, length)));
        let (less, more) = (work(20_000), work(40_000));
        assert!(less > 0 && more <= 2 * less + 100, "{} {}: {less}, then {more}", shape.0, shape.1);
    }
}

#[test]
fn a_long_name_is_not_copied_for_each_field_in_it() {
    let name = "n".repeat(1 << 20);
    let fields = vec![r#""b":1e400"#; 20_000].join(",");
    let body = format!(r#"{{"payment_method":{{"{name}":{{{fields}}}}}}}"#);
    let started = Instant::now();
    payment(body.as_bytes());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn a_body_of_empty_objects_is_refused_before_it_fills_the_memory() {
    let body = format!("[{{}}{}]", ",{}".repeat(1_000_000));
    let refused = Vec::<PaymentReconEntry>::from_json(body.as_bytes());
    assert!(refused.is_err_and(|error| error.reason().contains("larger than the limit")));
    // Deep paths of many fields take memory, too.
    let deep = format!("{}{}{}", r#"{"a":"#.repeat(100), "{}", "}".repeat(100));
    let many = vec![deep; 100].join(",");
    assert!(Vec::<serde_json::Value>::from_json(format!("[{many}]").as_bytes()).is_ok());
    let unparsed = vec![r#""a":1e400"#; 100_000].join(",");
    let body = format!("{}{{{unparsed}}}{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    assert!(serde_json::Value::from_json_tolerant(body.as_bytes()).is_err());
    // What the API sends has room: a thousand rows, each of a kilobyte.
    let row = format!(
        r#"{{"cf_payment_id":1,"order_id":"{}","payment_currency":"INR","payment_amount":1.00}}"#,
        "o".repeat(1_000)
    );
    let body = format!("[{}]", vec![row; 20_000].join(","));
    assert_eq!(Vec::<Payment>::from_json(body.as_bytes()).ok().map(|rows| rows.len()), Some(20_000));
}
