//! Faults between a client and the service, scripted or at random, and faults of webhooks.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::control::error::Problem;
use crate::faults::random::Chaos;
use crate::faults::scripted::Fault;
use crate::webhooks::WebhookFault;

/// What goes wrong; the names are those of [`Fault`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FaultSpec {
    /// The connection ends without a response, and nothing was done.
    DropBeforeRead,
    /// The request is carried out, then the connection ends without a response.
    DropAfterCommit,
    /// Nothing was done, and no new connection is accepted for this long.
    ClosePort { milliseconds: u64 },
    /// No response is ever sent, and nothing was done.
    Stall,
    /// The request is carried out, and no response is ever sent.
    StallAfterCommit,
    /// The request is carried out, and a proxy returns 504 with a page.
    GatewayTimeout,
    /// The work begins this much later.
    Delay { milliseconds: u64 },
    /// A proxy returns 502 with a page, and nothing was done.
    Html502,
    /// The service returns 502 in its own form, and nothing was done.
    Json502,
    /// The service fails with 500 instead of working.
    ServerError500,
    /// The response holds the first half of its JSON.
    TruncatedJson,
    /// The connection ends in the middle of the response.
    CutShort,
    /// The response has no body.
    EmptyBody,
    /// The response body is no JSON.
    GarbageJson,
    /// The true response, said to be `text/html`.
    WrongContentType,
    /// The true response, compressed.
    Gzip,
    /// The true response, its body spread over this time.
    Dripped { milliseconds: u64 },
    /// The true response without the API's headers.
    MissingHeaders,
    /// The true response with each of the API's headers twice.
    DuplicateHeaders,
    /// Any status, body and content type; nothing was done.
    Status { status: u16, body: String, content_type: String },
    /// 429, with `x-ratelimit-retry` of so many seconds, or without it.
    RateLimited { retry: Option<u64> },
    /// Fields of the response are replaced by these.
    Altered { fields: Value },
}

impl From<FaultSpec> for Fault {
    fn from(spec: FaultSpec) -> Self {
        let time = Duration::from_millis;
        match spec {
            FaultSpec::DropBeforeRead => Self::DropBeforeRead,
            FaultSpec::DropAfterCommit => Self::DropAfterCommit,
            FaultSpec::ClosePort { milliseconds } => Self::ClosePort(time(milliseconds)),
            FaultSpec::Stall => Self::Stall,
            FaultSpec::StallAfterCommit => Self::StallAfterCommit,
            FaultSpec::GatewayTimeout => Self::GatewayTimeout,
            FaultSpec::Delay { milliseconds } => Self::Delay(time(milliseconds)),
            FaultSpec::Html502 => Self::Html502,
            FaultSpec::Json502 => Self::Json502,
            FaultSpec::ServerError500 => Self::ServerError500,
            FaultSpec::TruncatedJson => Self::TruncatedJson,
            FaultSpec::CutShort => Self::CutShort,
            FaultSpec::EmptyBody => Self::EmptyBody,
            FaultSpec::GarbageJson => Self::GarbageJson,
            FaultSpec::WrongContentType => Self::WrongContentType,
            FaultSpec::Gzip => Self::Gzip,
            FaultSpec::Dripped { milliseconds } => Self::Dripped(time(milliseconds)),
            FaultSpec::MissingHeaders => Self::MissingHeaders,
            FaultSpec::DuplicateHeaders => Self::DuplicateHeaders,
            FaultSpec::Status { status, body, content_type } => Self::Status(status, body, content_type),
            FaultSpec::RateLimited { retry } => Self::RateLimited { retry },
            FaultSpec::Altered { fields } => Self::Altered(fields),
        }
    }
}

/// Makes the next requests go wrong.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    fault: FaultSpec,
    /// Operation that it strikes, as `PGCreateOrder`; any if it is left out.
    operation_id: Option<String>,
    /// Requests that it strikes [default: 1].
    times: Option<u32>,
}

/// A fault that has not struck yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Pending {
    /// Its name.
    fault: String,
    operation_id: Option<String>,
    /// Requests that it will still strike.
    times: u32,
}

