//! The attempts of one call: headers, the loop, and what is known when it ends.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use uuid::Uuid;

use super::identity::{self, Mismatch};
use super::options::Options;
use super::protection::{is_protected, needs};
use super::trace;
use crate::budget::Budget;
use crate::echo::RequestSecrets;
use crate::error::{Parts, is_ambiguous, is_conflict};
use crate::headers::{API_VERSION, CLIENT_SIGNATURE, IDEMPOTENCY_KEY, REQUEST_ID, RESERVED, is_printable};
use crate::idempotency::takes_key;
use crate::response::{content_coding, is_json};
use crate::retry::is_transient;
use crate::server_wait::retry_after;
use crate::transport::{Head, Permanent};
use crate::{
    ApiError, BoxError, BoxFuture, Cause, Client, Credentials, Decision, Effect, Error, ErrorKind, Failure,
    Idempotency, IdempotencyKey, LookUp, Operation, Repeat, ResponseMeta, RetryPolicy, Sent, TransportError,
};

/// The shortest wait for a retry budget that is empty.
const BUDGET_POLL: Duration = Duration::from_millis(50);

/// One logical call on its way: what stays the same over its attempts, and what they have found out.
#[derive(Debug)]
pub(crate) struct Delivery {
    client: Client,
    operation: &'static Operation,
    credentials: Credentials,
    key: Option<IdempotencyKey>,
    /// The key was given, so another call may have been sent with it: before, or at the same time.
    pub(super) continues: bool,
    request_id: HeaderValue,
    timeout: Duration,
    policy: RetryPolicy,
    /// The caller's own.
    headers: Vec<(HeaderName, HeaderValue)>,
    started: Instant,
    budget: Budget,
    /// The request as it is sent, once it is known.
    request: OnceLock<cashfree_gen::Request>,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Progress {
    attempts: u32,
    /// The wait before the next attempt.
    waited: Duration,
    /// An attempt may have taken effect without saying so.
    uncertain: bool,
    /// An attempt took effect: a response that identified itself said so, but could not be decoded.
    applied: bool,
    /// An attempt may have reached the service.
    sent: bool,
    /// The response is what was found under the identifier.
    pub(super) read_back: bool,
    /// The fields in which what was found differs from what was requested.
    pub(super) differing: Vec<String>,
    /// The status field and status of what was found, if it has ended since.
    pub(super) ended: Option<(String, String)>,
    /// The signatures that attempts were sent with.
    signatures: Vec<HeaderValue>,
}

impl Progress {
    /// It is not known that nothing happened.
    pub(super) fn is_open(&self) -> bool {
        self.uncertain || self.applied
    }
}

/// Why the transport handed no answer over; it travels through the generated client as its error.
#[derive(Debug)]
pub(super) struct Undelivered {
    kind: ErrorKind,
    detail: String,
    timeout: bool,
    too_large: bool,
    /// The response does not identify itself as that of the request.
    foreign: bool,
    permanent: Option<Permanent>,
    partial: Option<cashfree_gen::Response>,
    source: Option<BoxError>,
}

impl Undelivered {
    /// A failure on this side.
    fn local(kind: ErrorKind, detail: String, source: Option<BoxError>) -> Self {
        Self {
            kind,
            detail,
            timeout: false,
            too_large: false,
            foreign: false,
            permanent: None,
            partial: None,
            source,
        }
    }
}

impl std::fmt::Display for Undelivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Undelivered {}

/// The response of an attempt that has not been awaited yet.
pub(super) type PendingResponse<'a> = BoxFuture<'a, Result<http::Response<Bytes>, TransportError>>;

/// A request id that nobody has had.
fn fresh() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let text = Uuid::new_v4().hyphenated().encode_lower(&mut text);
    // Digits and dashes are always fit.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl Delivery {
    /// Settles all that can be settled before anything is sent.
    pub(super) fn new(
        client: Client,
        operation: &'static Operation,
        options: Options,
    ) -> Result<Self, Error> {
        let started = client.clock().now();
        let mut key = options.key.filter(|_| takes_key(operation));
        let continues = key.is_some() && !options.key_is_new;
        let explicit = client.idempotency() == Idempotency::Explicit;
        if key.is_none() && takes_key(operation) && client.makes_keys() {
            key = Some(IdempotencyKey::random());
        }
        let budget = match &options.credentials {
            Some(credentials) => client.budget_of(credentials),
            None => client.budget().clone(),
        };
        let mut delivery = Self {
            budget,
            credentials: options.credentials.unwrap_or_else(|| client.credentials().clone()),
            timeout: options.timeout.unwrap_or(client.timeout()),
            policy: options.retry.unwrap_or_else(|| client.retry_policy().clone()),
            request_id: HeaderValue::from_static(""),
            client,
            operation,
            key,
            continues,
            headers: options.headers,
            started,
            request: OnceLock::new(),
            progress: Mutex::default(),
        };
        if explicit && takes_key(operation) && delivery.key.is_none() {
            return Err(delivery.local(
                ErrorKind::Request,
                "a write needs an idempotency key here".to_owned(),
                None,
            ));
        }
        if !delivery.credentials.satisfy(operation) {
            let accepted: Vec<String> = operation.auth.iter().map(|headers| headers.join(" with ")).collect();
            let scheme = delivery.credentials.scheme();
            let detail = format!("does not accept {scheme:?} credentials, but {}", accepted.join(", or "));
            return Err(delivery.local(ErrorKind::Auth, detail, None));
        }
        let own = delivery.headers.iter().find(|(name, _)| RESERVED.contains(name));
        if let Some((name, _)) = own {
            let detail = format!("the header {name} is the client's own");
            return Err(delivery.local(ErrorKind::Request, detail, None));
        }
        delivery.request_id = match options.request_id {
            None => fresh(),
            Some(id) => {
                let fine = !id.is_empty() && is_printable(&id);
                let value = HeaderValue::try_from(id).ok().filter(|_| fine);
                let detail = "the request id is empty, holds a space at an end, or characters that are not \
                              printable ASCII";
                value.ok_or_else(|| delivery.local(ErrorKind::Request, detail.to_owned(), None))?
            }
        };
        Ok(delivery)
    }

