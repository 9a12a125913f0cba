//! Responses, and the values decoded from them.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::decode::unparsed::{Decoded, UnparsedField};

/// A response, whole.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it was received.
    pub body: Bytes,
}

/// Shows no body: it may contain personal data.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A decoded value together with the response.
#[derive(Debug, Clone)]
pub struct ResponseValue<T> {
    decoded: Decoded<T>,
    response: Response,
}

impl<T> ResponseValue<T> {
    pub(super) fn new(decoded: Decoded<T>, response: Response) -> Self {
        Self { decoded, response }
    }

    /// A value that shows all of the response.
    pub(super) fn of_value(value: T, response: Response) -> Self {
        Self::new(Decoded { value, unparsed: Vec::new(), replaced_text: Vec::new() }, response)
    }

    /// Returns the value with what it does not show, and the response.
    pub fn into_parts(self) -> (Decoded<T>, Response) {
        (self.decoded, self.response)
    }

    /// Returns the fields that could not be decoded and are absent in the value.
    pub fn unparsed(&self) -> &[UnparsedField] {
        &self.decoded.unparsed
    }

    /// Returns the response as it was received.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Returns another value that is made of this one and of the response.
    pub fn map_with<U>(self, change: impl FnOnce(T, &Response) -> U) -> ResponseValue<U> {
        let decoded = self.decoded.map(|value| change(value, &self.response));
        ResponseValue { decoded, response: self.response }
    }

    /// Returns another value of the same response.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue { decoded: self.decoded.map(change), response: self.response }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.decoded.value
    }
}
