//! The way to the network: one request out, one answer in, nothing decided.

mod chunks;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, StatusCode};

pub use chunks::Chunks;

use crate::{BoxError, ConfigError};
use chunks::Whole;

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and brings back its answer, whatever the status.
///
/// The client comes with one over HTTP; another one serves tests, or programs that must use an HTTP stack
/// of their own. It must not retry, must not follow redirects (they would carry credentials elsewhere),
/// and must keep to the time limit. An answer whose `content-encoding` says that it is compressed is refused.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request once.
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;

    /// Sends the request once, and brings back the head of its answer with a body that is still to be read,
    /// under the same time limit. A [`Download`](crate::Download) uses it, for addresses other than the
    /// API's; as it is provided, it reads the body whole by [`send`](Transport::send).
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

/// What the HTTP transport is set to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) max_body: usize,
    pub(crate) proxy: Option<String>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) user_agent: String,
}

/// HTTP/1.1 over a shared pool of connections.
pub(crate) struct Http {
    client: reqwest::Client,
    max_body: usize,
}

impl Http {
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let refuse = |error: reqwest::Error| ConfigError::Transport(error.without_url().to_string());
        let mut builder = reqwest::Client::builder()
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            // Nothing is retried below this crate's own policy, which knows what is safe.
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .user_agent(&settings.user_agent)
            // A proxy is used when it is asked for, not because a variable happens to be set.
            .no_proxy();
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        {
            builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
        }
        #[cfg(feature = "rustls")]
        {
            builder = builder.tls_backend_rustls();
        }
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(refuse)?);
        }
        builder = with_roots(builder, &settings.root_certificates)?;
        Ok(Self { client: builder.build().map_err(refuse)?, max_body: settings.max_body })
    }
}

impl Http {
    fn too_large(&self, head: Response<Bytes>) -> TransportError {
        let reason = format!("the body is longer than {} bytes", self.max_body);
        TransportError::new(Sent::Maybe, reason).too_large().with_partial(head)
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn with_roots(
    builder: reqwest::ClientBuilder,
    roots: &[Vec<u8>],
) -> Result<reqwest::ClientBuilder, ConfigError> {
    let mut certificates = Vec::new();
    for pem in roots {
        let parsed = reqwest::Certificate::from_pem_bundle(pem)
            .map_err(|error| ConfigError::Transport(error.without_url().to_string()))?;
        certificates.extend(parsed);
    }
    Ok(if certificates.is_empty() { builder } else { builder.tls_certs_merge(certificates) })
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn with_roots(
    builder: reqwest::ClientBuilder,
    roots: &[Vec<u8>],
) -> Result<reqwest::ClientBuilder, ConfigError> {
    if roots.is_empty() {
        Ok(builder)
    } else {
        Err(ConfigError::Transport("root certificates need a TLS feature".to_owned()))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("max_body", &self.max_body).finish_non_exhaustive()
    }
}

impl Transport for Http {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let mut answer = self.execute(request, timeout).await?;
            let announced = answer.content_length();
            let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
            // What announces itself as too long is not read at all.
            if announced.is_some_and(|length| length > self.max_body as u64) {
                return Err(self.too_large(assemble(status, headers, Bytes::new())));
            }
            let mut body = BytesMut::new();
            loop {
                match answer.chunk().await {
                    Ok(None) => return Ok(assemble(status, headers, body.freeze())),
                    Ok(Some(chunk)) if chunk.len() > self.max_body.saturating_sub(body.len()) => {
                        return Err(self.too_large(assemble(status, headers, body.freeze())));
                    }
                    Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                    Err(error) => {
                        return Err(unanswered(error).with_partial(assemble(status, headers, body.freeze())));
                    }
                }
            }
        })
    }

    fn open(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        Box::pin(async move {
            let mut answer = self.execute(request, timeout).await?;
            let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
            let mut response = Response::new(Box::new(Flow(answer)) as Box<dyn Chunks>);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

impl Http {
    /// Both ways of sending have this in common.
    async fn execute(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> Result<reqwest::Response, TransportError> {
        let mut request = reqwest::Request::try_from(request).map_err(unsent)?;
        *request.timeout_mut() = Some(timeout);
        self.client.execute(request).await.map_err(unanswered)
    }
}

/// A body on the wire.
struct Flow(reqwest::Response);

impl Chunks for Flow {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move { self.0.chunk().await.map_err(unanswered) })
    }
}

fn assemble(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn unsent(error: reqwest::Error) -> TransportError {
    TransportError::new(Sent::No, error.without_url())
}

/// Addresses hold identifiers; the operation's name is enough.
fn unanswered(error: reqwest::Error) -> TransportError {
    let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Maybe };
    let timeout = error.is_timeout();
    let failure = TransportError::new(sent, error.without_url());
    if timeout { failure.timed_out() } else { failure }
}