    pub(super) fn request_id(&self) -> &str {
        self.request_id.to_str().unwrap_or_default()
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> Duration {
        self.client.clock().now().saturating_duration_since(self.started)
    }

    /// Sends until an answer stands.
    async fn deliver(&self, request: &cashfree_gen::Request) -> Result<cashfree_gen::Response, Undelivered> {
        let identified = self.identified(request);
        let request = identified.as_ref().unwrap_or(request);
        self.request.get_or_init(|| request.clone());
        loop {
            let outcome = self.attempt(request).await?;
            let (cause, settled) = match outcome {
                Ok(answer) if answer.status.is_success() => match self.check_success(request, &answer) {
                    Ok(()) => return Ok(answer),
                    Err(fault) => {
                        let is_foreign = fault.foreign;
                        let settled = Err(Undelivered { partial: Some(answer), ..fault });
                        if !is_foreign {
                            return settled;
                        }
                        // A response of somebody else says no more than none.
                        (Cause::NoAnswer, settled)
                    }
                },
                Ok(answer) => {
                    if self.may_be_its_own(&answer)
                        // Rare, and long: what waits for an answer need not have room for it.
                        && let Some(found) = Box::pin(self.read_back(request)).await
                    {
                        return Ok(found);
                    }
                    (self.cause_of(&answer), Ok(answer))
                }
                // Another attempt would fail in the same way.
                Err(failure) if failure.too_large || failure.permanent.is_some() => {
                    return Err(undelivered(failure));
                }
                Err(failure) => (Cause::from(failure.sent), Err(undelivered(failure))),
            };
            if !self.wait_for_retry(cause).await {
                return settled;
            }
        }
    }

    /// Checks that a success is the response to its request: it identifies itself, and it is not compressed, since
    /// the client asks for no compression.
    #[expect(clippy::result_large_err, reason = "it is made once, when the call fails")]
    fn check_success(
        &self,
        request: &cashfree_gen::Request,
        answer: &cashfree_gen::Response,
    ) -> Result<(), Undelivered> {
        let (detail, foreign) = match content_coding(&answer.headers) {
            Some(coding) => {
                (format!("the response is compressed ({coding}), which was not asked for"), false)
            }
            None => match identity::check(request, answer) {
                Ok(()) => return Ok(()),
                Err(mismatch) => (mismatch.to_string(), matches!(mismatch, Mismatch::Foreign(_))),
            },
        };
        self.update(|progress| progress.uncertain = true);
        Err(Undelivered { foreign, ..Undelivered::local(ErrorKind::Decode, detail, None) })
    }

    /// One attempt. The outer error is local and final: there is nothing to send.
    async fn attempt(
        &self,
        request: &cashfree_gen::Request,
    ) -> Result<Result<cashfree_gen::Response, TransportError>, Undelivered> {
        let response = self.start(request)?;
        let (attempt, waited) = {
            let mut progress = self.progress();
            progress.attempts += 1;
            (progress.attempts, progress.waited)
        };
        if attempt == 1 {
            self.budget.earn(self.policy.extra_load());
        }
        let answer = self.finish(request.operation, attempt, waited, response).await;
        if attempt > 1 && answer.as_ref().is_ok_and(|answer| !is_transient(answer.status.as_u16())) {
            self.budget.refund();
        }
        match &answer {
            Ok(answer) => self.update(|progress| {
                progress.sent = true;
                progress.uncertain |= self.leaves_open(answer);
            }),
            Err(failure) => self.update(|progress| {
                progress.sent |= failure.sent == Sent::Maybe;
                progress.uncertain |= failure.sent == Sent::Maybe;
            }),
        }
        Ok(answer)
    }

    /// Prepares an attempt, with the credentials of now and what is left of the time. It is sent when the
    /// response is awaited.
    #[expect(clippy::result_large_err, reason = "it is made once, when the call fails")]
    pub(super) fn start(&self, request: &cashfree_gen::Request) -> Result<PendingResponse<'_>, Undelivered> {
        // Those below, and the two that the transport adds.
        let mut headers = HeaderMap::with_capacity(9 + request.headers.len() + self.headers.len());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(API_VERSION, self.client.api_version().header());
        headers.insert(REQUEST_ID, self.request_id.clone());
        if !request.operation.is_open() {
            self.credentials.apply(&mut headers).map_err(|source| {
                let detail = format!("the credentials can't be applied: {source}");
                Undelivered::local(ErrorKind::Auth, detail, Some(source))
            })?;
            self.progress().signatures.extend(headers.get(CLIENT_SIGNATURE).cloned());
        }
        // What is read back has no key, though the call has one.
        if let Some(key) = self.key.as_ref().filter(|_| request.operation.repeat != Repeat::Safe) {
            let value = key
                .header()
                .ok_or_else(|| Undelivered::local(ErrorKind::Request, crate::InvalidKey.to_string(), None))?;
            headers.insert(IDEMPOTENCY_KEY, value);
        }
        let own = |name: &HeaderName| self.headers.iter().any(|(own, _)| own == name);
        if !own(&header::ACCEPT_ENCODING) {
            // Without it, any coding may come.
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        for (name, value) in request.headers.iter().filter(|(name, _)| !own(name)) {
            headers.insert(name, value.clone());
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        let head = Head { method: request.operation.method.clone(), headers, body: request.body.clone() };
        self.client
            .network()
            .send(self.client.base(), &request.path, head, self.timeout.min(self.left()))
            .map_err(|reason| Undelivered::local(ErrorKind::Request, reason, None))
    }

    /// Sends what [`start`](Self::start) prepared and awaits the response.
    pub(super) fn finish<'a>(
        &'a self,
        operation: &'static Operation,
        attempt: u32,
        waited: Duration,
        response: PendingResponse<'a>,
    ) -> impl Future<Output = Result<cashfree_gen::Response, TransportError>> + 'a {
        let begun = trace::ENABLED.then(|| self.client.clock().now());
        async move { self.received(operation, attempt, waited, begun, response.await) }
    }