/// Lists the faults that have not struck yet.
#[utoipa::path(get, path = "/sandbox/faults", tag = "faults", responses((status = 200, body = Vec<Pending>)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<Vec<Pending>> {
    let pending = app.script.pending().into_iter();
    Json(
        pending
            .map(|(fault, operation_id, times)| Pending { fault: fault.name(), operation_id, times })
            .collect(),
    )
}

/// Makes the next requests go wrong.
#[utoipa::path(post, path = "/sandbox/faults", tag = "faults", request_body = Script,
    responses((status = 200, description = "Done"), (status = 422, body = Problem)))]
pub(crate) async fn script(
    State(app): State<Arc<App>>,
    script: Result<Json<Script>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(script) = script?;
    if let Some(id) = &script.operation_id {
        let known = app.document.operations.iter().any(|operation| operation.id == *id);
        if !known {
            return Err(Problem::unreadable(format!("the API has no operation `{id}`")));
        }
    }
    app.script.add(script.fault.into(), script.operation_id, script.times.unwrap_or(1));
    Ok(Json(json!({})))
}

/// Drops the faults that have not struck yet, those of webhooks, and faults at random.
#[utoipa::path(delete, path = "/sandbox/faults", tag = "faults", responses((status = 200, description = "Done")))]
pub(crate) async fn clear(State(app): State<Arc<App>>) -> Json<Value> {
    app.script.clear();
    app.state().outbox.clear_script();
    app.set_chaos(None);
    Json(json!({}))
}

/// Faults at random.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Random {
    /// Share of all requests that go wrong, from 0 to 1; 0 ends them.
    rate: f64,
    /// The same seed lets the same requests go wrong [default: 1].
    seed: Option<u64>,
}

/// Lets a share of all requests go wrong.
#[utoipa::path(put, path = "/sandbox/faults/random", tag = "faults", request_body = Random,
    responses((status = 200, description = "Done"), (status = 422, body = Problem)))]
pub(crate) async fn random(
    State(app): State<Arc<App>>,
    random: Result<Json<Random>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Random { rate, seed }) = random?;
    if !(0.0..=1.0).contains(&rate) {
        return Err(Problem::unreadable("rate is a number from 0 to 1"));
    }
    app.set_chaos((rate > 0.0).then(|| Chaos::new(seed.unwrap_or(1), rate)));
    Ok(Json(json!({})))
}

/// What goes wrong with a webhook; the names are those of [`WebhookFault`].
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum WebhookFaultSpec {
    /// It is resent after it was acknowledged.
    Duplicate,
    /// It comes after the next one to the same address.
    OutOfOrder,
    /// It comes this much later.
    Delay { milliseconds: u64 },
    /// Its signature is another one's.
    WrongSignature,
    /// Its body was changed on the way.
    TamperedBody,
}

/// Makes the next webhooks go wrong.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookScript {
    fault: WebhookFaultSpec,
    /// Deliveries of new events that it strikes [default: 1].
    times: Option<u32>,
}

/// Makes the next webhooks go wrong.
#[utoipa::path(post, path = "/sandbox/webhooks/faults", tag = "faults", request_body = WebhookScript,
    responses((status = 200, description = "Done"), (status = 422, body = Problem)))]
pub(crate) async fn script_webhooks(
    State(app): State<Arc<App>>,
    script: Result<Json<WebhookScript>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(script) = script?;
    let fault = match script.fault {
        WebhookFaultSpec::Duplicate => WebhookFault::Duplicate,
        WebhookFaultSpec::OutOfOrder => WebhookFault::OutOfOrder,
        WebhookFaultSpec::Delay { milliseconds } => WebhookFault::Delay(Duration::from_millis(milliseconds)),
        WebhookFaultSpec::WrongSignature => WebhookFault::WrongSignature,
        WebhookFaultSpec::TamperedBody => WebhookFault::TamperedBody,
    };
    app.state().outbox.script(&fault, script.times.unwrap_or(1));
    Ok(Json(json!({})))
}
