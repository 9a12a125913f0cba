//! Files behind the links of responses.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::subscription_payments;
use crate::http::auth;
use crate::http::incoming::Incoming;

/// Where the link of a return summary leads: a line of text, where the service has a document.
pub(crate) async fn summary_page(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    match subscription_payments::summary_page(&app.state(), &id) {
        Some(line) => (StatusCode::OK, line).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The file behind a download link. The link is all it takes: who sends credentials here leaks them.
pub(crate) async fn vendor_document(
    State(app): State<Arc<App>>,
    Path(signature): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    if !auth::carried(&app.document, &|name| incoming.header(name)).is_empty() {
        app.leaked().push(incoming.to_record(None));
    }
    match app.state().vendors.linked(&signature) {
        Some(file) => ([(header::CONTENT_TYPE, "application/octet-stream")], file).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
