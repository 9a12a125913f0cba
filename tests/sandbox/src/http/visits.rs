//! Writes requests that reach no operation into the journal: pages and files.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::http::incoming::Incoming;
use crate::journal::{Outcome, RecordedResponse};

/// What the sandbox serves for itself: its control interface, dashboard and script, and what its pages load.
fn is_own(path: &str) -> bool {
    let prefixes = ["/sandbox", "/dashboard", "/js/", "/pg/view/assets/", "/pg/view/payments/"];
    path == "/"
        || path == "/favicon.ico"
        || prefixes.iter().any(|prefix| path.starts_with(prefix))
        || path.ends_with("/state")
}

/// Records a request on its way to a page, and the status of the response.
pub(crate) async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if is_own(request.uri().path()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let incoming = Incoming::from_parts(&parts, body).await;
    let ticket = app.record(None, &incoming);
    let response = next.run(Request::from_parts(parts, Body::from(incoming.body))).await;
    let recorded = RecordedResponse { status: response.status().as_u16(), body: Vec::new() };
    app.journal.ended(ticket, Outcome { response: Some(recorded), ..Outcome::default() });
    response
}
