//! The transport of the example; the benchmarks measure it, too.

use std::time::Duration;

use bytes::Bytes;
use cashfree::{BoxFuture, Sent, Transport, TransportError};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client as Pool};
use hyper_util::rt::TokioExecutor;

/// Maximum response body size in bytes.
const MAX_BODY: usize = 4 << 20;

/// Sends requests over plain HTTP/1.1.
#[derive(Clone, Debug)]
pub(crate) struct HyperTransport {
    pool: Pool<HttpConnector, Full<Bytes>>,
}

impl HyperTransport {
    /// Creates a transport without connections.
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        Self { pool: Pool::builder(TokioExecutor::new()).build(connector) }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let response = self.pool.request(request.map(Full::new)).await.map_err(failed)?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|error| TransportError::new(Sent::Maybe, error))?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }
}

impl Default for HyperTransport {
    fn default() -> Self {
        Self::new()
    }
}

/// Without a connection, nothing was sent, and the client may send the request again.
fn failed(error: legacy::Error) -> TransportError {
    TransportError::new(if error.is_connect() { Sent::No } else { Sent::Maybe }, error)
}

impl Transport for HyperTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            match tokio::time::timeout(timeout, self.exchange(request)).await {
                Ok(outcome) => outcome,
                Err(elapsed) => Err(TransportError::new(Sent::Maybe, elapsed).timed_out()),
            }
        })
    }
}
