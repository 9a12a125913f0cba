//! Disputes: raised, moved on, decided. The id is a text here, a number in the API; the payment's the other
//! way round.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{Event, number, rupees, time};
use crate::clock;
use crate::domain::entities;
use crate::domain::state::State;

/// What of a dispute has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Created,
    Status,
    Stage,
}

pub(crate) fn moved(state: &State, id: u64, by: Move) -> Option<Event> {
    let dispute = state.disputes.by_number(id)?;
    let entity = entities::dispute(state, dispute);
    let mut body = json!({
        "dispute_id": id.to_string(),
        "dispute_type": entity["dispute_type"],
        "reason_code": entity["reason_code"],
        "reason_description": entity["reason_description"],
        "dispute_amount": rupees(&entity["dispute_amount"]),
        "dispute_amount_currency": entity["dispute_amount_currency"],
        "created_at": time(&entity["created_at"], clock::with_zone),
        "updated_at": time(&entity["updated_at"], clock::with_zone),
        "respond_by": time(&entity["respond_by"], clock::with_zone),
        "dispute_status": entity["dispute_status"],
        "cf_dispute_remarks": entity["cf_dispute_remarks"],
    });
    let kind = match (dispute.resolved(), by) {
        (Some(at), _) => {
            body["resolved_at"] = json!(with_nanoseconds(at));
            "DISPUTE_CLOSED"
        }
        (None, by) => {
            body["dispute_action_on"] =
                json!(if dispute.awaits_merchant() { "MERCHANT" } else { "CASHFREE" });
            match by {
                Move::Created => "DISPUTE_CREATED",
                Move::Status | Move::Stage => {
                    let what = if by == Move::Stage { "TYPE_UPDATE" } else { "STATUS_UPDATE" };
                    body["dispute_update"] = json!(what);
                    "DISPUTE_UPDATED"
                }
            }
        }
    };
    let order = &entity["order_details"];
    let data = json!({
        "dispute": body,
        "order_details": {
            "order_id": order["order_id"],
            "order_currency": order["order_currency"],
            "order_amount": rupees(&order["order_amount"]),
            "cf_payment_id": number(&order["cf_payment_id"]),
            "payment_amount": rupees(&order["payment_amount"]),
            "payment_currency": order["payment_currency"],
        },
        "customer_details": entity["customer_details"],
    });
    Some(Event::new(kind, data))
}

/// `2025-01-17T21:16:25.948109384+05:30`.
fn with_nanoseconds(at: SystemTime) -> Value {
    let nanoseconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    json!(format!("{}.{nanoseconds:09}+05:30", clock::to_the_second(at)))
}
