//! Scalars get the type of what they mean: money is an exact amount and never a float, rates are exact
//! decimals, times keep their text, identifiers are typed text, and secrets are
//! sensitive. The rules go by the field's name and its declared type; what they don't name stays text,
//! a whole number or a flag.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::{children_mut, operation_schemas_mut, operations_mut, reference, schemas_mut};
use crate::builtins::{
    AMOUNT, BUILT_IN, BuiltIn, CURRENCY, DECIMAL, SENSITIVE, SENSITIVE_DIGITS, SENSITIVE_JSON, TIMESTAMP,
    identifier, is_sensitive, is_sensitive_in,
};
use crate::extensions;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut counts: Map<String, Value> = Map::new();
    let mut count = |what: &str| {
        let seen = counts.get(what).and_then(Value::as_u64).unwrap_or(0);
        counts.insert(what.to_owned(), json!(seen + 1));
    };

    for (name, schema) in schemas_mut(document)? {
        let sent = matches!(schema["x-direction"].as_str(), Some("request" | "both"));
        walk(name, "", schema, sent, &mut count, log)?;
    }
    for (_, operation) in operations_mut(document) {
        for (place, schema) in operation_schemas_mut(operation) {
            let parameter = place.split_once('(').map(|(_, name)| name.trim_end_matches(')').to_owned());
            match parameter {
                // A path or query is text anyway, whatever type is declared.
                Some(name) => walk(&place, &name, schema, false, &mut count, log)?,
                None => walk(&place, "", schema, !place.ends_with(":response"), &mut count, log)?,
            }
        }
    }
    let named = schemas_mut(document)?;
    for built_in in BUILT_IN {
        named.insert(built_in.schema_name(), json!({ "type": "string" }));
    }
    for (what, seen) in counts {
        log.note(format!("{what}: {seen}"));
    }
    Ok(())
}

fn walk(
    place: &str,
    field: &str,
    schema: &mut Value,
    sent: bool,
    count: &mut impl FnMut(&str),
    log: &mut Log,
) -> Result<()> {
    let marked = schema.as_object_mut().and_then(|keywords| keywords.shift_remove(extensions::SENSITIVE))
        == Some(json!(true));
    if is_free(schema) && (marked || is_sensitive(field)) {
        replace(schema, BUILT_IN[SENSITIVE_JSON], count);
        return Ok(());
    }
    if marked && (schema["type"] != "string" || schema.get("enum").is_some()) {
        bail!("{place}: {} is for text and free JSON", extensions::SENSITIVE);
    }
    if let Some(keywords) = schema.as_object_mut()
        && let Some(kind) = keywords.get("type").and_then(Value::as_str).map(str::to_owned)
        && !keywords.contains_key("enum")
    {
        let format = keywords.shift_remove("format").and_then(|format| format.as_str().map(str::to_owned));
        let meaning = match kind.as_str() {
            "string" if format.as_deref() == Some("binary") && field.is_empty() => {
                keywords.insert("format".to_owned(), json!("binary"));
                None
            }
            "string" if marked || is_sensitive_in(holder_of(place), field) => {
                Some(Meaning::BuiltIn(BUILT_IN[SENSITIVE]))
            }
            "string" => text(field, format.as_deref()),
            "number" | "integer" => number(field, &kind, format.as_deref(), sent),
            _ => None,
        };
        match meaning {
            Some(Meaning::BuiltIn(built_in)) => {
                replace(schema, built_in, count);
                return Ok(());
            }
            Some(Meaning::Text) => {
                log.note(format!("{place}: {kind} kept as text"));
                keywords.insert("type".to_owned(), json!("string"));
            }
            Some(Meaning::Whole) => {
                keywords.insert("type".to_owned(), json!("integer"));
                keywords.insert("format".to_owned(), json!("int64"));
                count("whole numbers");
            }
            None => {}
        }
    }
    for (step, child) in children_mut(schema) {
        // The items of a list and the values of a map mean what the field's name says.
        let name = step.strip_prefix('.').filter(|name| *name != "*").unwrap_or(field).to_owned();
        walk(&format!("{place}{step}"), &name, child, sent, count, log)?;
    }
    Ok(())
}

/// The name of what holds a field: `CardToken` of `CardToken.number`.
fn holder_of(place: &str) -> &str {
    place.rsplit('.').nth(1).unwrap_or_default().trim_end_matches("[]")
}

/// Whether it is free JSON: a schema without a form.
fn is_free(schema: &Value) -> bool {
    let telling = |word: &String| !matches!(word.as_str(), "description" | "x-rust-name");
    schema.as_object().is_some_and(|keywords| !keywords.keys().any(telling))
}

