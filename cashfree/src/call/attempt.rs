//! The attempts of one call: headers, the loop, and what is known when it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::{Cause, Decision, Failure, Idempotency, IdempotencyKey, Options, RetryPolicy};
use crate::credentials::RESERVED;
use crate::error::Parts;
use crate::{
    BoxError, Client, Credentials, Effect, Error, ErrorKind, Operation, Repeat, ResponseMeta, Sent,
    Transport, TransportError,
};

/// One logical call on its way: what stays the same over its attempts, and what they have found out.
#[derive(Debug)]
pub(crate) struct Delivery {
    client: Client,
    transport: Arc<dyn Transport>,
    operation: &'static Operation,
    credentials: Credentials,
    key: Option<IdempotencyKey>,
    request_id: String,
    timeout: Duration,
    policy: RetryPolicy,
    headers: HeaderMap,
    started: Instant,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Progress {
    attempts: u32,
    /// An attempt may have taken effect without saying so.
    uncertain: bool,
    /// An attempt took effect: the service said so, in an answer that could not be read.
    applied: bool,
    /// An attempt may have reached the service.
    sent: bool,
}

/// Why the transport handed no answer over; it travels through the generated client as its error.
#[derive(Debug)]
struct Undelivered {
    kind: ErrorKind,
    detail: String,
    timeout: bool,
    partial: Option<cashfree_gen::Response>,
    source: Option<BoxError>,
}

impl std::fmt::Display for Undelivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Undelivered {}

/// A write that declares a key; on a read a key has no meaning.
pub(super) fn takes_key(operation: &Operation) -> bool {
    operation.idempotency_key && operation.repeat != Repeat::Safe
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
        let explicit = client.idempotency() == Idempotency::Explicit;
        if key.is_none() && takes_key(operation) && client.makes_keys() {
            key = Some(IdempotencyKey::random());
        }
        let mut delivery = Self {
            transport: options.transport.unwrap_or_else(|| Arc::clone(client.transport())),
            credentials: options.credentials.unwrap_or_else(|| client.credentials().clone()),
            timeout: options.timeout.unwrap_or(client.timeout()),
            policy: options.retry.unwrap_or_else(|| client.retry_policy().clone()),
            request_id: options.request_id.unwrap_or_else(|| Uuid::new_v4().to_string()),
            client,
            operation,
            key,
            headers: HeaderMap::new(),
            started,
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
            let detail = format!("does not accept {:?} credentials", delivery.credentials.scheme());
            return Err(delivery.local(ErrorKind::Auth, detail, None));
        }
        for (name, value) in options.headers {
            if RESERVED.contains(&name.as_str()) {
                let detail = format!("the header {name} is the client's own");
                return Err(delivery.local(ErrorKind::Request, detail, None));
            }
            delivery.headers.append(name, value);
        }
        delivery.fixed_headers().map_err(|detail| delivery.local(ErrorKind::Request, detail, None))?;
        delivery.client.budget().earn(delivery.policy.extra_load());
        Ok(delivery)
    }