    /// Returns whether a response that is no success leaves open if this call took effect: by its status, or because
    /// it may be due to an earlier call with the same key.
    fn leaves_open(&self, answer: &cashfree_gen::Response) -> bool {
        if answer.status.is_success() {
            return false;
        }
        let error = ApiError::parse(&answer.body);
        is_ambiguous(answer.status, error.as_ref())
            || self.continues && is_conflict(answer.status, error.as_ref())
    }

    /// What has come of an attempt.
    fn received(
        &self,
        operation: &Operation,
        attempt: u32,
        waited: Duration,
        begun: Option<Instant>,
        answer: Result<http::Response<Bytes>, TransportError>,
    ) -> Result<cashfree_gen::Response, TransportError> {
        let answer = match answer {
            Ok(answer) if self.is_stray(operation, answer.headers()) => {
                Err(TransportError::foreign_response())
            }
            Ok(answer) => Ok(received(answer)),
            Err(failure) => match failure.partial {
                // The status of a refusal tells all that matters; the body is cut at the limit.
                Some(answer) if failure.too_large && !answer.status().is_success() => Ok(received(*answer)),
                partial => Err(TransportError { partial, ..failure }),
            },
        };
        trace::attempt(&trace::Attempt {
            operation,
            attempt,
            request_id: self.request_id(),
            waited,
            elapsed: begun
                .map_or(Duration::ZERO, |begun| self.client.clock().now().saturating_duration_since(begun)),
            answer: answer.as_ref(),
        });
        answer
    }

