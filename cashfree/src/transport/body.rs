//! A body as it arrives: gathered up to a limit, or handed on piece by piece.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use super::http::expired;
use super::{BoxFuture, Chunks, Sent, TransportError};

/// An answer on its way: its head, and as much of its body as has come.
pub(super) struct Arriving {
    status: StatusCode,
    headers: HeaderMap,
    body: Incoming,
    /// Most bodies come in one piece, which is taken as it is.
    first: Bytes,
    /// All that came, once there is a second piece.
    gathered: BytesMut,
}

impl Arriving {
    pub(super) fn new(answer: Response<Incoming>) -> Self {
        let (head, body) = answer.into_parts();
        Self {
            status: head.status,
            headers: head.headers,
            body,
            first: Bytes::new(),
            gathered: BytesMut::new(),
        }
    }

    /// Reads the body to its end, or to where it is longer than the limit.
    pub(super) async fn read(&mut self, limit: usize) -> Result<(), TransportError> {
        let announced = self.body.size_hint().exact();
        // What announces itself as too long is not read at all.
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(too_large(limit));
        }
        while let Some(piece) = next(&mut self.body).await? {
            if piece.len() > limit.saturating_sub(self.len()) {
                return Err(too_large(limit));
            }
            if self.len() == 0 {
                self.first = piece;
                continue;
            }
            if self.gathered.is_empty() {
                // It was announced, and is within the limit.
                let whole = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
                self.gathered.reserve(whole.max(self.first.len() + piece.len()));
                self.gathered.extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.gathered.extend_from_slice(&piece);
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.first.len() + self.gathered.len()
    }

    /// The answer as far as it has come.
    pub(super) fn come(self) -> Response<Bytes> {
        let body = if self.gathered.is_empty() { self.first } else { self.gathered.freeze() };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

fn too_large(limit: usize) -> TransportError {
    TransportError::new(Sent::Maybe, format!("the body is longer than {limit} bytes")).too_large()
}

/// The next piece that holds something. What comes behind a body, as trailers, is passed over.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, TransportError> {
    // Of a body that was announced, the last piece is known without asking for another one.
    while !body.is_end_stream() {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => break,
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Ok(Some(data)),
                _ => {}
            },
            Some(Err(error)) => return Err(TransportError::new(Sent::Maybe, error)),
        }
    }
    Ok(None)
}

/// A body that is read when it is asked for.
pub(super) struct Flow {
    body: Incoming,
    end: Instant,
}

impl Flow {
    pub(super) fn new(body: Incoming, end: Instant) -> Self {
        Self { body, end }
    }
}

impl Chunks for Flow {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move { timeout_at(self.end, next(&mut self.body)).await.map_err(expired)? })
    }
}
