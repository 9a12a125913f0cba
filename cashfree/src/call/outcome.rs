//! Classifies the outcome of an attempt, for the next attempt and for the error of the call.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::contradiction::contradictions;
use super::delivery::{Delivery, Progress};
use super::held;
use super::identity::{self, Mismatch};
use super::protection::is_protected;
use super::trace;
use super::undelivered::{Undelivered, into_response};
use crate::error::{Parts, is_ambiguous, is_anonymous, is_conflict};
use crate::response::{content_coding, is_json};
use crate::server_wait::retry_after;
use crate::{
    ApiError, BoxError, Cause, Effect, Error, ErrorKind, IdempotencyKey, LookUp, Operation, RetryClass,
    TransportError,
};

impl Delivery {
    /// Checks that a success is the response to its request: it identifies itself, shows the amounts of the request, and
    /// is not compressed, since the client asks for no compression.
    #[expect(clippy::result_large_err, reason = "it is made once, when the call fails")]
    pub(super) fn check_success(
        &self,
        request: &cashfree_gen::Request,
        response: &cashfree_gen::Response,
    ) -> Result<(), Undelivered> {
        let (detail, foreign) = match content_coding(&response.headers) {
            Some(coding) => {
                (format!("the response is compressed ({coding}), which was not requested"), false)
            }
            None => match identity::check(request, response) {
                Ok(()) if self.reads() => return Ok(()),
                Ok(()) => match self.contradiction(request, response) {
                    None => return Ok(()),
                    Some(detail) => (detail, false),
                },
                Err(mismatch) => (mismatch.to_string(), matches!(mismatch, Mismatch::Foreign(_))),
            },
        };
        self.update(|progress| progress.uncertain = true);
        Err(Undelivered { foreign, ..Undelivered::local(ErrorKind::Decode, detail, None) })
    }

    /// Returns how the response to a write contradicts its request, and records the fields.
    fn contradiction(
        &self,
        request: &cashfree_gen::Request,
        response: &cashfree_gen::Response,
    ) -> Option<String> {
        let differing = contradictions(&request.body, &response.body);
        if !differing.is_empty() {
            let detail = format!("the response contradicts the request: {}", differing.join(", "));
            self.progress().differing = differing;
            return Some(detail);
        }
        if held::decides(request.operation)
            && let Some((field, value)) = held::not_carried_out(request, response)
        {
            self.progress().ended = Some((field.to_owned(), value));
            return Some("the response shows that the request was not carried out".to_owned());
        }
        None
    }

    /// Returns whether a failed response leaves open if this call was applied: by its status, or because an earlier call
    /// with the same key may have caused it.
    pub(super) fn leaves_open(&self, response: &cashfree_gen::Response) -> bool {
        if response.status.is_success() {
            return false;
        }
        let error = ApiError::parse(&response.body);
        is_ambiguous(response.status, error.as_ref())
            || is_anonymous(response.status, error.as_ref())
            || self.continues && is_conflict(response.status, error.as_ref())
    }

    /// Reads the outcome of an attempt and records it for `tracing`.
    pub(super) fn receive(
        &self,
        operation: &Operation,
        attempt: u32,
        waited: Duration,
        begun: Option<Instant>,
        response: Result<http::Response<Bytes>, TransportError>,
    ) -> Result<cashfree_gen::Response, TransportError> {
        let response = match response {
            Ok(response) if self.is_stray(operation, response.headers()) => {
                Err(TransportError::foreign_response())
            }
            Ok(response) => Ok(into_response(response)),
            Err(failure) => match failure.partial {
                // The status of a refusal suffices; the body is cut at the limit.
                Some(response) if failure.too_large && !response.status().is_success() => {
                    Ok(into_response(*response))
                }
                partial => Err(TransportError { partial, ..failure }),
            },
        };
        self.record(response.as_ref());
        trace::attempt(&trace::Attempt {
            operation,
            attempt,
            request_id: self.request_id(),
            waited,
            elapsed: begun
                .map_or(Duration::ZERO, |begun| self.client.clock().now().saturating_duration_since(begun)),
            result: response.as_ref(),
        });
        response
    }

