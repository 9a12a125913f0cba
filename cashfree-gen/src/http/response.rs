//! An answer on its way in, and the value that was read from it.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::SetAside;

/// An answer, whole.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Shows no body: it may hold what customers told.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A decoded answer together with the one on the wire.
#[derive(Debug, Clone)]
pub struct ResponseValue<T> {
    pub(super) inner: T,
    pub(super) response: Response,
    pub(super) set_aside: Vec<SetAside>,
}

impl<T> ResponseValue<T> {
    /// The value, the answer that it was read from, and what is not in the value since it came in a shape
    /// that nobody foresaw.
    pub fn into_parts(self) -> (T, Response, Vec<SetAside>) {
        (self.inner, self.response, self.set_aside)
    }

    /// What came in a shape that nobody foresaw, and is absent in the value.
    pub fn set_aside(&self) -> &[SetAside] {
        &self.set_aside
    }

    /// The answer on the wire.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Returns another value that is made of this one and of the response that it was read from.
    pub fn map_with<U>(self, change: impl FnOnce(T, &Response) -> U) -> ResponseValue<U> {
        let inner = change(self.inner, &self.response);
        ResponseValue { inner, response: self.response, set_aside: self.set_aside }
    }

    /// Another value that was read from the same answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue { inner: change(self.inner), response: self.response, set_aside: self.set_aside }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}
