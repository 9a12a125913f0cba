//! Where the links of answers lead: the pages of payers, and files.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::errors::Refusal;
use crate::incoming::Incoming;
use crate::{auth, links, payments, subscription_payments};

/// The page a payer is sent to: opening it pays. `?outcome=failed` and `?outcome=user_dropped` say
/// otherwise.
pub(crate) async fn payment_page(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    app.record(None, &incoming);
    let outcome = incoming.query_value("outcome");
    let status = {
        let mut state = app.state();
        payments::visit(&mut state, &id, &outcome)
            .or_else(|| subscription_payments::visit(&mut state, &id, &outcome))
    };
    match status {
        Some(status) => page(StatusCode::OK, &format!("Payment {status}")),
        None => page(StatusCode::NOT_FOUND, "No such payment"),
    }
}

/// The page of a payment link: opening it pays what is left, or `?amount=` of it. `?outcome=` is as on the
/// payment page; with `?outcome=left` the payer only looks, which makes the order but no payment.
pub(crate) async fn link_page(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    app.record(None, &incoming);
    let (amount, outcome) = (incoming.query_value("amount"), incoming.query_value("outcome"));
    let visited = links::visit(&mut app.state(), &code, &amount, &outcome);
    match visited {
        Ok(order_id) => page(StatusCode::OK, &format!("Order {order_id}")),
        Err(Refusal(reply)) => page(
            StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_REQUEST),
            reply.body["message"].as_str().unwrap_or_default(),
        ),
    }
}

fn page(code: StatusCode, text: &str) -> Response {
    let html = format!("<!doctype html><title>Payment</title><p>{text}</p>\n");
    (code, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// Where the link of a return summary leads: a line of text, where the service has a document.
pub(crate) async fn summary_page(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    app.record(None, &Incoming::read(request).await);
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
    app.record(None, &incoming);
    if !auth::carried(&app.document, &|name| incoming.header(name)).is_empty() {
        app.leaked().push(incoming.to_record(None));
    }
    match app.state().vendors.linked(&signature) {
        Some(file) => ([(header::CONTENT_TYPE, "application/octet-stream")], file).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
