//! Tests of object decoding.

use crate::types::Order;
use crate::webhooks::Event;
use crate::{Amount, FromJson};

fn payment(data: &str) -> Option<String> {
    let body = format!(r#"{{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{{"payment":{{{data}}}}}}}"#);
    let Event::PaymentSuccess(event) = Event::read(body.as_bytes()).unwrap() else { return None };
    event.payment?.bank_reference
}

#[test]
fn an_order_without_what_each_order_has_is_an_error() {
    const LEAST: &str = r#"{"cf_order_id":1,"order_id":"o","order_amount":0,"order_currency":"INR"}"#;
    assert_eq!(Order::from_json(LEAST.as_bytes()).unwrap().order_amount, Amount::default());
    for (was, is, path, reason) in [
        (r#""order_id":"o""#, r#""order_id":null"#, "order_id", "no value where one is expected"),
        (r#""order_id":"o""#, r#""order_id":"""#, "order_id", "no value where one is expected"),
        (r#""order_id":"o""#, r#""order_id":{}"#, "order_id", "invalid type"),
        (r#""order_id":"o","#, "", ".", "missing field `order_id`"),
        (r#""cf_order_id":1"#, r#""later":1"#, ".", "missing field `cf_order_id`"),
        (r#""order_amount":0"#, r#""order_amount":"NA""#, "order_amount", "no value where one is expected"),
        (r#","order_currency":"INR""#, "", ".", "missing field `order_currency`"),
    ] {
        let body = LEAST.replace(was, is);
        let strict = Order::from_json(body.as_bytes()).unwrap_err();
        let tolerant = Order::from_json_tolerant(body.as_bytes()).unwrap_err();
        for error in [strict, tolerant] {
            assert_eq!(error.path(), path, "{body}: {error}");
            assert!(error.reason().starts_with(reason), "{body}: {error}");
        }
        let list = format!("[{LEAST},{body}]");
        assert!(Vec::<Order>::from_json_tolerant(list.as_bytes()).is_err(), "{list}");
    }
}

#[test]
fn the_last_of_repeated_fields_with_content_counts() {
    for (data, expected) in [
        (r#""bank_reference":"1""#, Some("1")),
        (r#""bankReference":"1""#, Some("1")),
        (r#""bankReference":"1","bank_reference":"2""#, Some("2")),
        (r#""bank_reference":"2","bankReference":"1""#, Some("1")),
        (r#""bank_reference":"2","bankReference":null"#, Some("2")),
        (r#""bank_reference":null,"bankReference":"1""#, Some("1")),
        (r#""bank_reference":"1","bank_reference":"2""#, Some("2")),
        (r#""bank_reference":"1","bank_reference":null,"x":1,"x":2"#, Some("1")),
        (r#""bank\u005freference":"1","bank_reference":null"#, Some("1")),
        (r#""bankreference":"1""#, None),
    ] {
        assert_eq!(payment(data).as_deref(), expected, "{data}");
    }
}

#[test]
fn so_it_does_for_lists_and_for_whole_objects() {
    let body = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{
        "payment_offers":[{"offer_id":"a"}],"paymentOffers":[],
        "customerDetails":{"customer_id":"1"},"customer_details":{"customer_id":"2"},
        "order":{"order_id":"o"},"order":""}}"#;
    let Event::PaymentSuccess(event) = Event::read(body.as_bytes()).unwrap() else { panic!("another") };
    assert_eq!(event.payment_offers.len(), 1);
    assert_eq!(event.customer_details.unwrap().customer_id.unwrap().as_str(), "2");
    assert_eq!(event.order.unwrap().order_id.unwrap().as_str(), "o");
}
