//! Deliveries: a byte that chooses what is done to a delivery, five lines for its headers, and then its body.
//!
//! - What Cashfree signed is taken, and nothing else: not another body, timestamp or signature, not a delivery
//!   whose headers are any bytes. Nothing panics.
//! - The facts of the headers are what the headers say, or absent.
//! - A body is an event or is refused, and the reason repeats no text and no number of it. What was read, written
//!   and read again is written the same.
//! - The deduplication key depends on the body alone.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use cashfree::testing::webhook_signature;
use cashfree::webhook::{Event, RawEvent, Verified, Verifier, WebhookError};
use http::{HeaderMap, HeaderName, HeaderValue};
use recode::recode_event;

use crate::{Steer, json};

const SECRET: &str = "test_secret_key";
const NAMES: [&str; 5] = [
    "x-webhook-timestamp",
    "x-webhook-signature",
    "x-webhook-version",
    "x-webhook-attempt",
    "x-idempotency-key",
];

/// Verifies and reads a delivery.
///
/// # Panics
/// When the property does not hold.
pub fn holds(data: &[u8]) {
    let mut steer = Steer(data);
    let choice = steer.byte();
    let mut headers = HeaderMap::new();
    for name in NAMES {
        if let Ok(value) = HeaderValue::from_bytes(steer.line()) {
            headers.append(name, value);
        }
    }
    let body = Bytes::copy_from_slice(steer.0);
    let Some(verifier) = Verifier::new(SECRET).ok().map(Verifier::any_age) else {
        panic!("the secret is one")
    };
    strangers_are_refused(&verifier, &headers, &body);
    what_is_signed_is_taken(&verifier, &mut headers, &body, choice);
    event_is_read(&body);
    known_again(&headers, &body);
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Of these bytes only the true signature is right.
fn strangers_are_refused(verifier: &Verifier, headers: &HeaderMap, body: &Bytes) {
    let result = verifier.verify(headers, body.clone());
    let [Some(timestamp), Some(signature)] = [NAMES[0], NAMES[1]].map(|name| text(headers, name)) else {
        let malformed =
            matches!(result, Err(WebhookError::MissingHeader(_) | WebhookError::MalformedHeader(_)));
        return assert!(malformed, "{result:?}");
    };
    let is_true = signature == webhook_signature(SECRET, timestamp, body);
    assert_eq!(result.is_ok(), is_true && is_well_formed(timestamp, body), "{result:?}");
    if let Err(error) = result {
        let shown = format!("{error} {error:?}");
        assert!(signature.len() < 8 || !shown.contains(signature), "{shown}");
    }
}

/// Whether bytes can't be moved between timestamp and body under one signature.
fn is_well_formed(timestamp: &str, body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let first = body.iter().find(|byte| !b" \t\r\n".contains(byte));
    matches!(timestamp.len(), 10 | 13)
        && timestamp.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(first, Some(b'{' | b'['))
}

/// The same delivery, signed, and then changed in one place.
fn what_is_signed_is_taken(verifier: &Verifier, headers: &mut HeaderMap, body: &Bytes, choice: u8) {
    let Some(timestamp) = text(headers, NAMES[0]).map(str::to_owned) else { return };
    let signature = webhook_signature(SECRET, &timestamp, body);
    let Ok(value) = HeaderValue::from_str(&signature) else { panic!("base64 is a header") };
    headers.insert(HeaderName::from_static(NAMES[1]), value);
    let delivery = match verifier.verify(headers, body.clone()) {
        Ok(delivery) => delivery,
        Err(_) if !is_well_formed(&timestamp, body) => return,
        Err(error) => panic!("the true signature is refused: {error}"),
    };
    assert_eq!((delivery.body(), delivery.timestamp()), (body, timestamp.as_str()));
    let fact = |name| text(headers, name).map(str::trim).filter(|fact| !fact.is_empty());
    assert_eq!(delivery.version(), fact(NAMES[2]));
    assert_eq!(delivery.attempt(), fact(NAMES[3]).and_then(|attempt| attempt.parse().ok()));
    assert_eq!(delivery.idempotency_key(), fact(NAMES[4]));
    let shown = format!("{delivery:?}");
    assert!(!shown.contains(&signature) && !shown.contains(char::is_control), "{shown}");

    let at = |length: usize| usize::from(choice) % length.max(1);
    let mut changed = body.to_vec();
    match changed.get_mut(at(body.len())) {
        Some(byte) => *byte ^= 1 + choice % 255,
        None => changed.push(choice),
    }
    assert!(verifier.verify_parts(&timestamp, &signature, changed).is_err(), "another body is taken");
    let other = format!("{timestamp}{choice}");
    assert!(verifier.verify_parts(&other, &signature, body.clone()).is_err(), "another timestamp is taken");
    let other: String = signature
        .char_indices()
        .map(|(index, c)| match c {
            _ if index != at(signature.len()) => c,
            'A' => 'B',
            _ => 'A',
        })
        .collect();
    assert!(verifier.verify_parts(&timestamp, &other, body.clone()).is_err(), "another signature is taken");

    // A verifier that looks at the age takes no more than one that doesn't.
    let strict = verifier.clone().tolerance(Duration::from_secs(300));
    for seconds in [0, 1_746_427_759, u64::from(u32::MAX)] {
        let now = UNIX_EPOCH + Duration::from_secs(seconds);
        if let Ok(taken) = strict.verify_at(now, headers, body.clone()) {
            assert!(taken.sent_at().is_some_and(|sent| {
                let apart = now.duration_since(sent).unwrap_or_else(|ahead| ahead.duration());
                apart <= Duration::from_secs(300)
            }));
        }
    }
}

fn event_is_read(body: &Bytes) {
    match (Event::read(body), RawEvent::read(body)) {
        (Ok(event), Ok(raw)) => {
            assert_eq!((event.kind(), event.event_time()), (raw.kind(), raw.event_time()));
            let _ = format!("{event:?} {raw:?}");
            let kind = raw.kind().as_str();
            if let Some(Ok(written)) = recode_event(kind, raw.data().as_bytes()) {
                let again = recode_event(kind, written.as_bytes());
                assert_eq!(again, Some(Ok(written)), "{kind}: not the same when read again");
            }
        }
        (Err(_), _) => {}
        (Ok(event), Err(error)) => panic!("{event:?} has no envelope: {error}"),
    }
    let Some(marked) = json::marked(body) else { return };
    if let Err(error) = Event::read(marked.as_bytes()) {
        let shown = format!("{error} {error:?}");
        assert!(!json::has_mark(&shown), "the error repeats the input: {shown}");
    }
}

fn known_again(headers: &HeaderMap, body: &Bytes) {
    let take =
        |headers: &HeaderMap, body: &Bytes| Verified::trust_without_verification(headers, body.clone());
    let first = take(headers, body);
    let mut again = headers.clone();
    again.insert(NAMES[3], HeaderValue::from_static("7"));
    again.insert(NAMES[2], HeaderValue::from_static("2023-08-01"));
    assert_eq!(first.dedupe_key(), take(&again, body).dedupe_key());
    again.insert(NAMES[4], HeaderValue::from_static("of-another-event"));
    assert_eq!(first.dedupe_key(), take(&again, body).dedupe_key());
}
