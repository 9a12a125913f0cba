//! Webhook receiver on actix-web, and two deliveries to it. All traffic stays on this machine.
//!
//! ```text
//! cargo run -p contract --example webhook_actix
//! ```

use actix_web::http::StatusCode;
use actix_web::rt::time::timeout;
use actix_web::web::{Data, Payload, post};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use anyhow::{Context, Result, ensure};
use cashfree::testing::WebhookRequest;
use cashfree::webhook::Verifier;
use http::{HeaderMap, HeaderName, HeaderValue};

async fn receive(verifier: Data<Verifier>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let headers = headers(&request);
    // Bodies of actix-web have a type of their own: what `Verifier::receive` does elsewhere, step by step.
    if let Err(refused) = verifier.check_headers(&headers) {
        return HttpResponse::new(status(refused.status()));
    }
    let body = match timeout(Verifier::BODY_TIMEOUT, payload.to_bytes_limited(verifier.max_body())).await {
        Ok(Ok(Ok(body))) => body,
        Ok(Ok(Err(_))) => return HttpResponse::BadRequest().finish(),
        Ok(Err(_)) => return HttpResponse::PayloadTooLarge().finish(),
        Err(_) => return HttpResponse::RequestTimeout().finish(),
    };
    match verifier.verify(&headers, body) {
        Ok(delivery) => {
            match delivery.event() {
                Ok(event) => println!("{}", event.kind()),
                // Respond with 200: another delivery would be the same.
                Err(error) => eprintln!("keep {} bytes for a person: {error}", delivery.body().len()),
            }
            HttpResponse::Ok().finish()
        }
        Err(refused) => HttpResponse::build(status(refused.status())).body(refused.to_string()),
    }
}

/// actix-web has the headers of the `http` crate's previous version.
fn headers(request: &HttpRequest) -> HeaderMap {
    let pairs = request.headers().iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    pairs.collect()
}

fn status(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::BAD_REQUEST)
}

#[actix_web::main]
async fn main() -> Result<()> {
    let secret = "cfsk_ma_test_123";
    let verifier = Verifier::new(secret)?;
    let server = HttpServer::new(move || {
        App::new().app_data(Data::new(verifier.clone())).route("/cashfree", post().to(receive))
    })
    .workers(1)
    .bind("127.0.0.1:0")?;
    let url = format!("http://{}/cashfree", server.addrs().first().context("no address")?);
    let server = server.run();
    let handle = server.handle();
    let served = actix_web::rt::spawn(server);

    let http = reqwest::Client::new();
    let body = r#"{"data":{"incident":{"id":"7","status":"OPEN"}},"type":"HEALTH_ALERT"}"#;
    for (signed_with, expected) in [(secret, 200), ("another secret", 401)] {
        let (headers, body) = WebhookRequest::new(signed_with, body).into_parts();
        let response = http.post(&url).headers(headers).body(body).send().await?;
        ensure!(response.status() == expected, "status {}", response.status());
    }
    handle.stop(true).await;
    served.await??;
    Ok(())
}
