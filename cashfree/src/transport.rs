//! The way to the network: one request out, one answer in, nothing decided.

mod body;
mod chunks;
mod connector;
mod http;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;

pub use chunks::Chunks;

pub(crate) use self::http::{Http, Settings};
use crate::BoxError;
use chunks::Whole;

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and brings back its answer, whatever the status.
///
/// The client comes with one over HTTP; another one serves tests, or programs that must use an HTTP stack
/// of their own. It must not retry, must not follow redirects (they would carry credentials elsewhere),
/// and must keep to the time limit. An answer whose `content-encoding` says that it is compressed is refused.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request once. The time limit holds from here to the last byte of the answer.
    ///
    /// # Errors
    /// [`TransportError`] when there is no complete answer; it decides on whether the request may be sent
    /// again, so [`Sent::No`] is for what certainly did not leave.
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;

    /// Sends the request once, and brings back the head of its answer with a body that is still to be read,
    /// under the same time limit. A [`Download`](crate::Download) uses it, for addresses other than the
    /// API's; as it is provided, it reads the body whole by [`send`](Transport::send).
    ///
    /// # Errors
    /// As [`send`](Transport::send), for want of a head.
    fn open(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        Box::pin(async move {
            let answer = self.send(request, timeout).await?;
            Ok(answer.map(|body| Box::new(Whole(Some(body))) as Box<dyn Chunks>))
        })
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.as_ref().send(request, timeout)
    }

    fn open(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        self.as_ref().open(request, timeout)
    }
}

/// Whether a request may have reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not: there was no connection.
    No,
    /// It may have.
    Maybe,
}

/// Why there is no complete answer.
#[derive(Debug)]
pub struct TransportError {
    pub(crate) sent: Sent,
    pub(crate) timeout: bool,
    pub(crate) too_large: bool,
    pub(crate) partial: Option<Box<Response<Bytes>>>,
    pub(crate) source: BoxError,
}

impl TransportError {
    /// The request may or may not have left; say [`Sent::No`] only when it certainly did not.
    pub fn new(sent: Sent, source: impl Into<BoxError>) -> Self {
        Self { sent, timeout: false, too_large: false, partial: None, source: source.into() }
    }

    /// Because the time limit ran out.
    #[must_use]
    pub fn timed_out(mut self) -> Self {
        self.timeout = true;
        self
    }

    /// Because the body of the answer is longer than is read. Its head goes [with](Self::with_partial) it.
    #[must_use]
    pub fn too_large(mut self) -> Self {
        self.too_large = true;
        self
    }

    /// The answer as far as it came: its head, and what there is of its body.
    #[must_use]
    pub fn with_partial(mut self, answer: Response<Bytes>) -> Self {
        self.partial = Some(Box::new(answer));
        self
    }

    /// Whether the request may have left.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether the time limit ran out.
    pub const fn is_timeout(&self) -> bool {
        self.timeout
    }

    /// Whether the answer is longer than is read.
    pub const fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// The answer as far as it came. It may hold what must not be shown.
    pub fn partial(&self) -> Option<&Response<Bytes>> {
        self.partial.as_deref()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.too_large {
            return f.write_str("the answer is longer than is read");
        }
        match (self.sent, self.timeout) {
            (Sent::No, true) => f.write_str("no connection within the time limit"),
            (Sent::No, false) => f.write_str("no connection"),
            (Sent::Maybe, true) => f.write_str("no complete answer within the time limit"),
            (Sent::Maybe, false) => f.write_str("the connection broke before the answer was complete"),
        }
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}
