//! Why a delivery is refused.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// Why a delivery is not taken for Cashfree's. Neither `Display` nor `Debug` shows a secret, a signature
/// or anything of the body.
///
/// Answer with [`status`](WebhookError::status). A service that is refused for a while sends again, so a
/// wrong secret in a configuration loses nothing if it is mended soon.
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
    /// A header is not there. Look whether a proxy strips it, and whether it is Cashfree who calls.
    MissingHeader(&'static str),
    /// A header is there more than once, so it can't be told which one counts.
    RepeatedHeader(&'static str),
    /// A header can't be what it should be: the signature is the base64 of 32 bytes, the timestamp 10 or 13
    /// digits.
    MalformedHeader(&'static str),
    /// The signature belongs to another body, another timestamp or another secret. If all deliveries are
    /// refused so: the body must be the bytes that came, not JSON written anew, and the secret is that of
    /// the oldest active key.
    WrongSignature,
    /// A real delivery, signed longer ago than the [tolerance](crate::webhook::Verifier::tolerance).
    TooOld {
        /// Time since it was signed.
        age: Duration,
    },
    /// A real delivery, signed further ahead than the tolerance: look at this machine's clock.
    FromTheFuture {
        /// Time until it is signed, by this machine's clock.
        by: Duration,
    },
    /// The body is longer than the [limit](crate::webhook::Verifier::body_limit).
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

impl WebhookError {
    /// What to answer: 400 for headers that are missing, there twice or malformed; 413 for a body that is
    /// too large; else 401.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MissingHeader(_) | Self::RepeatedHeader(_) | Self::MalformedHeader(_) => {
                StatusCode::BAD_REQUEST
            }
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
            Self::RepeatedHeader(name) => write!(f, "the header {name} is there more than once"),
            Self::MalformedHeader(name) => write!(f, "the header {name} is malformed"),
            Self::WrongSignature => f.write_str("the signature does not fit the body and its timestamp"),
            Self::TooOld { age } => write!(f, "signed {age:.0?} ago, which is too long"),
            Self::FromTheFuture { by } => write!(f, "signed {by:.0?} ahead of this machine's clock"),
            Self::BodyTooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
        }
    }
}

impl std::error::Error for WebhookError {}

/// A verifier was given a secret that is empty, with which anybody could sign, or that holds a space at an end or
/// anything else than printable ASCII, with which Cashfree signs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSecret;

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the webhook secret is empty, holds a space at an end, or characters that are not printable ASCII",
        )
    }
}

impl std::error::Error for InvalidSecret {}
