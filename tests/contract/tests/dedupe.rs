//! Deduplication keys: one key for all deliveries of an event, and another key for another event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use cashfree::IdempotencyKey;
use cashfree::testing::{WebhookRequest, webhook_signature};
use cashfree::webhook::{DedupeKey, Event, EventKind, IdentityRule, SAMPLES, Verified, Verifier};
use serde_json::{Map, Value, json};

const SECRET: &str = "test_secret_key";

/// Event types whose payloads are not described, and one that is unknown.
const OTHERS: [&str; 6] = [
    r#"{"type":"ABANDONED_CHECKOUT","event_time":"t","data":{"cart":{"cart_id":"1","items":[{"id":1},{"id":2}]}}}"#,
    r#"{"event":"INTERNATIONAL_PAYMENT_COLLECTED","collect_id":"c_1","status":"DONE"}"#,
    r#"{"type":"MERCHANT_ONBOARDING_STATUS","event_time":"t","data":{"merchant_id":7,"onboarding_status":"X"}}"#,
    r#"{"type":"payment_form_order_webhook","data":{"form":{"form_id":"f"},"order":{"order_id":"o"}}}"#,
    r#"{"type":"payment_form_payment","data":{"form":{"form_id":"f"},"order":{"order_id":"o"}}}"#,
    r#"{"type":"OF_TOMORROW","data":{"order_id":"o_1","payment":{"cf_payment_id":1644822317781212}}}"#,
];

/// Event types that two webhook versions spell differently.
const SPELLINGS: [(&str, &str); 2] = [
    ("SUBSCRIPTION_STATUS_CHANGED", "SUBSCRIPTION_STATUS_CHANGE"),
    ("SUBSCRIPTION_PAYMENT_CANCELLED", "SUBSCRIPTION_PAYMENT_DECLINED"),
];

fn sent() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_746_427_759_733)
}

/// A delivery as it arrives: signed, then verified.
fn delivered(body: &str, set: impl FnOnce(WebhookRequest) -> WebhookRequest, later: u64) -> Result<Verified> {
    let now = sent() + Duration::from_secs(later);
    let request = set(WebhookRequest::new(SECRET, body.to_owned()).timestamp(now));
    let (headers, body) = request.into_parts();
    Ok(Verifier::new(SECRET)?.verify_at(now, &headers, body)?)
}

fn key(body: &str) -> DedupeKey {
    Verified::trust_without_verification(&http::HeaderMap::new(), body.to_owned()).dedupe_key()
}

/// Random numbers from a seed.
struct Dice(fastrand::Rng);

impl Dice {
    fn one_in(&mut self, sides: u64) -> bool {
        self.0.u64(..sides) == 0
    }
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (head, tail) = part.split_at(part.len().min(1));
        name + &head.to_ascii_uppercase() + tail
    })
}

/// Paths of the fields that identify the event.
fn identity(kind: &EventKind) -> BTreeSet<&'static str> {
    let parts = IdentityRule::of(kind).into_iter().flat_map(|rule| rule.parts);
    parts.flat_map(|part| part.paths.iter().copied()).collect()
}

/// Writes the data of an event as another delivery might: fields reordered, added, null, absent, camelCase; ids as
/// text or number; statuses in lower case.
fn respelled(value: &Value, path: &str, identity: &BTreeSet<&str>, dice: &mut Dice) -> Value {
    match value {
        Value::Object(fields) => {
            let mut written: Vec<(String, Value)> = Vec::new();
            for (name, field) in fields {
                let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let counts = identity.iter().any(|one| *one == at || one.starts_with(&format!("{at}.")));
                let field = match counts {
                    false if dice.one_in(4) => continue,
                    false if dice.one_in(3) => Value::Null,
                    _ => respelled(field, &at, identity, dice),
                };
                let name = if dice.one_in(3) { camel_case(name) } else { name.clone() };
                written.push((name, field));
            }
            if dice.one_in(2) {
                written.push(("of_tomorrow".to_owned(), json!({ "id": 7, "status": "X" })));
            }
            if dice.one_in(2) {
                written.reverse();
            }
            Value::Object(Map::from_iter(written))
        }
        Value::Number(number) if number.is_i64() && dice.one_in(2) => json!(number.to_string()),
        Value::String(text) if text.ends_with("+05:30") && dice.one_in(2) => {
            json!(text.replace(':', ": ").replace("+05: 30", "+05:30"))
        }
        // Text of digits as the number that it was in earlier versions.
        Value::String(text) if path.ends_with("_id") && dice.one_in(2) => match text.parse::<u64>() {
            Ok(number) if number.to_string() == *text => json!(number),
            _ => json!(text),
        },
        Value::String(text) if path.ends_with("status") && dice.one_in(2) => json!(text.to_lowercase()),
        other => other.clone(),
    }
}

