//! Calls that go wrong: the first bytes choose the operation and what happens to each attempt, the rest is
//! the body that comes with it.
//!
//! - Whatever happens, there is a value or an error; nothing panics, and nothing hangs.
//! - What the error says of the effect follows from what happened.
//! - A write is repeated only where that is safe, with the same key and body.
//! - A body that is no error of the API changes nothing of what is shown; an error stays on its line, and
//!   shows no card number.
//! - A retry policy decides on any failure.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use cashfree::types::{CreateRefund, Order, Refund};
use cashfree::{
    Amount, Call, Cause, Client, Effect, Error, ErrorKind, Failure, Method, Response, RetryAfter, RetryClass,
    RetryPolicy, Sent,
};
use http::{HeaderMap, HeaderValue, Request, StatusCode};

use crate::Steer;
use crate::service::{self, Event, Outcome, ScriptedResponse};

/// What a header of a response may say.
const HEADERS: [(&str, &str); 11] = [
    ("content-type", "application/json"),
    ("content-type", "text/html; charset=utf-8"),
    // That of another request has tests of its own.
    ("x-request-id", "sent_7"),
    ("x-api-version", "2023-08-01"),
    ("x-idempotency-key", "key_7"),
    ("x-idempotency-replayed", "true"),
    ("x-idempotency-replayed", "false"),
    ("x-ratelimit-limit", "100"),
    ("x-ratelimit-retry", "7"),
    ("x-ratelimit-retry", "4294967295"),
    ("x-ratelimit-type", "ip"),
];

/// The longest script; the client's policy makes as many attempts.
const ATTEMPTS: u8 = 4;

/// Makes a call, and looks at how it failed.
///
/// # Panics
/// When the property does not hold.
pub fn holds(data: &[u8]) {
    let mut steer = Steer(data);
    decides(&mut Steer(data));
    let choice = steer.byte();
    let count = 1 + steer.byte() % ATTEMPTS;
    let shapes: Vec<Event> = (0..count).map(|_| event(&mut steer)).collect();
    let body = Bytes::copy_from_slice(steer.0);
    match choice % 3 {
        0 => look::<Order>(RetryClass::Safe, &shapes, &body, |client| client.orders().get("order_1")),
        1 => look::<Refund>(RetryClass::Keyed, &shapes, &body, |client| {
            client.refunds().create("order_1", CreateRefund::new(Amount::rupees(100), "refund_1"))
        }),
        _ => look::<Order>(RetryClass::Never, &shapes, &body, |client| {
            client.raw().call(Method::POST, "/orders/sessions")
        }),
    }
}

/// Something that happens, its body still missing.
fn event(steer: &mut Steer<'_>) -> Event {
    let shape = steer.byte();
    if shape % 8 == 0 {
        return Event::Failure { sent: Sent::No, timeout: shape & 16 == 16, partial: None };
    }
    let common = [200, 201, 302, 400, 401, 403, 404, 408, 409, 422, 429, 429, 500, 500, 501, 502, 503, 504];
    let status = match steer.pick(&common) {
        200 if shape & 32 == 32 => 100 + steer.number() % 900,
        status => status,
    };
    let chosen = steer.number();
    let mut headers = HeaderMap::new();
    for (index, (name, value)) in HEADERS.iter().enumerate() {
        if chosen & (1 << index) != 0 {
            headers.append(*name, HeaderValue::from_static(value));
        }
    }
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let response = ScriptedResponse { status, headers, body: Bytes::new() };
    match shape % 8 {
        1 => Event::Failure { sent: Sent::Maybe, timeout: shape & 16 == 16, partial: None },
        2 => Event::Failure { sent: Sent::Maybe, timeout: shape & 16 == 16, partial: Some(response) },
        _ => Event::Response(response),
    }
}

fn with_body(shapes: &[Event], body: &Bytes) -> Vec<Event> {
    let mut events = shapes.to_vec();
    for event in &mut events {
        if let Event::Response(response) | Event::Failure { partial: Some(response), .. } = event {
            response.body = body.clone();
        }
    }
    events
}

