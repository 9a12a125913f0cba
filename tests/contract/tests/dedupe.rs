//! What an event of each type is known again by: the same key however often it comes and however it is written,
//! another one for another event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use cashfree::IdempotencyKey;
use cashfree::testing::WebhookRequest;
use cashfree::webhook::{DedupeKey, Event, EventKind, SAMPLES, Verified, Verifier};
use serde_json::{Value, json};

const SECRET: &str = "test_secret_key";

/// Types whose payloads are published nowhere, and one that is not known at all.
const OTHERS: [&str; 6] = [
    r#"{"type":"ABANDONED_CHECKOUT","event_time":"t","data":{"cart":{"cart_id":"1","items":[{"id":1},{"id":2}]}}}"#,
    r#"{"event":"INTERNATIONAL_PAYMENT_COLLECTED","collect_id":"c_1","status":"DONE"}"#,
    r#"{"type":"MERCHANT_ONBOARDING_STATUS","event_time":"t","data":{"merchant_id":7,"onboarding_status":"X"}}"#,
    r#"{"type":"payment_form_order_webhook","data":{"form":{"form_id":"f"},"order":{"order_id":"o"}}}"#,
    r#"{"type":"payment_form_payment","data":{"form":{"form_id":"f"},"order":{"order_id":"o"}}}"#,
    r#"{"type":"OF_TOMORROW","data":{"order_id":"o_1","payment":{"cf_payment_id":1644822317781212}}}"#,
];

/// A body of each type, behind its type.
fn bodies() -> Result<Vec<(EventKind, &'static str)>> {
    let others = OTHERS.iter().map(|body| Ok((Event::read(body.as_bytes())?.kind().clone(), *body)));
    SAMPLES.iter().map(|(kind, _, body)| Ok((kind.clone(), *body))).chain(others).collect()
}

fn sent() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_746_427_759_733)
}

/// A delivery as it arrives: signed, and verified.
fn delivered(body: &str, set: impl FnOnce(WebhookRequest) -> WebhookRequest, later: u64) -> Result<Verified> {
    let now = sent() + Duration::from_secs(later);
    let request = set(WebhookRequest::new(SECRET, body.to_owned()).timestamp(now));
    let (headers, body) = request.into_parts();
    Ok(Verifier::new(SECRET)?.verify_at(now, &headers, body)?)
}

fn key(body: &Value) -> Result<DedupeKey> {
    Ok(delivered(&body.to_string(), |request| request, 0)?.dedupe_key())
}

/// The same JSON with the members of each object the other way round.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let written: Vec<String> = members
                .iter()
                .rev()
                .map(|(name, member)| format!("{}:{}", json!(name), reversed(member)))
                .collect();
            format!("{{{}}}", written.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

/// Pointers to the scalars within a value that something is told by.
fn scalars(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| scalars(member, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| scalars(item, &format!("{at}/{index}"), found));
        }
        Value::Null => {}
        Value::String(text) if text.trim().is_empty() => {}
        _ => found.push(at.to_owned()),
    }
}

fn is_identity(pointer: &str) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    name == "id"
        || name == "utr"
        || name == "status"
        || ["_id", "_status"].iter().any(|end| name.ends_with(end))
}

#[test]
fn an_event_of_each_type_keeps_its_key() -> Result<()> {
    let mut kinds = BTreeSet::new();
    for (kind, body) in bodies()? {
        kinds.insert(kind.as_str().to_owned());
        let first = delivered(body, |request| request, 0)?;
        for again in [
            delivered(body, |request| request, 600)?,
            delivered(body, |request| request.attempt(2), 1_800)?,
            delivered(body, |request| request.version("2023-08-01").in_seconds(), 5)?,
        ] {
            ensure!(again.dedupe_key() == first.dedupe_key(), "{kind:?}: {again:?}");
        }
        // Under the event's own key nothing else counts.
        let own = || IdempotencyKey::new("bWFkZSB1cA==");
        let (own, again) = (own()?, own()?);
        let named = delivered(body, |request| request.idempotency_key(own), 0)?;
        let again = delivered("{}", |request| request.idempotency_key(again).attempt(3), 600)?;
        ensure!(named.dedupe_key() == again.dedupe_key() && named.dedupe_key() != first.dedupe_key());

        // The test event names nothing, so that it counts byte for byte.
        if kind == EventKind::Test {
            continue;
        }
        let value: Value = serde_json::from_str(body)?;
        let mut more = value.clone();
        more["of_tomorrow"] = json!({ "word": 1 });
        if more["data"].is_object() {
            more["data"]["of_tomorrow"] = json!("x");
        }
        let other_forms =
            [reversed(&value), serde_json::to_string_pretty(&value)?, value.to_string(), more.to_string()];
        for form in other_forms {
            let again = delivered(&form, |request| request, 0)?;
            ensure!(again.dedupe_key() == first.dedupe_key(), "{kind:?}: {form}");
        }
    }
    let missing: Vec<&&str> = EventKind::KNOWN.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(missing.is_empty(), "types without a body: {missing:?}");
    Ok(())
}

#[test]
fn another_event_of_each_type_has_another_key() -> Result<()> {
    let (mut tried, mut by_key) = (0, BTreeMap::new());
    for (kind, body) in bodies()?.into_iter().filter(|(kind, _)| *kind != EventKind::Test) {
        let value: Value = serde_json::from_str(body)?;
        let own = key(&value)?;
        if let Some(other) = by_key.insert(own, kind.clone()) {
            ensure!(other == kind, "{kind:?} and {other:?} have one key");
        }
        let mut pointers = Vec::new();
        // A flat event has no data: all of it is.
        match value.get("data") {
            Some(data) => scalars(data, "/data", &mut pointers),
            None => scalars(&value, "", &mut pointers),
        }
        pointers.retain(|pointer| is_identity(pointer));
        ensure!(!pointers.is_empty(), "{kind:?} names nothing");
        pointers.push(if value.get("type").is_some() { "/type" } else { "/event" }.to_owned());
        for pointer in pointers {
            let mut other = value.clone();
            let place = other.pointer_mut(&pointer).context("a place")?;
            *place = match &*place {
                Value::Number(number) => json!(number.as_i64().context("a whole number")? + 1),
                told => json!(format!("{}X", told.as_str().unwrap_or_default())),
            };
            ensure!(key(&other)? != own, "{kind:?}: {pointer} does not count");
            tried += 1;
        }
    }
    println!("{tried} changes");
    ensure!(tried > 300, "only {tried} changes");
    Ok(())
}
