//! The page that authorises a subscription: opened with its session, shows the ways it can be authorised, and
//! begins an authorisation when the payer submits one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::call::Call;
use crate::domain::state::State;
use crate::domain::subscription_payments;
use crate::http::errors::Refusal;
use crate::http::incoming::Incoming;
use crate::http::respond::json_response;
use crate::web::methods::{self, TestCard};
use crate::web::visit::Visit;
use crate::web::{address, amount, page};

#[derive(Template)]
#[template(path = "mandate.html")]
struct Mandate<'a> {
    action: String,
    subscription_id: &'a str,
    plan: String,
    amount: String,
    methods: Vec<&'static str>,
    test_cards: Vec<TestCard>,
    problem: Option<&'a str>,
    embedded: bool,
    home: Option<String>,
}

/// A form with `subs_session_id`.
pub(crate) async fn open(Shared(app): Shared<Arc<App>>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let session = incoming.form_value("subs_session_id");
    let visit = Visit::read(&incoming);
    match usable(&mut app.state(), &session) {
        Ok(_) => page::go(&visit.carry(&address::mandate(&session))),
        Err(refusal) => page::refused(&refusal, &visit),
    }
}

/// The page. Reading it begins nothing.
pub(crate) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(session): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    render(&mut app.state(), &session, &Visit::read(&incoming), None)
}

/// Begins an authorisation with the method of the form.
pub(crate) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(session): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    let visit = Visit::read(&incoming);
    let mut state = app.state();
    let state = &mut *state;
    match begin(state, &session, &incoming) {
        Ok(cf_payment_id) => page::go(&visit.carry(&address::payment(&cf_payment_id))),
        Err(refusal) => render(state, &session, &visit, Some(&page::problem(&refusal))),
    }
}

/// Whether a session can be authorised, for the script.
pub(crate) async fn state(Shared(app): Shared<Arc<App>>, Path(session): Path<String>) -> Response {
    match usable(&mut app.state(), &session) {
        Ok(subscription_id) => json_response(200, &json!({ "subscription_id": subscription_id })),
        Err(refusal) => page::state_refused(&refusal),
    }
}

/// The subscription of a session, while it waits for the payer's consent.
fn usable(state: &mut State, session: &str) -> Result<String, Refusal> {
    let unknown = || Refusal::bad_request("invalid_subs_session_id", "No subscription has this session.");
    let subscription_id = state.subscriptions.of_session(session).ok_or_else(unknown)?;
    let subscription = state.subscriptions.find(&subscription_id)?;
    if subscription.awaits_consent() {
        return Ok(subscription_id);
    }
    Err(Refusal::bad_request("session_expired", "This subscription does not wait for an authorisation."))
}

fn begin(state: &mut State, session: &str, form: &Incoming) -> Result<String, Refusal> {
    let subscription_id = usable(state, session)?;
    let field = |name: &str| form.form_value(name).trim().to_owned();
    let method = match field("method").as_str() {
        "card" => methods::card(form),
        "upi" if field("upi_id").is_empty() => json!({ "channel": "link" }),
        "upi" => json!({ "channel": "collect", "upi_id": field("upi_id") }),
        "enach" => json!({
            "channel": "link",
            "auth_mode": field("auth_mode"),
            "account_holder_name": field("holder"),
            "account_number": field("account"),
            "account_bank_code": field("bank"),
            "account_type": "SAVINGS",
            "account_ifsc": "TEST0001234",
        }),
        _ => Value::Null,
    };
    let body = json!({
        "subscription_id": subscription_id,
        "subscription_session_id": session,
        "payment_id": format!("auth_{}", state.token(16)),
        "payment_type": "AUTH",
        "payment_method": { field("method"): method },
    });
    let begun = subscription_payments::create(state, &Call { body: &body, ..Call::by_payer() })?;
    Ok(begun.body["cf_payment_id"].as_str().unwrap_or_default().to_owned())
}

fn render(state: &mut State, session: &str, visit: &Visit, problem: Option<&str>) -> Response {
    let found = usable(state, session).and_then(|id| state.subscriptions.find(&id).map(|found| (id, found)));
    let (subscription_id, subscription) = match found {
        Ok(found) => found,
        Err(refusal) => return page::refused(&refusal, visit),
    };
    let offered = subscription.offered_methods().as_array().cloned().unwrap_or_default();
    let offers = |method: &&str| offered.is_empty() || offered.iter().any(|word| word == method);
    let plan = &subscription.to_json()["plan_details"];
    let mandate = Mandate {
        action: visit.carry(&address::mandate(session)),
        subscription_id: &subscription_id,
        plan: plan["plan_name"].as_str().unwrap_or("Subscription").to_owned(),
        amount: amount::display(&subscription.authorization_amount(), "INR"),
        // A paper form is handed in by the merchant: there is nothing to do on a page.
        methods: ["upi", "enach", "card"].into_iter().filter(offers).collect(),
        test_cards: methods::test_cards(),
        problem,
        embedded: visit.embedded,
        home: visit.destination(subscription.return_url(), &subscription_id),
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page::render(status, &mandate)
}
