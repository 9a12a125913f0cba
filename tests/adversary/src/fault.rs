//! What can go wrong with one request: whether the service acts on it, when, and what the caller receives.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::Response;

/// When the service acts on a request that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// Never.
    Never,
    /// Before the caller learns anything.
    Now,
    /// After this delay; the caller learns of the failure at once.
    Later(Duration),
    /// After a second attempt of the same request (method, path, body) was refused, or after three
    /// [patience](crate::Profile::patience) intervals.
    AfterRefusal,
}

/// What happens to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service acts and responds as it should.
    None,
    /// The connection is closed without a response.
    Close(Commit),
    /// No response arrives before the timeout of the caller.
    Hang(Commit),
    /// The service acts, and half of its response arrives.
    CutShort,
    /// The service reports this failure.
    Fail(Failure, Commit),
    /// Somebody else responds.
    Foreign(Foreign, Commit),
    /// The caller receives the previous response of this connection. Without one, nothing goes wrong.
    Stray(Commit),
}

/// A failure that is reported with a status code and, unless `html`, an error body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Status code.
    pub status: u16,
    /// `type` of the error body.
    pub error_type: &'static str,
    /// `code` of the error body.
    pub code: &'static str,
    /// A proxy's page in the place of the error body; the headers of the service are missing, too.
    pub html: bool,
    /// The hint how long to wait.
    pub wait: Wait,
}

impl Failure {
    /// Creates a failure with an error body.
    pub const fn json(status: u16, error_type: &'static str, code: &'static str) -> Self {
        Self { status, error_type, code, html: false, wait: Wait::None }
    }

    /// Creates a failure with a proxy's page.
    pub const fn html(status: u16) -> Self {
        Self { status, error_type: "", code: "", html: true, wait: Wait::None }
    }

    /// Creates a 429 response with a hint.
    pub const fn limited(wait: Wait) -> Self {
        Self { status: 429, error_type: "rate_limit_error", code: "request_failed", html: false, wait }
    }

    /// Adds a hint how long to wait.
    #[must_use]
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    pub(crate) fn response(&self) -> Response {
        let response = if self.html {
            Response::html(self.status)
        } else {
            let body = json!({ "message": "not now", "code": self.code, "type": self.error_type });
            Response::json(self.status, &body)
        };
        self.wait.headers().into_iter().fold(response, |response, (name, value)| response.with(name, &value))
    }
}

/// How a response says how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It does not say.
    None,
    /// `retry-after` in seconds.
    RetryAfter(u64),
    /// `retry-after` as an HTTP date so many seconds from now.
    HttpDate(u64),
    /// `x-ratelimit-retry` in seconds, the documented header.
    LimitRetry(u64),
    /// `x-ratelimit-reset` in seconds.
    LimitReset(u64),
    /// `retry-after` is a list: `1, 2`.
    List,
    /// `retry-after` has more digits than a number holds.
    Overflowing,
    /// `retry-after` is a word.
    Unreadable,
    /// `retry-after` is below zero.
    Negative,
}

impl Wait {
    /// All spellings, with waits of about a second where a wait can be read.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::RetryAfter(1),
        Self::HttpDate(2),
        Self::LimitRetry(1),
        Self::LimitReset(1),
        Self::List,
        Self::Overflowing,
        Self::Unreadable,
        Self::Negative,
    ];

    fn headers(self) -> Vec<(&'static str, String)> {
        match self {
            Self::None => Vec::new(),
            Self::RetryAfter(seconds) => vec![("retry-after", seconds.to_string())],
            Self::HttpDate(seconds) => vec![("retry-after", http_date(seconds))],
            Self::LimitRetry(seconds) => vec![("x-ratelimit-retry", seconds.to_string())],
            Self::LimitReset(seconds) => vec![("x-ratelimit-reset", seconds.to_string())],
            Self::List => vec![("retry-after", "1, 2".to_owned())],
            Self::Overflowing => vec![("retry-after", "9".repeat(40))],
            Self::Unreadable => vec![("retry-after", "soon".to_owned())],
            Self::Negative => vec![("retry-after", "-1".to_owned())],
        }
    }
}

/// The HTTP date (RFC 9110, IMF-fixdate) so many seconds from now.
fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Rounded up, so that the date is never early.
    let at = now.as_secs() + 1 + seconds;
    let (days, time) = (at / 86_400, at % 86_400);
    // Days since 1 March of the year 0, after Howard Hinnant's `civil_from_days`.
    let from_march = days + 719_468;
    let era = from_march / 146_097;
    let day_of_era = from_march % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12;
    let year = year_of_era + era * 400 + u64::from(month < 2);
    let weekday = DAYS.get((days % 7) as usize).copied().unwrap_or_default();
    let month = MONTHS.get(month as usize).copied().unwrap_or_default();
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// A response with status 200 that is not the service's response to this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// `{}`.
    Empty,
    /// `{"error": …}`.
    ErrorObject,
    /// `{"message", "code"}` and one field more.
    MessageAndCode,
    /// An error body in a list.
    ErrorList,
    /// The body of the service's response to another request of the same operation. It carries the headers of
    /// that request.
    OtherBody,
    /// `null`.
    Null,
    /// JSON of a login portal.
    PortalJson,
    /// JSON of a portal, in the words of a payment that goes on in a browser.
    PortalAction,
    /// A health check: `{"status":"OK"}`.
    Health,
    /// HTML of a login portal.
    PortalHtml,
}

impl Foreign {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::ErrorObject,
        Self::MessageAndCode,
        Self::ErrorList,
        Self::OtherBody,
        Self::Null,
        Self::PortalJson,
        Self::PortalAction,
        Self::Health,
        Self::PortalHtml,
    ];

    /// The response; `None` for [`OtherBody`](Self::OtherBody), which depends on what was asked.
    pub(crate) fn response(self) -> Option<Response> {
        let body = match self {
            Self::Empty => json!({}),
            Self::ErrorObject => json!({ "error": { "message": "upstream failed", "status": 502 } }),
            Self::MessageAndCode => json!({ "message": "no", "code": "bank_failed", "trace": "1f" }),
            Self::ErrorList => json!([{ "message": "no", "code": "request_failed", "type": "api_error" }]),
            Self::Null => json!(null),
            Self::PortalJson => {
                json!({ "portal": "wifi", "login_url": "http://portal.invalid", "status": 1 })
            }
            Self::PortalAction => {
                json!({ "action": "link", "channel": "wifi", "data": { "url": "http://portal.invalid" } })
            }
            Self::Health => json!({ "status": "OK", "uptime": 7 }),
            Self::PortalHtml => return Some(Response::html(200)),
            Self::OtherBody => return None,
        };
        Some(Response::json(200, &body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_have_the_fixed_form() {
        let date = http_date(0);
        assert_eq!(date.len(), "Sun, 06 Nov 1994 08:49:37 GMT".len(), "{date}");
        assert!(date.ends_with(" GMT"), "{date}");
    }
}
