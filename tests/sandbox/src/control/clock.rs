//! The sandbox's clock, which can be moved forward.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::clock as time;
use crate::control::error::Problem;
use crate::domain::advance as domain;

/// The time by the sandbox's clock.
#[derive(Serialize, ToSchema)]
pub(crate) struct Now {
    now: String,
}

/// How far the clock is moved.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    /// Seconds, as 86400 for a day.
    seconds: f64,
}

fn now(app: &App) -> Json<Now> {
    Json(Now { now: time::with_zone(app.state().clock.now()) })
}

/// Shows the time by the sandbox's clock.
#[utoipa::path(get, path = "/sandbox/clock", tag = "state", responses((status = 200, body = Now)))]
pub(crate) async fn show(State(app): State<Arc<App>>) -> Json<Now> {
    now(&app)
}

/// Moves the clock forward: what becomes due on the way happens, as expiries, refunds, webhooks, debits, settlements.
#[utoipa::path(post, path = "/sandbox/clock", tag = "state", request_body = Advance,
    responses((status = 200, body = Now), (status = 422, body = Problem)))]
pub(crate) async fn advance(
    State(app): State<Arc<App>>,
    advance: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Now>, Problem> {
    let Json(Advance { seconds }) = advance?;
    let by = Duration::try_from_secs_f64(seconds)
        .map_err(|_| Problem::unreadable("seconds is a number of at least 0"))?;
    domain::advance(&mut app.state(), by);
    Ok(now(&app))
}
