//! Why there is no value.

use std::fmt;

use super::Response;
use crate::{BoxError, Misread};

/// Why there is no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request can't be made; nothing was sent.
    InvalidRequest(String),
    /// The transport brought no answer; the error is its own.
    Transport(BoxError),
    /// An answer that is no success.
    Status(Box<Response>),
    /// A success whose body can't be read.
    Decode(Box<DecodeError>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(reason) => write!(f, "the request can't be made: {reason}"),
            Self::Transport(error) => write!(f, "no answer: {error}"),
            Self::Status(response) => write!(f, "answered {}", response.status),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error.as_ref()),
            Self::Decode(error) => Some(error.misread.error()),
            Self::InvalidRequest(_) | Self::Status(_) => None,
        }
    }
}

/// A success whose body can't be read, with everything that came.
#[derive(Debug)]
pub struct DecodeError {
    pub(super) misread: Misread,
    pub(super) response: Response,
}

impl DecodeError {
    /// Where in the body, as in `payment_method.card`; `.` for the whole. A long one ends in `…`.
    pub fn path(&self) -> &str {
        self.misread.path()
    }

    /// What is wrong there.
    pub fn reason(&self) -> String {
        self.misread.reason()
    }

    /// The answer that could not be read.
    pub fn into_response(self) -> Response {
        self.response
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer can't be read at {}", self.misread)
    }
}
