//! Attempts to pay, and what a payment cost. The method stands under a key of the webhooks' own, and a card EMI
//! is a card there.

use serde_json::{Value, json};

use super::{Event, in_rupees, number, pick, rupees};
use crate::domain::entities;
use crate::domain::model::ledger::fees;
use crate::domain::state::State;
use crate::money::Paise;

const CUSTOMER: [&str; 4] = ["customer_name", "customer_id", "customer_email", "customer_phone"];
const GATEWAY: [&str; 6] = [
    "gateway_name",
    "gateway_order_id",
    "gateway_payment_id",
    "gateway_order_reference_id",
    "gateway_settlement",
    "gateway_status_code",
];
const ERROR: [&str; 7] = [
    "error_code",
    "error_description",
    "error_reason",
    "error_source",
    "error_code_raw",
    "error_description_raw",
    "error_subcode_raw",
];

/// An attempt came to an end that the service has an event for.
pub(crate) fn ended(state: &State, cf_payment_id: &str) -> Option<Event> {
    let entity = entities::payment(state, cf_payment_id).ok()?;
    let kind = match entity["payment_status"].as_str()? {
        // The money of a second success is taken first, and goes back then.
        "SUCCESS" | "CANCELLED" => "PAYMENT_SUCCESS_WEBHOOK",
        "FAILED" => "PAYMENT_FAILED_WEBHOOK",
        "USER_DROPPED" => "PAYMENT_USER_DROPPED_WEBHOOK",
        _ => return None,
    };
    let mut data = base(state, &entity)?;
    if entity["payment_status"] == "CANCELLED" {
        data["payment"]["payment_status"] = json!("SUCCESS");
        data["payment"]["payment_message"] = json!("the payment went through");
    }
    if kind != "PAYMENT_USER_DROPPED_WEBHOOK" {
        data["payment_gateway_details"] = pick(&entity["payment_gateway_details"], &GATEWAY);
        data["payment_offers"] = entity["payment_offers"].clone();
    }
    if kind == "PAYMENT_FAILED_WEBHOOK" {
        data["error_details"] = pick(&entity["error_details"], &ERROR);
    }
    if let Some(terminal) = terminal(state, cf_payment_id) {
        data["terminal_details"] = terminal;
    }
    Some(event(state, kind, data))
}

/// The fees of a payment are known: once its money is taken.
pub(crate) fn charged(state: &State, cf_payment_id: &str) -> Option<Event> {
    let payment = state.payments.get(cf_payment_id).filter(|payment| payment.taken().is_some())?;
    let amount = Paise::read(&payment.captured_amount())?;
    let (charge, tax) = fees(amount);
    let mut data = base(state, &entities::payment(state, cf_payment_id).ok()?)?;
    data["charges_details"] = json!({
        "service_charge": in_rupees(charge),
        "service_tax": in_rupees(tax),
        "settlement_amount": in_rupees(amount - charge - tax),
    });
    Some(event(state, "PAYMENT_CHARGES_WEBHOOK", data))
}

fn event(state: &State, kind: &'static str, data: Value) -> Event {
    let order = data["order"]["order_id"].as_str().and_then(|order_id| state.orders.get(order_id));
    let url = order.map_or(Value::Null, |order| order.request()["order_meta"]["notify_url"].clone());
    Event::new(kind, data).notify(&url)
}

fn base(state: &State, entity: &Value) -> Option<Value> {
    let order = state.orders.get(entity["order_id"].as_str()?)?;
    let request = order.request();
    Some(json!({
        "order": {
            "order_id": order.order_id,
            "order_amount": rupees(&order.amount()),
            "order_currency": order.currency(),
            "order_tags": request["order_tags"],
        },
        "payment": {
            "cf_payment_id": entity["cf_payment_id"],
            "payment_status": entity["payment_status"],
            "payment_amount": rupees(&entity["payment_amount"]),
            "payment_currency": entity["payment_currency"],
            "payment_message": entity["payment_message"],
            "payment_time": entity["payment_time"],
            "bank_reference": entity["bank_reference"],
            "auth_id": entity["auth_id"],
            "payment_method": method(&entity["payment_method"]),
            "payment_group": entity["payment_group"],
            "international_payment": entity["international_payment"],
            "payment_surcharge": null,
        },
        "customer_details": pick(&request["customer_details"], &CUSTOMER),
    }))
}

fn method(entity: &Value) -> Value {
    let Some((key, details)) = entity.as_object().and_then(|fields| fields.iter().next()) else {
        return Value::Null;
    };
    match key.as_str() {
        "card" => json!({ "card": card(details) }),
        "emi" => {
            let mut card = card(details);
            let kind =
                if details["card_type"] == "debit_card" { "debit_card_emi" } else { "credit_card_emi" };
            card["card_type"] = json!(kind);
            card["emi_details"] = json!({
                "emi_amount": details["emi_details"]["emi_amount"],
                "emi_tenure": details["emi_tenure"],
                "emi_interest": details["emi_details"]["emi_interest"],
            });
            json!({ "card": card })
        }
        "netbanking" => {
            let code = &details["netbanking_bank_code"];
            json!({ "netbanking": {
                "channel": details["channel"],
                "netbanking_bank_code": if code.is_null() { Value::Null } else { json!(code.to_string()) },
                "netbanking_bank_name": details["netbanking_bank_name"],
            } })
        }
        "upi" => {
            let mut upi = details.clone();
            upi["upi_instrument"] = json!("UPI");
            upi["upi_instrument_number"] = Value::Null;
            json!({ "upi": upi })
        }
        // The channel is the name of the wallet.
        "app" => json!({ "app": { "channel": details["provider"], "upi_id": null } }),
        "cardless_emi" => {
            let mut emi = pick(details, &["channel", "provider", "phone"]);
            emi["emi_details"] = json!({ "emi_amount": null, "emi_tenure": null, "emi_interest": null });
            json!({ "cardless_emi": emi })
        }
        "paylater" => json!({ "pay_later": pick(details, &["channel", "provider", "phone"]) }),
        "banktransfer" => json!({ "bank_transfer": { "transfer_type": "TPV", "bank": null } }),
        other => json!({ other: details }),
    }
}

fn card(details: &Value) -> Value {
    let names = [
        "channel",
        "card_number",
        "card_network",
        "card_type",
        "card_sub_type",
        "card_country",
        "card_bank_name",
        "card_network_reference_id",
        "instrument_id",
        "par",
    ];
    pick(details, &names)
}

/// The terminal that took a payment.
pub(super) fn terminal(state: &State, cf_payment_id: &str) -> Option<Value> {
    let mut terminals = state.terminals.0.iter();
    let terminal = terminals.find(|terminal| terminal.payments.iter().any(|id| id == cf_payment_id))?;
    Some(json!({ "cf_terminal_id": number(&json!(terminal.id())), "terminal_phone": terminal.phone() }))
}
