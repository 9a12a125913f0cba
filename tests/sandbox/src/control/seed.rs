//! An account with something in it, for a look at the dashboard or a test that needs data.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::control::error::Problem;
use crate::control::orders::{self, PayMethod, PayOutcome, Payment};
use crate::domain::call::Call;
use crate::domain::operations;
use crate::domain::state::State as Account;

/// The most orders that are made at once.
const MOST: u32 = 1000;

/// What is planted.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Seed {
    /// Orders to make, at most 1000 [default: 8]. They are paid by different methods, refunded, declined, left
    /// pending, terminated and unpaid in turn. A payment link, a plan and a subscription come with them.
    orders: Option<u32>,
}

/// What was planted.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Planted {
    order_ids: Vec<String>,
    link_id: String,
    plan_id: String,
    subscription_id: String,
}

/// Carries out an operation as the merchant.
fn run(state: &mut Account, operation: &str, order_id: Option<&str>, body: Value) -> Result<Value, Problem> {
    let path: BTreeMap<String, String> =
        order_id.into_iter().map(|id| ("order_id".to_owned(), id.to_owned())).collect();
    let call = Call { operation: Some(operation), path: &path, body: &body, ..Call::by_payer() };
    Ok(operations::perform(state, operation, &call)?.body)
}

/// Makes orders in different states, a link, a plan and a subscription.
pub(crate) fn plant(state: &mut Account, orders: u32) -> Result<Planted, Problem> {
    let mut planted = Planted::default();
    for nth in 0..orders.min(MOST) {
        let number = state.serial();
        let order_id = format!("seed_{number}");
        let amount = 100 + 50 * (nth % 20);
        let customer = json!({ "customer_id": format!("cust_{}", nth % 5), "customer_phone": "9999999999" });
        let body = json!({
            "order_id": order_id, "order_amount": amount, "order_currency": "INR", "customer_details": customer,
        });
        run(state, "PGCreateOrder", None, body)?;
        let mut pay = |method, outcome| orders::pay(state, &order_id, Payment { method, outcome }).map(drop);
        match nth % 8 {
            0 => pay(PayMethod::Upi, PayOutcome::Success)?,
            1 => pay(PayMethod::Card, PayOutcome::Success)?,
            2 => {
                pay(PayMethod::Netbanking, PayOutcome::Success)?;
                let refund = json!({ "refund_id": format!("refund_{number}"), "refund_amount": amount / 2 });
                run(state, "PGOrderCreateRefund", Some(&order_id), refund)?;
            }
            3 => {
                pay(PayMethod::Card, PayOutcome::Failed)?;
                pay(PayMethod::Upi, PayOutcome::Success)?;
            }
            4 => pay(PayMethod::Wallet, PayOutcome::Pending)?,
            5 => pay(PayMethod::Upi, PayOutcome::UserDropped)?,
            6 => {
                run(state, "PGTerminateOrder", Some(&order_id), json!({ "order_status": "TERMINATED" }))?;
            }
            _ => {}
        }
        planted.order_ids.push(order_id);
    }
    let number = state.serial();
    planted.link_id = format!("seed_link_{number}");
    let link = json!({
        "link_id": planted.link_id, "link_amount": 250, "link_currency": "INR", "link_purpose": "Seeded link",
        "customer_details": { "customer_phone": "9999999999" },
    });
    run(state, "PGCreateLink", None, link)?;
    planted.plan_id = format!("seed_plan_{number}");
    let plan = json!({
        "plan_id": planted.plan_id, "plan_name": "Seeded plan", "plan_type": "PERIODIC", "plan_currency": "INR",
        "plan_recurring_amount": 99, "plan_max_amount": 99, "plan_intervals": 1, "plan_interval_type": "MONTH",
    });
    run(state, "SubsCreatePlan", None, plan)?;
    planted.subscription_id = format!("seed_sub_{number}");
    let subscription = json!({
        "subscription_id": planted.subscription_id,
        "customer_details": { "customer_email": "payer@example.com", "customer_phone": "9999999999" },
        "plan_details": { "plan_id": planted.plan_id },
    });
    run(state, "SubsCreateSubscription", None, subscription)?;
    Ok(planted)
}

/// Fills the account with orders in different states.
#[utoipa::path(post, path = "/sandbox/seed", tag = "state", request_body = Seed,
    responses((status = 200, body = Planted), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn seed(
    State(app): State<Arc<App>>,
    seed: Result<Option<Json<Seed>>, JsonRejection>,
) -> Result<Json<Planted>, Problem> {
    let seed = seed?.map(|Json(seed)| seed).unwrap_or_default();
    plant(&mut app.state(), seed.orders.unwrap_or(8)).map(Json)
}
