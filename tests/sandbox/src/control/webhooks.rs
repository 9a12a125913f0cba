//! The deliveries of webhooks, and the endpoints that get every event.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::clock;
use crate::control::error::Problem;
use crate::journal::masked_json;
use crate::webhooks::{WebhookDelivery, WebhookEndpoint, WebhookOutcome};

/// One attempt to deliver one event to one address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// Counts from 1.
    pub(crate) id: u64,
    pub(crate) at: String,
    /// The `type` of the event.
    pub(crate) event: String,
    pub(crate) url: String,
    /// From 1, as in `x-webhook-attempt`.
    pub(crate) attempt: u32,
    /// Status that the receiver responded with; 200 alone acknowledges.
    pub(crate) status: Option<u16>,
    /// Why there is no status.
    pub(crate) failure: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl DeliveryView {
    pub(crate) fn new(delivery: &WebhookDelivery) -> Self {
        let (status, failure) = match &delivery.outcome {
            WebhookOutcome::Responded(status) => (Some(*status), None),
            WebhookOutcome::Failed(reason) | WebhookOutcome::Refused(reason) => (None, Some(reason.clone())),
        };
        Self {
            id: delivery.id,
            at: clock::with_zone(delivery.at),
            event: delivery.event_type.clone(),
            url: delivery.url.clone(),
            attempt: delivery.attempt,
            status,
            failure,
            headers: delivery.headers.clone(),
            body: masked_json(&delivery.json()),
        }
    }

    /// Whether the event is about this order, link or subscription.
    pub(crate) fn is_about(&self, id: &str) -> bool {
        names(&self.body["data"], id)
    }
}

/// Whether a text anywhere in the value is this id.
fn names(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text == id,
        Value::Array(items) => items.iter().any(|item| names(item, id)),
        Value::Object(fields) => fields.values().any(|field| names(field, id)),
        _ => false,
    }
}

/// Which deliveries are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryFilter {
    /// The `type` of the event, as `PAYMENT_SUCCESS_WEBHOOK`.
    pub(crate) event: Option<String>,
    /// Order, link, subscription … that the event is about.
    pub(crate) subject: Option<String>,
    /// Only deliveries with a larger id.
    pub(crate) after: Option<u64>,
    /// At most so many, the newest [default: 100].
    pub(crate) limit: Option<usize>,
}

impl DeliveryFilter {
    pub(crate) fn fits(&self, delivery: &DeliveryView) -> bool {
        self.event.as_ref().is_none_or(|event| *event == delivery.event)
            && self.subject.as_ref().is_none_or(|id| delivery.is_about(id))
            && self.after.is_none_or(|after| delivery.id > after)
    }
}

/// The deliveries that fit, newest first.
pub(crate) fn select(app: &App, filter: &DeliveryFilter) -> Vec<DeliveryView> {
    let deliveries = app.state().outbox.deliveries();
    let views = deliveries.iter().rev().map(DeliveryView::new);
    views.filter(|delivery| filter.fits(delivery)).take(filter.limit.unwrap_or(100)).collect()
}

/// Lists deliveries of webhooks, newest first.
#[utoipa::path(get, path = "/sandbox/webhooks", tag = "what happened", params(DeliveryFilter),
    responses((status = 200, body = Vec<DeliveryView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    filter: Result<Query<DeliveryFilter>, QueryRejection>,
) -> Result<Json<Vec<DeliveryView>>, Problem> {
    let Query(filter) = filter?;
    Ok(Json(select(&app, &filter)))
}

pub(crate) fn find(app: &App, id: u64) -> Option<DeliveryView> {
    let deliveries = app.state().outbox.deliveries();
    deliveries.iter().find(|delivery| delivery.id == id).map(DeliveryView::new)
}

/// Shows one delivery.
#[utoipa::path(get, path = "/sandbox/webhooks/{id}", params(("id" = u64, Path)), tag = "what happened",
    responses((status = 200, body = DeliveryView), (status = 404, body = Problem)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<DeliveryView>, Problem> {
    let Path(id) = id?;
    find(&app, id).map(Json).ok_or_else(|| Problem::not_found("delivery", &id.to_string()))
}

/// Sends the event of a delivery again.
#[utoipa::path(post, path = "/sandbox/webhooks/{id}/resend", params(("id" = u64, Path)), tag = "what happened",
    responses((status = 200, description = "It is on its way"), (status = 404, body = Problem)))]
pub(crate) async fn resend(
    State(app): State<Arc<App>>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(id) = id?;
    let sent = app.state().outbox.resend(id);
    if sent { Ok(Json(json!({}))) } else { Err(Problem::not_found("delivery", &id.to_string())) }
}

/// An address that gets every event.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    /// Plain http on this machine, or a host that the sandbox is configured to allow.
    url: String,
}

/// Lists the addresses that get every event.
#[utoipa::path(get, path = "/sandbox/webhooks/endpoints", tag = "what happened",
    responses((status = 200, body = Vec<Endpoint>)))]
pub(crate) async fn endpoints(State(app): State<Arc<App>>) -> Json<Vec<Endpoint>> {
    Json(app.state().outbox.endpoint_urls().into_iter().map(|url| Endpoint { url }).collect())
}

/// Sends every event from now on to an address, too.
#[utoipa::path(post, path = "/sandbox/webhooks/endpoints", tag = "what happened", request_body = Endpoint,
    responses((status = 200, description = "Done"), (status = 422, body = Problem)))]
pub(crate) async fn add_endpoint(
    State(app): State<Arc<App>>,
    endpoint: Result<Json<Endpoint>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Endpoint { url }) = endpoint?;
    let outbox = app.state().outbox.clone();
    let endpoint = WebhookEndpoint::new(url);
    endpoint.check(&outbox.allowed_hosts()).map_err(|error| Problem::unreadable(error.to_string()))?;
    outbox.add_endpoint(endpoint);
    Ok(Json(json!({})))
}

/// Sends no more events to an address, but for those of orders that name it.
#[utoipa::path(delete, path = "/sandbox/webhooks/endpoints", tag = "what happened", request_body = Endpoint,
    responses((status = 200, description = "Done"), (status = 404, body = Problem)))]
pub(crate) async fn remove_endpoint(
    State(app): State<Arc<App>>,
    endpoint: Result<Json<Endpoint>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Endpoint { url }) = endpoint?;
    let removed = app.state().outbox.remove_endpoint(&url);
    if removed { Ok(Json(json!({}))) } else { Err(Problem::not_found("endpoint", &url)) }
}
