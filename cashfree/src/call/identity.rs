//! Whether a success response belongs to its request.
//!
//! A proxy, a captive portal, a response that belongs to another request, and an error can carry the status 200, too.
//! A success identifies itself: its body has the shape of the operation's responses, and its identifying fields equal
//! the ids of the request. Any other response proves nothing about the call.

use std::fmt;

use cashfree_gen::expected::Shape;
use cashfree_gen::{Json, Request, Response};
use serde::de::IgnoredAny;

use crate::ApiError;
use crate::headers::{IDEMPOTENCY_KEY, REQUEST_ID};

/// Why a success response does not count as the response to its request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// An error of the API: its code, else its message.
    Error(String),
    /// A status in words, and a message, which need not report an error.
    Status(String, String),
    /// A body of another kind.
    Foreign(String),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(code) => write!(f, "the body is an error: {code}"),
            Self::Status(status, message) => write!(f, "the body has the status {status}: {message}"),
            Self::Foreign(reason) => write!(f, "the response is not for this request: {reason}"),
        }
    }
}

/// Checks that a success response identifies itself. A body with content that is not JSON is left to the decoder.
pub(super) fn check(request: &Request, response: &Response) -> Result<(), Mismatch> {
    let expected = &request.operation.response;
    let is_page = matches!(expected.shape, Shape::Object | Shape::List) && expected.fields.is_empty();
    if expected.shape == Shape::Any || is_page && !response.body.trim_ascii().is_empty() {
        // The fields are not known, or are checked by pagination. Only a body with just the fields of errors is an error.
        return error_of(&response.body).map_or(Ok(()), |code| Err(Mismatch::Error(code)));
    }
    expected.check(request, &response.body).map_err(|mismatch| {
        // An error has none of the fields of a success; a different field does not indicate one.
        let error = ApiError::parse(&response.body).filter(|_| mismatch.is_without_fields);
        match error {
            Some(ApiError { code: None, error_type: None, message: Some(message), .. }) => {
                match status_of(&response.body) {
                    Some(status) => Mismatch::Status(status, message),
                    None => Mismatch::Error(message),
                }
            }
            Some(ApiError { code: Some(text), .. } | ApiError { message: Some(text), .. }) => {
                Mismatch::Error(text)
            }
            _ => Mismatch::Foreign(mismatch.reason),
        }
    })
}

/// Returns the status that a body has in place of a code.
fn status_of(body: &[u8]) -> Option<String> {
    match Json::parse(body).ok()?.get("status")? {
        Json::Text(status) if !status.is_empty() => Some(status.clone()),
        _ => None,
    }
}

/// Returns whether a response carries the request id or the idempotency key of another request.
pub(super) fn is_stray(response: &http::HeaderMap, request_id: &str, key: Option<&str>) -> bool {
    let differs = |name, own: &str| {
        let echoes = response.get_all(name).iter().filter_map(|echo| echo.to_str().ok()).map(str::trim);
        let mut echoes = echoes.filter(|echo| !echo.is_empty()).peekable();
        echoes.peek().is_some() && !echoes.any(|echo| echo.eq_ignore_ascii_case(own))
    };
    differs(REQUEST_ID, request_id) || key.is_some_and(|key| differs(IDEMPOTENCY_KEY, key))
}