    fn is_stray(&self, operation: &Operation, headers: &HeaderMap) -> bool {
        let key = self.key.as_ref().filter(|_| operation.retry_class != RetryClass::Safe);
        identity::is_stray(headers, self.request_id(), key.map(IdempotencyKey::as_str))
    }

    pub(super) fn cause_of(&self, response: &cashfree_gen::Response) -> Cause {
        let status = response.status;
        if status.is_client_error() && is_ambiguous(status, ApiError::parse(&response.body).as_ref()) {
            // The service, or a proxy, reports its own failure: this is not the response to the request.
            return Cause::NoResponse;
        }
        Cause::Status {
            status: response.status.as_u16(),
            retry_after: retry_after(response.status, &response.headers, SystemTime::now()),
            replayed: self.meta(response.clone()).replayed() == Some(true),
        }
    }

    /// Classifies an error of the generated client. Returns `Ok` if the call is retried, because the body of a
    /// success was truncated and a retry is safe.
    pub(super) async fn classify(&self, error: cashfree_gen::Error) -> Result<(), Error> {
        use cashfree_gen::Error as Low;
        match error {
            Low::InvalidRequest(reason) => Err(self.local(ErrorKind::Request, reason, None)),
            Low::Status(response) => Err(self.refused(*response)),
            Low::Decode { error, response } => {
                let detail = format!("the response can't be decoded at {error}");
                let is_json = is_json(&response.body);
                self.update(|progress| {
                    progress.uncertain = true;
                    // It has identified itself, so the write was applied.
                    progress.applied |= is_json && !self.operation.response.fields.is_empty();
                });
                if !is_json && self.wait_for_retry(Cause::NoResponse).await {
                    return Ok(());
                }
                Err(self.failed(Undelivered {
                    partial: Some(*response),
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

    fn refused(&self, response: cashfree_gen::Response) -> Error {
        let refusal = Undelivered {
            partial: Some(response),
            ..Undelivered::local(ErrorKind::Api, String::new(), None)
        };
        self.error(self.effect(Effect::Refused), refusal)
    }

    fn failed(&self, why: Undelivered) -> Error {
        let last = if why.kind == ErrorKind::Connect { Effect::NotSent } else { Effect::Refused };
        self.error(self.effect(last), why)
    }

    /// The error of a call that fails locally.
    pub(super) fn local(&self, kind: ErrorKind, detail: String, source: Option<BoxError>) -> Error {
        self.error(self.effect(Effect::NotSent), Undelivered::local(kind, detail, source))
    }

    /// Effect of the call over all its attempts. The last one decides only if no earlier one is ambiguous: a refusal may be
    /// due to an earlier attempt.
    fn effect(&self, last: Effect) -> Effect {
        match *self.progress() {
            Progress { applied: true, .. } => Effect::Applied,
            Progress { uncertain: true, .. } => Effect::Unknown,
            Progress { sent, .. } if self.reads() && (sent || last != Effect::NotSent) => Effect::ReadOnly,
            // An attempt was refused, and the next one had no connection.
            Progress { sent: true, .. } if last == Effect::NotSent => Effect::Refused,
            _ => last,
        }
    }

    fn error(&self, effect: Effect, why: Undelivered) -> Error {
        let progress = self.progress().clone();
        let is_unauthorized =
            why.partial.as_ref().is_some_and(|response| response.status == StatusCode::UNAUTHORIZED);
        let hint = self.credentials.hint(self.client.environment()).filter(|_| is_unauthorized);
        let parts = Parts {
            kind: why.kind,
            operation: self.operation,
            effect,
            key: self.key.clone(),
            sent_request_id: progress.sent.then(|| self.request_id().to_owned()),
            attempts: progress.attempts,
            elapsed: self.elapsed(),
            meta: why.partial.map(|response| self.meta(response)),
            detail: why.detail,
            timeout: why.timeout,
            too_large: why.too_large,
            circuit_open: why.circuit_open,
            foreign: why.foreign,
            permanent: why.permanent,
            differing: progress.differing,
            ended: progress.ended,
            resend_safe: self.is_resend_safe(),
            protected: self.request.get().is_some_and(is_protected),
            follows: !self.reads() && (self.resumed || self.continues),
            look_up: self.request.get().filter(|_| !self.reads()).and_then(LookUp::of),
            hint,
            source: why.source,
        };
        Error::hiding(parts, &self.secrets())
    }
}
