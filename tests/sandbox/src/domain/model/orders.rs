//! Orders, with the payment attempts and refunds of each.

use std::time::SystemTime;

use ecow::EcoString;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use crate::clock;
use crate::domain::kept::Kept;
use crate::domain::model::refunds::Refund;
use crate::http::errors::Refusal;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OrderStatus {
    Active,
    Paid,
    Expired,
    Terminated,
    TerminationRequested,
}

impl OrderStatus {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Paid => "PAID",
            Self::Expired => "EXPIRED",
            Self::Terminated => "TERMINATED",
            Self::TerminationRequested => "TERMINATION_REQUESTED",
        }
    }
}

/// One order and what was done to it, payments aside.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) order_id: EcoString,
    pub(crate) cf_order_id: u64,
    /// The create request: what was sent is what is echoed.
    pub(crate) request: Kept,
    pub(crate) amount: Number,
    pub(crate) currency: EcoString,
    pub(crate) session: Box<str>,
    /// The attempts on it, oldest first.
    pub(crate) attempts: Vec<EcoString>,
    pub(crate) created: SystemTime,
    pub(crate) expires: SystemTime,
    pub(crate) status: OrderStatus,
    /// What `PUT …/extended` sent last of each.
    pub(crate) shipment: Option<Kept>,
    pub(crate) delivery: Option<Kept>,
    pub(crate) refunds: Vec<Refund>,
}

impl Order {
    pub(crate) fn amount(&self) -> Value {
        Value::Number(self.amount.clone())
    }

    pub(crate) fn currency(&self) -> &str {
        &self.currency
    }

    pub(crate) fn cf_order_id(&self) -> String {
        self.cf_order_id.to_string()
    }

    /// The create request.
    pub(crate) fn request(&self) -> Value {
        self.request.read()
    }

    /// Refuses whatever needs an order that still takes payments.
    pub(crate) fn must_be_active(&self) -> Result<(), Refusal> {
        match self.status {
            OrderStatus::Active => Ok(()),
            OrderStatus::Paid => Err(Refusal::bad_request("order_already_paid", "the order is paid already")),
            OrderStatus::Expired => Err(Refusal::bad_request("order_inactive", "the order has expired")),
            OrderStatus::Terminated | OrderStatus::TerminationRequested => {
                Err(Refusal::bad_request("order_inactive", "the order was terminated"))
            }
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let sent = &self.request();
        let meta = &sent["order_meta"];
        let mut order_meta = json!({
            "return_url": meta["return_url"],
            "notify_url": meta["notify_url"],
            "payment_methods": meta["payment_methods"],
        });
        if !meta["payment_methods_filters"].is_null() {
            order_meta["payment_methods_filters"] = meta["payment_methods_filters"].clone();
        }
        // The cart gets an id of its own; its content is behind the extended data.
        let cart = if sent["cart_details"].is_object() {
            json!({ "cart_id": self.cf_order_id() })
        } else {
            Value::Null
        };
        json!({
            "cf_order_id": self.cf_order_id(),
            "created_at": clock::with_zone(self.created),
            "customer_details": customer(sent, &["customer_bank_account_number", "customer_bank_ifsc", "customer_bank_code"]),
            "entity": "order",
            "order_amount": self.amount(),
            "payment_session_id": self.session,
            "order_currency": self.currency(),
            "order_expiry_time": clock::with_zone(self.expires),
            "order_id": self.order_id,
            "order_meta": order_meta,
            "order_note": sent["order_note"],
            "order_splits": if sent["order_splits"].is_array() { sent["order_splits"].clone() } else { json!([]) },
            "order_status": self.status.word(),
            "order_tags": sent["order_tags"],
            "products": sent["products"],
            "terminal_data": null,
            "cart_details": cart,
        })
    }

    pub(crate) fn extended(&self) -> Value {
        let sent = &self.request();
        let cart = &sent["cart_details"];
        let address = |sent: &Value| {
            if !sent.is_object() {
                return Value::Null;
            }
            json!({
                "name": sent["full_name"], "address_line_one": sent["address_1"], "address_line_two": sent["address_2"],
                "country": sent["country"], "state": sent["state"], "city": sent["city"], "pin_code": sent["pincode"],
            })
        };
        let basket = match cart.is_object() {
            true => json!({ "name": cart["cart_name"], "items": cart["cart_items"] }),
            false => Value::Null,
        };
        json!({
            "cf_order_id": self.cf_order_id(),
            "order_id": self.order_id,
            "order_amount": self.amount(),
            "order_currency": self.currency(),
            "created_at": clock::with_zone(self.created),
            "charges": { "shipping_charges": cart["shipping_charge"], "cod_handling_charges": null },
            "customer_details": customer(sent, &[]),
            "shipping_address": address(&cart["customer_shipping_address"]),
            "billing_address": address(&cart["customer_billing_address"]),
            "cart": basket,
            "offer": null,
        })
    }
}

/// The customer of a create request, with these fields where they were sent.
fn customer(request: &Value, if_sent: &[&str]) -> Value {
    let sent = &request["customer_details"];
    let mut customer = json!({
        "customer_id": sent["customer_id"],
        "customer_name": sent["customer_name"],
        "customer_email": sent["customer_email"],
        "customer_phone": sent["customer_phone"],
        "customer_uid": sent["customer_uid"],
    });
    for name in if_sent {
        if !sent[name].is_null() {
            customer[*name] = sent[name].clone();
        }
    }
    customer
}