fn look<T: Send + 'static>(
    retry_class: RetryClass,
    shapes: &[Event],
    body: &Bytes,
    make: impl Fn(&Client) -> Call<T>,
) {
    let make = |client: &Client| make(client).request_id("sent_7");
    let outcome = service::call(with_body(shapes, body), make);
    attempts_are_safe(retry_class, &outcome);
    // What a write was about may be read back, after the attempts and between them.
    let is_attempt = |seen: &Request<Bytes>| seen.method() == outcome.seen[0].method();
    let attempts = outcome.seen.iter().zip(&outcome.happened).filter(|(seen, _)| is_attempt(seen));
    let attempts: Vec<Event> = attempts.map(|(_, event)| event.clone()).collect();
    let was_read_back = attempts.len() < outcome.happened.len();
    let ends_with_read_back = !outcome.seen.last().is_none_or(is_attempt);
    let error = match outcome.result {
        Ok(response) => {
            assert_eq!(response.meta().read_back(), ends_with_read_back);
            return succeeded(&response, attempts.len(), outcome.happened.last());
        }
        Err(error) => error,
    };
    assert_eq!(usize::try_from(error.attempts()), Ok(attempts.len()), "{error:?}");
    if error.differing_fields().is_empty() {
        effect_follows(retry_class, &attempts, &error);
    } else {
        assert!(was_read_back, "what differs was read: {error:?}");
    }

    let shown = format!("{error}\n{error:?}");
    let [line, fields] = [format!("{error}"), format!("{error:?}")];
    for text in [&line, &fields] {
        assert!(!text.contains(char::is_control), "more than a line: {shown}");
        assert!(!holds_card(text), "a card number: {shown}");
    }
    let _ = (error.is_retryable(), error.rate_limit(), error.meta().map(|meta| format!("{meta:?}")));

    if error.kind() == ErrorKind::Api && error.api().is_none() {
        let blank = Bytes::from(vec![b'x'; body.len()]);
        let other = service::call(with_body(shapes, &blank), make).result.err();
        let other = other.map(|error| format!("{error}"));
        assert_eq!(other, Some(line), "the body shows");
    }
}

fn succeeded<T>(response: &Response<T>, attempts: usize, last: Option<&Event>) {
    assert!(response.meta().status().is_success());
    assert_eq!(usize::try_from(response.meta().attempts()), Ok(attempts));
    assert!(matches!(last, Some(Event::Response(response)) if response.status.is_success()));
}

/// Each attempt but the last was one that may be repeated, and all are the same request.
fn attempts_are_safe<T>(retry_class: RetryClass, outcome: &Outcome<T>) {
    let Some((_, repeated)) = outcome.happened.split_last() else { return };
    for event in repeated {
        let nothing_happened = match event {
            Event::Failure { sent, .. } => *sent == Sent::No,
            Event::Response(response) => response.status == StatusCode::TOO_MANY_REQUESTS,
        };
        assert!(retry_class != RetryClass::Never || nothing_happened, "repeated after {event:?}");
    }
    let Some((first, others)) = outcome.seen.split_first() else { return };
    let key = first.headers().get("x-idempotency-key");
    assert_eq!(key.is_some(), retry_class != RetryClass::Safe, "a key: {key:?}");
    for other in others {
        if other.method() != first.method() {
            // What the write was about is read back, under credentials of its own and without a key.
            assert!(
                retry_class == RetryClass::Keyed
                    && other.method() == http::Method::GET
                    && other.body().is_empty()
            );
            continue;
        }
        assert!(
            other.body() == first.body() && other.headers() == first.headers() && other.uri() == first.uri()
        );
    }
}

/// Whether a body has the words of an error of the API.
fn is_own_error(body: &[u8]) -> bool {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    ["code", "type"].iter().any(|name| json[*name].as_str().is_some_and(|text| !text.trim().is_empty()))
}