/// Returns the code of a body with the fields that every error has, and no others.
fn error_of(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bare {
        code: String,
        #[serde(rename = "type")]
        _type: String,
        #[serde(rename = "message")]
        _message: String,
        #[serde(rename = "help")]
        _help: Option<IgnoredAny>,
        #[serde(rename = "status")]
        _status: Option<IgnoredAny>,
    }

    serde_json::from_slice(body).ok().map(|Bare { code, .. }| code)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use cashfree_gen::operations;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::Operation;

    fn checked(
        operation: &'static Operation,
        path: &str,
        request: &'static str,
        response: &'static str,
    ) -> Result<(), Mismatch> {
        let mut sent = Request::new(operation, path.to_owned());
        sent.body = request.into();
        let received =
            Response { status: StatusCode::OK, headers: HeaderMap::new(), body: response.as_bytes().into() };
        check(&sent, &received)
    }

    #[test]
    fn rule_1_an_acknowledgement_says_ok() {
        let split = |body| {
            checked(&operations::PG_ORDER_SPLIT_AFTER_PAYMENT, "/easy-split/orders/o/split", "{}", body)
        };
        assert_eq!(split(r#"{"status":"OK","message":"Order split created"}"#), Ok(()));
        assert_eq!(split(r#"{"message":"Order split created","status":"OK"}"#), Ok(()));
        for body in [
            r#"{"status":1,"portal":"wifi","message":"hello"}"#,
            r#"{"status":"ok","portal":"wifi","message":"hello"}"#,
            r#"{"status":null,"message":"hello"}"#,
            r#"{"status":"OK"}"#,
            r#"{"status":"OK","uptime":7,"message":null}"#,
            r#"{"message":"hello"}"#,
        ] {
            assert!(split(body).is_err(), "{body}");
        }
        let other = split(r#"{"status":"SUCCESS","message":"Order split created"}"#);
        let text = other.err().map(|mismatch| mismatch.to_string());
        assert_eq!(text.as_deref(), Some("the body has the status SUCCESS: Order split created"));
    }

    #[test]
    fn rule_1_a_success_identifies_itself() {
        let create = |body| checked(&operations::PG_CREATE_ORDER, "/orders", r#"{"order_id":"o_1"}"#, body);
        let nameless = |body| checked(&operations::PG_CREATE_ORDER, "/orders", r#"{"order_amount":1}"#, body);
        let list = |body| checked(&operations::PG_ORDER_FETCH_PAYMENTS, "/orders/o%5F1/payments", "", body);
        for body in [
            r#"{"order_id":"o_1"}"#,
            r#"{"new":[[{}]],"order_id":"o\u005f1","order_status":"ACTIVE"}"#,
            r#"[{"order_id":"o_1"}]"#,
            "{\"order_id\":\"o_1\"",
            "<p>",
        ] {
            assert_eq!(create(body), Ok(()), "{body}: what is no JSON is left to the decoder");
        }
        assert_eq!(nameless(r#"{"cf_order_id":7,"order_id":"any"}"#), Ok(()));
        for body in ["[]", r#"[{"cf_payment_id":"1","order_id":"o_1"}]"#] {
            assert_eq!(list(body), Ok(()), "{body}");
        }
        for body in [
            "",
            " \r\n",
            "\u{feff}",
            "{}",
            "[]",
            "null",
            "[{}]",
            r#""ok""#,
            r#"{"order_id":null}"#,
            r#"{"order_id":"o_2"}"#,
            r#"{"order_id":"O_1"}"#,
            r#"{"order_id":["o_1"]}"#,
            r#"{"cf_order_id":"1"}"#,
            r#"{"error":{"code":"x"}}"#,
            r#"{"status":"ok","portal":"Welcome to the hotel"}"#,
            r#"{"refund_id":"r_1","order_amount":1}"#,
        ] {
            assert!(matches!(create(body), Err(Mismatch::Foreign(_))), "{body}: {:?}", create(body));
        }
        for body in [
            r#"{"message":"no","code":"order_failed"}"#,
            r#"{"message":"no","code":"order_failed","trace":"1"}"#,
            r#"[{"message":"no","code":"order_failed","type":"api_error"}]"#,
        ] {
            assert_eq!(create(body), Err(Mismatch::Error("order_failed".to_owned())), "{body}");
            assert_eq!(list(body), Err(Mismatch::Error("order_failed".to_owned())), "{body}");
        }
        for body in
            ["null", "{}", r#"[{"cf_payment_id":"1","order_id":"o_2"}]"#, r#"[{"order_id":"o_1"},{"x":1}]"#]
        {
            assert!(list(body).is_err(), "{body}");
        }
        assert!(nameless("{}").is_err());
        let mark = |body| checked(&operations::MARK_FOR_SETTLEMENT, "/orders/settlements", "{}", body);
        for body in ["", "{}", " { }\n"] {
            assert_eq!(mark(body), Ok(()), "{body}");
        }
        let error = r#"{"message":"no","code":"x","type":"api_error","help":null}"#;
        for body in [error, "null", "[]", "{", "<p>", r#""no""#, r#"{"portal":"wifi"}"#] {
            assert!(mark(body).is_err(), "{body}");
        }
    }

    #[test]
    fn rule_1_a_success_without_content_is_that_of_a_write_without_content() {
        let mut empty = Vec::new();
        for operation in operations::ALL {
            let writes = operation.retry_class != crate::RetryClass::Safe;
            let is_empty = operation.response.shape == Shape::Empty;
            for body in ["", "\n"] {
                assert_eq!(checked(operation, "/", "{}", body).is_ok(), is_empty, "{}", operation.id);
            }
            if writes {
                assert_eq!(checked(operation, "/", "{}", "{}").is_ok(), is_empty, "{}", operation.id);
                assert!(checked(operation, "/", "{}", "[]").is_err(), "{}", operation.id);
            }
            empty.extend(is_empty.then_some(operation.id));
        }
        assert_eq!(empty, ["MarkForSettlement"]);
    }

    #[test]
    fn rule_1_words_of_others_identify_no_payment() {
        let pay = |body| checked(&operations::PG_PAY_ORDER, "/orders/sessions", "{}", body);
        assert_eq!(pay(r#"{"payment_amount":5,"cf_payment_id":"1","channel":"link","data":{}}"#), Ok(()));
        for body in [
            r#"{"data":{"url":"http://portal.invalid"},"status":"ok"}"#,
            r#"{"action":"login","channel":"wifi"}"#,
        ] {
            assert!(matches!(pay(body), Err(Mismatch::Foreign(_))), "{body}");
        }
    }

    #[test]
    fn rule_1_echoes_equal_what_was_sent() {
        let stray = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            is_stray(&headers, "request-1", Some("key-1"))
        };
        assert!(stray("x-request-id", "request-2") && stray("x-idempotency-key", "key-2"));
        assert!(!stray("x-request-id", "REQUEST-1 ") && !stray("x-idempotency-key", "key-1"));
        assert!(!stray("x-other", "request-2") && !is_stray(&HeaderMap::new(), "request-1", None));
    }
}