/// Refers to the hand-written type in place of what was declared, under the same description.
fn replace(schema: &mut Value, built_in: BuiltIn, count: &mut impl FnMut(&str)) {
    count(built_in.rust);
    let mut target = reference(&built_in.schema_name());
    for key in ["description", extensions::LIMITS] {
        let value = schema.as_object_mut().and_then(|keywords| keywords.shift_remove(key));
        if let (Some(value), Some(target)) = (value, target.as_object_mut()) {
            target.insert(key.to_owned(), value);
        }
    }
    *schema = target;
}

enum Meaning {
    BuiltIn(BuiltIn),
    /// Digits that are no quantity: a code, a phone number, a reference.
    Text,
    Whole,
}

/// What a declared text means.
fn text(field: &str, format: Option<&str>) -> Option<Meaning> {
    let name = field.to_ascii_lowercase();
    let found = if format == Some("password") {
        BUILT_IN[SENSITIVE]
    } else if let Some(id) = identifier(field) {
        id
    } else if is_sensitive(field) {
        BUILT_IN[SENSITIVE]
    } else if name == "currency" || name.ends_with("_currency") {
        BUILT_IN[CURRENCY]
    } else if matches!(format, Some("date" | "date-time" | "ISO8601" | "YYYY-MM-DD")) || is_time(field) {
        BUILT_IN[TIMESTAMP]
    } else {
        return None;
    };
    Some(Meaning::BuiltIn(found))
}

/// What a declared number means. What is sent stays a number on the wire; what is read may be text.
fn number(field: &str, kind: &str, format: Option<&str>, sent: bool) -> Option<Meaning> {
    let name = field.to_ascii_lowercase();
    let whole = kind == "integer" || matches!(format, Some("int32" | "int64"));
    let meaning = if is_sensitive(field) {
        if sent { SENSITIVE_DIGITS } else { SENSITIVE }
    } else if is_code(&name) {
        if sent {
            return Some(if whole || kind == "number" { Meaning::Whole } else { Meaning::Text });
        }
        return Some(identifier(field).map_or(Meaning::Text, Meaning::BuiltIn));
    } else if is_tally(&name) {
        return Some(Meaning::Whole);
    } else if is_rate(&name) {
        DECIMAL
    } else if is_money(&name) {
        AMOUNT
    } else if whole || is_count(&name) {
        return Some(Meaning::Whole);
    } else {
        DECIMAL
    };
    Some(Meaning::BuiltIn(BUILT_IN[meaning]))
}

/// `transfer_from` and `dispute_action_on` end like times and are parties.
fn is_time(field: &str) -> bool {
    let name = field.to_ascii_lowercase();
    [
        "_time",
        "_at",
        "_date",
        "_on",
        "_till",
        "settlementdate",
        "settlementeligiblitydate",
        "txntime",
        "addedon",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
        && name != "dispute_action_on"
        || matches!(
            name.as_str(),
            "payment_from" | "respond_by" | "approve_by" | "settled_on" | "time" | "valid_from"
        )
}

fn is_code(name: &str) -> bool {
    name == "code"
        || identifier(name).is_some()
        || [
            "_id", "_code", "_no", "phone", "_number", "utr", "otp", "_bin", "_bins", "suffix", "_pin",
            "pincode", "_ids", "values",
        ]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn is_rate(name: &str) -> bool {
    ["percentage", "percent", "_rate", "interest", "ratio"].iter().any(|word| name.contains(word))
}

/// `total_count` counts, whatever the words before its last one.
fn is_tally(name: &str) -> bool {
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
    matches!(last, "count" | "counts" | "page" | "pages" | "score" | "scores")
}

fn is_money(name: &str) -> bool {
    [
        "amount",
        "charge",
        "tax",
        "price",
        "balance",
        "fee",
        "adjustment",
        "commission",
        "cashback",
        "discount",
        "settled",
        "surcharge",
        "max_allowed",
        "min_cart_value",
        "emi_amount",
        "total",
    ]
    .iter()
    .any(|word| name.contains(word))
        || matches!(name, "value" | "emi")
}

fn is_count(name: &str) -> bool {
    [
        "count",
        "tenure",
        "quantity",
        "cycles",
        "intervals",
        "attempts",
        "limit",
        "retry",
        "max_split",
        "size",
        "duration",
        "minutes",
    ]
    .iter()
    .any(|word| name.contains(word))
}
