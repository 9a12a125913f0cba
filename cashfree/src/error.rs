//! Errors of calls.

mod api;
mod display;
mod kind;
mod status;

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::echo::RequestSecrets;
use crate::next_step::job_backoff;
use crate::response::{content_coding, is_json};
use crate::retry::is_transient;
use crate::transport::{Permanent, sources};
use crate::{
    BoxError, HasMeta, IdempotencyKey, JobStep, LookUp, NextStep, Operation, RateLimit, Response,
    ResponseMeta, RetryClass,
};

use display::describe;

pub use api::ApiError;
pub use kind::{Effect, ErrorKind};
use status::names_idempotency;
pub(crate) use status::{is_ambiguous, is_anonymous, is_conflict, is_in_progress};

/// Error returned by an API call.
///
/// - [`effect`](Error::effect) says whether the call may have changed anything at Cashfree. Look at it first.
/// - The predicates (`is_…`) say what to do, the accessors what to log.
/// - `Display` is a line that stands alone in a log.
///
/// # Secrets
///
/// Neither `Display`, nor `Debug`, nor a text of the service that an accessor returns holds 8 consecutive characters
/// of a secret of the call: credentials, headers marked as sensitive, and request fields that print as `***` (card
/// numbers, security codes, one-time passwords, session ids). A text that repeats such a secret, in upper or lower
/// case, is replaced by a note that it is withheld. A secret of 2 to 7 characters counts if it is a word of its own. Other
/// private text of the request (names, phone numbers, email and postal addresses, notes, tags, URLs) counts if the whole
/// value of 8 or more characters is repeated. Encoded repetitions (base64, percent-encoding) and the contents of uploaded
/// files are not recognised. Possible card numbers, and words with an `@`, are always replaced by `***`.
///
/// [`body`](Error::body) returns the body as received; it is not for logs.
pub struct Error(Box<Inner>);

struct Inner {
    parts: Parts,
    api: Option<ApiError>,
    /// The texts of the source and of its sources.
    sources: Vec<String>,
}

/// Parts of an error.
pub(crate) struct Parts {
    pub(crate) kind: ErrorKind,
    pub(crate) operation: &'static Operation,
    pub(crate) effect: Effect,
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) sent_request_id: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) meta: Option<ResponseMeta>,
    pub(crate) detail: String,
    pub(crate) timeout: bool,
    pub(crate) too_large: bool,
    /// Nothing was sent, because the circuit is open.
    pub(crate) circuit_open: bool,
    /// The response does not identify itself as that of the request.
    pub(crate) foreign: bool,
    /// Why another attempt would fail in the same way.
    pub(crate) permanent: Option<Permanent>,
    /// Fields in which the existing object differs from the request.
    pub(crate) differing: Vec<String>,
    /// Status field and status of the existing object, if it has ended since.
    pub(crate) ended: Option<(String, String)>,
    /// Whether resending the request with its key is safe, although it may have been applied.
    pub(crate) resend_safe: bool,
    /// Whether the service refuses to carry out the request twice, whatever its key.
    pub(crate) protected: bool,
    /// Whether the call follows earlier ones with its key, of which it says nothing.
    pub(crate) follows: bool,
    /// The read that shows what the write did.
    pub(crate) look_up: Option<LookUp>,
    /// Why the credentials may have been refused.
    pub(crate) hint: Option<&'static str>,
    pub(crate) source: Option<BoxError>,
}

impl Parts {
    /// Creates the error of a call without a response.
    pub(crate) fn new(
        kind: ErrorKind,
        operation: &'static Operation,
        effect: Effect,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            operation,
            effect,
            key: None,
            sent_request_id: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            meta: None,
            detail: detail.into(),
            timeout: false,
            too_large: false,
            circuit_open: false,
            foreign: false,
            permanent: None,
            differing: Vec::new(),
            ended: None,
            resend_safe: false,
            protected: false,
            follows: false,
            look_up: None,
            hint: None,
            source: None,
        }
    }
}

