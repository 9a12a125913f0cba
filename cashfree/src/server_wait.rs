//! The wait that the headers of a response ask for.

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::RetryAfter;
use crate::headers::{RATE_LIMIT_RESET, RATE_LIMIT_RETRY};

/// A number of seconds from here on is a time since 1970, which some services write in `x-ratelimit-reset`.
const EPOCH_SECONDS: Duration = Duration::from_secs(1_000_000_000);

/// The same in milliseconds.
const EPOCH_MILLIS: Duration = Duration::from_secs(1_000_000_000_000);

/// Reads the wait that a failed response asks for: the longest of `retry-after`, `x-ratelimit-retry` and, with a 429,
/// `x-ratelimit-reset`, of all their values. A value that can not be read counts if no other asks for a wait.
///
/// A reset beside another status says when the count of calls begins anew, which each response may do.
pub(crate) fn retry_after(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> RetryAfter {
    // By the clock of the service, which its dates follow.
    let now =
        headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok()).unwrap_or(now);
    let mut unreadable = false;
    let mut longest: Option<Duration> = None;
    let reset = (status == StatusCode::TOO_MANY_REQUESTS).then_some(RATE_LIMIT_RESET);
    for name in [RETRY_AFTER, RATE_LIMIT_RETRY].into_iter().chain(reset) {
        for value in headers.get_all(&name) {
            match value.to_str().ok().map(|text| read(&name, text.trim(), now)) {
                Some(Ok(wait)) => longest = longest.max(wait),
                Some(Err(Unreadable)) | None => unreadable = true,
            }
        }
    }
    match longest {
        Some(wait) if !wait.is_zero() => RetryAfter::Wait(wait),
        _ if unreadable => RetryAfter::Unreadable,
        Some(wait) => RetryAfter::Wait(wait),
        None => RetryAfter::Absent,
    }
}

struct Unreadable;

/// Reads one value: a date, or seconds, or a list of seconds, of which the longest counts.
fn read(name: &HeaderName, text: &str, now: SystemTime) -> Result<Option<Duration>, Unreadable> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(date) = httpdate::parse_http_date(text) {
        return Ok(Some(date.duration_since(now).unwrap_or_default()));
    }
    let mut longest = Duration::ZERO;
    for item in text.split(',') {
        let wait = seconds(item.trim())?;
        longest = longest.max(if *name == RATE_LIMIT_RESET { until(wait, now) } else { wait });
    }
    Ok(Some(longest))
}

/// Seconds in digits, with or without a fraction, of which a part counts as a whole one.
fn seconds(text: &str) -> Result<Duration, Unreadable> {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    if !digits || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(Unreadable);
    }
    let seconds: f64 = text.parse().map_err(|_| Unreadable)?;
    Ok(Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX))
}

/// The wait until a reset, which is given as seconds from now, or as a time since 1970.
fn until(reset: Duration, now: SystemTime) -> Duration {
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if reset >= EPOCH_MILLIS {
        (reset / 1_000).saturating_sub(since_1970)
    } else if reset >= EPOCH_SECONDS {
        reset.saturating_sub(since_1970)
    } else {
        reset
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &str)]) -> RetryAfter {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        retry_after(StatusCode::TOO_MANY_REQUESTS, &map, now)
    }

    #[test]
    fn rule_6_a_wait_is_read_in_each_spelling() {
        let seconds = |seconds| RetryAfter::Wait(Duration::from_secs(seconds));
        for (name, value, expected) in [
            ("retry-after", "7", seconds(7)),
            ("retry-after", " 1.2 ", seconds(2)),
            ("retry-after", "0", seconds(0)),
            ("retry-after", "2, 9, 4", seconds(9)),
            ("retry-after", "Thu, 01 Jan 2026 00:00:30 GMT", seconds(30)),
            ("retry-after", "Thursday, 01-Jan-26 00:00:30 GMT", seconds(30)),
            ("retry-after", "Wed, 31 Dec 2025 23:59:00 GMT", seconds(0)),
            ("x-ratelimit-retry", "59", seconds(59)),
            ("x-ratelimit-retry", "99999999999999999999999999", RetryAfter::Wait(Duration::MAX)),
            ("x-ratelimit-reset", "12", seconds(12)),
            ("x-ratelimit-reset", "1767225612", seconds(12)),
            ("x-ratelimit-reset", "1767225612000", seconds(12)),
            ("x-ratelimit-reset", "1767225500", seconds(0)),
            ("retry-after", "", RetryAfter::Absent),
            ("date", "Thu, 01 Jan 2026 00:00:00 GMT", RetryAfter::Absent),
            ("retry-after", "soon", RetryAfter::Unreadable),
            ("retry-after", "-1", RetryAfter::Unreadable),
            ("retry-after", "1e3", RetryAfter::Unreadable),
            ("retry-after", "NaN", RetryAfter::Unreadable),
            ("retry-after", "1.2.3", RetryAfter::Unreadable),
            ("retry-after", ".", RetryAfter::Unreadable),
            ("retry-after", "7, soon", RetryAfter::Unreadable),
            ("x-ratelimit-retry", "7 s", RetryAfter::Unreadable),
            ("x-ratelimit-reset", "inf", RetryAfter::Unreadable),
        ] {
            assert_eq!(wait(&[(name, value)]), expected, "{name}: {value}");
        }
    }

    #[test]
    fn rule_6_a_reset_asks_for_a_wait_only_beside_429() {
        let map = HeaderMap::from_iter([(RATE_LIMIT_RESET, http::HeaderValue::from_static("45"))]);
        for (status, expected) in [
            (StatusCode::TOO_MANY_REQUESTS, RetryAfter::Wait(Duration::from_secs(45))),
            (StatusCode::BAD_GATEWAY, RetryAfter::Absent),
            (StatusCode::NOT_FOUND, RetryAfter::Absent),
        ] {
            assert_eq!(retry_after(status, &map, SystemTime::UNIX_EPOCH), expected, "{status}");
        }
    }

    #[test]
    fn rule_6_the_longest_wait_counts() {
        let seconds = |seconds| RetryAfter::Wait(Duration::from_secs(seconds));
        assert_eq!(wait(&[("x-ratelimit-retry", "0"), ("retry-after", "2")]), seconds(2));
        assert_eq!(wait(&[("x-ratelimit-retry", "7"), ("retry-after", "soon")]), seconds(7));
        assert_eq!(wait(&[("x-ratelimit-retry", "0"), ("retry-after", "soon")]), RetryAfter::Unreadable);
        assert_eq!(wait(&[("retry-after", "2"), ("retry-after", "5")]), seconds(5));
        // A date is read by the clock of the service.
        let date = ("date", "Thu, 01 Jan 2026 00:10:00 GMT");
        assert_eq!(wait(&[date, ("retry-after", "Thu, 01 Jan 2026 00:10:03 GMT")]), seconds(3));
    }
}