    /// The headers that are the same on each attempt.
    fn fixed_headers(&mut self) -> Result<(), String> {
        let invalid = |what: &str| format!("the {what} holds characters that no header may hold");
        self.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        self.headers.insert("x-api-version", self.client.api_version().header());
        let request_id = HeaderValue::from_str(&self.request_id).map_err(|_| invalid("request id"))?;
        self.headers.insert("x-request-id", request_id);
        if let Some(key) = &self.key {
            self.headers.insert("x-idempotency-key", key.header().ok_or_else(|| invalid("idempotency key"))?);
        }
        Ok(())
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> Duration {
        self.client.clock().now().saturating_duration_since(self.started)
    }

    /// Sends until an answer stands.
    async fn deliver(&self, request: cashfree_gen::Request) -> Result<cashfree_gen::Response, Undelivered> {
        let url = format!("{}{}", self.client.environment().base_url(), request.path);
        loop {
            let outcome = self.attempt(&url, &request).await?;
            let (cause, settled) = match outcome {
                Ok(answer) if answer.status.is_success() => return Ok(answer),
                Ok(answer) => (self.cause_of(&answer), Ok(answer)),
                Err(failure) => (Cause::from(failure.sent), Err(undelivered(failure))),
            };
            if !self.again(cause).await {
                return settled;
            }
        }
    }

    /// One attempt. The outer error is local and final: there is nothing to send.
    async fn attempt(
        &self,
        url: &str,
        request: &cashfree_gen::Request,
    ) -> Result<Result<cashfree_gen::Response, TransportError>, Undelivered> {
        let mut headers = request.headers.clone();
        headers.extend(self.headers.clone());
        if !self.operation.is_open() {
            self.credentials.apply(&mut headers).map_err(|source| Undelivered {
                kind: ErrorKind::Auth,
                detail: format!("the credentials can't be applied: {source}"),
                timeout: false,
                partial: None,
                source: Some(source),
            })?;
        }
        let mut outgoing = http::Request::new(request.body.clone());
        *outgoing.method_mut() = self.operation.method.clone();
        *outgoing.headers_mut() = headers;
        *outgoing.uri_mut() = url.parse().map_err(|error: http::uri::InvalidUri| Undelivered {
            kind: ErrorKind::Request,
            detail: format!("the address can't be made: {error}"),
            timeout: false,
            partial: None,
            source: None,
        })?;

        self.progress().attempts += 1;
        let left = self.policy.time_limit().saturating_sub(self.elapsed());
        let answer = self.transport.send(outgoing, self.timeout.min(left)).await;
        Ok(match answer {
            Ok(answer) => {
                let answer = received(answer);
                self.note(|progress| {
                    progress.sent = true;
                    progress.uncertain |= leaves_open(answer.status);
                });
                Ok(answer)
            }
            Err(failure) => {
                let applied = failure
                    .partial
                    .as_ref()
                    .is_some_and(|answer| confirms(answer.status(), answer.headers()));
                self.note(|progress| {
                    progress.sent |= failure.sent == Sent::Maybe;
                    progress.uncertain |= failure.sent == Sent::Maybe;
                    progress.applied |= applied;
                });
                Err(failure)
            }
        })
    }

    /// Keeps what an attempt has found out; what a read does not change it leaves certain.
    fn note(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress();
        change(&mut progress);
        if self.reads() {
            (progress.uncertain, progress.applied) = (false, false);
        }
    }

    fn cause_of(&self, answer: &cashfree_gen::Response) -> Cause {
        let meta = self.meta(answer.clone());
        Cause::Status {
            status: answer.status.as_u16(),
            retry_after: meta.rate_limit().and_then(|limit| limit.retry_after),
            replayed: meta.replayed() == Some(true),
        }
    }

    /// Asks the policy and the budget, and waits.
    async fn again(&self, cause: Cause) -> bool {
        let failure = Failure {
            keyed: self.key.is_some(),
            attempt: self.progress().attempts,
            elapsed: self.elapsed(),
            jitter: chance(),
            ..Failure::new(self.operation.repeat, cause)
        };
        match self.policy.decide(&failure) {
            Decision::Retry { after } if self.client.budget().spend() => {
                self.client.clock().sleep(after).await;
                true
            }
            _ => false,
        }
    }

    /// How an answer came.
    pub(super) fn meta(&self, answer: cashfree_gen::Response) -> ResponseMeta {
        ResponseMeta {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            sent_request_id: self.request_id.clone(),
            key: self.key.clone(),
            attempts: self.progress().attempts,
            elapsed: self.elapsed(),
        }
    }

    /// Turns what the generated client says into an error; `Ok` when the call is to be made once more,
    /// since a success arrived in pieces and asking again is safe.
    pub(super) async fn settle(&self, error: cashfree_gen::Error) -> Result<(), Error> {
        use cashfree_gen::Error as Low;
        match error {
            Low::InvalidRequest(reason) => Err(self.local(ErrorKind::Request, reason, None)),
            Low::Status(answer) => Err(self.refused(*answer)),
            Low::Decode(fault) => {
                let detail = fault.to_string();
                let answer = fault.into_response();
                self.note(|progress| {
                    progress.uncertain = true;
                    progress.applied |= confirms(answer.status, &answer.headers);
                });
                if !crate::error::is_json(&answer.body) && self.again(Cause::NoAnswer).await {
                    return Ok(());
                }
                Err(self.failed(ErrorKind::Decode, detail, false, Some(answer), None))
            }
            Low::Transport(error) => match error.downcast::<Undelivered>() {
                Ok(undelivered) => Err(self.undelivered(*undelivered)),
                Err(other) => {
                    Err(self.failed(ErrorKind::Transport, other.to_string(), false, None, Some(other)))
                }
            },
            other => Err(self.failed(ErrorKind::Transport, other.to_string(), false, None, None)),
        }
    }

    fn undelivered(&self, why: Undelivered) -> Error {
        let Undelivered { kind, detail, timeout, partial, source } = why;
        match kind {
            ErrorKind::Request | ErrorKind::Auth => self.local(kind, detail, source),
            _ => self.failed(kind, detail, timeout, partial, source),
        }
    }

    fn refused(&self, answer: cashfree_gen::Response) -> Error {
        let effect = self.effect(Effect::Refused);
        self.error(ErrorKind::Api, effect, String::new(), false, Some(answer), None)
    }

    fn failed(
        &self,
        kind: ErrorKind,
        detail: String,
        timeout: bool,
        answer: Option<cashfree_gen::Response>,
        source: Option<BoxError>,
    ) -> Error {
        let effect = self.effect(if kind == ErrorKind::Connect { Effect::NotSent } else { Effect::Refused });
        self.error(kind, effect, detail, timeout, answer, source)
    }

    /// A failure on this side.
    fn local(&self, kind: ErrorKind, detail: String, source: Option<BoxError>) -> Error {
        self.error(kind, self.effect(Effect::NotSent), detail, false, None, source)
    }

    /// What the call did, over all its attempts: the last one speaks only where no earlier one left
    /// anything open. A refusal may be due to what an earlier attempt did.
    fn effect(&self, last: Effect) -> Effect {
        match *self.progress() {
            Progress { applied: true, .. } => Effect::Applied,
            Progress { uncertain: true, .. } => Effect::Unknown,
            // Turned away once, and then no connection: something was sent all the same.
            Progress { sent: true, .. } if last == Effect::NotSent => Effect::Refused,
            _ => last,
        }
    }

    fn reads(&self) -> bool {
        self.operation.repeat == Repeat::Safe
    }

    fn error(
        &self,
        kind: ErrorKind,
        effect: Effect,
        detail: String,
        timeout: bool,
        answer: Option<cashfree_gen::Response>,
        source: Option<BoxError>,
    ) -> Error {
        let progress = *self.progress();
        Error::new(Parts {
            kind,
            operation: self.operation,
            effect,
            key: self.key.clone(),
            sent_request_id: progress.sent.then(|| self.request_id.clone()),
            attempts: progress.attempts,
            elapsed: self.elapsed(),
            meta: answer.map(|answer| self.meta(answer)),
            detail,
            timeout,
            source,
        })
    }
}

/// A delivery as the transport of a generated client that lives for one call.
#[derive(Debug)]
pub(super) struct Handle(pub(super) Arc<Delivery>);

impl cashfree_gen::Transport for Handle {
    fn execute<'a>(
        &'a self,
        request: cashfree_gen::Request,
    ) -> cashfree_gen::BoxFuture<'a, Result<cashfree_gen::Response, cashfree_gen::BoxError>> {
        Box::pin(async move { self.0.deliver(request).await.map_err(Into::into) })
    }
}

/// A status that does not tell whether a write took effect.
fn leaves_open(status: StatusCode) -> bool {
    !status.is_success() && (!status.is_client_error() || status == StatusCode::REQUEST_TIMEOUT)
}

/// Whether an answer is the service's own word that a write took effect. A success of another origin, a
/// captive portal's page for instance, says nothing.
fn confirms(status: StatusCode, headers: &HeaderMap) -> bool {
    const MARKS: [&str; 4] =
        ["x-api-version", "x-ratelimit-limit", "x-idempotency-key", "x-idempotency-replayed"];
    let json = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let json = json.is_some_and(|kind| kind.starts_with("application/json"));
    status.is_success() && (json || MARKS.iter().any(|mark| headers.contains_key(*mark)))
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
    let TransportError { timeout, partial, source, .. } = failure;
    Undelivered {
        kind,
        detail,
        timeout,
        partial: partial.map(|answer| received(*answer)),
        source: Some(source),
    }
}

/// A number from zero to one, from the source that makes the keys.
fn chance() -> f64 {
    let bits = Uuid::new_v4().as_u128() as u32;
    f64::from(bits) / f64::from(u32::MAX)
}