impl Error {
    /// Creates an error without secrets of a request.
    pub(crate) fn new(parts: Parts) -> Self {
        Self::hiding(parts, &RequestSecrets::default())
    }

    /// Creates an error that withholds the secrets of its request.
    pub(crate) fn hiding(mut parts: Parts, secrets: &RequestSecrets) -> Self {
        let rejected = parts.meta.as_ref().filter(|_| parts.kind == ErrorKind::Api);
        let api = rejected.and_then(|meta| ApiError::parse(&meta.body));
        if let Some(meta) = rejected.filter(|_| api.is_none()) {
            parts.detail = describe(meta);
        }
        parts.detail = secrets.redact(&parts.detail);
        parts.differing = parts.differing.iter().map(|field| secrets.redact(field)).collect();
        let sources = parts.source.as_deref().map(|source| sources(source)).unwrap_or_default();
        let sources = sources.iter().map(|text| secrets.redact(text)).collect();
        Self(Box::new(Inner { parts, sources, api: api.map(|api| api.redacted(secrets)) }))
    }

    /// Returns the stage at which the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.parts.kind
    }

    /// Returns whether the call may have changed anything at Cashfree.
    pub fn effect(&self) -> Effect {
        self.0.parts.effect
    }

    /// Returns the operation's id in the API document, such as `PGCreateOrder`.
    pub fn operation(&self) -> &'static str {
        self.0.parts.operation.id
    }

    /// Returns the error body of the service, if the response has one.
    pub fn api(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// Returns the HTTP status, if a response was received.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.parts.meta.as_ref().map(ResponseMeta::status)
    }

    /// Returns the error code of the service, such as `order_already_exists`.
    pub fn code(&self) -> Option<&str> {
        self.api()?.code.as_deref()
    }

    /// Returns the error message of the service, masked as [`ApiError`] describes.
    pub fn message(&self) -> Option<&str> {
        self.api()?.message.as_deref()
    }

    /// Returns the request id. Cashfree's support finds the call under it. `None` if nothing was sent.
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.parts.meta {
            Some(meta) => Some(meta.request_id()),
            None => self.0.parts.sent_request_id.as_deref(),
        }
    }

    /// Returns the idempotency key of the call, if resending the same request with it is safe.
    ///
    /// `None` where the write was possibly applied and only its key protects it
    /// ([`Operation::protected_by`](crate::Operation::protected_by)), unless the policy
    /// [trusts keys](crate::RetryPolicy::trust_keys). To have the key in any case, read it before the call is sent
    /// ([`Call::prepared_key`](crate::Call::prepared_key)).
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.0.parts.key.as_ref().filter(|_| self.0.parts.resend_safe || !self.is_possibly_applied())
    }

    /// Whether the service has stored the failure under the key of the write, and repeats it.
    fn is_stored_failure(&self) -> bool {
        self.0.parts.effect == Effect::Unknown
            && self.0.parts.operation.retry_class != RetryClass::Safe
            && self.0.parts.meta.as_ref().and_then(ResponseMeta::replayed) == Some(true)
            && self.status().is_some_and(|status| is_transient(status.as_u16()))
    }

    /// Whether a write was or may have been applied.
    fn is_possibly_applied(&self) -> bool {
        self.0.parts.operation.retry_class != RetryClass::Safe
            && matches!(self.0.parts.effect, Effect::Unknown | Effect::Applied)
    }

    /// Returns what to do about the failure.
    ///
    /// | The call | | Next step |
    /// |---|---|---|
    /// | only reads | | [`Nothing`](NextStep::Nothing) |
    /// | was not applied | | [`Nothing`](NextStep::Nothing), or [`Resend`](NextStep::Resend) if it is [retryable](Self::is_retryable) |
    /// | may have been applied | resending is safe and may return another response | [`Resend`](NextStep::Resend) |
    /// | may have been, or was applied | a read shows it | [`Read`](NextStep::Read) |
    /// | may have been, or was applied | else | [`AskPerson`](NextStep::AskPerson) |
    /// | was not applied, but follows earlier calls with its key | not retryable | [`Read`](NextStep::Read), or [`AskPerson`](NextStep::AskPerson) |
    ///
    /// The last row concerns each [resumed](crate::Client::resume) call, and each call whose key the caller set
    /// or [prepared](crate::Call::prepared_key): an earlier call with the key may have been applied, which can be the reason
    /// of the refusal, such as a refund that leaves too little for a second one. A program that knows that no other call
    /// had the key takes [`Effect::Refused`] and [`Effect::NotSent`] as final.
    pub fn next_step(&self) -> NextStep {
        let parts = &self.0.parts;
        let resend =
            self.idempotency_key().filter(|_| parts.effect != Effect::Applied && self.is_retryable());
        match (resend, &parts.look_up) {
            (Some(key), _) if parts.operation.retry_class != RetryClass::Safe => {
                NextStep::Resend(key.clone())
            }
            _ if !self.is_possibly_applied() && !parts.follows => NextStep::Nothing,
            (_, Some(look_up)) => NextStep::Read(look_up.clone()),
            (_, None) => NextStep::AskPerson,
        }
    }

    /// Returns what a job engine does with the job of this call after its run of this number, counted from one.
    ///
    /// | Effect | | Job |
    /// |---|---|---|
    /// | not sent, refused, or read-only | [retryable](Self::is_retryable): no connection, 429, 5xx, timeout | retry |
    /// | | else: invalid request, credentials, 404, 422 | dead letter |
    /// | unknown | resending is safe and may return another response | retry |
    /// | | a failure is stored under the key, and the service refuses a second object | new key |
    /// | | else: only the key protects the write | dead letter |
    /// | applied | the response could not be decoded | dead letter |
    ///
    /// The delay is the one that the service asks for ([`RateLimit::retry_after`]), or grows with the runs. Limit the
    /// number of runs in the engine. A run may take as long as
    /// [`RetryPolicy::max_elapsed`](crate::RetryPolicy::max_elapsed): choose a longer lease for the job.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client, stored: cashfree::StoredCall) -> Result<(), cashfree::StoredCallError> {
    /// use cashfree::JobStep;
    ///
    /// let run = 1;
    /// let Err(error) = client.resume::<serde_json::Value>(&stored)?.await else { return Ok(()) };
    /// match error.job_step(run) {
    ///     JobStep::Retry { after } => println!("again in {after:?}: {error}"),
    ///     JobStep::NewKey { after } => {
    ///         let stored = stored.with_new_key()?;
    ///         println!("store {stored:?} in place of the other one, and run it in {after:?}");
    ///     }
    ///     _ => println!("needs a person: {error}; next step: {}", error.next_step()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn job_step(&self, run: u32) -> JobStep {
        if self.is_stored_failure() && self.0.parts.protected {
            return JobStep::NewKey { after: job_backoff(run) };
        }
        let is_safe = !self.is_possibly_applied() || matches!(self.next_step(), NextStep::Resend(_));
        if !is_safe || !self.is_retryable() {
            return JobStep::DeadLetter;
        }
        let asked = self.rate_limit().and_then(|limit| limit.retry_after).unwrap_or_default();
        JobStep::Retry { after: job_backoff(run).max(asked) }
    }

    /// Suggests the status that a web handler returns for this error. For 503,
    /// [`rate_limit`](Self::rate_limit) may say how long to wait.
    ///
    /// | The call | Suggested status |
    /// |---|---|
    /// | write that may have been applied: timeout, 504 | 504 |
    /// | other write that may have been applied | 502: unlike 503, it invites nobody to repeat the write |
    /// | 404, 409 of the API | the same |
    /// | 400, 422 and other refusals of the request by the API | 422 |
    /// | 429, 503, no connection | 503 |
    /// | timeout, 504 | 504 |
    /// | credentials refused, or a mistake of this program | 500 |
    /// | anything else | 502 |
    pub fn suggested_status(&self) -> StatusCode {
        let status = self.status().map_or(0, |status| status.as_u16());
        match (self.kind(), status) {
            (ErrorKind::Timeout, _) | (ErrorKind::Api, 504) => StatusCode::GATEWAY_TIMEOUT,
            // If the outcome is ambiguous, the refusal is not an error of the caller.
            _ if self.is_possibly_applied() => StatusCode::BAD_GATEWAY,
            (ErrorKind::Connect, _) | (ErrorKind::Api, 429 | 503) => StatusCode::SERVICE_UNAVAILABLE,
            (ErrorKind::Request | ErrorKind::Auth, _) | (ErrorKind::Api, 401 | 403) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            (ErrorKind::Api, _) if self.is_ambiguous_refusal() || self.is_anonymous() => {
                StatusCode::BAD_GATEWAY
            }
            (ErrorKind::Api, 404) => StatusCode::NOT_FOUND,
            (ErrorKind::Api, 409) => StatusCode::CONFLICT,
            (ErrorKind::Api, 400..=499) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// Returns the number of attempts, those without a connection included.
    pub fn attempts(&self) -> u32 {
        self.0.parts.attempts
    }

    /// Returns the duration of the call, waits between attempts included.
    pub fn elapsed(&self) -> Duration {
        self.0.parts.elapsed
    }

    /// Returns the rate limit, if the response has one.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.0.parts.meta.as_ref()?.rate_limit()
    }

    /// Returns the metadata of the response, if one was received: status, headers, body.
    pub fn meta(&self) -> Option<&ResponseMeta> {
        self.0.parts.meta.as_ref()
    }

    /// Returns the body of the response, as far as it was received. It may hold data about customers: keep it out of logs.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.parts.meta.as_ref().map(ResponseMeta::body)
    }

    /// Returns the names of fields in which the existing object differs from the request, such as `order_amount` or
    /// `customer_details.customer_phone`. A split that was not requested counts. Values are not shown.
    ///
    /// Not empty if the service said that the object exists already, and the client read it back, or if it responded with
    /// success and another amount or currency. A difference proves nothing, since the service may show a value in another
    /// form: the effect is [`Effect::Unknown`], or [`Effect::Applied`] if a response of an attempt says so.
    pub fn differing_fields(&self) -> &[String] {
        &self.0.parts.differing
    }

    /// Whether the response is a 4xx that is not known to be the service's.
    fn is_anonymous(&self) -> bool {
        self.status().is_some_and(|status| is_anonymous(status, self.api()))
    }

    /// Whether the response is a 4xx that reports a failure of the service or of a system behind it.
    fn is_ambiguous_refusal(&self) -> bool {
        self.status().is_some_and(|status| status.is_client_error() && is_ambiguous(status, self.api()))
    }

    fn has_status(&self, status: u16) -> bool {
        self.0.parts.kind == ErrorKind::Api && self.status().is_some_and(|found| found.as_u16() == status)
    }

    /// Returns whether the object does not exist in this account and environment (404).
    ///
    /// Not so for a 404 without an error of the API: a proxy that knows no route, or that hides a response, proves
    /// nothing of the object.
    pub fn is_not_found(&self) -> bool {
        self.has_status(404) && !self.is_anonymous()
    }

    /// Returns whether the object exists already, or its state does not allow the call (409). Read it by its id. After
    /// [`Effect::Unknown`] it may be yours, and also if a proxy before the service repeats requests on its own.
    pub fn is_conflict(&self) -> bool {
        self.has_status(409)
    }

    /// Returns whether the credentials were refused (401, 403), or do not fit the operation.
    ///
    /// Check the environment: the sandbox has credentials of its own. `Display` of a 401 says so if the client id or the
    /// secret look like those of the other environment (`TEST…`, `_test_`, `_prod_`).
    pub fn is_auth(&self) -> bool {
        self.0.parts.kind == ErrorKind::Auth || self.has_status(401) || self.has_status(403)
    }

    /// Returns whether the operation does not accept this combination of credentials. Nothing was sent.
    pub fn is_auth_unsupported(&self) -> bool {
        self.0.parts.kind == ErrorKind::Auth && self.0.parts.source.is_none()
    }

    /// Returns whether there were too many calls (429). [`rate_limit`](Error::rate_limit) says how long to wait.
    pub fn is_rate_limited(&self) -> bool {
        self.has_status(429)
    }

    /// Returns whether the idempotency key was used with another body (422 whose code or type names idempotency). A new
    /// write needs a new key.
    pub fn is_idempotency_mismatch(&self) -> bool {
        self.has_status(422) && self.api().is_some_and(names_idempotency)
    }

    /// Returns whether a timeout ended the call, while connecting or waiting for the response.
    pub fn is_timeout(&self) -> bool {
        self.0.parts.timeout
    }

    /// Returns whether the last attempt had no connection. [`effect`](Error::effect) covers earlier attempts.
    pub fn is_connect(&self) -> bool {
        self.0.parts.kind == ErrorKind::Connect
    }

    /// Returns whether a success response could not be decoded. [`body`](Error::body) has it.
    pub fn is_decode(&self) -> bool {
        self.0.parts.kind == ErrorKind::Decode
    }

    /// Returns whether the response was longer than [`max_body`](crate::ClientBuilder::max_body). Its body is dropped or
    /// truncated. For a write, [`effect`](Error::effect) follows from its status.
    pub fn is_too_large(&self) -> bool {
        self.0.parts.too_large
    }

    /// Returns whether the bank failed (502 `bank_processing_failure`), not Cashfree.
    pub fn is_bank_failure(&self) -> bool {
        self.has_status(502) && self.code() == Some("bank_processing_failure")
    }

    /// Returns whether the TLS handshake failed: the certificate is not trusted, expired or for another host, or there is
    /// no common TLS version. Nothing was sent, and the call is not retried: check the base URL, the clock and
    /// [`root_certificates`](crate::ClientBuilder::root_certificates).
    pub fn is_tls(&self) -> bool {
        self.0.parts.permanent == Some(Permanent::Tls)
    }

    /// Returns whether the circuit is open: the service did not respond to many attempts in a row, so nothing was sent
    /// ([`CircuitBreaker`](crate::CircuitBreaker)).
    pub fn is_circuit_open(&self) -> bool {
        self.0.parts.circuit_open
    }

    /// Returns whether the same call, with the same key, may succeed later. A stored failure (a 5xx marked as replayed) will
    /// not.
    pub fn is_retryable(&self) -> bool {
        let repeatable = match self.0.parts.operation.retry_class {
            RetryClass::Safe => true,
            RetryClass::Keyed => self.idempotency_key().is_some(),
            _ => false,
        };
        match self.0.parts.kind {
            _ if self.0.parts.permanent.is_some() => false,
            ErrorKind::Connect => {
                repeatable
                    || matches!(self.0.parts.effect, Effect::NotSent | Effect::Refused | Effect::ReadOnly)
            }
            ErrorKind::Timeout | ErrorKind::Transport => repeatable && !self.0.parts.too_large,
            ErrorKind::Api => match self.status().map(|status| status.as_u16()) {
                Some(429) => repeatable || !self.is_possibly_applied(),
                Some(status) if is_transient(status) || self.is_ambiguous_refusal() => {
                    repeatable && self.0.parts.meta.as_ref().and_then(ResponseMeta::replayed) != Some(true)
                }
                _ => false,
            },
            ErrorKind::Decode => {
                let is_foreign = self.0.parts.foreign;
                let garbled = |meta: &ResponseMeta| {
                    content_coding(&meta.headers).is_none() && (is_foreign || !is_json(&meta.body))
                };
                repeatable && !self.0.parts.too_large && self.meta().is_some_and(garbled)
            }
            ErrorKind::Request | ErrorKind::Auth => false,
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.parts.source.as_deref().map(|source| source as _)
    }
}

impl HasMeta for Error {
    fn meta(&self) -> Option<&ResponseMeta> {
        Self::meta(self)
    }
}

impl<T> HasMeta for Result<Response<T>, Error> {
    fn meta(&self) -> Option<&ResponseMeta> {
        match self {
            Ok(response) => Some(response.meta()),
            Err(error) => error.meta(),
        }
    }
}
