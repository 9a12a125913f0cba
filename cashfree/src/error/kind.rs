//! Classes of errors, and what a failed call did.

use std::fmt;

/// The stage at which a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be made. Mend the call.
    Request,
    /// The credentials do not fit the operation, or could not be applied to this attempt, which was not sent.
    /// [`Error::effect`](crate::Error::effect) tells of earlier ones.
    Auth,
    /// No connection came about, so that the last attempt sent nothing. [`Error::effect`](crate::Error::effect) tells of earlier
    /// ones.
    Connect,
    /// No answer within the time limit.
    Timeout,
    /// The connection broke before the answer was complete.
    Transport,
    /// An answer that is no success.
    Api,
    /// A success that can't be read: it is not what the document says, is longer than
    /// [`max_body`](crate::ClientBuilder::max_body), is compressed, which is never asked for, or is an error in
    /// all but its status.
    Decode,
}

impl ErrorKind {
    /// Its name in lower case, for logs and metrics.
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
    /// Nothing was sent. The call may be made again.
    NotSent,
    /// The service refused the write. Nothing happened.
    Refused,
    /// The outcome is ambiguous: the write may have been applied. Send it again with the same key
    /// ([`Error::idempotency_key`](crate::Error::idempotency_key)), or read the order, payment or refund by its id,
    /// before anything else.
    Unknown,
    /// The write was applied: the response identified itself, but could not be decoded. Read the order, payment or
    /// refund by its id.
    Applied,
}

impl Effect {
    /// Its name in lower case, with `_` between words, for logs and metrics.
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
