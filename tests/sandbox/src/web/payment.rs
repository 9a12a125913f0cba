//! The page of one payment: the bank, the UPI app or the one-time password while it is pending, its result
//! afterwards. Payments of orders and authorisations of subscriptions share it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::payer::Decision;
use crate::domain::state::State;
use crate::domain::{payments, subscription_payments, test_data};
use crate::http::errors::Refusal;
use crate::http::incoming::Incoming;
use crate::http::respond::json_response;
use crate::web::visit::Visit;
use crate::web::{address, amount, page, qr};

/// What the page shows of a payment, whatever it is for.
struct Subject {
    /// The order or subscription, as the merchant named it.
    reference: String,
    status: &'static str,
    /// The payer has something to decide.
    awaits: bool,
    /// `card`, `upi`, `netbanking` …
    method: String,
    amount: Value,
    currency: String,
    return_url: Option<String>,
    /// Where the payer may try again; `None` where nothing more can be paid.
    again: Option<String>,
    message: String,
}

impl Subject {
    fn find(state: &mut State, cf_payment_id: &str) -> Option<Self> {
        Self::of_order(state, cf_payment_id).or_else(|| Self::of_subscription(state, cf_payment_id))
    }

    fn of_order(state: &mut State, cf_payment_id: &str) -> Option<Self> {
        let payment = state.payments.get(cf_payment_id)?;
        let (order_id, amount) = (payment.order_id.clone(), payment.amount());
        let (awaits, method) = (payment.awaits_payer(), payment.method_name().to_owned());
        let message = payment.message().unwrap_or("the payment is not decided yet").to_owned();
        let order = state.order(&order_id).ok()?;
        Some(Self {
            awaits,
            method,
            amount,
            message,
            currency: order.currency().to_owned(),
            return_url: order.request()["order_meta"]["return_url"].as_str().map(str::to_owned),
            again: order.must_be_active().is_ok().then(|| address::checkout(&order.session)),
            status: payments::status_of(state, cf_payment_id)?,
            reference: order_id.to_string(),
        })
    }

    fn of_subscription(state: &mut State, cf_payment_id: &str) -> Option<Self> {
        let shown = subscription_payments::shown(state, cf_payment_id)?;
        let subscription = state.subscriptions.find(&shown.subscription_id).ok()?;
        Some(Self {
            status: shown.status,
            awaits: shown.awaits_payer && subscription.awaits_consent(),
            method: shown.method.to_owned(),
            amount: shown.amount,
            currency: "INR".to_owned(),
            return_url: subscription.return_url().map(str::to_owned),
            again: subscription.awaits_consent().then(|| address::mandate(&subscription.session)),
            message: shown.failure,
            reference: shown.subscription_id,
        })
    }

    /// Whether anything may still happen.
    fn is_open(&self) -> bool {
        matches!(self.status, "PENDING" | "INITIALIZED")
    }
}

#[derive(Template)]
#[template(path = "payment.html")]
struct Pending<'a> {
    action: String,
    cf_payment_id: &'a str,
    reference: &'a str,
    amount: String,
    method: &'a str,
    is_upi: bool,
    asks_otp: bool,
    otp: &'static str,
    upi_address: String,
    problem: Option<&'a str>,
    embedded: bool,
}

#[derive(Template)]
#[template(path = "result.html")]
struct Ended<'a> {
    status: &'a str,
    reference: &'a str,
    amount: String,
    title: &'a str,
    message: &'a str,
    embedded: bool,
    home: Option<String>,
    again: Option<String>,
}

/// The page. Reading it decides nothing.
pub(crate) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(cf_payment_id): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    render(&mut app.state(), &cf_payment_id, &Visit::read(&incoming), None, false)
}

