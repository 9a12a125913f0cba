//! Offers: a discount, cashback or instalments without interest, for a time, from an amount on.

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::model::offers::Offer;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = call.body;
    let time = |name: &str| {
        body["offer_meta"][name].as_str().and_then(clock::parse).ok_or_else(|| {
            Refusal::bad_request(&format!("offer_meta.{name}_invalid"), format!("{name} must be a time"))
        })
    };
    let (begins, ends) = (time("offer_start_time")?, time("offer_end_time")?);
    if ends <= begins {
        let message = "an offer ends after it begins";
        return Err(Refusal::bad_request("offer_meta.offer_end_time_invalid", message));
    }
    let needed: &[&str] = match body["offer_details"]["offer_type"].as_str() {
        Some("DISCOUNT") => &["discount_details"],
        Some("CASHBACK") => &["cashback_details"],
        Some("DISCOUNT_AND_CASHBACK") => &["discount_details", "cashback_details"],
        _ => &[],
    };
    for name in needed {
        if body["offer_details"][name].is_null() {
            let code = format!("offer_details.{name}_missing");
            return Err(Refusal::bad_request(&code, format!("this offer_type needs {name}")));
        }
    }
    let offer = Offer { offer_id: state.uuid(), request: body.clone(), begins, ends };
    let (offer_id, response) = (offer.offer_id.clone(), offer.to_json(state.clock.now()));
    state.offers.made.push(offer_id.clone());
    state.offers.by_id.insert(offer_id.clone(), offer);
    state.commit(call, Change::OfferCreated, About { other_id: Some(&offer_id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let offer = state.offers.by_id.get(call.path("offer_id"));
    offer
        .map(|offer| JsonResponse::ok(offer.to_json(state.clock.now())))
        .ok_or_else(|| Refusal::not_found("offer_not_found", "no offer has this offer_id"))
}
