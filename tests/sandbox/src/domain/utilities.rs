//! Utilities: what is known of a card by its first digits, and the reference of the account behind it.

use serde_json::json;

use crate::domain::call::Call;
use crate::domain::state::State;
use crate::domain::test_data::{self, Verdict};
use crate::http::errors::{JsonResponse, Outcome, Refusal};

/// Digits in a BIN: shorter numbers name no bank.
const BIN: usize = 6;

pub(crate) fn card_bin(call: &Call<'_>) -> Outcome {
    let number = call.body["card_number"].as_str().unwrap_or_default();
    if !(BIN..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        let message = "card_number must be the first digits of a card, six at least, or all of them";
        return Err(Refusal::bad_request("card_number_invalid", message));
    }
    let card = test_data::card_of_bin(number.get(..BIN).unwrap_or_default()).ok_or_else(|| {
        Refusal::not_found("cardbin_details_not_found", "no test card begins with these digits")
    })?;
    let sub_type = match card.sub_kind {
        "P" => "premium",
        "C" => "corporate",
        _ => "retail",
    };
    Ok(JsonResponse::ok(json!({
        "bank_name": test_data::BANK.to_ascii_lowercase(),
        "country_code": "in",
        "scheme": card.network,
        "sub_type": sub_type,
        "type": card.kind.trim_end_matches("_card"),
    })))
}

pub(crate) fn par(state: &State, call: &Call<'_>) -> Outcome {
    let text = |name: &str| call.body[name].as_str().unwrap_or_default();
    let number = text("card_number");
    if test_data::expiry(number).is_none() {
        return Err(Refusal::not_found("card_not_found", "this is not one of the test cards"));
    }
    let (month, year) = (text("card_expiry_mm"), text("card_expiry_yy"));
    if test_data::card(number, month, year, test_data::CVV).1 != Verdict::Success {
        return Err(Refusal::bad_request("card_expiry_invalid", "the card expires at another time"));
    }
    if text("card_cvv") != test_data::CVV {
        return Err(Refusal::bad_request("card_cvv_invalid", "the security code is not the card's"));
    }
    Ok(JsonResponse::ok(json!({ "par": state.account_reference(number) })))
}
