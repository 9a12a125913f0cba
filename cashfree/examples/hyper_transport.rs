//! A `Transport` over hyper-util, for programs that count microseconds and need no TLS, such as those behind a
//! local TLS-terminating proxy.
//!
//! It leaves out what the crate's own transport does: TLS, proxies, a pool for each runtime, and incomplete
//! responses (the status of a response whose body broke off). Run it against the local sandbox:
//!
//! ```text
//! cargo run -p cashfree-sandbox
//! cargo run -p cashfree --example hyper_transport
//! ```

use std::time::Duration;

use bytes::Bytes;
use cashfree::{BoxFuture, Client, Credentials, Environment, Sent, Transport, TransportError};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client as Pool};
use hyper_util::rt::TokioExecutor;

/// The longest response body that is read, in bytes.
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

/// Reads an order of the sandbox.
pub(crate) fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let environment = Environment::custom("http://127.0.0.1:8090/pg")?;
        let credentials = Credentials::client_secret("TEST-APP-ID", "TEST-APP-SECRET");
        let client = Client::builder(environment, credentials).transport(HyperTransport::new()).build()?;
        match client.orders().get("order_1").await {
            Ok(order) => println!("{:?}", order.order_status),
            Err(error) => println!("{error}"),
        }
        Ok(())
    })
}