    pub(super) async fn sleep(&self, time: Duration) {
        self.client.clock().sleep(time).await;
    }

    pub(super) fn left(&self) -> Duration {
        self.policy.time_limit().saturating_sub(self.elapsed())
    }

    fn is_stray(&self, operation: &Operation, headers: &HeaderMap) -> bool {
        let key = self.key.as_ref().filter(|_| operation.repeat != Repeat::Safe);
        identity::is_stray(headers, self.request_id(), key.map(IdempotencyKey::as_str))
    }

    /// Records what an attempt has found out. A read changes nothing, so nothing of it is ambiguous.
    fn update(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress();
        change(&mut progress);
        if self.reads() {
            (progress.uncertain, progress.applied) = (false, false);
        }
    }

    pub(super) fn cause_of(&self, answer: &cashfree_gen::Response) -> Cause {
        let status = answer.status;
        if status.is_client_error() && is_ambiguous(status, ApiError::parse(&answer.body).as_ref()) {
            // The service, or something before it, says that it gave up: no answer to the request.
            return Cause::NoAnswer;
        }
        Cause::Status {
            status: answer.status.as_u16(),
            retry_after: retry_after(&answer.headers, SystemTime::now()),
            replayed: self.meta(answer.clone()).replayed() == Some(true),
        }
    }

    /// Waits before the next attempt; `false` if none follows.
    async fn wait_for_retry(&self, cause: Cause) -> bool {
        let attempt = self.progress().attempts;
        let failure = Failure {
            keyed: self.key.is_some(),
            protected: self.request.get().is_some_and(is_protected),
            attempt,
            ..Failure::new(self.operation.repeat, cause)
        };
        let Some(waited) = self.pause(failure).await else { return false };
        self.update(|progress| progress.waited = waited);
        true
    }

