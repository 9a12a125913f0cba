//! Why a call brought no value, and what it did all the same.

mod api;
mod kind;
mod status;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::echo::RequestSecrets;
use crate::next_step::job_backoff;
use crate::redact::redact;
use crate::response::{content_coding, is_json};
use crate::retry::is_transient;
use crate::transport::{Permanent, sources};
use crate::{
    BoxError, HasMeta, IdempotencyKey, JobStep, LookUp, NextStep, Operation, RateLimit, Repeat, Response,
    ResponseMeta,
};

pub use api::ApiError;
pub use kind::{Effect, ErrorKind};
pub(crate) use status::{is_ambiguous, is_conflict, is_in_progress};

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
/// case, is replaced by a note that it is withheld. A secret of 2 to 7 characters counts where it stands alone as a
/// word. Other private text of the request (names, phone numbers, email and postal addresses, notes, tags, URLs) counts
/// where the whole value of 8 or more characters is repeated. Encoded repetitions (base64, percent-encoding) and the contents of uploaded files are not recognised. What
/// looks like a card number, and words with an `@`, are replaced by `***` in any case.
///
/// [`body`](Error::body) returns the body as received; it is not for logs.
pub struct Error(Box<Inner>);

struct Inner {
    parts: Parts,
    api: Option<ApiError>,
    /// The texts of the source and of its sources.
    sources: Vec<String>,
}

/// What an error is made of; the rest follows from it.
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
    /// Fields in which what exists differs from what was requested.
    pub(crate) differing: Vec<String>,
    /// The status field and status of what exists, if it has ended since.
    pub(crate) ended: Option<(String, String)>,
    /// Whether sending the request again under its key is safe, though it may have been applied.
    pub(crate) resend_safe: bool,
    /// The read that shows what the write did.
    pub(crate) look_up: Option<LookUp>,
    /// Why the credentials may have been refused.
    pub(crate) hint: Option<&'static str>,
    pub(crate) source: Option<BoxError>,
}

impl Parts {
    /// An error of a call that received no response.
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
            look_up: None,
            hint: None,
            source: None,
        }
    }
}

impl Error {
    /// An error of a call that secrets nothing, or of none at all.
    pub(crate) fn new(parts: Parts) -> Self {
        Self::hiding(parts, &RequestSecrets::default())
    }

    /// An error that shows nothing of what its call secrets.
    pub(crate) fn hiding(mut parts: Parts, secrets: &RequestSecrets) -> Self {
        let answered = parts.meta.as_ref().filter(|_| parts.kind == ErrorKind::Api);
        let api = answered.and_then(|meta| ApiError::parse(&meta.body));
        if let Some(meta) = answered.filter(|_| api.is_none()) {
            parts.detail = describe(meta);
        }
        parts.detail = secrets.redact(&parts.detail);
        parts.differing = parts.differing.iter().map(|member| secrets.redact(member)).collect();
        let sources = parts.source.as_deref().map(|source| sources(source)).unwrap_or_default();
        let sources = sources.iter().map(|text| secrets.redact(text)).collect();
        Self(Box::new(Inner { parts, sources, api: api.map(|api| api.redacted(secrets)) }))
    }

