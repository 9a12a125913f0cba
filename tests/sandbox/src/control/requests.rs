//! The recorded requests with their responses.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::clock;
use crate::control::error::Problem;
use crate::document::Document;
use crate::journal::{Exchange, masked_headers, masked_json, rule_of};

/// A request and its response. Secrets and cards are masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RequestView {
    /// Counts from 1.
    pub(crate) id: u64,
    /// When it arrived.
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// The operation that it reached, if it reached one.
    pub(crate) operation_id: Option<String>,
    /// The order or other object that it is about.
    pub(crate) subject: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    /// The JSON body, null if it is none.
    pub(crate) body: Value,
    /// Status of the response; null where a fault came first or the sandbox is at work.
    pub(crate) status: Option<u16>,
    pub(crate) response: Value,
    /// Scripted or random fault that struck.
    pub(crate) fault: Option<String>,
    /// Milliseconds until the response was ready.
    pub(crate) milliseconds: Option<f64>,
    /// Rule of the document that the request broke, as JSON Schema, if the response names a field.
    pub(crate) rule: Option<Value>,
}

impl RequestView {
    pub(crate) fn new(exchange: &Exchange, document: &Document) -> Self {
        let request = &exchange.request;
        let response = exchange.response.as_ref().map(|response| response.json()).unwrap_or_default();
        let operation =
            document.operations.iter().find(|operation| Some(&operation.id) == request.operation_id.as_ref());
        let code = response["code"].as_str().filter(|_| exchange.status() == Some(400));
        Self {
            id: exchange.id,
            at: clock::with_zone(exchange.at),
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            operation_id: request.operation_id.clone(),
            subject: exchange.subject.clone(),
            headers: masked_headers(&request.headers),
            body: masked_json(&request.json()),
            status: exchange.status(),
            rule: operation.zip(code).and_then(|(operation, code)| rule_of(document, operation, code)),
            response: masked_json(&response),
            fault: exchange.fault.clone(),
            milliseconds: exchange.elapsed.map(|time| time.as_secs_f64() * 1e3),
        }
    }
}

/// Which requests are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestFilter {
    /// Operation, as `PGCreateOrder`.
    pub(crate) operation_id: Option<String>,
    /// Order or other object that the request is about.
    pub(crate) subject: Option<String>,
    /// Status code of the response.
    pub(crate) status: Option<u16>,
    /// Only requests with a larger id.
    pub(crate) after: Option<u64>,
    /// At most so many, the newest [default: 100].
    pub(crate) limit: Option<usize>,
}

/// The requests that fit, newest first.
pub(crate) fn select(app: &App, filter: &RequestFilter) -> Vec<Exchange> {
    let same = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    let mut found = app.journal.select(|exchange| {
        same(&filter.operation_id, &exchange.request.operation_id)
            && same(&filter.subject, &exchange.subject)
            && (filter.status.is_none() || filter.status == exchange.status())
            && filter.after.is_none_or(|after| exchange.id > after)
    });
    found.reverse();
    found.truncate(filter.limit.unwrap_or(100));
    found
}

pub(crate) fn select_views(app: &App, filter: &RequestFilter) -> Vec<RequestView> {
    select(app, filter).iter().map(|exchange| RequestView::new(exchange, &app.document)).collect()
}

pub(crate) fn find(app: &App, id: u64) -> Option<RequestView> {
    app.journal.find(id).map(|exchange| RequestView::new(&exchange, &app.document))
}

/// Lists recorded requests, newest first.
#[utoipa::path(get, path = "/sandbox/requests", tag = "what happened", params(RequestFilter),
    responses((status = 200, body = Vec<RequestView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    filter: Result<Query<RequestFilter>, QueryRejection>,
) -> Result<Json<Vec<RequestView>>, Problem> {
    let Query(filter) = filter?;
    Ok(Json(select_views(&app, &filter)))
}

/// Shows one recorded request.
#[utoipa::path(get, path = "/sandbox/requests/{id}", params(("id" = u64, Path)), tag = "what happened",
    responses((status = 200, body = RequestView), (status = 404, body = Problem)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<RequestView>, Problem> {
    let Path(id) = id?;
    find(&app, id).map(Json).ok_or_else(|| Problem::not_found("recorded request", &id.to_string()))
}