/// The same JSON with the fields of each object in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .rev()
                .map(|(name, field)| format!("{}:{}", json!(name), reversed(field)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

#[test]
fn one_payment_in_two_webhook_versions_has_one_key() -> Result<()> {
    let v2023 = r#"{"data":{"order":{"order_id":"order_1","order_amount":5.00,"order_currency":"INR","order_tags":null},"payment":{"cf_payment_id":"5580000019","payment_status":"SUCCESS","payment_amount":5.00,"payment_method":{"upi":{"channel":"qrcode","upi_id":"asha@upi"}},"payment_group":"upi"},"payment_offers":null},"event_time":"2026-05-15T16:32:52+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
    let v2025 = r#"{"data":{"order":{"order_id":"order_1","order_amount":5.00,"order_currency":"INR","order_tags":null},"payment":{"cf_payment_id":"5580000019","payment_status":"SUCCESS","payment_amount":5.00,"payment_method":{"upi":{"channel":"qrcode","upi_id":"asha@upi","upi_instrument":"UPI","upi_instrument_number":null}},"payment_group":"upi","international_payment":null,"payment_surcharge":{"payment_surcharge_service_charge":0}},"payment_offers":null,"terminal_details":null},"event_time":"2026-05-15T16:32:52+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
    let v2022 = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"payment":{"cf_payment_id":5580000019,"payment_status":"SUCCESS"}}}"#;
    let own = IdempotencyKey::new("bWFkZSB1cA==")?;
    let first = delivered(v2023, |request| request.version("2023-08-01"), 0)?.dedupe_key();
    assert_eq!(delivered(v2025, |request| request.idempotency_key(own), 0)?.dedupe_key(), first);
    assert_eq!(
        delivered(v2022, |request| request.version("2022-09-01").in_seconds(), 1)?.dedupe_key(),
        first
    );
    let timestamp = "1746427759733";
    let signature = webhook_signature(SECRET, timestamp, v2025.as_bytes());
    let by_parts = Verifier::new(SECRET)?.verify_parts_at(sent(), timestamp, &signature, v2025)?;
    assert_eq!(by_parts.dedupe_key(), first);
    Ok(())
}

#[test]
fn every_sample_keeps_its_key_however_it_is_delivered() -> Result<()> {
    let mut dice = Dice(fastrand::Rng::with_seed(20_250_101));
    let mut spelled = 0;
    for (kind, name, body) in SAMPLES {
        let first = delivered(body, |request| request, 0)?.dedupe_key();
        let own = IdempotencyKey::new(format!("key-of-{name}"))?;
        for again in [
            delivered(body, |request| request, 600)?,
            delivered(body, |request| request.attempt(2), 1_800)?,
            delivered(body, |request| request.version("2023-08-01").in_seconds(), 5)?,
            delivered(body, |request| request.idempotency_key(own), 0)?,
        ] {
            ensure!(again.dedupe_key() == first, "{kind:?} {name}: {again:?}");
        }
        let value: Value = serde_json::from_str(body)?;
        let (data, time) = (value["data"].clone(), value["event_time"].clone());
        let mut forms = vec![
            reversed(&value),
            serde_json::to_string_pretty(&value)?,
            json!({ "data": { "data": data.clone(), "event_time": time, "type": kind.as_str() } })
                .to_string(),
        ];
        let identity = identity(kind);
        for _ in 0..50 {
            let data = respelled(&data, "", &identity, &mut dice);
            let mut other = json!({ "event_time": time, "data": data, "type": kind.as_str(), "version": 1 });
            if let Some((one, two)) =
                SPELLINGS.iter().find(|(one, two)| [*one, *two].contains(&kind.as_str()))
            {
                other["type"] = json!(if dice.one_in(2) { one } else { two });
            }
            forms.push(if dice.one_in(2) { reversed(&other) } else { other.to_string() });
        }
        for form in forms {
            ensure!(key(&form) == first, "{kind:?} {name}: {form}");
            spelled += 1;
        }
    }
    println!("{spelled} spellings");
    ensure!(spelled > 2_000, "only {spelled} spellings");
    Ok(())
}