/// The payer's decision: a form with `outcome`, see [`Decision`], and on the bank's page of a card `otp`.
pub(crate) async fn decide(
    Shared(app): Shared<Arc<App>>,
    Path(cf_payment_id): Path<String>,
    request: Request,
) -> Response {
    let incoming = Incoming::read(request).await;
    let visit = Visit::read(&incoming);
    let mut state = app.state();
    let Some(decision) = Decision::parse(&incoming.form_value("outcome")) else {
        return page::refused(&unknown_outcome(), &visit);
    };
    let otp = incoming.form_value("otp");
    if decision == Decision::Success && !otp.is_empty() && otp.trim() != test_data::OTP {
        return render(&mut state, &cf_payment_id, &visit, Some("That password is wrong."), false);
    }
    let decided = payments::decide(&mut state, &cf_payment_id, decision)
        .or_else(|| subscription_payments::decide(&mut state, &cf_payment_id, decision));
    if decided.is_none() {
        return page::refused(&unknown(), &visit);
    }
    render(&mut state, &cf_payment_id, &visit, None, decision == Decision::Pending)
}

/// The status, for pages that wait for it.
pub(crate) async fn state(Shared(app): Shared<Arc<App>>, Path(cf_payment_id): Path<String>) -> Response {
    match Subject::find(&mut app.state(), &cf_payment_id) {
        None => {
            json_response(404, &json!({ "code": "payment_not_found", "message": "no payment has this id" }))
        }
        Some(subject) => json_response(
            200,
            &json!({
                "payment_status": subject.status,
                "is_open": subject.is_open(),
                "payment_message": subject.message,
            }),
        ),
    }
}

/// The QR code of a UPI payment.
pub(crate) async fn qr_code(Shared(app): Shared<Arc<App>>, Path(cf_payment_id): Path<String>) -> Response {
    let subject = Subject::find(&mut app.state(), &cf_payment_id);
    match subject.and_then(|subject| qr::svg(&upi_address(&subject, &cf_payment_id))) {
        Some(picture) => ([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn upi_address(subject: &Subject, cf_payment_id: &str) -> String {
    qr::upi_address(cf_payment_id, &amount::two_decimals(&subject.amount), &subject.reference)
}

/// `left` says that the payer has left the page with the payment pending.
fn render(
    state: &mut State,
    cf_payment_id: &str,
    visit: &Visit,
    problem: Option<&str>,
    left: bool,
) -> Response {
    let Some(subject) = Subject::find(state, cf_payment_id) else {
        return page::refused(&unknown(), visit);
    };
    let home = visit.destination(subject.return_url.as_deref(), &subject.reference);
    let shown = amount::display(&subject.amount, &subject.currency);
    if subject.is_open() && subject.awaits && !left {
        let pending = Pending {
            action: visit.carry(&address::payment(cf_payment_id)),
            cf_payment_id,
            reference: &subject.reference,
            amount: shown,
            method: &subject.method,
            is_upi: subject.method == "upi",
            asks_otp: matches!(subject.method.as_str(), "card" | "emi"),
            otp: test_data::OTP,
            upi_address: upi_address(&subject, cf_payment_id),
            problem,
            embedded: visit.embedded,
        };
        return page::render(StatusCode::OK, &pending);
    }
    let title = match subject.status {
        "SUCCESS" => "Payment successful",
        "FAILED" => "Payment failed",
        "USER_DROPPED" => "Payment not completed",
        "CANCELLED" => "Payment returned",
        "FLAGGED" => "Payment under review",
        "VOID" => "Payment released",
        _ => "Payment pending",
    };
    let is_open = subject.is_open();
    let ended = Ended {
        status: subject.status,
        reference: &subject.reference,
        amount: shown,
        title,
        message: &subject.message,
        embedded: visit.embedded,
        home,
        again: subject.again.filter(|_| !is_open).map(|address| visit.carry(&address)),
    };
    page::render(StatusCode::OK, &ended)
}

fn unknown() -> Refusal {
    Refusal::not_found("payment_not_found", "No payment has this address.")
}

fn unknown_outcome() -> Refusal {
    let words: Vec<&str> = Decision::ALL.iter().map(|(word, _)| *word).collect();
    Refusal::bad_request("outcome_invalid", format!("outcome is one of {}", words.join(", ")))
}
