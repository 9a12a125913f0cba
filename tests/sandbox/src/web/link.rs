//! The page of a payment link: what it is for, what is left, and the way to the checkout for all of it or a part.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::links;
use crate::domain::payer::Decision;
use crate::domain::state::State;
use crate::http::errors::Refusal;
use crate::http::incoming::Incoming;
use crate::web::visit::Visit;
use crate::web::{address, amount, page};

#[derive(Template)]
#[template(path = "link.html")]
struct Link<'a> {
    action: String,
    link_id: String,
    purpose: String,
    status: &'a str,
    amount: String,
    /// What a part of it must come to, where the link takes parts.
    least_part: Option<String>,
    left: String,
    payable: bool,
    problem: Option<&'a str>,
    done: Option<&'a str>,
    embedded: bool,
    home: Option<String>,
}

/// The page. Reading it changes nothing.
pub(crate) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    render(&mut app.state(), &code, &Visit::read(&incoming), None, None)
}

/// With `then=checkout`, makes the order and leads to its checkout. Else the payer's decision at once, a form with
/// `outcome`; in both cases `amount` is the part to pay, all that is left if it is empty.
pub(crate) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    let visit = Visit::read(&incoming);
    let mut state = app.state();
    let state = &mut *state;
    let part = incoming.form_value("amount");
    if incoming.form_value("then") == "checkout" {
        let session = links::visit(state, &code, part.trim())
            .and_then(|order_id| state.order(&order_id).map(|order| order.session.clone()));
        return match session {
            Ok(session) => page::go(&visit.carry(&address::checkout(&session))),
            Err(refusal) => problem(state, &code, &visit, &refusal),
        };
    }
    let Some(decision) = Decision::parse(&incoming.form_value("outcome")) else {
        let words: Vec<&str> = Decision::ALL.iter().map(|(word, _)| *word).collect();
        let message = format!("outcome is one of {}", words.join(", "));
        return page::refused(&Refusal::bad_request("outcome_invalid", message), &visit);
    };
    match links::decide(state, &code, &part, decision) {
        Ok(order_id) => render(state, &code, &visit, None, Some(&order_id)),
        Err(refusal) => problem(state, &code, &visit, &refusal),
    }
}

fn problem(state: &mut State, code: &str, visit: &Visit, refusal: &Refusal) -> Response {
    if links::page_of(state, code).is_ok_and(|shown| shown.payable) {
        return render(state, code, visit, Some(&page::problem(refusal)), None);
    }
    page::refused(refusal, visit)
}

fn render(
    state: &mut State,
    code: &str,
    visit: &Visit,
    problem: Option<&str>,
    done: Option<&str>,
) -> Response {
    let shown = match links::page_of(state, code) {
        Ok(shown) => shown,
        Err(refusal) => return page::refused(&refusal, visit),
    };
    let link = Link {
        action: visit.carry(&format!("{}/view/links/{code}", crate::http::API_PREFIX)),
        purpose: shown.purpose,
        status: shown.status,
        amount: amount::display(&shown.left.to_json(), &shown.currency),
        least_part: shown.least_part.map(|least| least.to_string()),
        left: shown.left.to_string(),
        payable: shown.payable,
        problem,
        done,
        embedded: visit.embedded,
        home: visit.destination(shown.return_url.as_deref(), &shown.link_id),
        link_id: shown.link_id,
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page::render(status, &link)
}