    /// Waits as the policy says, and then for the retry budget. Returns the wait, or `None` if no attempt follows.
    pub(super) async fn pause(&self, failure: Failure) -> Option<Duration> {
        let needs = match failure.repeat {
            Repeat::Safe => Duration::ZERO,
            _ => needs(self.operation, self.timeout, self.policy.time_limit()),
        };
        let failure = Failure { elapsed: self.elapsed(), needs, jitter: fastrand::f64(), ..failure };
        let Decision::Retry { after } = self.policy.decide(&failure) else { return None };
        let (mut wait, mut waited) = (after, Duration::ZERO);
        loop {
            self.client.clock().sleep(wait).await;
            waited += wait;
            // A wait may last longer than was asked for.
            if self.left() <= needs {
                return None;
            }
            if self.budget.spend(self.client.clock().now(), self.policy.extra_load()) {
                return Some(waited);
            }
            // The budget is earned by time, and by retries of others that succeed.
            wait = self.policy.wait(failure.attempt, fastrand::f64()).max(BUDGET_POLL);
            if !self.policy.earns() || self.left() <= wait + needs {
                return None;
            }
        }
    }

    pub(super) fn operation(&self) -> &'static Operation {
        self.operation
    }

    pub(super) fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    pub(super) fn key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    pub(super) fn request(&self) -> Option<&cashfree_gen::Request> {
        self.request.get()
    }

    pub(super) fn fills_identity(&self) -> bool {
        self.client.fills_identity()
    }

    /// The secrets that the attempts carried, which nothing shown of the call may repeat.
    fn secrets(&self) -> RequestSecrets {
        let mut secrets = RequestSecrets::default();
        secrets.add_headers(&self.headers);
        let progress = self.progress();
        let credentials = self.credentials.secret().into_iter().chain(&progress.signatures);
        credentials.filter_map(|value| value.to_str().ok()).for_each(|text| secrets.add(text));
        if let Some(request) = self.request.get() {
            secrets.add_body(request.headers.get(header::CONTENT_TYPE), &request.body);
        }
        secrets
    }

    /// How an answer came.
    pub(super) fn meta(&self, answer: cashfree_gen::Response) -> ResponseMeta {
        let (attempts, read_back) = {
            let progress = self.progress();
            (progress.attempts, progress.read_back)
        };
        ResponseMeta {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            sent_request_id: self.request_id.clone(),
            key: self.key.clone(),
            attempts,
            elapsed: self.elapsed(),
            read_back,
            unparsed: Vec::new(),
            replaced_text: Vec::new(),
        }
    }

    /// Makes an error of what the generated client returned; `Ok` when the call is to be sent once more,
    /// since the body of a success was truncated and a repeat is safe.
    pub(super) async fn classify(&self, error: cashfree_gen::Error) -> Result<(), Error> {
        use cashfree_gen::Error as Low;
        match error {
            Low::InvalidRequest(reason) => Err(self.local(ErrorKind::Request, reason, None)),
            Low::Status(answer) => Err(self.refused(*answer)),
            Low::Decode { error, response: answer } => {
                let detail = format!("the response can't be decoded at {error}");
                let is_json = is_json(&answer.body);
                self.update(|progress| {
                    progress.uncertain = true;
                    // It has identified itself, so the service has done what was asked.
                    progress.applied |= is_json && !self.operation.response.fields.is_empty();
                });
                if !is_json && self.wait_for_retry(Cause::NoAnswer).await {
                    return Ok(());
                }
                Err(self.failed(Undelivered {
                    partial: Some(*answer),
                    ..Undelivered::local(ErrorKind::Decode, detail, None)
                }))
            }
            Low::Transport(error) => match error.downcast::<Undelivered>() {
                Ok(undelivered) => Err(self.undelivered(*undelivered)),
                Err(other) => {
                    Err(self.failed(Undelivered::local(ErrorKind::Transport, other.to_string(), Some(other))))
                }
            },
            other => Err(self.failed(Undelivered::local(ErrorKind::Transport, other.to_string(), None))),
        }
    }

    fn undelivered(&self, why: Undelivered) -> Error {
        match why.kind {
            ErrorKind::Request | ErrorKind::Auth => self.local(why.kind, why.detail, why.source),
            _ => self.failed(why),
        }
    }

    fn refused(&self, answer: cashfree_gen::Response) -> Error {
        let refusal =
            Undelivered { partial: Some(answer), ..Undelivered::local(ErrorKind::Api, String::new(), None) };
        self.error(self.effect(Effect::Refused), refusal)
    }

    fn failed(&self, why: Undelivered) -> Error {
        let last = if why.kind == ErrorKind::Connect { Effect::NotSent } else { Effect::Refused };
        self.error(self.effect(last), why)
    }

    /// A failure on this side.
    fn local(&self, kind: ErrorKind, detail: String, source: Option<BoxError>) -> Error {
        self.error(self.effect(Effect::NotSent), Undelivered::local(kind, detail, source))
    }

    /// What the call did, over all its attempts: the last one speaks only where no earlier one left
    /// anything open. A refusal may be due to what an earlier attempt did.
    fn effect(&self, last: Effect) -> Effect {
        match *self.progress() {
            Progress { applied: true, .. } => Effect::Applied,
            Progress { uncertain: true, .. } => Effect::Unknown,
            Progress { sent, .. } if self.reads() && (sent || last != Effect::NotSent) => Effect::ReadOnly,
            // An attempt was turned away, and the next one found no connection.
            Progress { sent: true, .. } if last == Effect::NotSent => Effect::Refused,
            _ => last,
        }
    }

    pub(super) fn reads(&self) -> bool {
        self.operation.repeat == Repeat::Safe
    }

    fn error(&self, effect: Effect, why: Undelivered) -> Error {
        let progress = self.progress().clone();
        let parts = Parts {
            kind: why.kind,
            operation: self.operation,
            effect,
            key: self.key.clone(),
            sent_request_id: progress.sent.then(|| self.request_id().to_owned()),
            attempts: progress.attempts,
            elapsed: self.elapsed(),
            meta: why.partial.map(|answer| self.meta(answer)),
            detail: why.detail,
            timeout: why.timeout,
            too_large: why.too_large,
            foreign: why.foreign,
            permanent: why.permanent,
            differing: progress.differing,
            ended: progress.ended,
            resend_safe: self.is_resend_safe(),
            look_up: self.request.get().filter(|_| !self.reads()).and_then(LookUp::of),
            source: why.source,
        };
        Error::hiding(parts, &self.secrets())
    }
}

