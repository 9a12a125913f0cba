//! Transport over a `tower::Service`, for programs that have an HTTP stack with middleware of their own. All traffic
//! stays on this machine.
//!
//! ```text
//! cargo run -p cashfree --example tower_transport
//! ```
//!
//! Middleware for limits, metrics or tracing fits. Middleware that retries does not: the client decides on retries,
//! since only it knows which requests may be sent twice.

use std::fmt;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use cashfree::{BoxError, BoxFuture, Client, Credentials, Environment, Sent, Transport, TransportError};
use cashfree_sandbox::Sandbox;
use http::{Request, Response};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

/// Sends requests through a service.
struct TowerTransport<S>(S);

impl<S> Transport for TowerTransport<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut service = self.0.clone();
        Box::pin(async move {
            let sending = async {
                // Nothing is sent before the service is ready, so that a write may be repeated.
                let ready = service.ready().await.map_err(|error| TransportError::new(Sent::No, error))?;
                ready.call(request).await.map_err(|error| TransportError::new(Sent::Maybe, error))
            };
            match tokio::time::timeout(timeout, sending).await {
                Ok(outcome) => outcome,
                Err(elapsed) => Err(TransportError::new(Sent::Maybe, elapsed).timed_out()),
            }
        })
    }
}

impl<S> fmt::Debug for TowerTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport").finish_non_exhaustive()
    }
}

/// The innermost service: reqwest, without redirects, which would carry credentials to another host.
async fn send(http: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
    let response = http.execute(request.try_into()?).await?;
    let mut builder = Response::builder().status(response.status());
    if let Some(headers) = builder.headers_mut() {
        headers.clone_from(response.headers());
    }
    Ok(builder.body(response.bytes().await?)?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let sandbox = Sandbox::builder().start().await?;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let service = ServiceBuilder::new()
        .concurrency_limit(10)
        .map_request(|request: Request<Bytes>| {
            println!("{} {}", request.method(), request.uri().path());
            request
        })
        .service(service_fn(move |request| send(http.clone(), request)));

    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    let client = Client::builder(Environment::custom(sandbox.base_url())?, credentials)
        .transport(TowerTransport(service))
        .build()?;
    let error = client.orders().get("order_1").await.err();
    ensure!(error.is_some_and(|error| error.is_not_found()), "the sandbox has the order");
    Ok(())
}
