//! The token vault: cards that customers saved, as network tokens. A successful payment with
//! `save_instrument` puts its card here, for the customer of the order; it is paid with by its id, and gone
//! once it is deleted.

use serde_json::{Value, json};

use crate::domain::call::{About, Call};
use crate::domain::model::orders::Order;
use crate::domain::model::vault::{Card, Instrument};
use crate::domain::state::State;
use crate::domain::{entities, test_data};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::events;

/// Who asks the networks for tokens: one for the whole account.
const TOKEN_REQUESTOR: &str = "22457512314";

/// Saves the card of a payment for the customer of its order. A card that is there already stays as it is.
pub(crate) fn save(state: &mut State, call: &Call<'_>, order_id: &str, card: Card) {
    let request = state.orders.get(order_id).map(Order::request).unwrap_or_default();
    let Some(customer_id) = request["customer_details"]["customer_id"].as_str().map(str::to_owned) else {
        return;
    };
    let mut held = state.vault.held.iter().filter(|held| held.customer_id == customer_id);
    if held.any(|held| held.card.number == card.number) {
        return;
    }
    let instrument_id = state.uuid();
    if state.vault.refuses {
        let refused = instrument(state, customer_id, instrument_id, card);
        return state.send([events::vault::saved(state, &refused, false)]);
    }
    let about = About { order_id, other_id: Some(&instrument_id), ..About::default() };
    state.commit(call, Change::InstrumentSaved, about);
    insert(state, customer_id, instrument_id, card);
}

/// Saves a test card without a payment.
pub(crate) fn put(state: &mut State, customer_id: &str, instrument_id: &str, number: &str) -> bool {
    let Some((month, year)) = test_data::expiry(number) else {
        return false;
    };
    let card = Card { number: number.to_owned(), month: month.to_owned(), year: year.to_owned() };
    insert(state, customer_id.to_owned(), instrument_id.to_owned(), card);
    true
}

fn instrument(state: &mut State, customer_id: String, instrument_id: String, card: Card) -> Instrument {
    let afa_reference = (740_324_562 + state.serial()).to_string();
    Instrument { instrument_id, customer_id, afa_reference, card, created: state.clock.now() }
}

fn insert(state: &mut State, customer_id: String, instrument_id: String, card: Card) {
    let saved = instrument(state, customer_id, instrument_id, card);
    state.send([events::vault::saved(state, &saved, true)]);
    state.vault.held.push(saved);
}

/// The payment method with the number and the expiry of the saved card that it names, if it names one.
pub(crate) fn unlocked(state: &State, customer: &Value, method: &Value) -> Result<Value, Refusal> {
    let mut method = method.clone();
    let Some(instrument_id) = method["card"]["instrument_id"].as_str() else {
        return Ok(method);
    };
    let instrument = find(state, customer["customer_id"].as_str().unwrap_or_default(), instrument_id)?;
    let card = instrument.card.clone();
    method["card"]["card_number"] = json!(card.number);
    method["card"]["card_expiry_mm"] = json!(card.month);
    method["card"]["card_expiry_yy"] = json!(card.year);
    Ok(method)
}

fn find<'a>(state: &'a State, customer_id: &str, instrument_id: &str) -> Result<&'a Instrument, Refusal> {
    let mut held = state.vault.held.iter();
    held.find(|held| held.customer_id == customer_id && held.instrument_id == instrument_id).ok_or_else(
        || {
            Refusal::not_found(
                "instrument_not_found",
                "this customer has no instrument with this instrument_id",
            )
        },
    )
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let customer_id = call.path("customer_id");
    let held: Vec<Value> = state
        .vault
        .held
        .iter()
        .filter(|held| held.customer_id == customer_id)
        .map(|held| entities::instrument(state, held, "ACTIVE"))
        .collect();
    // A customer is known from the orders: there may be one who saved nothing.
    if held.is_empty() && !state.customer_ids.contains(customer_id) {
        return Err(Refusal::not_found(
            "customer_not_found",
            "no order is of a customer with this customer_id",
        ));
    }
    Ok(JsonResponse::ok(Value::Array(held)))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let instrument = find(state, call.path("customer_id"), call.path("instrument_id"))?;
    Ok(JsonResponse::ok(entities::instrument(state, instrument, "ACTIVE")))
}

pub(crate) fn delete(state: &mut State, call: &Call<'_>) -> Outcome {
    let (customer_id, instrument_id) = (call.path("customer_id"), call.path("instrument_id"));
    let instrument = find(state, customer_id, instrument_id)?;
    let response = entities::instrument(state, instrument, "INACTIVE");
    state.vault.held.retain(|held| held.customer_id != customer_id || held.instrument_id != instrument_id);
    let about = About { other_id: Some(instrument_id), ..About::default() };
    state.commit(call, Change::InstrumentDeleted, about);
    Ok(JsonResponse::ok(response))
}

/// A token number of the card's network and a cryptogram, which is another one each time.
pub(crate) fn cryptogram(state: &mut State, call: &Call<'_>) -> Outcome {
    let once = state.token(27);
    let instrument = find(state, call.path("customer_id"), call.path("instrument_id"))?;
    let card = &instrument.card;
    let digits: String = state.fingerprint(&card.number).chars().filter(char::is_ascii_digit).collect();
    let first = card.number.get(..1).unwrap_or("4");
    Ok(JsonResponse::ok(json!({
        "instrument_id": instrument.instrument_id,
        "token_requestor_id": TOKEN_REQUESTOR,
        "card_number": format!("{first}{digits:0<15.15}"),
        "card_expiry_mm": card.month,
        "card_expiry_yy": card.year,
        "cryptogram": format!("{once}="),
        "card_display": card.last_four(),
    })))
}
