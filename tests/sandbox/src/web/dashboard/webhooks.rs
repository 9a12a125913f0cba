//! The deliveries of webhooks, and one of them with its signature.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::control::{self, DeliveryFilter, DeliveryView};
use crate::web::dashboard::{missing, pretty};
use crate::web::page;

#[derive(Template)]
#[template(path = "dashboard/webhooks.html")]
struct Webhooks {
    deliveries: Vec<DeliveryView>,
    endpoints: Vec<String>,
}

/// The newest deliveries.
pub(crate) async fn list(State(app): State<Arc<App>>) -> Response {
    let deliveries = control::deliveries(&app, &DeliveryFilter::default());
    let endpoints = app.state().outbox.endpoint_urls();
    page::render(StatusCode::OK, &Webhooks { deliveries, endpoints })
}

#[derive(Template)]
#[template(path = "dashboard/webhook.html")]
struct Webhook {
    delivery: DeliveryView,
    body: String,
}

/// One delivery.
pub(crate) async fn show(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Response {
    let Some(delivery) = control::delivery(&app, id) else {
        return missing("delivery");
    };
    page::render(StatusCode::OK, &Webhook { body: pretty(&delivery.body), delivery })
}

impl DeliveryView {
    pub(crate) fn tone(&self) -> &'static str {
        if self.status == Some(200) { "good" } else { "bad" }
    }

    pub(crate) fn outcome(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        status.or_else(|| self.failure.clone()).unwrap_or_default()
    }
}
