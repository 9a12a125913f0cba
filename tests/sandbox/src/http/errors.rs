//! Refusals in the documented forms: one constructor for each HTTP class of the document.
//!
//! Every form has `message`, `code` and `type`; `help` is absent from the 401 and 429 forms. The
//! sentences are this project's own: only the machine words are the service's.

use serde_json::{Value, json};

/// Where the service sends people who want to know more.
const HELP: &str = "The dashboard's API log shows recent errors: https://bit.ly/4glEd0W Error reference: https://bit.ly/4eeZYO9";

/// A status and a JSON body: what an operation returns, success or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonResponse {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl JsonResponse {
    /// Everything that succeeds returns 200, creates included.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }
}

/// What an operation hands back.
pub(crate) type Outcome = Result<JsonResponse, Refusal>;

/// A request that was turned down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal(pub(crate) JsonResponse);

impl Refusal {
    fn new(status: u16, kind: &str, code: &str, message: &str) -> Self {
        let mut body = json!({ "message": message, "code": code, "type": kind });
        if status != 401 && status != 429 {
            body["help"] = json!(HELP);
        }
        Self(JsonResponse { status, body })
    }

    /// 400 `BadRequestError`.
    pub(crate) fn bad_request(code: &str, message: impl AsRef<str>) -> Self {
        Self::new(400, "invalid_request_error", code, message.as_ref())
    }

    /// 401 `AuthenticationError`, which has no `help`.
    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new(401, "authentication_error", "request_failed", message)
    }

    /// 404 `ApiError404`.
    pub(crate) fn not_found(code: &str, message: impl AsRef<str>) -> Self {
        Self::new(404, "invalid_request_error", code, message.as_ref())
    }

    /// 409 `ApiError409`.
    pub(crate) fn conflict(code: &str, message: impl AsRef<str>) -> Self {
        Self::new(409, "invalid_request_error", code, message.as_ref())
    }

    /// 413, outside the document: more than any operation takes.
    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {} MB", limit >> 20);
        Self::new(413, "invalid_request_error", "request_failed", &message)
    }

    /// 422 `IdempotencyError`.
    pub(crate) fn key_reused() -> Self {
        Self::new(
            422,
            "idempotency_error",
            "request_invalid",
            "this idempotency key was used before with a different request",
        )
    }

    /// 429 `RateLimitError`, which has no `help`.
    pub(crate) fn rate_limited(scope: &str) -> Self {
        let message =
            format!("call limit for this {scope} exceeded: the x-ratelimit headers say when to come back");
        Self::new(429, "rate_limit_error", "request_failed", &message)
    }

    /// 500 `ApiError`.
    pub(crate) fn internal() -> Self {
        Self::new(500, "api_error", "internal_error", "the service failed while working on the request")
    }

    /// 501, outside the document: an operation the sandbox knows but does not imitate.
    pub(crate) fn not_imitated(operation: &str) -> Self {
        let message = format!(
            "the sandbox checks requests of {operation} against the document but does not imitate it"
        );
        Self::new(501, "api_error", "operation_not_imitated", &message)
    }

    /// 500, outside the document: the sandbox was about to return what the document doesn't describe.
    pub(crate) fn response_invalid(message: &str) -> Self {
        Self::new(500, "api_error", "sandbox_response_invalid", message)
    }

    /// 502 `ApiError502`.
    pub(crate) fn bank_failure() -> Self {
        Self::new(502, "api_error", "bank_processing_failure", "the bank did not process the request")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_absent_where_the_document_has_none() {
        for (refusal, has_help) in [
            (Refusal::bad_request("a_invalid", "m"), true),
            (Refusal::unauthorized("m"), false),
            (Refusal::not_found("order_not_found", "m"), true),
            (Refusal::rate_limited("IP"), false),
            (Refusal::bank_failure(), true),
        ] {
            assert_eq!(refusal.0.body.get("help").is_some(), has_help, "{refusal:?}");
        }
    }
}
