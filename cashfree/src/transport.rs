//! HTTP transports: send one request, return one response, decide nothing.

mod body;
mod chunks;
mod error;
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
pub use error::{Sent, TransportError};

pub(crate) use self::http::{Head, HttpTransport};
use chunks::BufferedBody;
pub(crate) use error::{Permanent, sources};
pub(crate) use network::Network;
pub(crate) use settings::{ProxySetting, Settings};

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and returns its response, whatever the status.
///
/// The client has a transport over reqwest. Implement this trait for tests, or for programs with an HTTP stack
/// of their own; the example `hyper_transport` of the repository is one over hyper-util. An implementation
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
