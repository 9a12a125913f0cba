//! The dashboard at `/`: orders with their history, requests, webhooks, and how to point an SDK at the sandbox.
//!
//! Pages are rendered here and work without JavaScript; with it they renew themselves when something happens. A button
//! is a form to `/dashboard/act`, which does what the control interface does and returns to the page.

mod act;
mod connect;
mod orders;
mod requests;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::app::App;
use crate::control;
use crate::http::respond::json_response;
use crate::web::page;

/// The routes of the dashboard.
pub(crate) fn routes(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(orders::list))
        .route("/dashboard/orders/{order_id}", get(orders::show))
        .route("/dashboard/requests", get(requests::list))
        .route("/dashboard/requests/{id}", get(requests::show))
        .route("/dashboard/webhooks", get(webhooks::list))
        .route("/dashboard/webhooks/{id}", get(webhooks::show))
        .route("/dashboard/connect", get(connect::show))
        .route("/dashboard/act", post(act::act))
        .layer(middleware::from_fn_with_state(app, control::notify))
        .layer(middleware::map_response(page::protect))
}

/// JSON on a page: indented, with a line for each field.
fn pretty(value: &serde_json::Value) -> String {
    if value.is_null() { String::new() } else { serde_json::to_string_pretty(value).unwrap_or_default() }
}

/// A page for an object that does not exist.
fn missing(what: &str) -> axum::response::Response {
    json_response(
        404,
        &serde_json::json!({ "message": format!("there is no such {what}, or it is no longer kept") }),
    )
}

/// The class of a status for its colour.
fn tone(status: &str) -> &'static str {
    match status {
        "PAID" | "SUCCESS" | "PROCESSED" => "good",
        "FAILED" | "USER_DROPPED" | "EXPIRED" | "TERMINATED" | "CANCELLED" | "VOID" => "bad",
        _ => "open",
    }
}
