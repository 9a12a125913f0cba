//! The request of each call, the same for every caller.

use serde_json::{Value, json};

use super::plan::{Act, Flow};

/// Marks what this soak created; resources of other systems have another one.
pub(super) const PHONE: &str = "9999999999";
/// Stands in a free text of what this soak created.
pub(super) const MARK: &str = "soak";

/// Ids that a flow has got hold of.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) order_id: String,
    pub(super) session: String,
    pub(super) payment: String,
    pub(super) refund_id: String,
}

impl Held {
    pub(super) fn new(flow: &Flow) -> Self {
        Self { order_id: format!("soak_{}", flow.number), ..Self::default() }
    }
}

/// Method, path and body.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Value,
}

/// Creates the request of a step.
pub(super) fn request(flow: &Flow, step: u8, act: Act, held: &mut Held, otp: &str) -> Request {
    let number = flow.number;
    if act == Act::Refund {
        held.refund_id = format!("refund_{number}_{step}");
    }
    let Held { order_id, session, payment, refund_id } = &*held;
    let order = format!("/orders/{order_id}");
    let (method, path, body) = match act {
        Act::Order | Act::NamelessOrder => {
            let mut body = json!({
                "order_amount": 499.10, "order_currency": "INR",
                "customer_details": { "customer_id": "cust_42", "customer_phone": PHONE },
            });
            if act == Act::Order {
                body["order_id"] = json!(order_id);
            }
            if flow.acts.contains(&Act::PayByCard) {
                body["order_note"] = json!("preauth_transaction");
            }
            ("POST", "/orders".to_owned(), body)
        }
        Act::PayByCard | Act::PayByUpi => {
            let method = if act == Act::PayByCard {
                json!({ "card": {
                    "channel": "post", "card_number": "4706131211212123", "card_expiry_mm": "03",
                    "card_expiry_yy": "28", "card_cvv": "123",
                } })
            } else {
                json!({ "upi": { "channel": "collect", "upi_id": "testsuccess@gocash" } })
            };
            let body = json!({ "payment_session_id": session, "payment_method": method });
            ("POST", "/orders/sessions".to_owned(), body)
        }
        Act::Otp => {
            let body = json!({ "action": "SUBMIT_OTP", "otp": otp });
            ("POST", format!("/orders/pay/authenticate/{payment}"), body)
        }
        Act::Capture => {
            ("POST", format!("{order}/authorization"), json!({ "action": "CAPTURE", "amount": 80 }))
        }
        Act::Void => ("POST", format!("{order}/authorization"), json!({ "action": "VOID" })),
        Act::Refund => {
            let body = json!({ "refund_id": refund_id, "refund_amount": 10.25, "refund_note": MARK });
            ("POST", format!("{order}/refunds"), body)
        }
        Act::CancelRefund => {
            ("PUT", format!("{order}/refunds/{refund_id}"), json!({ "refund_status": "CANCELLED" }))
        }
        Act::Terminate => ("PATCH", order, json!({ "order_status": "TERMINATED" })),
        Act::Link => {
            let body = json!({
                "link_id": format!("link_{number}"), "link_amount": 499.10, "link_currency": "INR",
                "link_purpose": MARK, "customer_details": { "customer_phone": PHONE },
                "link_partial_payments": true, "link_minimum_partial_amount": 20,
            });
            ("POST", "/links".to_owned(), body)
        }
        Act::CancelLink => ("POST", format!("/links/link_{number}/cancel"), Value::Null),
        Act::Plan => {
            let body = json!({
                "plan_id": format!("plan_{number}"), "plan_name": MARK, "plan_type": "PERIODIC",
                "plan_currency": "INR", "plan_recurring_amount": 499.10, "plan_max_amount": 500,
                "plan_max_cycles": 10, "plan_intervals": 1, "plan_interval_type": "MONTH",
            });
            ("POST", "/plans".to_owned(), body)
        }
        Act::Subscription => {
            let body = json!({
                "subscription_id": format!("sub_{number}"), "subscription_note": MARK,
                "customer_details": { "customer_email": "payer@shop.example", "customer_phone": PHONE },
                "plan_details": {
                    "plan_name": "monthly", "plan_type": "PERIODIC", "plan_amount": 499.10,
                    "plan_max_amount": 500, "plan_max_cycles": 10, "plan_intervals": 1,
                    "plan_interval_type": "MONTH", "plan_currency": "INR",
                },
                "authorization_details": { "authorization_amount": 1 },
            });
            ("POST", "/subscriptions".to_owned(), body)
        }
        Act::Transfer => {
            let body = json!({
                "transfer_from": "MERCHANT", "transfer_type": "ADJUSTMENT", "transfer_amount": 10.25,
                "remark": MARK,
            });
            ("POST", format!("/easy-split/vendors/vendor_{number}/transfer"), body)
        }
        Act::Adjustment => {
            let body = json!({
                "vendor_id": format!("vendor_{number}"), "adjustment_id": number, "amount": 10.25,
                "type": "CREDIT", "remarks": MARK,
            });
            ("POST", format!("/easy-split/vendors/vendor_{number}/adjustment"), body)
        }
        Act::Split => {
            let body = json!({ "split": [{ "vendor_id": "vendor_1", "amount": 5 }] });
            ("POST", format!("/easy-split/orders/{order_id}/split"), body)
        }
        Act::ReadOrder => ("GET", order, Value::Null),
        Act::ReadPayments => ("GET", format!("{order}/payments"), Value::Null),
    };
    Request { method, path, body }
}
