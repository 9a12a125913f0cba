//! Classes of errors, and effects of failed calls.

use std::fmt;

/// Stage at which a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid, so nothing was sent. Fix the call.
    Request,
    /// The credentials do not fit the operation, or could not be added to this attempt, which was not sent.
    /// [`Error::effect`](crate::Error::effect) covers earlier attempts.
    Auth,
    /// Connection error: the last attempt sent nothing. [`Error::effect`](crate::Error::effect) covers earlier attempts.
    Connect,
    /// No response within the time limit.
    Timeout,
    /// The connection was lost before the response was complete.
    Transport,
    /// The response is not a success.
    Api,
    /// A success response that could not be decoded: it is not what the document says, is longer than
    /// [`max_body`](crate::ClientBuilder::max_body), is compressed (which is never requested), holds an error, or
    /// contradicts the request by another amount or currency ([`differing_fields`](crate::Error::differing_fields)).
    Decode,
}

impl ErrorKind {
    /// Returns the name in lower case, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Auth => "auth",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::Api => "api",
            Self::Decode => "decode",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a failed call may have changed anything at Cashfree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// The operation only reads: there is nothing to apply. Reads that were never sent are
    /// [`NotSent`](Effect::NotSent).
    ReadOnly,
    /// Nothing was sent by this call. It can be repeated.
    NotSent,
    /// The service refused this call, which changed nothing. An earlier call with the same key may have been applied:
    /// [`next_step`](crate::Error::next_step) covers it.
    Refused,
    /// The outcome is ambiguous: the write may have been applied. Resend it with the same key
    /// ([`Error::idempotency_key`](crate::Error::idempotency_key)), or read the order, payment or refund by its id,
    /// before anything else.
    Unknown,
    /// The write was applied: the response identified itself, but could not be decoded. Read the order, payment or
    /// refund by its id.
    Applied,
}

impl Effect {
    /// Returns the name in lower case, with `_` between words, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Applied => "applied",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
