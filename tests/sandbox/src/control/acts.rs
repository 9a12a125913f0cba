//! What the bank, the payer, the service and the calendar do. Each does what the method of
//! [`Sandbox`](crate::Sandbox) of that name does.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::control::error::Problem;
use crate::domain::disputes::{self, BankMove};
use crate::domain::mandates::MandateEvent;
use crate::domain::model::downtimes::Downtime;
use crate::domain::vendors::{self, VendorReview};
use crate::domain::{downtimes, links, settlements, subscription_payments, subscriptions};

/// Identifiers of a path, and a word that says what to do.
type Given<T> = Result<Path<T>, PathRejection>;

/// An empty object: it is done.
type Done = Result<Json<Value>, Problem>;

fn done(happened: bool, what: &str, id: &str) -> Done {
    if happened {
        return Ok(Json(json!({})));
    }
    Err(Problem::conflict(format!("there is no {what} `{id}`, or it is not in a state for that")))
}

/// Lets the time of an order run out.
#[utoipa::path(post, path = "/sandbox/orders/{order_id}/expire", params(("order_id" = String, Path)), tag = "bank and payer",
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn expire_order(State(app): State<Arc<App>>, order_id: Given<String>) -> Done {
    let Path(order_id) = order_id?;
    done(app.state().expire_order(&order_id), "order", &order_id)
}

/// A dispute that was raised.
#[derive(Serialize, ToSchema)]
pub(crate) struct Raised {
    dispute_id: u64,
}

/// Lets the payer contest the payment of an order.
#[utoipa::path(post, path = "/sandbox/orders/{order_id}/dispute", params(("order_id" = String, Path)), tag = "bank and payer",
    responses((status = 200, body = Raised), (status = 409, body = Problem)))]
pub(crate) async fn raise_dispute(
    State(app): State<Arc<App>>,
    order_id: Given<String>,
) -> Result<Json<Raised>, Problem> {
    let Path(order_id) = order_id?;
    let raised = disputes::raise(&mut app.state(), &order_id);
    raised.map(|dispute_id| Json(Raised { dispute_id })).ok_or_else(|| {
        Problem::conflict(format!("there is no order `{order_id}`, or it is not paid, or contested already"))
    })
}

/// Lets the time of a payment link run out.
#[utoipa::path(post, path = "/sandbox/links/{link_id}/expire", params(("link_id" = String, Path)), tag = "bank and payer",
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn expire_link(State(app): State<Arc<App>>, link_id: Given<String>) -> Done {
    let Path(link_id) = link_id?;
    done(links::expire(&mut app.state(), &link_id), "link", &link_id)
}

/// Lets the bank go on with a dispute.
#[utoipa::path(post, path = "/sandbox/disputes/{dispute_id}/{move}", tag = "bank and payer",
    params(("dispute_id" = u64, Path), ("move" = inline(BankMove), Path)),
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn move_dispute(State(app): State<Arc<App>>, path: Given<(u64, BankMove)>) -> Done {
    let Path((dispute_id, by)) = path?;
    done(disputes::go_on(&mut app.state(), dispute_id, by), "dispute", &dispute_id.to_string())
}

/// Vets a vendor.
#[utoipa::path(post, path = "/sandbox/vendors/{vendor_id}/{review}", tag = "bank and payer",
    params(("vendor_id" = String, Path), ("review" = inline(VendorReview), Path)),
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn review_vendor(State(app): State<Arc<App>>, path: Given<(String, VendorReview)>) -> Done {
    let Path((vendor_id, review)) = path?;
    done(vendors::review(&mut app.state(), &vendor_id, review), "vendor", &vendor_id)
}

/// Lets the bank or the payer act on the mandate of a subscription.
#[utoipa::path(post, path = "/sandbox/subscriptions/{subscription_id}/{event}", tag = "bank and payer",
    params(("subscription_id" = String, Path), ("event" = inline(MandateEvent), Path)),
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn act_on_mandate(State(app): State<Arc<App>>, path: Given<(String, MandateEvent)>) -> Done {
    let Path((subscription_id, event)) = path?;
    done(subscriptions::happen(&mut app.state(), &subscription_id, event), "subscription", &subscription_id)
}

/// What the bank says to a debit.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DebitOutcome {
    Success,
    Failure,
}

/// Carries out a waiting debit of a subscription.
#[utoipa::path(post, path = "/sandbox/debits/{payment_id}/{outcome}", tag = "bank and payer",
    params(("payment_id" = String, Path), ("outcome" = inline(DebitOutcome), Path)),
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn debit(State(app): State<Arc<App>>, path: Given<(String, DebitOutcome)>) -> Done {
    let Path((payment_id, outcome)) = path?;
    let succeeds = outcome == DebitOutcome::Success;
    done(subscription_payments::debit(&mut app.state(), &payment_id, succeeds), "debit", &payment_id)
}

/// What is out of order.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DowntimeMethod {
    Upi,
    Card,
    NetBanking,
    Wallet,
}

/// An incident that was reported.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reported {
    incident_id: String,
}

/// Reports a downtime of a payment method.
#[utoipa::path(post, path = "/sandbox/downtimes/{method}", tag = "bank and payer",
    params(("method" = inline(DowntimeMethod), Path)), responses((status = 200, body = Reported)))]
pub(crate) async fn report_downtime(
    State(app): State<Arc<App>>,
    path: Given<DowntimeMethod>,
) -> Result<Json<Reported>, Problem> {
    let Path(method) = path?;
    let banks = ["Sandbox Bank"];
    let downtime = match method {
        DowntimeMethod::Upi => Downtime::upi(&banks),
        DowntimeMethod::Card => Downtime::card(&banks, &["VISA"]),
        DowntimeMethod::NetBanking => Downtime::net_banking(&banks, "3333"),
        DowntimeMethod::Wallet => Downtime::wallet(&["Sandbox Wallet"]),
    };
    Ok(Json(Reported { incident_id: downtimes::report(&mut app.state(), downtime) }))
}

/// Ends a downtime.
#[utoipa::path(post, path = "/sandbox/downtimes/{incident_id}/resolve", params(("incident_id" = String, Path)), tag = "bank and payer",
    responses((status = 200, description = "Done"), (status = 409, body = Problem)))]
pub(crate) async fn resolve_downtime(State(app): State<Arc<App>>, incident_id: Given<String>) -> Done {
    let Path(incident_id) = incident_id?;
    done(downtimes::resolve(&mut app.state(), &incident_id), "incident", &incident_id)
}

/// Settlements that were made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Settled {
    settlement_ids: Vec<String>,
}

/// Ends a settlement day.
#[utoipa::path(post, path = "/sandbox/settle", tag = "bank and payer", responses((status = 200, body = Settled)))]
pub(crate) async fn settle(State(app): State<Arc<App>>) -> Json<Settled> {
    Json(Settled { settlement_ids: settlements::settle(&mut app.state()) })
}
