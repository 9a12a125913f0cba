//! Every success example of the API document is decoded and written again, and nothing of it may be lost.
//!
//! Null, absent and empty are the same; a number equals its text, and a list of one the object in it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod document;

use std::collections::{BTreeMap, BTreeSet};

use cashfree_gen::Decimal;
use document::Document;
use recode::recode;
use serde_json::Value;

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(fields) => fields.values().all(is_blank),
        _ => false,
    }
}

/// Adds what differs between the example and what became of it.
fn compare(path: &str, sent: &Value, kept: &Value, differences: &mut BTreeSet<String>) {
    match (sent, kept) {
        _ if is_blank(sent) && is_blank(kept) => {}
        (Value::Object(sent), Value::Object(kept)) => {
            let names: BTreeSet<&String> = sent.keys().chain(kept.keys()).collect();
            for name in names {
                let [sent, kept] = [sent, kept].map(|side| side.get(name).unwrap_or(&Value::Null));
                compare(&format!("{path}.{name}"), sent, kept, differences);
            }
        }
        (Value::Array(sent), Value::Array(kept)) if sent.len() == kept.len() => {
            for (sent, kept) in sent.iter().zip(kept) {
                compare(&format!("{path}[]"), sent, kept, differences);
            }
        }
        (Value::Array(items), kept @ Value::Object(_)) if items.len() == 1 => {
            compare(path, &items[0], kept, differences);
        }
        (sent, Value::Array(items)) if items.len() == 1 => compare(path, sent, &items[0], differences),
        _ if sent == kept => {}
        _ if number(sent).is_some() && number(sent) == number(kept) => {}
        (_, Value::Null) => drop(differences.insert(format!("{path}: {} lost", kind(sent)))),
        (Value::Null, _) => drop(differences.insert(format!("{path}: {} from nothing", kind(kept)))),
        _ => drop(differences.insert(format!("{path}: {} became {}", kind(sent), kind(kept)))),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(text) if text.is_empty() => "empty text",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

#[test]
fn what_the_document_shows_survives() {
    let document = Document::open();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = BTreeSet::new();
    for response in document.responses() {
        for example in document.examples(&response) {
            let body = serde_json::to_vec(&example).unwrap();
            match recode(response.operation, &body).unwrap() {
                Ok(kept) => {
                    *counts.entry(response.tag).or_default() += 1;
                    let kept = serde_json::from_str(&kept).unwrap();
                    compare(response.operation, &example, &kept, &mut differences);
                }
                Err(error) => {
                    differences.insert(format!("{} is not read: {error}", response.operation));
                }
            }
        }
    }
    let read: usize = counts.values().sum();
    println!("{read} examples read: {counts:?}");
    assert!(read * 2 >= document.responses().len(), "only {read} examples were found");
    insta::assert_snapshot!("examples", Vec::from_iter(differences).join("\n"));
}
