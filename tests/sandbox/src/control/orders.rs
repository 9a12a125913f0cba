//! The orders of the account, and paying one without a browser.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::clock;
use crate::control::error::Problem;
use crate::domain::model::payments::Payment as Attempt;
use crate::domain::payer::Decision;
use crate::domain::payments;
use crate::domain::state::State as Account;
use crate::records::Change;

/// An order, as a line of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderLine {
    pub(crate) order_id: String,
    pub(crate) amount: Value,
    pub(crate) currency: Value,
    /// `order_status`.
    pub(crate) status: String,
    pub(crate) created_at: String,
    pub(crate) payment_session_id: String,
    /// Attempts to pay it.
    pub(crate) payments: usize,
    pub(crate) refunds: usize,
}

/// An order with everything that happened to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// The order, as `PGFetchOrder` returns it.
    pub(crate) order: Value,
    /// Its payments, oldest first, as `PGOrderFetchPayments` returns them.
    pub(crate) payments: Vec<Value>,
    /// Its refunds, oldest first.
    pub(crate) refunds: Vec<Value>,
    /// What changed, oldest first.
    pub(crate) timeline: Vec<ChangeView>,
}

/// A change of the account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    pub(crate) at: String,
    /// What changed, as `PaymentMade`.
    pub(crate) change: String,
    /// The operation that did it; null if the payer, the bank or the calendar did.
    pub(crate) operation_id: Option<String>,
    pub(crate) cf_payment_id: Option<String>,
    pub(crate) refund_id: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// Which orders are listed.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Limit {
    /// At most so many, the newest [default: 50].
    limit: Option<usize>,
}

/// The newest orders.
pub(crate) fn newest(state: &mut Account, limit: usize) -> Vec<OrderLine> {
    let created = state.committed.iter().rev().filter(|entry| entry.change == Change::OrderCreated);
    let ids: Vec<String> = created.take(limit).map(|entry| entry.order_id.clone()).collect();
    ids.iter().filter_map(|order_id| line(state, order_id)).collect()
}

fn line(state: &mut Account, order_id: &str) -> Option<OrderLine> {
    let payments = state.payments_of(order_id).count();
    let order = state.order(order_id).ok()?;
    let shown = order.to_json();
    let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
    Some(OrderLine {
        order_id: order_id.to_owned(),
        amount: shown["order_amount"].clone(),
        currency: shown["order_currency"].clone(),
        status: text("order_status"),
        created_at: text("created_at"),
        payment_session_id: text("payment_session_id"),
        payments,
        refunds: order.refunds.len(),
    })
}

/// An order with its history.
pub(crate) fn view(state: &mut Account, order_id: &str) -> Option<OrderView> {
    let order = state.order(order_id).ok()?;
    let shown = order.to_json();
    let refunds = order.refunds.iter().map(|refund| refund.to_json(order_id)).collect();
    let payment = |payment: &Attempt| {
        payment.to_json(&shown["order_amount"], shown["order_currency"].as_str().unwrap_or_default())
    };
    let payments = state.payments_of(order_id).map(payment).collect();
    let of_order = state.committed.iter().filter(|entry| entry.order_id == order_id);
    let timeline = of_order
        .map(|entry| ChangeView {
            at: clock::with_zone(entry.at),
            change: format!("{:?}", entry.change),
            operation_id: entry.operation_id.clone(),
            cf_payment_id: entry.cf_payment_id.clone(),
            refund_id: entry.refund_id.clone(),
            amount: entry.amount.clone(),
            idempotency_key: entry.idempotency_key.clone(),
        })
        .collect();
    Some(OrderView { order: shown, payments, refunds, timeline })
}

/// Lists the newest orders.
#[utoipa::path(get, path = "/sandbox/orders", tag = "state", params(Limit),
    responses((status = 200, body = Vec<OrderLine>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    limit: Result<Query<Limit>, QueryRejection>,
) -> Result<Json<Vec<OrderLine>>, Problem> {
    let Query(Limit { limit }) = limit?;
    Ok(Json(newest(&mut app.state(), limit.unwrap_or(50))))
}

/// Shows an order with its payments, refunds and history.
#[utoipa::path(get, path = "/sandbox/orders/{order_id}", params(("order_id" = String, Path)), tag = "state",
    responses((status = 200, body = OrderView), (status = 404, body = Problem)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    order_id: Result<Path<String>, PathRejection>,
) -> Result<Json<OrderView>, Problem> {
    let Path(order_id) = order_id?;
    view(&mut app.state(), &order_id).map(Json).ok_or_else(|| Problem::not_found("order", &order_id))
}

/// How an order is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayMethod {
    #[default]
    Upi,
    Card,
    Netbanking,
    Wallet,
}

impl PayMethod {
    /// The `payment_method` of the API, with test data that can succeed.
    fn details(self) -> Value {
        match self {
            Self::Upi => json!({ "upi": { "channel": "collect", "upi_id": "testsuccess@gocash" } }),
            Self::Card => json!({ "card": {
                "channel": "link", "card_number": "4706131211212123", "card_expiry_mm": "03",
                "card_expiry_yy": "28", "card_cvv": "123", "card_holder_name": "Test Payer",
            } }),
            Self::Netbanking => json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }),
            Self::Wallet => {
                json!({ "app": { "channel": "link", "provider": "phonepe", "phone": "9999999999" } })
            }
        }
    }
}

/// What the payer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayOutcome {
    /// Pays.
    #[default]
    Success,
    /// Is declined.
    Failed,
    /// Leaves the page.
    UserDropped,
    /// Has not decided yet.
    Pending,
}

impl From<PayOutcome> for Decision {
    fn from(outcome: PayOutcome) -> Self {
        match outcome {
            PayOutcome::Success => Self::Success,
            PayOutcome::Failed => Self::Failed,
            PayOutcome::UserDropped => Self::UserDropped,
            PayOutcome::Pending => Self::Pending,
        }
    }
}

/// A payment by the customer of an order.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Payment {
    pub(crate) method: PayMethod,
    pub(crate) outcome: PayOutcome,
}

/// What became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Paid {
    pub(crate) order_id: String,
    pub(crate) cf_payment_id: String,
    pub(crate) payment_status: String,
    pub(crate) order_status: String,
}

/// Lets the customer of an order pay it.
pub(crate) fn pay(state: &mut Account, order_id: &str, payment: Payment) -> Result<Paid, Problem> {
    let session = state.order(order_id).map_err(Problem::from)?.session.clone();
    let cf_payment_id = payments::pay_on_page(state, &session, &payment.method.details(), false)?;
    payments::decide(state, &cf_payment_id, payment.outcome.into());
    let order = state.order(order_id)?.to_json();
    Ok(Paid {
        order_id: order_id.to_owned(),
        payment_status: payments::status_of(state, &cf_payment_id).unwrap_or_default().to_owned(),
        order_status: order["order_status"].as_str().unwrap_or_default().to_owned(),
        cf_payment_id,
    })
}

/// Lets the customer of an order pay it, with test data and without a browser.
#[utoipa::path(post, path = "/sandbox/orders/{order_id}/pay", params(("order_id" = String, Path)), tag = "bank and payer", request_body = Payment,
    responses((status = 200, body = Paid), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn pay_order(
    State(app): State<Arc<App>>,
    order_id: Result<Path<String>, PathRejection>,
    payment: Result<Option<Json<Payment>>, JsonRejection>,
) -> Result<Json<Paid>, Problem> {
    let Path(order_id) = order_id?;
    let payment = payment?.map(|Json(payment)| payment).unwrap_or_default();
    pay(&mut app.state(), &order_id, payment).map(Json)
}
