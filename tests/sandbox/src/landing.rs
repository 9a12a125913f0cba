//! Where the links of answers lead: the pages of payers, and files.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::errors::Refusal;
use crate::incoming::Incoming;
use crate::payer::Decision;
use crate::{auth, links, payments, subscription_payments};

/// The page that a payer is sent to. Reading it changes nothing.
pub(crate) async fn payment_page(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    app.record(None, &Incoming::read(request).await);
    let status = {
        let state = app.state();
        payments::status_of(&state, &id).or_else(|| subscription_payments::status_of(&state, &id))
    };
    match status {
        Some(status) => page(StatusCode::OK, &format!("Payment {status}"), true),
        None => page(StatusCode::NOT_FOUND, "No such payment", false),
    }
}

/// The payer's decision on that page, a form with `outcome`: see [`Decision`].
pub(crate) async fn decide_payment(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    app.record(None, &incoming);
    let Some(decision) = Decision::parse(&incoming.form_value("outcome")) else {
        return unknown_outcome();
    };
    let status = {
        let mut state = app.state();
        payments::decide(&mut state, &id, decision)
            .or_else(|| subscription_payments::decide(&mut state, &id, decision))
    };
    match status {
        Some(status) => page(StatusCode::OK, &format!("Payment {status}"), false),
        None => page(StatusCode::NOT_FOUND, "No such payment", false),
    }
}

/// The page of a payment link. Reading it changes nothing.
pub(crate) async fn link_page(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    app.record(None, &Incoming::read(request).await);
    let found = links::page_of(&mut app.state(), &code);
    match found {
        Ok((status, left)) => page(StatusCode::OK, &format!("Link {status}, {left} left"), true),
        Err(refusal) => refused(&refusal),
    }
}

/// The payer's decision on that page, a form with `outcome` and, for a part of what is left, `amount`.
pub(crate) async fn pay_link(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    app.record(None, &incoming);
    let Some(decision) = Decision::parse(&incoming.form_value("outcome")) else {
        return unknown_outcome();
    };
    let decided = links::decide(&mut app.state(), &code, &incoming.form_value("amount"), decision);
    match decided {
        Ok(order_id) => page(StatusCode::OK, &format!("Order {order_id}"), false),
        Err(refusal) => refused(&refusal),
    }
}

fn unknown_outcome() -> Response {
    let words: Vec<&str> = Decision::ALL.iter().map(|(word, _)| *word).collect();
    page(StatusCode::BAD_REQUEST, &format!("outcome is one of {}", words.join(", ")), false)
}

fn refused(Refusal(reply): &Refusal) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_REQUEST);
    page(status, reply.body["message"].as_str().unwrap_or_default(), false)
}

/// A page of one sentence, with a button for each decision where the payer has one.
fn page(code: StatusCode, text: &str, decides: bool) -> Response {
    let mut html = format!("<!doctype html><title>Payment</title><p>{text}</p>\n");
    if decides {
        html.push_str("<form method=\"post\">\n");
        for (word, _) in Decision::ALL {
            html.push_str(&format!("<button name=\"outcome\" value=\"{word}\">{word}</button>\n"));
        }
        html.push_str("</form>\n");
    }
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
