//! An empty account, without a restart.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;

/// Forgets everything: orders and all other objects, idempotency keys, requests, deliveries, faults. Endpoints of
/// webhooks and the clock stay.
#[utoipa::path(post, path = "/sandbox/reset", tag = "state", responses((status = 200, description = "Done")))]
pub(crate) async fn reset(State(app): State<Arc<App>>) -> Json<Value> {
    app.reset();
    Json(json!({}))
}