    /// The stage at which it failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.parts.kind
    }

    /// Whether money may have moved.
    pub fn effect(&self) -> Effect {
        self.0.parts.effect
    }

    /// The operation, by its id in the API document.
    pub fn operation(&self) -> &'static str {
        self.0.parts.operation.id
    }

    /// What the service said, if it said anything that can be read.
    pub fn api(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.parts.meta.as_ref().map(ResponseMeta::status)
    }

    /// The service's code, such as `order_already_exists`.
    pub fn code(&self) -> Option<&str> {
        self.api()?.code.as_deref()
    }

    /// The service's sentence; see [`ApiError`] for what is left out of it.
    pub fn message(&self) -> Option<&str> {
        self.api()?.message.as_deref()
    }

    /// The request id, by which Cashfree's support finds the call; absent when nothing was sent.
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.parts.meta {
            Some(meta) => Some(meta.request_id()),
            None => self.0.parts.sent_request_id.as_deref(),
        }
    }

    /// Returns the idempotency key of the call, if sending the same request again with it is safe.
    ///
    /// `None` where the write was possibly applied and only its key protects it
    /// ([`Operation::protected_by`](crate::Operation::protected_by)), unless the policy
    /// [trusts keys](crate::RetryPolicy::trust_keys). To have the key in any case, read it before the call is sent
    /// ([`Call::prepared_key`](crate::Call::prepared_key)).
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.0.parts.key.as_ref().filter(|_| self.0.parts.resend_safe || !self.is_possibly_applied())
    }

    /// Whether a write was or may have been applied.
    fn is_possibly_applied(&self) -> bool {
        self.0.parts.operation.repeat != Repeat::Safe
            && matches!(self.0.parts.effect, Effect::Unknown | Effect::Applied)
    }

    /// Returns what to do about the failure.
    ///
    /// | The call | | Next step |
    /// |---|---|---|
    /// | only reads, or was not applied | | [`Nothing`](NextStep::Nothing), or [`Resend`](NextStep::Resend) if it is [retryable](Self::is_retryable) |
    /// | may have been applied | resending is safe and may bring another response | [`Resend`](NextStep::Resend) |
    /// | may have been, or was applied | a read shows it | [`Read`](NextStep::Read) |
    /// | may have been, or was applied | else | [`AskPerson`](NextStep::AskPerson) |
    pub fn next_step(&self) -> NextStep {
        let parts = &self.0.parts;
        let resend =
            self.idempotency_key().filter(|_| parts.effect != Effect::Applied && self.is_retryable());
        match (resend, &parts.look_up) {
            (Some(key), _) if parts.operation.repeat != Repeat::Safe => NextStep::Resend(key.clone()),
            _ if !self.is_possibly_applied() => NextStep::Nothing,
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
    /// | unknown | resending is safe and may bring another response | retry |
    /// | | else: only the key protects the write, or a failure is stored under the key | dead letter |
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
    ///     _ => println!("for a person: {error}, {:?}", error.next_step()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn job_step(&self, run: u32) -> JobStep {
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
    /// | 404, 409 | the same |
    /// | 400, 422 and other refusals of the request | 422 |
    /// | 429, 503, no connection | 503 |
    /// | timeout, 504 | 504 |
    /// | credentials refused, or a mistake of this program | 500 |
    /// | anything else, and a write that may have been applied | 502 |
    pub fn suggested_status(&self) -> StatusCode {
        let status = self.status().map_or(0, |status| status.as_u16());
        match (self.kind(), status) {
            (ErrorKind::Connect, _) | (ErrorKind::Api, 429 | 503) => StatusCode::SERVICE_UNAVAILABLE,
            (ErrorKind::Timeout, _) | (ErrorKind::Api, 504) => StatusCode::GATEWAY_TIMEOUT,
            (ErrorKind::Request | ErrorKind::Auth, _) | (ErrorKind::Api, 401 | 403) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            // A refusal that leaves the outcome open is no fault of who asked.
            _ if matches!(self.effect(), Effect::Unknown | Effect::Applied) => StatusCode::BAD_GATEWAY,
            (ErrorKind::Api, 404) => StatusCode::NOT_FOUND,
            (ErrorKind::Api, 409) => StatusCode::CONFLICT,
            (ErrorKind::Api, 400..=499) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// How many times the request was sent, or tried to be.
    pub fn attempts(&self) -> u32 {
        self.0.parts.attempts
    }

    /// How long the call took, waits between attempts included.
    pub fn elapsed(&self) -> Duration {
        self.0.parts.elapsed
    }

    /// The rate limit, if the answer told.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.0.parts.meta.as_ref()?.rate_limit()
    }

    /// How the answer came, if one did: headers, status, body.
    pub fn meta(&self) -> Option<&ResponseMeta> {
        self.0.parts.meta.as_ref()
    }

    /// The body of the answer, as far as it came. It may tell about customers: not for logs.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.parts.meta.as_ref().map(ResponseMeta::body)
    }

    /// The fields in which what exists under the identifier differs from the request, such as `order_amount` or
    /// `customer_details.customer_phone`; never a value. A split that was not requested is among them.
    ///
    /// Not empty where the client was told that the object exists already, and read it back. A difference proves
    /// nothing, since the service may show a value in its own way: the effect is [`Effect::Unknown`], or
    /// [`Effect::Applied`] where an attempt said so.
    pub fn differing_members(&self) -> &[String] {
        &self.0.parts.differing
    }

    /// Whether the response is a 4xx that says that the service, or something behind it, gave up.
    fn is_ambiguous_refusal(&self) -> bool {
        self.status().is_some_and(|status| status.is_client_error() && is_ambiguous(status, self.api()))
    }

    fn has_status(&self, status: u16) -> bool {
        self.0.parts.kind == ErrorKind::Api && self.status().is_some_and(|found| found.as_u16() == status)
    }

    /// 404: the order, payment or refund does not exist in this account and environment.
    pub fn is_not_found(&self) -> bool {
        self.has_status(404)
    }

    /// 409: it exists already, or its state does not allow the call. Read it by its id; after
    /// [`Effect::Unknown`] it may be your own.
    pub fn is_conflict(&self) -> bool {
        self.has_status(409)
    }

    /// The credentials were not accepted (401, 403), or do not fit. Check the environment: the sandbox
    /// has its own. `Display` of a 401 says so where the client id or the secret look like those of the other
    /// environment (`TEST…`, `_test_`, `_prod_`).
    pub fn is_auth(&self) -> bool {
        self.0.parts.kind == ErrorKind::Auth || self.has_status(401) || self.has_status(403)
    }

    /// The operation does not accept this combination of credentials; nothing was sent.
    pub fn is_auth_unsupported(&self) -> bool {
        self.0.parts.kind == ErrorKind::Auth && self.0.parts.source.is_none()
    }

    /// 429: too many calls. [`rate_limit`](Error::rate_limit) tells how long to wait.
    pub fn is_rate_limited(&self) -> bool {
        self.has_status(429)
    }

    /// 422: the idempotency key was used before, with another body. A new act needs a new key.
    pub fn is_idempotency_mismatch(&self) -> bool {
        self.has_status(422)
    }

    /// A time limit ran out, while connecting or while waiting.
    pub fn is_timeout(&self) -> bool {
        self.0.parts.timeout
    }

    /// No connection came about. Nothing was sent, unless an earlier attempt was
    /// ([`effect`](Error::effect) tells).
    pub fn is_connect(&self) -> bool {
        self.0.parts.kind == ErrorKind::Connect
    }

    /// A success whose body can't be read; [`body`](Error::body) has it.
    pub fn is_decode(&self) -> bool {
        self.0.parts.kind == ErrorKind::Decode
    }

    /// The answer was longer than [`max_body`](crate::ClientBuilder::max_body); what was read of it was
    /// dropped or cut. For a write, [`effect`](Error::effect) tells what the status said.
    pub fn is_too_large(&self) -> bool {
        self.0.parts.too_large
    }

    /// 502 with a word about the bank: the service works, the bank behind it failed.
    pub fn is_bank_failure(&self) -> bool {
        self.has_status(502) && self.code() == Some("bank_processing_failure")
    }

    /// The TLS handshake failed: the certificate is not trusted, expired or for another host, or there is no
    /// common TLS version. Nothing was sent, and it is not retried: check the base URL, the clock and
    /// [`root_certificates`](crate::ClientBuilder::root_certificates).
    pub fn is_tls(&self) -> bool {
        self.0.parts.permanent == Some(Permanent::Tls)
    }

    /// The circuit is open: the service did not respond to many attempts in a row, so nothing was sent
    /// ([`CircuitBreaker`](crate::CircuitBreaker)).
    pub fn is_circuit_open(&self) -> bool {
        self.0.parts.circuit_open
    }

    /// Whether the same call, with the same key, may fare better later. An answer that the service has
    /// stored under the key, a 5xx marked as replayed, will not.
    pub fn is_retryable(&self) -> bool {
        let repeatable = match self.0.parts.operation.repeat {
            Repeat::Safe => true,
            Repeat::Keyed => self.idempotency_key().is_some(),
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
                Some(429) => true,
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { parts, api, .. } = self.0.as_ref();
        write!(f, "{}: ", parts.operation.id)?;
        match (&parts.meta, parts.kind) {
            (Some(meta), ErrorKind::Api) => {
                write!(f, "{}", meta.status.as_u16())?;
                match api {
                    Some(api) => {
                        if let Some(code) = &api.code {
                            write!(f, " {code}")?;
                        }
                        if let Some(message) = &api.message {
                            write!(f, ": {message}")?;
                        }
                    }
                    None => write!(f, ", {}", parts.detail)?,
                }
            }
            (Some(meta), _) => write!(f, "{}, but {}", meta.status.as_u16(), parts.detail)?,
            (None, _) => f.write_str(&parts.detail)?,
        }
        let mut notes = Vec::new();
        if let Some(id) = self.request_id() {
            notes.push(format!("request {}", redact(&id.replace(char::is_control, " "))));
        }
        if let Some(wait) = self.rate_limit().and_then(|limit| limit.retry_after) {
            notes.push(format!("come back in {} s", wait.as_secs()));
        }
        notes.extend(parts.hint.map(str::to_owned));
        if !parts.differing.is_empty() {
            notes.push(format!("what exists differs in {}", parts.differing.join(", ")));
        }
        if let Some((field, status)) = &parts.ended {
            notes.push(format!("what exists has {field} {status}"));
        }
        let unanswered = parts.meta.is_none();
        match parts.attempts {
            1 if unanswered => notes.push("1 attempt".to_owned()),
            0 | 1 => {}
            attempts => notes.push(format!("{attempts} attempts")),
        }
        if notes.is_empty() { Ok(()) } else { write!(f, " ({})", notes.join(", ")) }
    }
}

/// A body that is no error of the API: what it is, without what it holds.
fn describe(meta: &ResponseMeta) -> String {
    if meta.status.is_redirection() {
        return "a redirect, which is not followed: credentials go to the configured address only".to_owned();
    }
    if let Some(coding) = content_coding(&meta.headers) {
        return format!("with a body that is compressed ({coding}), which was not asked for");
    }
    if meta.body.is_empty() {
        return "without a body".to_owned();
    }
    let kind = meta.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("no content type");
    format!("with a body that is no error of the API ({kind}, {} bytes)", meta.body.len())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.0.parts;
        let mut fields = f.debug_struct("Error");
        fields
            .field("operation", &parts.operation.id)
            .field("kind", &parts.kind)
            .field("effect", &parts.effect)
            .field("status", &self.status().map(|status| status.as_u16()))
            .field("code", &self.code())
            .field("message", &self.message())
            .field("detail", &parts.detail)
            .field("request_id", &self.request_id().map(redact))
            .field("idempotency_key", &parts.key)
            .field("attempts", &parts.attempts)
            .field("elapsed", &parts.elapsed)
            .field("rate_limit", &self.rate_limit());
        if !parts.differing.is_empty() {
            fields.field("differing", &parts.differing);
        }
        if let Some(hint) = parts.hint {
            fields.field("hint", &hint);
        }
        if !self.0.sources.is_empty() {
            fields.field("sources", &self.0.sources);
        }
        fields.finish()
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
