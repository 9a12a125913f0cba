//! What the headers of a response say: a status, then one header a line, its name chosen by the first byte.
//!
//! - Any bytes that a header may hold are read or passed over; nothing panics.
//! - A wait is longer than nothing and is what the service wrote; a request id is never blank.
//! - What is shown stays on its line.

use std::time::Duration;

use bytes::Bytes;
use cashfree::{HasMeta, RateLimitScope, ResponseMeta};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::Steer;
use crate::service::{self, Event, ScriptedResponse};

const ORDER: &[u8] = br#"{"order_id":"order_1","cf_order_id":"1","order_amount":5,"order_currency":"INR"}"#;

const NAMES: [&str; 12] = [
    "content-type",
    "retry-after",
    "x-api-version",
    "x-deprecated-at",
    "x-idempotency-key",
    "x-idempotency-replayed",
    "x-idempotency-replay",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-retry",
    "x-ratelimit-type",
    "x-request-id",
];

/// Reads the headers of a response.
///
/// # Panics
/// When the property does not hold.
pub fn holds(data: &[u8]) {
    let mut steer = Steer(data);
    let status = steer.pick(&[200, 200, 400, 404, 429, 500, 503]);
    let mut headers = HeaderMap::new();
    while !steer.0.is_empty() {
        let name = steer.pick(&NAMES);
        if let Ok(value) = HeaderValue::from_bytes(steer.line()) {
            headers.append(name, value);
        }
    }
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let response = ScriptedResponse { status, headers: headers.clone(), body: Bytes::from_static(ORDER) };
    let events = std::iter::repeat_n(Event::Response(response), 4);
    let outcome = service::call(events, |client| client.orders().get("order_1").request_id("sent_7"));

    // A response with the request id of another request is not looked at.
    let mut echoes =
        headers.get_all("x-request-id").iter().filter_map(|echo| echo.to_str().ok()).map(str::trim);
    let mut echoes = echoes.by_ref().filter(|echo| !echo.is_empty()).peekable();
    if echoes.peek().is_some() && !echoes.any(|echo| echo.eq_ignore_ascii_case("sent_7")) {
        assert!(outcome.result.is_err_and(|error| error.meta().is_none()));
        return;
    }
    let Some(meta) = outcome.result.meta() else {
        panic!("the response is lost: {:?}", outcome.result.err())
    };
    assert_eq!((meta.status(), meta.headers()), (status, &headers));
    read(meta, &headers);
    let shown = match &outcome.result {
        Ok(response) => vec![format!("{:?}", response.meta())],
        Err(error) => vec![format!("{error}"), format!("{error:?}"), format!("{meta:?}")],
    };
    for text in shown {
        assert!(!text.contains(char::is_control), "more than a line: {text:?}");
    }
}

fn read(meta: &ResponseMeta, headers: &HeaderMap) {
    let text = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    };
    // As the service writes numbers: digits, and none too many.
    let number = |name: &str| {
        let stated = text(name)?;
        let digits = stated.strip_prefix('+').unwrap_or(stated);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|number| is_number && *number < 1 << 32)
    };

    assert_eq!(meta.request_id(), "sent_7");
    assert_eq!(meta.api_version(), text("x-api-version"));
    let replayed = text("x-idempotency-replayed").map(str::to_ascii_lowercase);
    assert_eq!(meta.replayed(), replayed.and_then(|word| word.parse::<bool>().ok()));

    // The least that is asked for: what is written in digits only. Dates and lists may ask for more.
    let wait = |name: &str| {
        let stated = text(name).filter(|stated| stated.bytes().all(|byte| byte.is_ascii_digit()))?;
        let seconds: f64 = stated.parse().ok()?;
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    };

    let stated = ["limit", "remaining"].map(|part| number(&format!("x-ratelimit-{part}")));
    let waits = match meta.status().is_success() {
        true => [None; 2],
        false => [wait("x-ratelimit-retry"), wait("retry-after")],
    };
    match (meta.rate_limit(), stated) {
        (None, stated) => {
            // A wait of zero seconds asks for nothing.
            assert_eq!(
                (stated, waits.into_iter().flatten().max().unwrap_or_default()),
                ([None; 2], Duration::ZERO)
            );
        }
        (Some(read), stated) => {
            assert_eq!([read.limit, read.remaining].map(|count| count.map(u64::from)), stated);
            let least = waits.into_iter().flatten().max().unwrap_or_default();
            assert!(read.retry_after.unwrap_or_default() >= least, "{read:?}");
            let scope = match text("x-ratelimit-type") {
                Some("app_id") => RateLimitScope::AppId,
                Some("ip") => RateLimitScope::Ip,
                _ => RateLimitScope::Unknown,
            };
            assert_eq!(read.scope, scope);
        }
    }
}
