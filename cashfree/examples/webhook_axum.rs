//! A receiver of webhooks with axum, and a stand-in for Cashfree that sends it a payment, the same payment
//! again, and a forgery. Everything stays on this machine.
//!
//! ```text
//! cargo run -p cashfree --example webhook_axum --features axum,testing
//! ```

use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use cashfree::testing::WebhookRequest;
use cashfree::webhook::{Event, SeenInMemory, Verified, Verifier, Webhook, once};

#[derive(Clone)]
struct App {
    verifier: Verifier,
    seen: Arc<SeenInMemory>,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// Runs for verified deliveries only; the extractor has answered the others.
async fn receive(State(app): State<App>, Webhook(delivery): Webhook) -> StatusCode {
    match once(&app.seen, &delivery.dedupe_key(), async || handle(&delivery)).await {
        Ok(done) => {
            println!("attempt {:?}: {}", delivery.attempt(), done.status());
            done.status()
        }
        Err(error) => {
            eprintln!("to be sent again: {error}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn handle(delivery: &Verified) -> Result<()> {
    match delivery.event() {
        Ok(Event::Test(_)) => {}
        Ok(Event::PaymentSuccess(event)) => {
            // A shop would now read the order back and hand out the goods.
            println!("paid: {:?}", event.order_id());
        }
        Ok(event) => println!("not for us: {}", event.kind()),
        // Sending it again would not mend it: keep the body, answer 200.
        Err(error) => eprintln!("{} bytes kept: {error}", delivery.body().len()),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let secret = "cfsk_ma_test_123";
    let app = App { verifier: Verifier::new(secret)?, seen: Arc::default() };
    let router = Router::new().route("/cashfree", post(receive)).with_state(app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/cashfree", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let body = r#"{"data":{"order":{"order_id":"order_1","order_amount":499.00},"payment":{"cf_payment_id":"12376123","payment_status":"SUCCESS"}},"event_time":"2025-01-15T12:20:29+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
    let http = reqwest::Client::new();
    for (signed_with, attempt, expected) in [(secret, 1, 200), (secret, 2, 200), ("another secret", 1, 401)] {
        let (headers, body) = WebhookRequest::new(signed_with, body).attempt(attempt).into_parts();
        let answer = http.post(&url).headers(headers).body(body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        println!("answered {status} {text}");
        ensure!(status == expected, "expected {expected}");
    }
    Ok(())
}
