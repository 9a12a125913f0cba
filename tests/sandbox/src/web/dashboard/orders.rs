//! The orders, and one order with its history.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::app::App;
use crate::control;
use crate::control::{ChangeView, OrderLine};
use crate::web::dashboard::{missing, pretty, tone};
use crate::web::{address, amount, page};

/// Orders on the first page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "dashboard/orders.html")]
struct Orders {
    orders: Vec<Line>,
    now: String,
}

struct Line {
    order: OrderLine,
    amount: String,
    tone: &'static str,
}

/// The newest orders.
pub(crate) async fn list(State(app): State<Arc<App>>) -> Response {
    let mut state = app.state();
    let orders = control::newest_orders(&mut state, SHOWN);
    let lines = orders.into_iter().map(|order| Line {
        amount: amount::display(&order.amount, order.currency.as_str().unwrap_or_default()),
        tone: tone(&order.status),
        order,
    });
    page::render(StatusCode::OK, &Orders { orders: lines.collect(), now: control::now(&state) })
}

#[derive(Template)]
#[template(path = "dashboard/order.html")]
struct Order {
    order_id: String,
    status: String,
    tone: &'static str,
    amount: String,
    /// Where a browser pays it; empty if it takes no payments any more.
    checkout: String,
    payments: Vec<Entry>,
    refunds: Vec<Entry>,
    timeline: Vec<ChangeView>,
    json: String,
}

impl Order {
    /// The page itself, for the buttons to come back to.
    fn address(&self) -> String {
        format!("/dashboard/orders/{}", utf8_percent_encode(&self.order_id, NON_ALPHANUMERIC))
    }
}

/// A payment or refund.
struct Entry {
    id: String,
    status: String,
    tone: &'static str,
    amount: String,
    detail: String,
    json: String,
}

/// One order.
pub(crate) async fn show(State(app): State<Arc<App>>, Path(order_id): Path<String>) -> Response {
    let Some(view) = control::order_view(&mut app.state(), &order_id) else {
        return missing("order");
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let currency = text(&view.order["order_currency"]);
    let entry = |value: &Value, id: &str, kind: &str| {
        let status = text(&value[format!("{kind}_status")]);
        Entry {
            id: text(&value[id]),
            tone: tone(&status),
            status,
            amount: amount::display(&value[format!("{kind}_amount")], &currency),
            detail: text(&value[if kind == "payment" { "payment_group" } else { "status_description" }]),
            json: pretty(value),
        }
    };
    let status = text(&view.order["order_status"]);
    let session = text(&view.order["payment_session_id"]);
    let order = Order {
        checkout: if status == "ACTIVE" { address::checkout(&session) } else { String::new() },
        tone: tone(&status),
        status,
        amount: amount::display(&view.order["order_amount"], &currency),
        payments: view.payments.iter().map(|payment| entry(payment, "cf_payment_id", "payment")).collect(),
        refunds: view.refunds.iter().map(|refund| entry(refund, "refund_id", "refund")).collect(),
        timeline: view.timeline,
        json: pretty(&view.order),
        order_id,
    };
    page::render(StatusCode::OK, &order)
}