fn effect_follows(retry_class: RetryClass, happened: &[Event], error: &Error) {
    let is_unsent = |event: &Event| matches!(event, Event::Failure { sent: Sent::No, .. });
    // A status says that nothing happened, unless it says that something failed on the way.
    let may_be_refused = |event: &Event| match event {
        Event::Response(response) => {
            response.status.is_client_error()
                && !matches!(response.status.as_u16(), 408 | 423 | 424 | 425 | 499)
        }
        Event::Failure { .. } => false,
    };
    // It does say so if the body is an error of the API that names no failure behind it, and the key or the object is not
    // what it refuses.
    const FAILURES: [&str; 8] = [
        "api_error",
        "connection_error",
        "gateway_error",
        "time",
        "internal",
        "failure",
        "failed",
        "progress",
    ];
    let is_refused = |event: &Event| match event {
        Event::Response(response) => {
            let body = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
            // With an echo of another request it is somebody else's.
            let is_own = !response
                .headers
                .keys()
                .any(|name| matches!(name.as_str(), "x-request-id" | "x-idempotency-key"));
            may_be_refused(event)
                && is_own
                && is_own_error(&response.body)
                && !matches!(response.status.as_u16(), 409 | 422)
                && !FAILURES.iter().any(|failure| body.contains(failure))
                && !body.contains("exists")
        }
        Event::Failure { .. } => false,
    };
    let is_success = |event: &Event| match event {
        Event::Response(response) | Event::Failure { partial: Some(response), .. } => {
            response.status.is_success()
        }
        Event::Failure { .. } => false,
    };
    let effect = error.effect();
    assert_eq!(effect == Effect::NotSent, happened.iter().all(is_unsent), "{effect:?} {happened:?}");
    if retry_class == RetryClass::Safe {
        assert!(matches!(effect, Effect::NotSent | Effect::ReadOnly), "{effect:?} of a read");
        return;
    }
    let says_nothing_happened = matches!(effect, Effect::NotSent | Effect::Refused);
    let may_be_nothing = happened.iter().all(|event| is_unsent(event) || may_be_refused(event));
    assert!(!says_nothing_happened || may_be_nothing, "{effect:?} {happened:?}");
    let is_nothing = happened.iter().all(|event| is_unsent(event) || is_refused(event));
    assert!(says_nothing_happened || !is_nothing, "{effect:?} {happened:?}");
    assert!(effect != Effect::Applied || happened.iter().any(is_success), "{effect:?} {happened:?}");
}

/// Whether a group of digits is a card number: of their length, and with their check digit.
fn holds_card(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).filter(|group| (13..=19).contains(&group.len())).any(|group| {
        let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
        let digits = group.bytes().rev().map(|byte| u32::from(byte - b'0'));
        let sum: u32 = digits
            .enumerate()
            .map(|(place, digit)| if place % 2 == 1 { doubled(digit) } else { digit })
            .sum();
        sum % 10 == 0
    })
}

/// A policy of any numbers, asked about any failure.
fn decides(steer: &mut Steer<'_>) {
    let mut wide = || u64::from(steer.number()) << (steer.byte() % 64);
    let duration = |seconds: u64, wide: u64| {
        if seconds == 0xffff { Duration::MAX } else { Duration::new(seconds, (wide % 1_000_000_000) as u32) }
    };
    let policy = RetryPolicy::standard()
        .max_attempts(NonZeroU32::new(wide() as u32).unwrap_or(NonZeroU32::MIN))
        .backoff(duration(wide(), wide()), duration(wide(), wide()))
        .max_server_delay(duration(wide(), wide()))
        .max_elapsed(duration(wide(), wide()))
        .budget(f32::from_bits(wide() as u32));
    let cause = match wide() % 4 {
        0 => Cause::NotSent,
        1 => Cause::NoResponse,
        _ => Cause::Status {
            status: wide() as u16,
            retry_after: match wide() % 3 {
                0 => RetryAfter::Absent,
                1 => RetryAfter::Unreadable,
                _ => RetryAfter::Wait(duration(wide(), wide())),
            },
            replayed: wide() % 2 == 1,
        },
    };
    let retry_class = [RetryClass::Safe, RetryClass::Keyed, RetryClass::Never][(wide() % 3) as usize];
    let mut failure = Failure::new(retry_class, cause);
    failure.keyed = wide() % 2 == 1;
    failure.protected = wide() % 2 == 1;
    failure.needs = duration(wide(), wide());
    failure.attempt = wide() as u32;
    failure.elapsed = duration(wide(), wide());
    failure.jitter = f64::from_bits(wide() | wide() << 32);
    assert_eq!(policy.decide(&failure), policy.decide(&failure));
}
