//! Errors of webhook verification.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// Error returned by the verification of a delivery. Neither `Display` nor `Debug` shows a secret, a signature
/// or anything of the body.
///
/// Respond with [`status`](WebhookError::status). Cashfree sends a refused delivery again, so a wrong secret in a
/// configuration loses nothing if it is fixed soon.
///
/// ```
/// use cashfree::webhook::{Verifier, WebhookError};
///
/// let verifier = Verifier::new("cfsk_ma_test_123")?;
/// let refused = verifier.verify(&http::HeaderMap::new(), "{}").unwrap_err();
/// assert_eq!(refused, WebhookError::MissingHeader("x-webhook-timestamp"));
/// assert_eq!(refused.status(), 400);
/// # Ok::<(), cashfree::webhook::InvalidSecret>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header is missing. Either a proxy removes it, or the request is not Cashfree's.
    MissingHeader(&'static str),
    /// A header is repeated.
    RepeatedHeader(&'static str),
    /// A header has another form: the signature is the base64 of 32 bytes, the timestamp 10 or 13 digits, the
    /// `content-length` a number.
    MalformedHeader(&'static str),
    /// The signature belongs to another body, timestamp or secret. If every delivery is refused with this error:
    /// the body must be the received bytes, not JSON that was serialized again, and the secret is that of the
    /// oldest active key.
    WrongSignature,
    /// The timestamp is older than the [tolerance](crate::webhook::Verifier::tolerance). The signature was not
    /// checked.
    TooOld {
        /// Time since the timestamp.
        age: Duration,
    },
    /// The timestamp is further ahead than the tolerance: check this machine's clock. The signature was not
    /// checked.
    FromTheFuture {
        /// Time until the timestamp, by this machine's clock.
        by: Duration,
    },
    /// The body does not begin with `{` or `[` after white space, so that it is not an event.
    MalformedBody,
    /// The body is longer than the [limit](crate::webhook::Verifier::body_limit) or its `content-length`.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

impl WebhookError {
    /// Returns the status to respond with: 400 for missing, repeated or malformed headers and for a malformed body;
    /// 413 for a body that is too large; 401 otherwise.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MissingHeader(_)
            | Self::RepeatedHeader(_)
            | Self::MalformedHeader(_)
            | Self::MalformedBody => StatusCode::BAD_REQUEST,
            Self::WrongSignature | Self::TooOld { .. } | Self::FromTheFuture { .. } => {
                StatusCode::UNAUTHORIZED
            }
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "the header {name} is missing"),
            Self::RepeatedHeader(name) => write!(f, "the header {name} is repeated"),
            Self::MalformedHeader(name) => write!(f, "the header {name} is malformed"),
            Self::WrongSignature => f.write_str("the signature does not match the timestamp and the body"),
            Self::TooOld { age } => write!(f, "the timestamp is {age:.0?} old"),
            Self::FromTheFuture { by } => {
                write!(f, "the timestamp is {by:.0?} ahead of this machine's clock")
            }
            Self::MalformedBody => f.write_str("the body is not a JSON object or list"),
            Self::BodyTooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
        }
    }
}

impl std::error::Error for WebhookError {}

/// Error of a [`Verifier`](crate::webhook::Verifier) whose secret can't be one of Cashfree's. Never shows the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSecret {
    reason: &'static str,
}

impl InvalidSecret {
    pub(super) const fn new(reason: &'static str) -> Self {
        Self { reason }
    }

    /// Returns what is wrong with the secret.
    pub const fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid webhook secret: {}", self.reason)
    }
}

impl std::error::Error for InvalidSecret {}
