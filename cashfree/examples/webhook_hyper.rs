//! A receiver of webhooks on hyper alone, and one delivery to it. Everything stays on this machine.
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
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

async fn receive(verifier: &Verifier, request: Request<Incoming>) -> StatusCode {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, verifier.max_body()).collect().await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    match verifier.verify(&parts.headers, body.to_bytes()) {
        Ok(delivery) => {
            println!("{:?}", delivery.event().map(|event| event.kind().clone()));
            StatusCode::OK
        }
        Err(refused) => refused.status(),
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
    let (headers, body) = WebhookRequest::new(secret, body).into_parts();
    let status = reqwest::Client::new().post(url).headers(headers).body(body).send().await?.status();
    ensure!(status == StatusCode::OK, "answered {status}");
    Ok(())
}
