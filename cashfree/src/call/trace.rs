//! Spans and events of a call, for the feature `tracing`. Without it, this module does nothing.
//!
//! The fields are listed below: names of this crate, numbers, the request id and the error code of the service. Headers,
//! bodies, URLs with parameters, keys and messages of the service are never recorded.

use std::time::Duration;

use crate::{Error, Operation, Response, TransportError};

/// Whether events are recorded. Otherwise their fields are not measured.
pub(super) const ENABLED: bool = cfg!(feature = "tracing");

/// One attempt that has ended.
#[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "nothing is recorded"))]
pub(super) struct Attempt<'a> {
    pub(super) operation: &'a Operation,
    pub(super) attempt: u32,
    pub(super) request_id: &'a str,
    pub(super) waited: Duration,
    pub(super) elapsed: Duration,
    pub(super) result: Result<&'a cashfree_gen::Response, &'a TransportError>,
}

#[cfg(all(feature = "blocking", not(feature = "tracing")))]
pub(super) use disabled::carried;
#[cfg(not(feature = "tracing"))]
pub(crate) use disabled::failed;
#[cfg(not(feature = "tracing"))]
pub(super) use disabled::{Span, attempt};
#[cfg(all(feature = "blocking", feature = "tracing"))]
pub(super) use enabled::carried;
#[cfg(feature = "tracing")]
pub(crate) use enabled::failed;
#[cfg(feature = "tracing")]
pub(super) use enabled::{Span, attempt};

#[cfg(feature = "tracing")]
mod enabled {
    use tracing::field::Empty;
    use tracing::instrument::{Instrument, Instrumented, WithDispatch, WithSubscriber};

    use super::{Attempt, Duration, Error, Operation, Response};
    use crate::Sent;

    /// The span of one call.
    #[derive(Debug)]
    pub(crate) struct Span(tracing::Span);

    impl Span {
        pub(crate) fn of(operation: &Operation) -> Self {
            Self(tracing::info_span!(
                target: "cashfree",
                "call",
                operation = operation.id,
                method = operation.method.as_str(),
                route = operation.path,
                request_id = Empty,
                attempts = Empty,
                status = Empty,
                outcome = Empty,
                effect = Empty,
                unparsed_fields = Empty,
                elapsed_ms = Empty,
            ))
        }

        pub(crate) fn carries(&self, request_id: &str) {
            self.0.record("request_id", request_id);
        }

        pub(crate) fn around<F: Future>(&self, call: F) -> Instrumented<F> {
            call.instrument(self.0.clone())
        }

        pub(crate) fn ends<T>(&self, outcome: &Result<Response<T>, Error>) {
            let (status, attempts, elapsed) = match outcome {
                Ok(response) => {
                    let meta = response.meta();
                    (Some(meta.status()), meta.attempts(), meta.elapsed())
                }
                Err(error) => (error.status(), error.attempts(), error.elapsed()),
            };
            self.0.record("attempts", attempts);
            self.0.record("elapsed_ms", millis(elapsed));
            if let Some(status) = status {
                self.0.record("status", status.as_u16());
            }
            if let Ok(response) = outcome
                && !response.meta().unparsed_fields().is_empty()
            {
                self.0.record("unparsed_fields", response.meta().unparsed_fields().len());
            }
            match outcome {
                Ok(response) if response.meta().read_back() => self.0.record("outcome", "read_back"),
                Ok(_) => self.0.record("outcome", "success"),
                Err(error) => {
                    self.0.record("outcome", error.kind().as_str()).record("effect", error.effect().as_str())
                }
            };
            if let Err(error) = outcome {
                self.0.in_scope(|| failed(error));
            }
        }
    }

    /// The event of a call that ended with this error.
    pub(crate) fn failed(error: &Error) {
        tracing::warn!(
            target: "cashfree",
            operation = error.operation(),
            request_id = error.request_id(),
            attempts = error.attempts(),
            status = error.status().map(|status| status.as_u16()),
            outcome = error.kind().as_str(),
            effect = error.effect().as_str(),
            code = error.code().filter(|code| is_machine_readable(code)),
            elapsed_ms = millis(error.elapsed()),
            "call failed"
        );
    }

    /// Whether a code is a code and not a message: the service chooses the content of the field.
    fn is_machine_readable(code: &str) -> bool {
        const LONGEST: usize = 64;
        code.len() <= LONGEST
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    }

    /// The event of one attempt.
    pub(crate) fn attempt(attempt: &Attempt<'_>) {
        let outcome = match attempt.result {
            Ok(response) if response.status.is_success() => "success",
            Ok(response) if response.status.as_u16() == 429 => "rate_limited",
            Ok(response) if response.status.is_client_error() => "refused",
            Ok(response) if response.status.is_redirection() => "redirect",
            Ok(_) => "failed",
            Err(failure) if failure.too_large => "too_large",
            Err(failure) if failure.sent == Sent::No => "not_sent",
            Err(failure) if failure.timeout => "timeout",
            Err(_) => "broken",
        };
        tracing::debug!(
            target: "cashfree",
            operation = attempt.operation.id,
            attempt = attempt.attempt,
            request_id = attempt.request_id,
            status = attempt.result.ok().map(|response| response.status.as_u16()),
            delay_ms = millis(attempt.waited),
            elapsed_ms = millis(attempt.elapsed),
            outcome,
            "attempt"
        );
    }

    /// A task for another thread, inside the caller's span and subscriber.
    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "only blocking calls change threads"))]
    pub(crate) fn carried<F: Future>(task: F) -> WithDispatch<Instrumented<F>> {
        task.in_current_span().with_current_subscriber()
    }

    fn millis(time: Duration) -> u64 {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(feature = "tracing"))]
mod disabled {
    use super::{Attempt, Error, Operation, Response};

    pub(crate) struct Span;

    impl Span {
        pub(crate) const fn of(_operation: &Operation) -> Self {
            Self
        }

        pub(crate) const fn carries(&self, _request_id: &str) {}

        pub(crate) fn around<F: Future>(&self, call: F) -> F {
            call
        }

        pub(crate) const fn ends<T>(&self, _outcome: &Result<Response<T>, Error>) {}
    }

    pub(crate) const fn attempt(_attempt: &Attempt<'_>) {}

    pub(crate) const fn failed(_error: &Error) {}

    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "only blocking calls change threads"))]
    pub(crate) fn carried<F: Future>(task: F) -> F {
        task
    }
}
