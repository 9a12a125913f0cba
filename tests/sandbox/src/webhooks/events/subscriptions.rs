//! Subscriptions, their authorisations and debits, and the refunds of those.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{Event, or_null, pick, rupees, time};
use crate::clock;
use crate::domain::model::mandates::Method;
use crate::domain::model::subscription_payments::Payment;
use crate::domain::model::subscriptions::{Status, Subscription};
use crate::domain::state::State;

/// The event of a subscription that has left the status it had.
pub(crate) fn status_changed(state: &State, subscription_id: &str, past: Option<Status>) -> Option<Event> {
    let subscription = state.subscriptions.by_id.get(subscription_id)?;
    (Some(subscription.status) != past).then(|| moved(subscription))
}

fn moved(subscription: &Subscription) -> Event {
    let entity = subscription.to_json();
    let customer = &entity["customer_details"];
    let data = json!({
        "subscription_details": {
            "cf_subscription_id": entity["cf_subscription_id"],
            "subscription_id": entity["subscription_id"],
            "subscription_status": entity["subscription_status"],
            "subscription_expiry_time": time(&entity["subscription_expiry_time"], clock::to_the_second),
            "subscription_first_charge_time":
                or_null(&time(&entity["subscription_first_charge_time"], clock::with_zone)),
            "subscription_tags": entity["subscription_tags"],
            "next_schedule_date": null,
        },
        "customer_details": {
            "customer_name": or_null(&customer["customer_name"]),
            "customer_id": null,
            "customer_email": or_null(&customer["customer_email"]),
            "customer_phone": or_null(&customer["customer_phone"]),
        },
        "plan_details": plan(&entity["plan_details"]),
        "authorization_details": authorization(subscription, |at| at.map_or(Value::Null, |at| json!(clock::with_zone(at)))),
        "payment_gateway_details": {
            "gateway_name": "CASHFREE",
            "gateway_subscription_id": entity["cf_subscription_id"],
            "gateway_plan_id": null,
            "gateway_auth_id": null,
        },
    });
    Event::new("SUBSCRIPTION_STATUS_CHANGED", data)
}

/// What the terms do not have is null.
fn plan(terms: &Value) -> Value {
    let mut plan = pick(terms, &["plan_name", "plan_type", "plan_max_cycles", "plan_currency", "plan_note"]);
    plan["plan_max_amount"] = rupees(&terms["plan_max_amount"]);
    let periodic = terms["plan_type"] == "PERIODIC";
    let scheduled = |value: Value| if periodic { value } else { Value::Null };
    plan["plan_recurring_amount"] = scheduled(rupees(&terms["plan_recurring_amount"]));
    plan["plan_interval_type"] = scheduled(terms["plan_interval_type"].clone());
    plan["plan_intervals"] = scheduled(terms["plan_intervals"].clone());
    plan["plan_id"] = or_null(&terms["plan_id"]);
    plan["plan_status"] = or_null(&terms["plan_status"]);
    plan
}

fn authorization(subscription: &Subscription, time: fn(Option<SystemTime>) -> Value) -> Value {
    let mandate = &subscription.mandate;
    json!({
        "authorization_amount": rupees(&subscription.authorization_amount()),
        "authorization_amount_refund": subscription.returns_authorization_amount(),
        "approve_by_time": time(None),
        "authorization_reference": or_null(&json!(mandate.reference)),
        "authorization_time": time(mandate.granted),
        "authorization_status": mandate.status,
        "payment_id": mandate.payment_id,
        "payment_method": mandate.account,
        "payment_group": mandate.method.map(Method::word),
    })
}

/// An authorisation or a debit moved on. Times that aren't there are empty texts here.
pub(crate) fn payment(kind: &'static str, subscription: &Subscription, payment: &Payment) -> Event {
    let entity = payment.to_json(subscription);
    let mut data = pick(
        &entity,
        &[
            "payment_id",
            "cf_payment_id",
            "cf_txn_id",
            "cf_order_id",
            "subscription_id",
            "cf_subscription_id",
            "payment_type",
            "payment_remarks",
            "retry_attempts",
            "payment_status",
        ],
    );
    let empty = |at: Option<SystemTime>| json!(at.map(clock::with_zone).unwrap_or_default());
    data["authorization_details"] = authorization(subscription, empty);
    data["payment_amount"] = rupees(&entity["payment_amount"]);
    data["payment_currency"] = subscription.terms.to_json()["plan_currency"].clone();
    data["payment_schedule_date"] = time(&entity["payment_schedule_date"], clock::with_zone);
    data["payment_initiated_date"] = time(&entity["payment_initiated_date"], clock::with_zone);
    data["failure_details"] =
        json!({ "failure_reason": or_null(&entity["failure_details"]["failure_reason"]) });
    data["payment_gateway_details"] = json!({
        "gateway_name": "CASHFREE",
        "gateway_subscription_id": entity["cf_subscription_id"],
        "gateway_payment_id": entity["cf_payment_id"],
    });
    Event::new(kind, data)
}

/// The refund of a debit succeeded; `entity` is the API's of it.
pub(crate) fn refunded(entity: &Value) -> Event {
    let mut data = pick(entity, &["payment_id", "cf_payment_id", "refund_id", "cf_refund_id", "refund_note"]);
    let instant = entity["refund_speed"] == "INSTANT";
    data["refund_amount"] = rupees(&entity["refund_amount"]);
    data["refund_speed"] = json!(if instant { "INSTANT" } else { "STANDARD" });
    data["refund_status"] = json!("SUCCESS");
    // A text where the payments have an object.
    data["failure_details"] = json!("");
    data["refund_gateway_details"] = json!({
        "gateway_name": "CASHFREE",
        "gateway_refund_id": entity["cf_refund_id"],
        "gateway_payment_id": entity["cf_payment_id"],
    });
    Event::new("SUBSCRIPTION_REFUND_STATUS", data)
}
