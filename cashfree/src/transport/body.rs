//! Response bodies: buffered up to a limit, or streamed in chunks.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::failure::{broken, expired};
use super::{BoxFuture, Chunks, Sent, TransportError};

/// A response whose body is being read.
pub(super) struct PartialResponse {
    status: StatusCode,
    headers: HeaderMap,
    response: reqwest::Response,
    /// Most bodies arrive in one chunk, which is used without a copy.
    first: Bytes,
    /// The whole body so far, once there is a second chunk.
    buffer: BytesMut,
}

impl PartialResponse {
    pub(super) fn new(mut response: reqwest::Response) -> Self {
        Self {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            response,
            first: Bytes::new(),
            buffer: BytesMut::new(),
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Reads the body to its end, or until it exceeds the limit.
    pub(super) async fn read(&mut self, limit: usize) -> Result<(), TransportError> {
        let length = self.response.content_length();
        if length.is_some_and(|length| length > limit as u64) {
            return Err(too_large(limit));
        }
        while let Some(chunk) = next(&mut self.response).await? {
            if chunk.len() > limit.saturating_sub(self.len()) {
                return Err(too_large(limit));
            }
            if self.len() == 0 {
                self.first = chunk;
                continue;
            }
            if self.buffer.is_empty() {
                // The announced length is within the limit.
                let whole = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
                self.buffer.reserve(whole.max(self.first.len() + chunk.len()));
                self.buffer.extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.buffer.extend_from_slice(&chunk);
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.first.len() + self.buffer.len()
    }

    /// The response with the part of the body that was read.
    pub(super) fn into_response(self) -> Response<Bytes> {
        let body = if self.buffer.is_empty() { self.first } else { self.buffer.freeze() };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

fn too_large(limit: usize) -> TransportError {
    TransportError::new(Sent::Maybe, format!("the body is longer than {limit} bytes")).too_large()
}

/// The next chunk that is not empty.
async fn next(response: &mut reqwest::Response) -> Result<Option<Bytes>, TransportError> {
    loop {
        match response.chunk().await.map_err(broken)? {
            Some(chunk) if chunk.is_empty() => {}
            chunk => return Ok(chunk),
        }
    }
}

/// A body that is read when its next chunk is asked for.
pub(super) struct Stream {
    response: reqwest::Response,
    deadline: Instant,
}

impl Stream {
    pub(super) fn new(response: reqwest::Response, deadline: Instant) -> Self {
        Self { response, deadline }
    }
}

impl Chunks for Stream {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move { timeout_at(self.deadline, next(&mut self.response)).await.map_err(expired)? })
    }
}
