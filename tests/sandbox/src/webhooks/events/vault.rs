//! Cards that were saved, or could not be.

use serde_json::json;

use super::{Event, pick, time};
use crate::clock;
use crate::domain::entities;
use crate::domain::model::vault::Instrument;
use crate::domain::state::State;

/// The networks made a token of a card, or refused to.
pub(crate) fn saved(state: &State, instrument: &Instrument, active: bool) -> Event {
    let entity = entities::instrument(state, instrument, if active { "ACTIVE" } else { "FAILED" });
    let meta = &entity["instrument_meta"];
    let lower = |name: &str| meta[name].as_str().map(str::to_ascii_lowercase);
    let mut body = pick(
        &entity,
        &[
            "customer_id",
            "afa_reference",
            "instrument_id",
            "instrument_type",
            "instrument_uid",
            "instrument_status",
        ],
    );
    body["instrument_display"] = json!(instrument.last_four());
    body["added_at"] = time(&entity["created_at"], clock::with_zone);
    body["instrument_meta"] = json!({
        "card_network": lower("card_network"),
        "card_bank_name": meta["card_bank_name"],
        "card_country": meta["card_country"],
        "card_type": lower("card_type"),
        "sub_type": instrument.sub_kind(),
        "card_par": meta["card_token_details"]["par"],
        "card_token_details": null,
    });
    let mut data = json!({ "instrument": body });
    if active {
        return Event::new("INSTRUMENT_ACTIVE_WEBHOOK", data);
    }
    data["error_details"] = json!({
        "error_code": "TOKENISATION_FAILED",
        "error_description": "the network made no token of the card",
    });
    Event::new("INSTRUMENT_FAILED_WEBHOOK", data)
}
