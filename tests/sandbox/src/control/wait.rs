//! Waits for a webhook, so that a test in any language needs no loop.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::control::error::Problem;
use crate::control::webhooks::{self, DeliveryFilter, DeliveryView};
use crate::journal::Notice;

/// What is waited for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The `type` of the event; any if it is left out.
    event: Option<String>,
    /// Order, link, subscription … that the event is about.
    subject: Option<String>,
    /// Only deliveries with a larger id; without it, one that is recorded already ends the wait.
    after: Option<u64>,
    /// Seconds to wait [default: 10, at most 300].
    timeout: Option<f64>,
}

/// Waits until a webhook is delivered, whatever the receiver responds.
#[utoipa::path(get, path = "/sandbox/wait", tag = "what happened", params(Wanted),
    responses((status = 200, body = DeliveryView), (status = 408, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn wait(
    State(app): State<Arc<App>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<DeliveryView>, Problem> {
    let Query(wanted) = wanted?;
    let seconds = wanted.timeout.unwrap_or(10.0).clamp(0.0, 300.0);
    let timeout = Duration::try_from_secs_f64(seconds)
        .map_err(|_| Problem::unreadable("timeout is a number of seconds"))?;
    let filter =
        DeliveryFilter { event: wanted.event, subject: wanted.subject, after: wanted.after, limit: Some(1) };
    // Subscribed before the look at what is recorded: nothing falls between the two.
    let mut feed = app.subscribe();
    if let Some(found) = webhooks::select(&app, &filter).into_iter().next() {
        return Ok(Json(found));
    }
    let arrives = async {
        while let Some(notice) = feed.next().await {
            if let Notice::Webhook(delivery) = notice {
                let delivery = DeliveryView::new(&delivery);
                if filter.fits(&delivery) {
                    return Some(delivery);
                }
            }
        }
        None
    };
    let arrived = tokio::time::timeout(timeout, arrives).await.ok().flatten();
    arrived.map(Json).ok_or_else(|| Problem::timeout(format!("no such webhook within {seconds} s")))
}
