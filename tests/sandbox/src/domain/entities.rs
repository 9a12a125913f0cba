//! Entities of the API that are made of several parts of the account.
//!
//! One that is made of its own fields alone has a `to_json` of its own, in `model`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock;
use crate::domain::model::disputes::Dispute;
use crate::domain::model::ledger::Event;
use crate::domain::model::links::Link;
use crate::domain::model::vault::Instrument;
use crate::domain::state::State;
use crate::domain::{picture, test_data};
use crate::http::errors::Refusal;

/// How long the merchant has to respond.
const TIME_TO_RESPOND: Duration = Duration::from_secs(7 * 86_400);
/// What `resolved_at` is until then.
const OPEN: &str = "9999-09-09T00:00:00";

/// The payment entity.
pub(crate) fn payment(state: &State, cf_payment_id: &str) -> Result<Value, Refusal> {
    let payment = state.payments.get(cf_payment_id).ok_or_else(Refusal::internal)?;
    let order = state.orders.get(&payment.order_id).ok_or_else(Refusal::internal)?;
    Ok(payment.to_json(&order.amount(), order.currency()))
}

/// The settlement entity of a payment.
pub(crate) fn settlement(state: &State, payment: &Event) -> Value {
    let order_id = payment.order_id.as_deref().unwrap_or_default();
    let order = state.orders.get(order_id);
    let settlement = state.settlements.of(payment);
    let transfer = settlement.and_then(|settlement| settlement.transfer.as_ref());
    let currency = order.map(|order| order.currency());
    json!({
        "entity": "settlement",
        "cf_settlement_id": settlement.map(|settlement| settlement.id.to_string()),
        "cf_payment_id": payment.cf_payment_id,
        "order_id": order_id,
        "order_currency": currency,
        "order_amount": order.map(|order| order.amount()),
        "payment_time": clock::with_zone(payment.at),
        "service_charge": payment.charge.to_json(),
        "service_tax": payment.tax.to_json(),
        "settlement_amount": payment.net().to_json(),
        "settlement_currency": currency,
        "transfer_id": transfer.map(|transfer| transfer.id),
        "transfer_time": transfer.map(|transfer| clock::with_zone(transfer.at)),
        "transfer_utr": transfer.map(|transfer| &transfer.utr),
        "forex_conversion_handling_charge": null,
        "forex_conversion_handling_tax": null,
        "forex_conversion_rate": null,
        "charges_currency": currency,
    })
}

/// The dispute entity.
pub(crate) fn dispute(state: &State, dispute: &Dispute) -> Value {
    let order = state.orders.get(&dispute.order_id);
    let customer = order.map_or(Value::Null, |order| order.request()["customer_details"].clone());
    let currency = order.map(|order| order.currency());
    let wanted = json!([{
        "document_type": "Delivery/Service Proof",
        "document_description": "what shows that the payer got what was paid for",
    }]);
    let evidence: Value = dispute
        .evidence
        .iter()
        .map(|(id, name, kind)| json!({ "document_id": id, "document_name": name, "document_type": kind }))
        .collect();
    json!({
        "dispute_id": dispute.id,
        "dispute_type": dispute.stage,
        "dispute_status": format!("{}_{}", dispute.stage, dispute.stand.word()),
        "reason_code": "1402",
        "reason_description": "Duplicate Processing",
        "dispute_amount": dispute.amount.to_json(),
        "dispute_amount_currency": currency,
        "created_at": clock::to_the_second(dispute.created),
        "respond_by": clock::to_the_second(dispute.created + TIME_TO_RESPOND),
        "updated_at": clock::to_the_second(dispute.updated),
        "resolved_at": dispute.resolved().map_or_else(|| OPEN.to_owned(), clock::to_the_second),
        "cf_dispute_remarks": "raised in the sandbox",
        "preferred_evidence": if dispute.is_closed() { json!([]) } else { wanted },
        "dispute_evidence": evidence,
        "order_details": {
            "order_id": dispute.order_id,
            "order_currency": currency,
            "order_amount": order.map(|order| order.amount()),
            "cf_payment_id": dispute.cf_payment_id,
            "payment_currency": currency,
            "payment_amount": state.payments.get(&dispute.cf_payment_id).map(|payment| payment.captured_amount()),
        },
        "customer_details": {
            "customer_name": customer["customer_name"],
            "customer_phone": customer["customer_phone"],
            "customer_email": customer["customer_email"],
        },
    })
}

/// The entity of a payment link.
pub(crate) fn link(state: &State, link: &Link) -> Value {
    let paid = link.paid(&state.orders);
    let page = format!("{}/view/links/{}", state.base_url, link.code);
    let sent = &link.request;
    let or = |value: &Value, otherwise: Value| if value.is_null() { otherwise } else { value.clone() };
    json!({
        "cf_link_id": link.cf_link_id,
        "link_id": sent["link_id"],
        "link_status": link.status(paid, state.clock.now()),
        "link_currency": sent["link_currency"],
        "link_amount": sent["link_amount"],
        "link_amount_paid": paid.to_json(),
        "link_partial_payments": link.takes_parts(),
        "link_minimum_partial_amount": sent["link_minimum_partial_amount"],
        "link_purpose": sent["link_purpose"],
        "link_created_at": clock::with_zone(link.created),
        "customer_details": sent["customer_details"],
        "link_meta": or(&sent["link_meta"], json!({})),
        "link_url": page,
        "link_expiry_time": clock::with_zone(link.expires),
        "link_notes": or(&sent["link_notes"], json!({})),
        "link_auto_reminders": or(&sent["link_auto_reminders"], json!(false)),
        "link_qrcode": picture::qr_code(&page),
        "link_notify": or(&sent["link_notify"], json!({ "send_sms": false, "send_email": false })),
        "order_splits": or(&sent["order_splits"], json!([])),
    })
}

/// The entity of a saved card.
pub(crate) fn instrument(state: &State, instrument: &Instrument, status: &str) -> Value {
    let card = instrument.card.known();
    let hidden = "x".repeat(instrument.card.number.len().saturating_sub(4));
    json!({
        "customer_id": instrument.customer_id,
        "afa_reference": instrument.afa_reference,
        "instrument_id": instrument.instrument_id,
        "instrument_type": "card",
        "instrument_uid": state.fingerprint(&instrument.card.number),
        "instrument_display": format!("{hidden}{}", instrument.card.last_four()),
        "instrument_status": status,
        "created_at": clock::with_space(instrument.created),
        "instrument_meta": {
            "card_network": card.network.to_ascii_uppercase(),
            "card_bank_name": test_data::BANK,
            "card_country": "IN",
            "card_type": card.kind.to_ascii_uppercase(),
            "card_token_details": {
                "par": state.account_reference(&instrument.card.number),
                "expiry_month": instrument.card.month,
                "expiry_year": instrument.card.year,
            },
        },
    })
}
