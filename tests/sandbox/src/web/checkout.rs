//! The hosted checkout: opened with an order's payment session, shows what is to pay and how, and begins an
//! attempt when the payer submits a method.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::app::App;
use crate::domain::model::orders::OrderStatus;
use crate::domain::payments;
use crate::domain::state::State;
use crate::http::errors::Refusal;
use crate::http::incoming::Incoming;
use crate::http::respond::json_response;
use crate::web::methods::{self, TestCard};
use crate::web::visit::Visit;
use crate::web::{address, amount, page};

#[derive(Template)]
#[template(path = "checkout.html")]
struct Checkout<'a> {
    action: String,
    order_id: &'a str,
    amount: String,
    payer: &'a str,
    phone: &'a str,
    methods: Vec<&'static str>,
    test_cards: Vec<TestCard>,
    banks: &'static [(i64, &'static str)],
    wallets: &'static [(&'static str, &'static str)],
    emi_banks: &'static [(&'static str, &'static str)],
    tenures: &'static [i64],
    cardless_emi: &'static [(&'static str, &'static str)],
    pay_later: &'static [(&'static str, &'static str)],
    problem: Option<&'a str>,
    embedded: bool,
    home: Option<String>,
}

/// A form with `payment_session_id`, as shops without the script post it, and the script itself.
pub(crate) async fn open(Shared(app): Shared<Arc<App>>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let session = incoming.form_value("payment_session_id");
    let visit = Visit::read(&incoming);
    let known = app.state().sessions.get(&session).is_some();
    if known {
        page::go(&visit.carry(&address::checkout(&session)))
    } else {
        page::refused(&unknown(), &visit)
    }
}

/// The page. Reading it begins nothing.
pub(crate) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(session): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    let visit = Visit::read(&incoming);
    render(&mut app.state(), &session, &visit, None)
}

/// Begins an attempt with the method of the form.
pub(crate) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(session): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    let visit = Visit::read(&incoming);
    let mut state = app.state();
    let state = &mut *state;
    let begun = usable(state, &session).and_then(|order_id| {
        let order = state.order(&order_id)?.request();
        let method = methods::read(&incoming, &order)?;
        payments::pay_on_page(state, &session, &method, incoming.form_value("save") == "true")
    });
    match begun {
        Ok(cf_payment_id) => page::go(&visit.carry(&address::payment(&cf_payment_id))),
        Err(refusal) => render(state, &session, &visit, Some(&page::problem(&refusal))),
    }
}

/// Whether a session can be paid, for the script: an object with `order_status`, or with `code` and `message`.
pub(crate) async fn state(Shared(app): Shared<Arc<App>>, Path(session): Path<String>) -> Response {
    match usable(&mut app.state(), &session) {
        Ok(order_id) => json_response(200, &json!({ "order_id": order_id, "order_status": "ACTIVE" })),
        Err(refusal) => page::state_refused(&refusal),
    }
}

/// The order of a session that takes payments.
fn usable(state: &mut State, session: &str) -> Result<String, Refusal> {
    let order_id = state.sessions.get(session).map(str::to_owned).ok_or_else(unknown)?;
    match state.order(&order_id)?.status {
        OrderStatus::Active => Ok(order_id),
        OrderStatus::Paid => Err(Refusal::bad_request("order_already_paid", "This order is paid already.")),
        OrderStatus::Expired | OrderStatus::Terminated | OrderStatus::TerminationRequested => Err(
            Refusal::bad_request("session_expired", "The order of this session takes no payments any more."),
        ),
    }
}

fn unknown() -> Refusal {
    Refusal::bad_request("invalid_payment_session_id", "No order has this payment session.")
}

fn render(state: &mut State, session: &str, visit: &Visit, problem: Option<&str>) -> Response {
    let order_id = match usable(state, session) {
        Ok(order_id) => order_id,
        Err(refusal) => return page::refused(&refusal, visit),
    };
    let Ok(order) = state.order(&order_id) else {
        return page::refused(&unknown(), visit);
    };
    let sent = &order.request();
    let text = |name: &str| sent["customer_details"][name].as_str().unwrap_or_default();
    let checkout = Checkout {
        action: visit.carry(&address::checkout(session)),
        order_id: &order_id,
        amount: amount::display(&order.amount(), order.currency()),
        payer: text("customer_name"),
        phone: text("customer_phone"),
        methods: methods::offered(sent),
        test_cards: methods::test_cards(),
        banks: &methods::BANKS,
        wallets: &methods::WALLETS,
        emi_banks: &methods::EMI_BANKS,
        tenures: &methods::EMI_TENURES,
        cardless_emi: &methods::CARDLESS_EMI,
        pay_later: &methods::PAY_LATER,
        problem,
        embedded: visit.embedded,
        home: visit.destination(sent["order_meta"]["return_url"].as_str(), &order_id),
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page::render(status, &checkout)
}
