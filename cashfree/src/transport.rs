//! HTTP transports: send one request, return one response, decide nothing.

mod body;
mod chunks;
mod failure;
mod http;
mod network;
mod pools;
mod proxy;
mod settings;
mod tls;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;

pub use chunks::Chunks;

pub(crate) use self::http::{Head, HttpTransport};
use crate::BoxError;
use chunks::BufferedBody;
pub(crate) use network::Network;
pub(crate) use settings::{ProxySetting, Settings};

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and returns its response, whatever the status.
///
/// The client has a transport over reqwest. Implement this trait for tests, or for programs with an HTTP stack
/// of their own; `examples/hyper_transport.rs` is one over hyper-util. An implementation
///
/// - does not retry: the client's [`RetryPolicy`](crate::RetryPolicy) decides that,
/// - does not follow redirects, which would carry credentials to another host,
/// - keeps the time limit,
/// - does not decompress: a response with a `content-encoding` is refused by the client.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request once. `timeout` ends with the last byte of the response.
    ///
    /// # Errors
    /// [`TransportError`] if there is no complete response. Use [`Sent::No`] only if the request was certainly
    /// not sent: the client may then send a write again.
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;

    /// Sends the request once and returns the response before its body is read. The body is under the same
    /// timeout. [`Download`](crate::Download) calls it, for hosts other than the API's. The default
    /// implementation reads the whole body with [`send`](Transport::send).
    ///
    /// # Errors
    /// As [`send`](Transport::send), if there are no status and headers.
    fn open(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        Box::pin(async move {
            let response = self.send(request, timeout).await?;
            Ok(response.map(|body| Box::new(BufferedBody(Some(body))) as Box<dyn Chunks>))
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
    /// Not sent: there was no connection.
    No,
    /// Possibly sent.
    Maybe,
}

/// Error of a [`Transport`]: there is no complete response.
#[derive(Debug)]
pub struct TransportError {
    pub(crate) sent: Sent,
    pub(crate) timeout: bool,
    pub(crate) too_large: bool,
    pub(crate) partial: Option<Box<Response<Bytes>>>,
    pub(crate) source: BoxError,
}

impl TransportError {
    /// Creates an error. Use [`Sent::No`] only if the request was certainly not sent.
    pub fn new(sent: Sent, source: impl Into<BoxError>) -> Self {
        Self { sent, timeout: false, too_large: false, partial: None, source: source.into() }
    }

    /// Marks the error as a timeout.
    #[must_use]
    pub fn timed_out(mut self) -> Self {
        self.timeout = true;
        self
    }

    /// Marks the error as a response body over the limit. Add the response so far with
    /// [`with_partial`](Self::with_partial).
    #[must_use]
    pub fn too_large(mut self) -> Self {
        self.too_large = true;
        self
    }

    /// Adds the incomplete response: status, headers, and the body so far.
    #[must_use]
    pub fn with_partial(mut self, response: Response<Bytes>) -> Self {
        self.partial = Some(Box::new(response));
        self
    }

    /// Whether the request may have been sent.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether this is a timeout.
    pub const fn is_timeout(&self) -> bool {
        self.timeout
    }

    /// Whether the response body is over the limit.
    pub const fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// The incomplete response. It may hold personal data: not for logs.
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
