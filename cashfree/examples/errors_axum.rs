//! The HTTP API of a shop, with axum: every error of a call becomes a response with
//! `Error::suggested_status`.
//!
//! ```text
//! cargo run -p cashfree --example errors_axum
//! ```
//!
//! The caller gets a status, how long to wait, and the request id. Codes and messages of the service stay in the log:
//! they are about this shop's account. The local sandbox plays the service, and the faults.

use std::time::Duration;

use anyhow::{Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use cashfree::{Amount, Client, Credentials, Currency, Effect, Environment, Money, OrderId, RetryPolicy};
use cashfree_sandbox::{Fault, Sandbox};
use serde_json::json;
use tower::ServiceExt;

/// The error of every handler.
struct Failure(cashfree::Error);

impl From<cashfree::Error> for Failure {
    fn from(error: cashfree::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = error.suggested_status();
        if status.is_server_error() {
            eprintln!("{error}");
        }
        let body = json!({
            "error": status.canonical_reason(),
            // A person of the shop finds the call by it.
            "request_id": error.request_id(),
            // Whether the caller may simply try again, or has to look first.
            "may_have_been_applied": matches!(error.effect(), Effect::Unknown | Effect::Applied),
        });
        let mut response = (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response();
        let wait = error.rate_limit().and_then(|limit| limit.retry_after);
        if let Some(wait) = wait.filter(|_| status == StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(RETRY_AFTER, wait.as_secs().into());
        }
        response
    }
}

/// Returns the status of an order.
async fn show(State(client): State<Client>, Path(order_id): Path<String>) -> Result<Response, Failure> {
    // The client refuses to send an id such as `..`, which is an error of the program: look at what callers send.
    let Ok(order_id) = order_id.parse::<OrderId>() else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let order = client.orders().get(order_id).await?;
    Ok(format!("{:?}", order.order_status).into_response())
}

/// Creates an order with the identifier that the caller chose.
async fn create(
    State(client): State<Client>,
    Path(order_id): Path<String>,
) -> Result<(StatusCode, String), Failure> {
    let price = Money::new(Amount::rupees(499), Currency::INR);
    let order = CreateOrder::new(
        price,
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    )
    .order_id(order_id);
    let order = client.orders().create(order).await?;
    Ok((StatusCode::CREATED, order.order_id.to_string()))
}

#[tokio::main]
async fn main() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    // One attempt, so that a fault is an error at once. A shop keeps the standard policy.
    let client = Client::builder(Environment::custom(sandbox.base_url())?, credentials)
        .retry(RetryPolicy::none())
        .timeout(Duration::from_secs(5))
        .build()?;
    let shop = Router::new()
        .route("/orders/{order_id}", get(show))
        .route("/orders/{order_id}", post(create))
        .with_state(client);
    let ask = |method: &'static str, path: &'static str| {
        let shop = shop.clone();
        async move {
            let request = Request::builder().method(method).uri(path).body(Body::empty())?;
            let response = shop.oneshot(request).await?;
            println!("{method} {path} -> {}", response.status());
            anyhow::Ok(response)
        }
    };

    for path in ["/orders/order_1", "/orders/a%20b", "/orders/%2E", "/orders/%2E%2E", "/orders/%00"] {
        ensure!(ask("GET", path).await?.status() == StatusCode::NOT_FOUND, "{path}");
    }
    ensure!(ask("POST", "/orders/order_1").await?.status() == StatusCode::CREATED);
    ensure!(ask("POST", "/orders/order_1").await?.status() == StatusCode::CONFLICT);
    ensure!(ask("POST", "/orders/a%20b").await?.status() == StatusCode::UNPROCESSABLE_ENTITY);

    sandbox.script(Fault::RateLimited { retry: Some(7) }, "PGFetchOrder", 1);
    let busy = ask("GET", "/orders/order_1").await?;
    ensure!(busy.status() == StatusCode::SERVICE_UNAVAILABLE);
    ensure!(busy.headers().get(RETRY_AFTER).is_some_and(|wait| wait == "7"));

    // Nobody knows whether the order exists: no 4xx, which would say that the caller is to blame.
    sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    ensure!(ask("POST", "/orders/order_2").await?.status() == StatusCode::BAD_GATEWAY);

    sandbox.script(Fault::Status(401, String::new(), "text/plain".to_owned()), "PGFetchOrder", 1);
    ensure!(ask("GET", "/orders/order_1").await?.status() == StatusCode::INTERNAL_SERVER_ERROR);
    Ok(())
}
