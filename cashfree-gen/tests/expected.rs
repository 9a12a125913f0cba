//! Holds the columns of the operation table that identify a response against the published examples.
#![allow(clippy::unwrap_used, clippy::panic)]

mod document;

use cashfree_gen::expected::{Expected, Shape};
use cashfree_gen::operations;
use document::Document;
use serde_json::{Value, json};

/// The elements of a list, or the one object. Some examples show a list as its item, others an object as a list of one.
fn items(body: &Value) -> Vec<&Value> {
    body.as_array().map_or_else(|| vec![body], |items| items.iter().collect())
}

/// What an item lacks of what is expected.
fn lacking(expected: &Expected, item: &Value) -> Vec<String> {
    let has = |field: &str| item.get(field).is_some_and(|value| !value.is_null());
    let identity = expected.identity.iter().filter(|identity| identity.always && !has(identity.field));
    let mut lacking: Vec<String> = identity.map(|identity| identity.field.to_owned()).collect();
    if !expected.fields.is_empty() && !expected.fields.iter().any(|field| has(field)) {
        lacking.push(format!("one of {:?}", expected.fields));
    }
    lacking
}

#[test]
fn each_published_example_holds_what_its_operation_expects() {
    let document = Document::open();
    let (mut seen, mut lost) = (0, Vec::new());
    for media in document.responses() {
        let row = operations::ALL.iter().find(|row| row.id == media.operation);
        let Some(row) = row.filter(|row| row.response.shape != Shape::Any) else { continue };
        for example in document.examples(&media) {
            for item in items(&example) {
                seen += 1;
                lost.extend(
                    lacking(&row.response, item).into_iter().map(|field| format!("{}: {field}", row.id)),
                );
            }
        }
    }
    assert!(seen * 2 > operations::ALL.len(), "{seen} examples");
    lost.sort();
    insta::assert_snapshot!("lacking", lost.join("\n"));
}

#[test]
fn an_error_body_holds_none_of_it() {
    let error = json!({"message": "m", "code": "c", "type": "t", "help": "h", "error": {}});
    // Of a page no field is expected.
    let pages = ["/recon", "/recon/vendor", "/settlement/recon", "/settlements", "/split/order/vendor/recon"];
    let objects = operations::ALL.iter().filter(|row| row.response.shape == Shape::Object);
    for row in objects.filter(|row| !pages.contains(&row.path)) {
        assert!(!lacking(&row.response, &error).is_empty(), "{}", row.id);
        assert!(!lacking(&row.response, &json!({})).is_empty(), "{}", row.id);
    }
}
