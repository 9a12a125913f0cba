//! Errors of a call.

use std::fmt;

use super::Response;
use crate::decode::error::DecodeError;

/// Boxed error that can cross threads.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Error returned by a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request is invalid; nothing was sent.
    InvalidRequest(String),
    /// The transport returned no response.
    Transport(BoxError),
    /// The response is not a success.
    Status(Box<Response>),
    /// The body of a success response could not be decoded.
    Decode {
        /// Where and why.
        error: DecodeError,
        /// The response.
        response: Box<Response>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(reason) => write!(f, "invalid request: {reason}"),
            Self::Transport(error) => write!(f, "no response: {error}"),
            Self::Status(response) => write!(f, "status {}", response.status),
            Self::Decode { error, .. } => write!(f, "the response can't be decoded at {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error.as_ref()),
            Self::Decode { error, .. } => Some(error),
            Self::InvalidRequest(_) | Self::Status(_) => None,
        }
    }
}
