//! Responses that mean harm: each is refused or read at once, on a small stack.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::{Duration, Instant};

use cashfree_gen::operations;
use recode::{Recoded, recode, recode_tolerant};

/// Less than the stack of any thread that may decode.
const STACK: usize = 1024 * 1024;

/// Ten times and more what the longest takes in a build without optimisation: what grows out of proportion
/// takes longer by far.
const LIMIT: Duration = Duration::from_secs(20);

fn read(operation: &'static str, body: Vec<u8>) -> Recoded {
    let reader = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let started = Instant::now();
        let read = recode(operation, &body).unwrap();
        (started.elapsed(), read)
    });
    let (taken, read) = reader.unwrap().join().unwrap();
    assert!(taken < LIMIT, "{operation} took {taken:?}");
    read
}

/// What no order is without, as it is written back.
const PRESENT: [(&str, &str); 4] = [
    ("cf_order_id", r#""cf_order_id":"1""#),
    ("order_amount", r#""order_amount":1"#),
    ("order_currency", r#""order_currency":"INR""#),
    ("order_id", r#""order_id":"o""#),
];

/// The body with what no order is without and it does not say.
fn completed(body: &[u8]) -> Vec<u8> {
    let Some(rest) = body.strip_prefix(b"{") else { return body.to_vec() };
    let is_there = |name: &str| {
        let quoted = format!("\"{name}\":");
        body.windows(quoted.len()).any(|window| window == quoted.as_bytes())
    };
    let added: Vec<&str> =
        PRESENT.iter().filter(|(name, _)| !is_there(name)).map(|(_, text)| *text).collect();
    let comma = if rest.starts_with(b"}") || added.is_empty() { "" } else { "," };
    [b"{", added.join(",").as_bytes(), comma.as_bytes(), rest].concat()
}

/// The text without what [`completed`] may have added.
fn without_added(mut text: String) -> String {
    for (_, added) in PRESENT {
        for form in [format!("{added},"), format!(",{added}"), added.to_owned()] {
            if let Some(at) = text.find(&form) {
                text.replace_range(at..at + form.len(), "");
                break;
            }
        }
    }
    text
}

fn order(body: impl Into<Vec<u8>>) -> Recoded {
    read("PGFetchOrder", completed(&body.into())).map(without_added)
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn deep_nesting_is_refused_by_every_operation() {
    let bodies = [
        nested("[", "]", 100_000),
        nested(r#"{"data":"#, "}", 100_000),
        nested(r#"{"payment_method":"#, "}", 100_000),
        "[".repeat(100_000),
    ];
    for operation in operations::ALL {
        for body in &bodies {
            assert!(read(operation.id, body.clone().into_bytes()).is_err(), "{}", operation.id);
        }
    }
}

#[test]
fn deep_nesting_in_a_field_is_kept_skipped_or_refused() {
    let deep = nested("[", "]", 100_000);
    let kept = order(format!(r#"{{"order_note":{deep}}}"#)).unwrap();
    assert_eq!(kept, format!(r#"{{"order_note":"{deep}"}}"#));
    assert_eq!(order(format!(r#"{{"of_tomorrow":{deep}}}"#)).unwrap(), "{}");
    for field in ["customer_details", "order_amount", "order_status", "order_splits"] {
        assert!(order(format!(r#"{{"{field}":{deep}}}"#)).is_err(), "{field}");
    }
    let payment =
        read("PGOrderFetchPayment", format!(r#"{{"payment_method":{{"new":{deep}}}}}"#).into_bytes());
    assert!(payment.unwrap_err().contains("recursion limit"));
}

/// Text in text in text, each nested as deep as may be, under the name by which `serde_json` would unfold
/// it.
#[test]
fn nesting_hidden_in_text_is_not_unfolded() {
    let mut json = "1".to_owned();
    for _ in 0..18 {
        let text = serde_json::to_string(&json).unwrap();
        json = format!("{}{text}{}", r#"[{"$serde_json::private::RawValue":"#, "}]");
        json = format!("{}{json}{}", "[".repeat(100), "]".repeat(100));
    }
    assert!(json.len() > 1_000_000);
    for (operation, field) in [("PGOrderFetchRefund", "metadata"), ("PGOrderFetchPayment", "payment_method")]
    {
        let _ = read(operation, format!(r#"{{"{field}":{{"new":{json}}}}}"#).into_bytes());
    }
    let _ = read("MarkForSettlement", json.into_bytes());
}

/// No name of the sender's is shown, however long it is, and a path of many steps is cut.
#[test]
fn a_long_path_is_cut() {
    let name = "k".repeat(1024 * 1024);
    let field = |value: &str| format!(r#"{{"payment_method":{{"{name}":{value}}}}}"#);
    let error = read("PGOrderFetchPayment", field(&nested("[", "]", 200)).into_bytes()).unwrap_err();
    assert!(error.starts_with("payment_method.*[0][0]") && error.contains("…: recursion limit"), "{error}");
    assert!(error.len() < 400, "{} bytes", error.len());

    let long = format!(r#"{{"{name}":"#);
    let many = format!(r#"{{"payment_method":{}1"#, long.repeat(16));
    let error = read("PGOrderFetchPayment", many.clone().into_bytes()).unwrap_err();
    assert!(error.len() < 400, "{} bytes", error.len());
    let error = cashfree_gen::decode_object::<cashfree_gen::types::Payment>(many.as_bytes()).unwrap_err();
    assert!(error.path().starts_with("payment_method.*.*"), "{error}");
    assert!(error.to_string().len() < 400);

    let broken = br#"{"payment_method":{"a\n\u001b[2J":[1,}}"#;
    let error = read("PGOrderFetchPayment", broken.to_vec()).unwrap_err();
    assert!(error.starts_with("payment_method.*[1]: "), "{error:?}");
}

#[test]
fn a_number_that_is_too_large_is_an_error() {
    let digits = "9".repeat(100_000);
    let zeros = "0".repeat(100_000);
    for number in [
        "1e999999999".to_owned(),
        "1e-999999999".to_owned(),
        "-1e99999999999999999999999".to_owned(),
        digits.clone(),
        format!("0.{digits}"),
        format!("1{zeros}"),
        format!("1.{zeros}"),
        format!("1e{digits}"),
    ] {
        for form in [number.clone(), format!("\"{number}\"")] {
            let error = order(format!(r#"{{"order_amount":{form}}}"#)).unwrap_err();
            assert!(
                error.starts_with("order_amount: expected a decimal number of at most 28 digits"),
                "{error}"
            );
            assert!(!error.contains("9999"), "{error}");
        }
        // Where it is no number to the types it is kept as received.
        let kept = order(format!(r#"{{"order_id":{number}}}"#)).unwrap();
        assert_eq!(kept, format!(r#"{{"order_id":"{number}"}}"#));
    }
    assert_eq!(order(r#"{"order_amount":0e999999999}"#).unwrap(), r#"{"order_amount":0}"#);
}

/// One damaged value costs that value at most: text has U+FFFD, which is reported; amounts and identifiers are never
/// guessed.
#[test]
fn text_that_is_not_unicode_costs_one_value() {
    for bytes in
        [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x9f\x92", b"\xc0\xaf", br"\ud83d", br"\udc00"]
    {
        let with = |around: &[u8]| {
            let at = around.windows(4).position(|four| four == b"NOTE").unwrap();
            [&around[..at], bytes, &around[at + 4..]].concat()
        };
        let tolerant = |around: &[u8]| recode_tolerant("PGFetchOrder", &completed(&with(around))).unwrap();
        let text = tolerant(br#"{"order_note":"a NOTE b","order_amount":1}"#).unwrap();
        assert!(
            text.value.contains('\u{fffd}') && text.value.contains(r#""order_amount":1"#),
            "{}",
            text.value
        );
        assert_eq!(text.replaced_text, ["order_note"], "{bytes:x?}");
        assert!(text.unparsed.is_empty());
        let tag = tolerant(br#"{"order_tags":{"a":"NOTE"}}"#).unwrap();
        assert_eq!(tag.replaced_text, ["order_tags.*"]);
        let id =
            tolerant(br#"{"customer_details":{"customer_id":"cNOTE","customer_uid":"u"},"order_note":"n"}"#);
        let id = id.unwrap();
        assert_eq!(id.unparsed.len(), 1, "{bytes:x?}: {:?}", id.unparsed);
        assert_eq!(id.unparsed[0].path(), "customer_details.customer_id");
        // What a response is never without is not guessed either.
        let own = tolerant(br#"{"order_id":"NOTE","order_note":"n"}"#).unwrap_err();
        assert!(own.starts_with("order_id: "), "{own}");
        let name = tolerant(br#"{"NOTE":1,"order_note":"n"}"#).unwrap();
        let value = without_added(name.value);
        assert_eq!((value.as_str(), name.replaced_text.len()), (r#"{"order_note":"n"}"#, 0));
        let amount = tolerant(br#"{"order_amount":"NOTE"}"#).unwrap_err();
        assert!(amount.starts_with("order_amount: "), "{amount}");
        assert!(order(bytes).is_err(), "{bytes:x?}");
    }
    let body = [&b"\xef\xbb\xbf"[..], &completed(br#"{"order_note":"n"}"#)].concat();
    let marked = recode_tolerant("PGFetchOrder", &body).unwrap().unwrap();
    let value = without_added(marked.value);
    assert_eq!((value.as_str(), marked.replaced_text.len()), (r#"{"order_note":"n"}"#, 0));
}

#[test]
fn a_repeated_field_is_refused() {
    let error = order(r#"{"order_amount":1.00,"order_amount":999.00}"#).unwrap_err();
    assert!(error.contains("duplicate field `order_amount`"), "{error}");
    let many = format!("{{{}}}", vec![r#""order_id":"a""#; 100_000].join(","));
    assert!(order(many).is_err());
}

#[test]
fn much_of_one_thing_is_read() {
    let text = "x".repeat(8 * 1024 * 1024);
    let kept = order(format!(r#"{{"order_note":"{text}","{text}":1}}"#)).unwrap();
    assert_eq!(kept.len(), text.len() + r#"{"order_note":""}"#.len());

    let escaped = r#"\u0041"#.repeat(200_000);
    let kept = order(format!(r#"{{"order_note":"{escaped}"}}"#)).unwrap();
    assert_eq!(kept, format!(r#"{{"order_note":"{}"}}"#, "A".repeat(200_000)));

    let keys: Vec<String> = (0..100_000).map(|index| format!("\"key_{index}\":{index}")).collect();
    let keys = keys.join(",");
    assert_eq!(order(format!("{{{keys}}}")).unwrap(), "{}");
    let tags = order(format!(r#"{{"order_tags":{{{keys}}}}}"#)).unwrap();
    assert_eq!(tags.matches(':').count(), 100_001);
    // Keys that hash alike in a table without a seed.
    let present = r#""cf_payment_id":"1","order_id":"o","payment_amount":1,"payment_currency":"INR""#;
    let method = format!(r#"{{{present},"payment_method":{{{keys}}}}}"#);
    assert!(read("PGOrderFetchPayment", method.into_bytes()).is_ok());

    let list = format!("[{}]", vec!["{}"; 50_000].join(","));
    assert_eq!(read("PGFetchOrderDisputes", list.into_bytes()).unwrap().matches('{').count(), 50_000);
    // More would take more memory than any response needs.
    let list = format!("[{}]", vec!["{}"; 500_000].join(","));
    assert!(read("PGFetchOrderDisputes", list.into_bytes()).unwrap_err().contains("larger than the limit"));
    let nulls = format!("[{}]", vec!["null"; 200_000].join(","));
    assert_eq!(read("PGOrderFetchPayments", nulls.into_bytes()).unwrap(), "[]");
    let commas = format!("[{}", ",".repeat(1_000_000));
    assert!(read("PGOrderFetchPayments", commas.into_bytes()).is_err());
    assert!(order(vec![b' '; 1_000_000]).is_err());
}
