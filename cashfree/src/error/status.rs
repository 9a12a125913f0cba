//! Whether a failed response excludes that the write was applied.

use http::StatusCode;

use super::ApiError;

/// Returns whether a failed response is no refusal, but reports a failure of the service or of a system behind it, so
/// that it leaves open if a write was applied.
///
/// The status alone does not say it: the service, or a proxy, may respond with a 4xx because its own call failed or timed
/// out.
pub(crate) fn is_ambiguous(status: StatusCode, error: Option<&ApiError>) -> bool {
    match status.as_u16() {
        408 | 423 | 424 | 425 | 499 => true,
        400..=499 => error.is_some_and(|error| is_failure_behind(error) || is_in_progress(status, error)),
        _ => !status.is_success(),
    }
}

/// Returns whether a 4xx is not known to be the service's own: its body has neither a code nor a type of an error. A
/// firewall that objects to the response, or a proxy that replaces an error, sends such a page after the write.
///
/// Statuses about credentials, the number of calls and the form of the message are sent before a request is carried out,
/// by the service as by a proxy.
pub(crate) fn is_anonymous(status: StatusCode, error: Option<&ApiError>) -> bool {
    match status.as_u16() {
        401 | 405 | 407 | 411 | 413 | 414 | 415 | 417 | 421 | 426 | 429 | 431 => false,
        400..=499 => error.is_none_or(|error| error.code.is_none() && error.error_type.is_none()),
        _ => false,
    }
}

/// Returns whether a request with the same key is still being processed.
pub(crate) fn is_in_progress(status: StatusCode, error: &ApiError) -> bool {
    status == StatusCode::CONFLICT && error.code.as_deref().is_some_and(|code| has(code, "progress"))
}

/// Returns whether the service says that it failed itself, or that a system behind it did.
fn is_failure_behind(error: &ApiError) -> bool {
    const TYPES: [&str; 3] = ["api_error", "api_connection_error", "bad_gateway_error"];
    const CODES: [&str; 3] = ["internal_error", "bank_processing_failure", "api_request_failed"];
    let is_one_of = |text: &Option<String>, list: &[&str]| {
        text.as_deref().is_some_and(|text| list.iter().any(|one| text.eq_ignore_ascii_case(one)))
    };
    let timed_out = |code: &str| has(code, "timeout") || has(code, "timed_out");
    is_one_of(&error.error_type, &TYPES)
        || is_one_of(&error.code, &CODES)
        || error.code.as_deref().is_some_and(timed_out)
}

/// Returns whether the response says that the object of a write exists already, or that its key was used before: for
/// a call that may continue an earlier one, this can be its own doing.
pub(crate) fn is_conflict(status: StatusCode, error: Option<&ApiError>) -> bool {
    let exists = |error: &ApiError| error.code.as_deref().is_some_and(|code| has(code, "already_exists"));
    match status.as_u16() {
        409 | 422 => true,
        400 => error.is_some_and(exists),
        _ => false,
    }
}

/// Returns whether an error is about the idempotency key.
pub(super) fn names_idempotency(error: &ApiError) -> bool {
    [&error.code, &error.error_type].into_iter().flatten().any(|text| has(text, "idempotency"))
}

fn has(code: &str, part: &str) -> bool {
    code.to_ascii_lowercase().contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ambiguous(status: u16, error_type: &str, code: &str) -> bool {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let error = ApiError { error_type: text(error_type), code: text(code), ..ApiError::default() };
        StatusCode::from_u16(status).is_ok_and(|status| is_ambiguous(status, Some(&error)))
    }

    #[test]
    fn rule_4_a_refusal_identifies_itself() {
        let anonymous = |status, body: &str| {
            let error = ApiError::parse(body.as_bytes());
            StatusCode::from_u16(status).is_ok_and(|status| is_anonymous(status, error.as_ref()))
        };
        for status in [400, 403, 404, 406, 409, 410, 412, 418, 422, 451] {
            for body in ["", "<html>", "{}", "null", r#"{"message":"Forbidden"}"#, r#"{"error":"x"}"#] {
                assert!(anonymous(status, body), "{status} {body}");
            }
            for body in [r#"{"code":"order_not_found"}"#, r#"[{"type":"invalid_request_error"}]"#] {
                assert!(!anonymous(status, body), "{status} {body}");
            }
        }
        for status in [401, 407, 413, 429, 200, 302, 500] {
            assert!(!anonymous(status, "<html>"), "{status}");
        }
    }

    #[test]
    fn rule_4_a_status_is_not_a_class() {
        for (status, error_type, code) in [
            (400, "api_error", ""),
            (400, "api_connection_error", "request_failed"),
            (400, "bad_gateway_error", ""),
            (400, "invalid_request_error", "api_request_timeout"),
            (404, "api_error", ""),
            (408, "", ""),
            (423, "", ""),
            (429, "api_error", "request_failed"),
            (409, "idempotency_error", "request_in_progress"),
            (422, "api_error", ""),
            (424, "", ""),
            (425, "", ""),
            (499, "", ""),
            (500, "invalid_request_error", ""),
            (302, "", ""),
        ] {
            assert!(ambiguous(status, error_type, code), "{status} {error_type} {code}");
        }
        for (status, error_type, code) in [
            (400, "invalid_request_error", "order_amount_invalid"),
            (401, "authentication_error", "request_failed"),
            (404, "invalid_request_error", "order_not_found"),
            (409, "invalid_request_error", "order_already_exists"),
            (422, "idempotency_error", "request_invalid"),
            (429, "rate_limit_error", "request_failed"),
            (400, "", ""),
        ] {
            assert!(!ambiguous(status, error_type, code), "{status} {error_type} {code}");
        }
    }
}
