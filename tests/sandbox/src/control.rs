//! The control interface under `/sandbox`: what a test or a person does beside the API. The payer pays, the bank
//! decides, a day ends, a fault is scripted, a webhook is resent; and what happened is looked at.
//!
//! It takes no credentials, and describes itself in OpenAPI at `/sandbox/openapi.json`. Bodies are JSON and need their
//! content type, which keeps forms of other sites out. An error is an object with a `message`:
//!
//! - 404 if the object does not exist, or the path;
//! - 405 if the path takes other methods, which `allow` lists;
//! - 409 if it is not in a state for that;
//! - 422 if the request cannot be read.

mod acts;
mod clock;
mod error;
mod events;
mod faults;
mod orders;
mod requests;
mod reset;
mod seed;
mod wait;
mod webhooks;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::respond::json_response;
use crate::journal::Notice;

pub(crate) use orders::{
    ChangeView, OrderLine, PayMethod, PayOutcome, Payment, newest as newest_orders, pay, view as order_view,
};
pub(crate) use requests::{RequestFilter, RequestView, find as request, select_views as requests};
pub(crate) use seed::plant;
pub(crate) use webhooks::{DeliveryFilter, DeliveryView, find as delivery, select as deliveries};

/// Where the interface begins.
pub(crate) const PREFIX: &str = "/sandbox";

/// The description of the interface, without its paths, which the routes add.
#[derive(OpenApi)]
#[openapi(info(
    title = "Control interface of the Cashfree sandbox",
    description = "What a test or a person does beside the API: pay as a customer, decide as a bank, end a day, \
        script faults, look at requests and webhooks. For a sandbox on this machine; it takes no credentials."
))]
struct Description;

fn described() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(requests::list))
        .routes(routes!(requests::show))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::show))
        .routes(routes!(webhooks::resend))
        .routes(routes!(webhooks::endpoints, webhooks::add_endpoint, webhooks::remove_endpoint))
        .routes(routes!(wait::wait))
        .routes(routes!(events::stream))
        .routes(routes!(orders::list))
        .routes(routes!(orders::show))
        .routes(routes!(orders::pay_order))
        .routes(routes!(acts::expire_order))
        .routes(routes!(acts::raise_dispute))
        .routes(routes!(acts::expire_link))
        .routes(routes!(acts::move_dispute))
        .routes(routes!(acts::review_vendor))
        .routes(routes!(acts::act_on_mandate))
        .routes(routes!(acts::debit))
        .routes(routes!(acts::report_downtime))
        .routes(routes!(acts::resolve_downtime))
        .routes(routes!(acts::settle))
        .routes(routes!(faults::list, faults::script, faults::clear))
        .routes(routes!(faults::random))
        .routes(routes!(faults::script_webhooks))
        .routes(routes!(clock::show, clock::advance))
        .routes(routes!(seed::seed))
        .routes(routes!(reset::reset))
}

/// The routes.
pub(crate) fn routes(app: Arc<App>) -> Router<Arc<App>> {
    let (router, description) = described().split_for_parts();
    let document = serde_json::to_value(&description).unwrap_or_default();
    let menu = menu_of(&document);
    router
        .route(&format!("{PREFIX}/openapi.json"), get(move || std::future::ready(Json(document))))
        .route(PREFIX, get(move || std::future::ready(Json(menu))))
        .route(&format!("{PREFIX}/{{*path}}"), axum::routing::any(unknown))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(app, notify))
}

/// Notifies the readers of the feed of every request that may have changed something.
pub(crate) async fn notify(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let response = next.run(request).await;
    if method != "GET" {
        app.journal.notify(Notice::Control { method, path, status: response.status().as_u16() });
    }
    response
}

/// Each path with its methods and what they do.
fn menu_of(document: &Value) -> Value {
    let mut menu = serde_json::Map::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            menu.insert(format!("{} {path}", method.to_uppercase()), operation["summary"].clone());
        }
    }
    json!({ "description": format!("{PREFIX}/openapi.json"), "paths": menu })
}

/// The time by the sandbox's clock, as text.
pub(crate) fn now(state: &crate::domain::state::State) -> String {
    crate::clock::with_zone(state.clock.now())
}

async fn unknown(request: Request) -> Response {
    lists_paths(404, &request)
}

/// 405; the router adds `allow`.
async fn method_not_allowed(request: Request) -> Response {
    lists_paths(405, &request)
}

fn lists_paths(status: u16, request: &Request) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    let message = format!("the sandbox has no {method} {path}: GET {PREFIX} lists its paths");
    json_response(status, &json!({ "message": message }))
}
