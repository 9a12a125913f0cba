//! Responses and errors that no call returned.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::error::{Parts, is_ambiguous, is_anonymous};
use crate::{
    ApiError, Effect, Error, ErrorKind, IdempotencyKey, Operation, Protection, Response, ResponseMeta,
    RetryClass, operations,
};

/// Creates the response of a call: status 200 after one attempt, with the value as its JSON body.
///
/// For fakes of a trait that returns [`Response`]; [`MockTransport`](super::MockTransport) tests the client, too.
///
/// ```
/// use cashfree::testing::fake_response;
/// use cashfree::types::Order;
///
/// let order: Order = serde_json::from_str(
///     r#"{"order_id":"order_1","cf_order_id":"1","order_amount":499.00,"order_currency":"INR"}"#,
/// )?;
/// let response = fake_response(order);
/// assert_eq!((response.meta().status().as_u16(), response.meta().attempts()), (200, 1));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn fake_response<T: Serialize>(value: T) -> Response<T> {
    let body = serde_json::to_vec(&value).unwrap_or_default().into();
    Response::new(value, meta(StatusCode::OK, body, 1, None))
}

fn meta(status: StatusCode, body: Bytes, attempts: u32, key: Option<IdempotencyKey>) -> ResponseMeta {
    ResponseMeta {
        status,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]),
        body,
        sent_request_id: HeaderValue::from_static("test-request-id"),
        key,
        attempts,
        elapsed: Duration::ZERO,
        read_back: false,
        unparsed: Vec::new(),
        replaced_text: Vec::new(),
    }
}

/// Builder of an [`Error`] that no call returned, for fakes of a trait that returns it.
///
/// The error is that of a request with all identifiers that its operation takes: resending it is safe where the
/// operation is protected by more than its key. It names no read of its own
/// ([`next_step`](Error::next_step)); an error with one comes of a call over a
/// [`MockTransport`](super::MockTransport).
///
/// ```
/// use cashfree::testing::FakeError;
/// use cashfree::{Effect, ErrorKind};
///
/// let body = r#"{"code":"order_already_exists","type":"invalid_request_error","message":"exists"}"#;
/// let error = FakeError::api("PGCreateOrder", 409, body).build();
/// assert_eq!((error.code(), error.is_conflict()), (Some("order_already_exists"), true));
///
/// let error = FakeError::new("PGOrderCreateRefund", ErrorKind::Timeout).attempts(3).build();
/// assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 3));
/// ```
#[derive(Debug)]
pub struct FakeError {
    operation: &'static Operation,
    kind: ErrorKind,
    effect: Effect,
    response: Option<(StatusCode, Bytes)>,
    attempts: u32,
    key: Option<IdempotencyKey>,
}

/// Operation of a fake whose id is in no document.
static UNKNOWN: Operation = Operation::undocumented("unknown", http::Method::POST, &[], RetryClass::Keyed);

impl FakeError {
    /// Creates an error of this kind, of an operation by its id in the API document, such as `PGCreateOrder`. Its effect is
    /// that of one attempt: nothing for a request that was not sent, unknown for a write without a response.
    ///
    /// An id that is not in the document, such as one with a typing error, is shown as `unknown`
    /// ([`Error::operation`]): a write that only its key protects.
    pub fn new(operation: &str, kind: ErrorKind) -> Self {
        let operation = operations::ALL.iter().find(|known| known.id == operation);
        let operation = operation.copied().unwrap_or(&UNKNOWN);
        let effect = match kind {
            ErrorKind::Request | ErrorKind::Auth | ErrorKind::Connect => Effect::NotSent,
            ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode => Effect::Unknown,
            ErrorKind::Api => Effect::Refused,
        };
        let attempts = u32::from(!matches!(kind, ErrorKind::Request | ErrorKind::Auth));
        Self { operation, kind, effect, response: None, attempts, key: None }.for_reads()
    }

    /// Creates the error of a response. Its effect is the one that the client derives from such a response to a write:
    /// refused, or unknown for a status or an error that leaves the outcome open (5xx, 408, `api_error`) and for a 4xx
    /// without an error of the API. The operation is that of [`new`](FakeError::new).
    pub fn api(operation: &str, status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut fake = Self::new(operation, ErrorKind::Api);
        let body = body.into();
        let error = ApiError::parse(&body);
        if is_ambiguous(status, error.as_ref()) || is_anonymous(status, error.as_ref()) {
            fake.effect = Effect::Unknown;
        }
        fake.response = Some((status, body));
        fake.for_reads()
    }

    /// Sets what the call did. Default: as [`new`](FakeError::new) and [`api`](FakeError::api) say.
    #[must_use]
    pub const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Sets the number of attempts. Default: 1, or 0 for an error before the first.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the idempotency key of the call.
    #[must_use]
    pub fn idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Builds the error.
    pub fn build(self) -> Error {
        let Self { operation, kind, effect, response, attempts, key } = self;
        let is_protected = !matches!(operation.protected_by, Protection::Key | Protection::Nothing);
        let resend_safe = key.is_some() && is_protected;
        let meta = response.map(|(status, body)| meta(status, body, attempts, key.clone()));
        Error::new(Parts {
            key,
            sent_request_id: (attempts > 0).then(|| "test-request-id".to_owned()),
            attempts,
            meta,
            timeout: kind == ErrorKind::Timeout,
            resend_safe,
            protected: is_protected,
            ..Parts::new(kind, operation, effect, "created by a test")
        })
    }

    /// A read changes nothing, whatever became of it.
    fn for_reads(mut self) -> Self {
        if self.operation.retry_class == RetryClass::Safe && self.effect != Effect::NotSent {
            self.effect = Effect::ReadOnly;
        }
        self
    }
}
