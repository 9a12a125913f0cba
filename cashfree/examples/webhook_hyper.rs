//! Webhook receiver on hyper alone, and two deliveries to it. All traffic stays on this machine.
//!
//! ```text
//! cargo run -p cashfree --example webhook_hyper --features testing
//! ```

use std::convert::Infallible;

use anyhow::{Result, ensure};
use bytes::Bytes;
use cashfree::testing::WebhookRequest;
use cashfree::webhook::Verifier;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

async fn receive(verifier: &Verifier, request: Request<Incoming>) -> StatusCode {
    let (parts, body) = request.into_parts();
    // Checks the headers first, then reads the body within its limits.
    match verifier.receive(&parts.headers, body).await {
        Ok(delivery) => {
            match delivery.event() {
                Ok(event) => println!("{}", event.kind()),
                // Respond with 200: another delivery would be the same.
                Err(error) => eprintln!("keep {} bytes for a person: {error}", delivery.body().len()),
            }
            StatusCode::OK
        }
        Err(rejection) => {
            println!("{rejection}");
            rejection.status()
        }
    }
}

async fn serve(listener: tokio::net::TcpListener, verifier: Verifier) -> Result<()> {
    loop {
        let (connection, _) = listener.accept().await?;
        let verifier = verifier.clone();
        let service = service_fn(move |request| {
            let verifier = verifier.clone();
            async move {
                let mut response = Response::new(Empty::<Bytes>::new());
                *response.status_mut() = receive(&verifier, request).await;
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), service));
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let secret = "cfsk_ma_test_123";
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(serve(listener, Verifier::new(secret)?));

    let body = r#"{"data":{"incident":{"id":"7","status":"OPEN"}},"type":"HEALTH_ALERT"}"#;
    for (signed_with, expected) in [(secret, 200), ("another secret", 401)] {
        let (headers, body) = WebhookRequest::new(signed_with, body).into_parts();
        let status = reqwest::Client::new().post(&url).headers(headers).body(body).send().await?.status();
        ensure!(status == expected, "the status is {status}");
    }
    Ok(())
}
