//! A response that can't be read is reported without what it holds: a secret is put in the place of every
//! field of every response, in every wrong form, and must not show in the error. And what can be read shows no
//! secret in `Debug`: each request, each response and each event, with every field that it may have, in each
//! alternative.
#![allow(clippy::unwrap_used, clippy::panic)]

mod document;
mod marked;

use cashfree_gen::webhooks::{Event, SAMPLES};
use cashfree_gen::{event_schema, operations, request_schema, response_schema};
use document::Document;
use marked::{PRIVATE, SECRET, UNKNOWN, marked};
use recode::{debug, debug_request, recode, recode_request};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

const CARD: u64 = 4_111_111_111_111_111;

/// An object with every field that the schema declares, in whichever alternative; scalars are null.
fn sample(document: &Document, schema: &Value, depth: usize) -> Value {
    let schema = document.resolve(schema);
    if depth > 8 {
        return Value::Null;
    }
    if let Some(items) = schema.get("items") {
        return Value::Array(vec![sample(document, items, depth + 1)]);
    }
    let mut fields = Map::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        fields.insert(name.clone(), sample(document, field, depth + 1));
    }
    for part in ["allOf", "oneOf", "anyOf"].iter().flat_map(|key| schema[*key].as_array()).flatten() {
        if let Value::Object(part) = sample(document, part, depth + 1) {
            fields.extend(part);
        }
    }
    if fields.is_empty() { Value::Null } else { Value::Object(fields) }
}

/// The pointers to every value inside.
fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
    found.push(pointer.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(field, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn no_error_repeats_the_content_of_a_response() {
    let document = Document::open();
    let forms = [
        json!(SECRET),
        json!(CARD),
        json!(-4_111_111_111.5),
        json!({"x": SECRET}),
        json!([SECRET]),
        json!([SECRET, CARD]),
        json!([CARD]),
        json!([[SECRET, CARD], [CARD]]),
        json!([{"x": SECRET}, {"x": CARD}]),
        json!({"x": {"x": [CARD]}}),
    ];
    let (mut tried, mut refused, mut leaks) = (0_usize, 0_usize, Vec::new());
    for response in document.responses() {
        let whole = sample(&document, response.schema, 0);
        let mut pointers = Vec::new();
        places(&whole, "", &mut pointers);
        for pointer in pointers {
            for form in &forms {
                let mut body = whole.clone();
                *body.pointer_mut(&pointer).unwrap() = form.clone();
                tried += 1;
                let Err(error) = recode(response.operation, body.to_string().as_bytes()).unwrap() else {
                    continue;
                };
                refused += 1;
                if ["SECRET", "4111"].iter().any(|mark| error.contains(mark)) {
                    leaks.push(format!("{} {pointer} {form}: {error}", response.operation));
                }
            }
        }
    }
    println!("{tried} bodies tried, {refused} refused");
    assert!(refused > 100, "only {refused} of {tried} were refused");
    assert!(leaks.is_empty(), "{} leaks, for instance {}", leaks.len(), leaks[0]);
}

/// Where a text shows a mark.
fn find_mark(text: &str) -> Option<usize> {
    ["SECRET", "PRIVATE", "UNKNOWN-"].into_iter().find_map(|mark| text.find(mark))
}

#[test]
fn no_request_and_no_response_shows_a_secret_or_private_text() {
    let (mut read, mut holding, mut leaks, mut unread) = (0, 0, Vec::new(), Vec::new());
    let mut private = 0;
    for operation in operations::ALL {
        let settings = || SchemaSettings::draft2020_12().for_serialize();
        let sides = [
            (request_schema(operation.id, settings()), true),
            (response_schema(operation.id, settings()), false),
        ];
        for (schema, request) in sides {
            let Some(schema) = schema.map(|schema| schema.to_value()) else { continue };
            let mut fits = false;
            // No union has more alternatives.
            for turn in 0..12 {
                let body = marked(&schema["$defs"], &schema, "", turn, 0).to_string();
                let (written, shown) = if request {
                    (
                        recode_request(operation.id, body.as_bytes()),
                        debug_request(operation.id, body.as_bytes()),
                    )
                } else {
                    (recode(operation.id, body.as_bytes()), debug(operation.id, body.as_bytes()))
                };
                let (Ok(written), Ok(shown)) = (written.unwrap(), shown.unwrap()) else { continue };
                fits = true;
                read += 1;
                holding += usize::from(written.contains(SECRET));
                private += usize::from(written.contains(PRIVATE) || written.contains(UNKNOWN));
                if let Some(at) = find_mark(&shown) {
                    leaks.push(format!("{}: {}", operation.id, &shown[at.saturating_sub(60)..at]));
                }
            }
            if !fits {
                unread.push(format!("{} {request}", operation.id));
            }
        }
    }
    println!("{read} bodies read, {holding} of them with secrets");
    assert!(unread.is_empty(), "no body fits {unread:?}");
    assert!(holding > 200, "only {holding} of {read} hold a secret");
    assert!(private > 200, "only {private} of {read} hold private text");
    leaks.dedup();
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[test]
fn no_event_shows_a_secret_or_private_text() {
    let kinds: std::collections::BTreeSet<&str> = SAMPLES.iter().map(|(kind, ..)| kind.as_str()).collect();
    let (mut holding, mut leaks) = (0, Vec::new());
    for kind in &kinds {
        let schema = event_schema(kind, SchemaSettings::draft2020_12().for_serialize()).unwrap().to_value();
        for turn in 0..12 {
            let data = marked(&schema["$defs"], &schema, "", turn, 0);
            let body = json!({ "type": kind, "data": data });
            let event =
                Event::read(body.to_string().as_bytes()).unwrap_or_else(|error| panic!("{kind}: {error}"));
            assert!(!matches!(event, Event::Other(_)), "{kind}");
            holding += usize::from(body.to_string().contains(SECRET));
            let shown = format!("{event:?}");
            if let Some(at) = find_mark(&shown) {
                leaks.push(format!("{kind}: {}", &shown[at.saturating_sub(60)..at]));
            }
        }
    }
    println!("{} events, {holding} bodies with secrets", kinds.len());
    assert!(kinds.len() > 30 && holding > 60, "{} events, {holding} bodies with secrets", kinds.len());
    leaks.dedup();
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

/// What is free JSON, or text whose name is no word for it, and holds a token, a payer's address or the means
/// to go on with a payment.
#[test]
fn secrets_without_a_telling_name_are_masked_too() {
    for (operation, body) in [
        ("PGCustomerFetchInstrument", r#"{"instrument_meta":{"card_token_details":{"par":"SECRET"}}}"#),
        ("PGPayOrder", r#"{"data":{"payload":{"bhim":"upi://pay?pa=SECRET@okbank"}}}"#),
        ("SubsCreatePayment", r#"{"data":{"payload":{"gpay":"SECRET"}}}"#),
        (
            "SubsFetchSubscription",
            r#"{"authorisation_details":{"payment_method":{"upi":{"id":"SECRET"}}},"cf_subscription_id":"1","subscription_id":"s"}"#,
        ),
    ] {
        let written = recode(operation, body.as_bytes()).unwrap().unwrap();
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(json(&written), json(body), "{operation}");
        let shown = debug(operation, body.as_bytes()).unwrap().unwrap();
        assert!(shown.contains("***") && !shown.contains("SECRET"), "{shown}");
    }
}
