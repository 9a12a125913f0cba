//! Fields with an unexpected JSON type: every field of every example of the document is given every other
//! shape. What can't be read is left unparsed as received, and the rest is decoded as if the field were absent;
//! or the whole is refused, which only a number, an item of a list and what a response consists of may cause
//! about.
#![allow(clippy::unwrap_used, clippy::panic)]

mod document;

use document::Document;
use recode::{recode, recode_tolerant};
use serde_json::{Value, json};

/// How often each thing happened.
#[derive(Debug, Default)]
struct Seen {
    read: usize,
    unparsed: usize,
    refused: usize,
}

/// The pointers to all fields, those of items too.
fn fields(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields_of) => {
            for (name, value) in fields_of {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(path.clone());
                fields(value, &path, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                fields(item, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// What a path has beyond a pointer, as a pointer; `None` if it does not begin with it. A `*` stands for any name.
fn beyond(path: &str, pointer: &str) -> Option<String> {
    let path = path.replace('[', ".").replace(']', "");
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    for step in pointer.split('/').skip(1) {
        steps.next().filter(|found| *found == step || *found == "*")?;
    }
    Some(steps.map(|step| format!("/{step}")).collect())
}

fn with(example: &Value, pointer: &str, value: &Value) -> Value {
    let mut changed = example.clone();
    *changed.pointer_mut(pointer).unwrap() = value.clone();
    changed
}

/// Whether a response without the field is refused.
fn dropping_is_refused(operation: &str, example: &Value, pointer: &str, name: &str) -> bool {
    let mut changed = example.clone();
    let parent = &pointer[..pointer.len() - name.len() - 1];
    let removed = changed.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|all| all.remove(name));
    removed.is_some() && recode(operation, changed.to_string().as_bytes()).unwrap().is_err()
}

fn hold(operation: &str, example: &Value, pointer: &str, shape: &Value, seen: &mut Seen) {
    let place = || format!("{operation} {pointer} {shape}");
    let body = with(example, pointer, shape).to_string();
    let first = recode(operation, body.as_bytes()).unwrap();
    let second =
        recode_tolerant(operation, body.as_bytes()).unwrap().map(|decoded| (decoded.value, decoded.unparsed));
    match (first, second) {
        (Ok(first), Ok((second, unparsed))) => {
            assert!(unparsed.is_empty() && first == second, "{}", place());
            seen.read += 1;
        }
        (Err(fault), Ok((rest, unparsed))) => {
            seen.unparsed += 1;
            let [only] = unparsed.as_slice() else { panic!("{}: {unparsed:?}", place()) };
            // What stands within an object of free shape, or of a union, may be what is at fault.
            let beyond_it = beyond(only.path(), pointer);
            let inside = beyond_it.as_ref().unwrap_or_else(|| panic!("{}: {only:?}", place()));
            let kept: Value = serde_json::from_str(only.json()).unwrap();
            if inside.is_empty() {
                assert_eq!(kept, *shape, "{}", place());
            }
            // Where the first look stops is where the second one begins.
            let (failed, _) = fault.split_once(": ").unwrap();
            assert!(beyond(failed, pointer).is_some(), "{}: {fault}", place());
            if inside.contains('*') {
                return;
            }
            let inner = format!("{pointer}{inside}");
            let without = with(&with(example, pointer, shape), &inner, &Value::Null).to_string();
            assert_eq!(recode(operation, without.as_bytes()).unwrap().unwrap(), rest, "{}", place());
        }
        (Err(_), Err(_)) => {
            seen.refused += 1;
            let takes = |value: Value| {
                let body = with(example, pointer, &value).to_string();
                recode(operation, body.as_bytes()).unwrap().is_ok()
            };
            let is_number = takes(json!(7)) && !takes(json!("word"));
            let is_content = pointer == "/data";
            // A field that is always present is refused if its JSON type is unexpected.
            let name = pointer.rsplit('/').next().unwrap_or_default();
            let is_present = takes(json!("7")) && dropping_is_refused(operation, example, pointer, name);
            assert!(is_number || is_content || is_present, "{} is refused", place());
        }
        (Ok(_), Err(fault)) => panic!("{}: only the second look fails: {fault}", place()),
    }
}

#[test]
fn one_unparsed_field_does_not_cost_the_response() {
    let shapes = [
        json!("A word"),
        json!(7.25),
        json!(true),
        json!([1, "two"]),
        json!([{"a": 1}, {"b": "2"}]),
        json!([["deep"]]),
        json!({"of_tomorrow": {"a": [1, null]}}),
    ];
    let document = Document::open();
    let mut seen = Seen::default();
    for response in document.responses() {
        for example in document.examples(&response) {
            // An edition may give the response of another operation; the snapshot of `examples.rs` lists it.
            if recode(response.operation, example.to_string().as_bytes()).unwrap().is_err() {
                continue;
            }
            let mut pointers = Vec::new();
            fields(&example, "", &mut pointers);
            for pointer in pointers {
                for shape in &shapes {
                    hold(response.operation, &example, &pointer, shape, &mut seen);
                }
            }
        }
    }
    println!("{seen:?}");
    assert!(seen.read > 1_000 && seen.unparsed > 100 && seen.refused > 100, "{seen:?}");
}

fn read(operation: &str, body: &str) -> Result<(String, Vec<(String, String)>), String> {
    let decoded = recode_tolerant(operation, body.as_bytes()).unwrap()?;
    let (rest, unparsed) = (decoded.value, decoded.unparsed);
    let pair = |one: &cashfree_gen::UnparsedField| (one.path().to_owned(), one.json().to_owned());
    Ok((rest, unparsed.iter().map(pair).collect()))
}

#[test]
fn what_the_next_version_sends_leaves_the_rest_readable() {
    let (rest, unparsed) = read(
        "PGFetchOrder",
        r#"{"cf_order_id":"1","order_amount":1,"order_currency":"INR","order_id":"o","order_meta":{"return_url":"r","payment_methods_filters":{"methods":["cc","upi"]}}}"#,
    )
    .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&rest).unwrap(),
        json!({
            "cf_order_id": "1", "order_amount": 1, "order_currency": "INR", "order_id": "o",
            "order_meta": { "return_url": "r", "payment_methods_filters": {} },
        })
    );
    let path = "order_meta.payment_methods_filters.methods";
    assert_eq!(unparsed, [(path.to_owned(), r#"["cc","upi"]"#.to_owned())]);

    let body = r#"{"vendor_id":"v","upi":"a@b","schedule_option": 1 ,"name":"N"}"#;
    let (rest, unparsed) = read("PGESFetchVendors", body).unwrap();
    assert_eq!(rest, r#"{"name":"N","vendor_id":"v"}"#);
    let kept = [("upi", r#""a@b""#), ("schedule_option", "1")]
        .map(|(path, json)| (path.to_owned(), json.to_owned()));
    assert_eq!(unparsed, kept);

    let (rest, unparsed) =
        read("PGOrderFetchRefund", r#"{"cf_refund_id":"1","cf_payment_id":"2","order_id":"o","refund_amount":1,"refund_currency":"INR","refund_id":"r","metadata":{"a":{"b":1e400}}}"#).unwrap();
    assert!(rest.contains(r#""metadata":{"a":{}}"#), "{rest}");
    assert_eq!(unparsed, [("metadata.*.*".to_owned(), "1e400".to_owned())]);
}

#[test]
fn money_lists_and_contents_are_never_unparsed() {
    for (operation, body) in [
        ("PGFetchOrder", r#"{"order_amount":"much"}"#),
        ("PGFetchOrder", r#"{"order_meta":7,"order_amount":{"value":1}}"#),
        ("PGFetchOrder", r#""text""#),
        ("PGFetchOrder", "7"),
        ("PGFetchOrder", r#"{"order_meta":7"#),
        ("PGOrderFetchRefunds", r#"[{"refund_id":"1"},"x"]"#),
        (
            "PGOrderFetchRefunds",
            r#"[{"refund_id":"1"},{"refund_amount":[]}, {}]"#.replace("[]", "[1,2]").as_str(),
        ),
        ("PGFetchRecon", r#"{"cursor":null,"data":"none of late"}"#),
        ("PGFetchRecon", r#"{"cursor":null,"data":[{},7]}"#),
        (
            "PGSettlementFetchRecon",
            r#"{"cursor":null,"data":[{},{"event_details":{"event_amount":"much"}}]}"#,
        ),
    ] {
        assert!(read(operation, body).is_err(), "{operation} {body}");
    }
}

#[test]
fn many_unparsed_fields_of_many_items_cost_linear_time() {
    const ITEMS: usize = 20_000;
    let item = r#"{"cf_payment_id":"1","payment_currency":"INR","order_id":"o","payment_method":"upi","payment_amount":1.00,"error_details":[7,8],"authorization":"x"}"#;
    let body = format!("[{}]", vec![item; ITEMS].join(","));
    let started = std::time::Instant::now();
    let (rest, unparsed) = read("PGOrderFetchPayments", &body).unwrap();
    println!("{ITEMS} items in {:?}", started.elapsed());
    assert_eq!(unparsed.len(), 3 * ITEMS);
    let (path, json) = unparsed.last().unwrap();
    assert!(
        path.starts_with(&format!("[{}].", ITEMS - 1))
            && ["\"upi\"", "\"x\"", "[7,8]"].contains(&json.as_str())
    );
    assert_eq!(rest.matches(r#""payment_amount":1}"#).count(), ITEMS);
}

#[test]
fn patience_has_an_end() {
    // Each field costs another look at the whole.
    let filler = "x".repeat(4 * 1024 * 1024);
    let fields = ["order_meta", "customer_details", "products"].map(|name| format!("\"{name}\":7")).join(",");
    let tags: Vec<String> = (0..200).map(|index| format!("{{\"order_meta\":7,\"n\":{index}}}")).collect();
    let started = std::time::Instant::now();
    let present = r#""cf_order_id":"1","order_amount":1,"order_currency":"INR","order_id":"o""#;
    let body = format!(r#"{{{present},{fields},"order_note":"{filler}"}}"#);
    assert_eq!(read("PGFetchOrder", &body).unwrap().1.len(), 3);
    let body = format!(r#"{{"orders":"{filler}","data":[{}]}}"#, tags.join(","));
    let _ = read("PGFetchRecon", &body);
    let rows = vec![r#"{"vendor_id":{},"settlement_id":[[1]]}"#; 5_000].join(",");
    let _ = read("PGFetchRecon", &format!(r#"{{"filler":"{filler}","data":[{rows}]}}"#));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn an_event_is_read_less_fields() {
    use cashfree_gen::webhooks::Event;

    let event = |payment: &str| {
        format!(
            r#"{{"data":{{"order":{{"order_id":"o"}},"payment":{{{payment}}},"payment_offers":7}},"type":"PAYMENT_SUCCESS_WEBHOOK"}}"#
        )
    };
    let body = event(r#""payment_amount":1.10,"payment_method":[{"upi":{}},{"card":{}}]"#);
    let decoded = Event::read_with_unparsed(body.as_bytes()).unwrap();
    let (read, unparsed) = (decoded.value, decoded.unparsed);
    let Event::PaymentSuccess(payment) = &read else { panic!("{read:?}") };
    assert_eq!(payment.order_id().map(|id| id.as_str()), Some("o"));
    assert_eq!(payment.payment.as_ref().unwrap().payment_amount.unwrap().to_string(), "1.10");
    let found: Vec<_> = unparsed.iter().map(|one| (one.path(), one.json())).collect();
    let method = ("data.payment.payment_method", r#"[{"upi":{}},{"card":{}}]"#);
    assert_eq!(found, [method, ("data.payment_offers", "7")]);
    assert_eq!(format!("{:?}", Event::read(body.as_bytes()).unwrap()), format!("{read:?}"));

    let error = Event::read(event(r#""payment_amount":"much""#).as_bytes()).unwrap_err();
    assert_eq!(error.path(), "data.payment.payment_amount");
    let unparsed = Event::read_with_unparsed(br#"{"type":"OF_TOMORROW","data":[7]}"#).unwrap().unparsed;
    assert!(unparsed.is_empty());
}