#[test]
fn no_two_samples_share_a_key() -> Result<()> {
    let mut names = BTreeMap::new();
    let others = OTHERS.iter().map(|body| ("other", *body));
    for (name, body) in SAMPLES.iter().map(|(_, name, body)| (*name, *body)).chain(others) {
        let kind = Event::read(body.as_bytes())?.kind().clone();
        if let Some(other) = names.insert(key(body), (kind.clone(), name)) {
            anyhow::bail!("{kind:?} {name} and {other:?} share a key");
        }
    }
    Ok(())
}

/// Changes a value into that of another occurrence.
fn another(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Number(number) => json!(number.as_f64()? + 1.0),
        Value::String(text) if text.starts_with("20") && text.contains('-') => {
            json!(text.replacen('5', "6", 1))
        }
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) => json!((number + 1.0).to_string()),
            Err(_) => json!(format!("{text}X")),
        },
        _ => return None,
    })
}

#[test]
fn a_change_of_a_field_of_the_identity_is_another_event() -> Result<()> {
    let mut tried = 0;
    for (kind, name, body) in SAMPLES {
        let value: Value = serde_json::from_str(body)?;
        let rule = IdentityRule::of(kind).with_context(|| format!("{kind:?} has no rule"))?;
        for part in rule.parts {
            let pointers = part.paths.iter().map(|path| match *path {
                "event_time" => "/event_time".to_owned(),
                path => format!("/data/{}", path.replace('.', "/")),
            });
            let mut other = value.clone();
            let Some(pointer) = pointers
                .into_iter()
                .find(|pointer| value.pointer(pointer).is_some_and(|found| !found.is_null() && found != ""))
            else {
                continue;
            };
            let place = other.pointer_mut(&pointer).context("a place")?;
            *place = another(place).with_context(|| format!("{pointer} is no scalar"))?;
            ensure!(key(&other.to_string()) != key(body), "{kind:?} {name}: {pointer} does not count");
            tried += 1;
        }
    }
    println!("{tried} changes");
    ensure!(tried > 90, "only {tried} changes");
    Ok(())
}

#[test]
fn events_without_a_rule_are_identified_by_the_signed_body() -> Result<()> {
    let mut kinds: BTreeSet<String> = SAMPLES.iter().map(|(kind, ..)| kind.as_str().to_owned()).collect();
    let no_id = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{"order_id":"507f"},"payment":{"payment_amount":100}}}"#;
    let bodies =
        [no_id, r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":"nope"}"#, r#"{"type":12345}"#, "[1]", "{}"];
    for body in OTHERS.into_iter().chain(bodies) {
        kinds.extend(Event::read(body.as_bytes()).ok().map(|event| event.kind().as_str().to_owned()));
        let own = IdempotencyKey::new("bWFkZSB1cA==")?;
        let first = delivered(body, |request| request, 0)?.dedupe_key();
        let again = delivered(body, |request| request.attempt(2).idempotency_key(own), 600)?;
        ensure!(again.dedupe_key() == first, "{body}");
        ensure!(key(&format!("{body} ")) != first, "{body}");
    }
    let missing: Vec<&&str> = EventKind::KNOWN.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(missing.is_empty(), "types without a body: {missing:?}");
    Ok(())
}