/// It is the transport of a generated client that lives for one call.
impl cashfree_gen::Transport for Delivery {
    fn execute<'a>(
        &'a self,
        request: cashfree_gen::Request,
    ) -> cashfree_gen::BoxFuture<'a, Result<cashfree_gen::Response, cashfree_gen::BoxError>> {
        Box::pin(async move { self.deliver(&request).await.map_err(Into::into) })
    }
}

fn received(answer: http::Response<Bytes>) -> cashfree_gen::Response {
    let (parts, body) = answer.into_parts();
    cashfree_gen::Response { status: parts.status, headers: parts.headers, body }
}

fn undelivered(failure: TransportError) -> Undelivered {
    let kind = match (failure.sent, failure.timeout) {
        (Sent::No, _) => ErrorKind::Connect,
        (Sent::Maybe, true) => ErrorKind::Timeout,
        (Sent::Maybe, false) => ErrorKind::Transport,
    };
    let detail = failure.to_string();
    let TransportError { timeout, too_large, permanent, partial, source, .. } = failure;
    Undelivered {
        // With its head, it is an answer that can't be read.
        kind: if too_large && partial.is_some() { ErrorKind::Decode } else { kind },
        detail,
        timeout,
        too_large,
        foreign: false,
        permanent,
        partial: partial.map(|answer| received(*answer)),
        source: Some(source),
    }
}
