//! Inspection of what the client sends: a transport that looks at each `http::Request`. Runs without a network.
//!
//! ```text
//! cargo run -p cashfree --example inspect_request --features testing
//! ```
//!
//! For audit logs and assertions. Requests carry credentials and customer data: log method, path and status, not
//! headers and bodies.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use cashfree::testing::MockTransport;
use cashfree::{BoxFuture, Client, Credentials, Environment, Transport, TransportError};
use http::{Request, Response};

/// Looks at each request and response on their way.
#[derive(Debug)]
struct Inspect<T>(T);

impl<T: Transport> Transport for Inspect<T> {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let line = describe(&request);
        let sending = self.0.send(request, timeout);
        Box::pin(async move {
            let outcome = sending.await;
            match &outcome {
                Ok(response) => println!("{line} -> {}", response.status()),
                Err(error) => println!("{line} -> {error}"),
            }
            outcome
        })
    }
}

/// One line for a log, without anything secret.
fn describe(request: &Request<Bytes>) -> String {
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
    format!(
        "{} {} version={} request={} {} bytes",
        request.method(),
        request.uri().path(),
        header("x-api-version"),
        header("x-request-id"),
        request.body().len()
    )
}

#[tokio::main]
async fn main() -> Result<()> {
    let mock = MockTransport::new();
    let missing =
        serde_json::json!({"code": "order_not_found", "type": "invalid_request_error", "message": "none"});
    mock.on("PGFetchOrder").connect_error().respond(404, missing);

    let credentials = Credentials::client_secret("test_client_id", "test_client_secret");
    let transport = Inspect(mock.clone());
    let client = Client::builder(Environment::Sandbox, credentials).transport(transport).build()?;
    let error = client.orders().get("order_1").await.err();
    ensure!(error.is_some_and(|error| error.is_not_found()), "the mock has no such order");

    // What was sent, for assertions.
    let call = mock.calls().pop();
    let headers = call.as_ref().map(|call| call.headers());
    ensure!(headers.is_some_and(|headers| headers.contains_key("x-client-id")));
    Ok(())
}
