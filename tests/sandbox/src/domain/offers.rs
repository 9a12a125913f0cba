//! Offers: a discount, cashback or instalments without interest, for a time, from an amount on.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::state::State;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;

/// The offers, by the service's ids, and the order they were made in.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Offers {
    by_id: BTreeMap<String, Offer>,
    made: Vec<String>,
}

impl Offers {
    /// The offers that an order of this amount can be paid with, oldest first.
    pub(crate) fn applying_to(&self, amount: Paise, now: SystemTime) -> impl Iterator<Item = &Offer> {
        self.made
            .iter()
            .filter_map(|offer_id| self.by_id.get(offer_id))
            .filter(move |offer| offer.is_active(now) && offer.least_amount() <= amount)
    }
}

/// One offer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Offer {
    offer_id: String,
    /// The create request, which the entity repeats.
    request: Value,
    begins: SystemTime,
    ends: SystemTime,
}

impl Offer {
    pub(crate) fn kind(&self) -> &Value {
        &self.request["offer_details"]["offer_type"]
    }

    fn is_active(&self, now: SystemTime) -> bool {
        (self.begins..self.ends).contains(&now)
    }

    fn least_amount(&self) -> Paise {
        Paise::read(&self.request["offer_validations"]["min_amount"]).unwrap_or(Paise(0))
    }

    /// What a payer saves at once: cashback comes later, and saves nothing now.
    fn discount(&self, amount: Paise) -> Paise {
        let terms = &self.request["offer_details"]["discount_details"];
        let value = Paise::read(&terms["discount_value"]).unwrap_or(Paise(0));
        let most = Paise::read(&terms["max_discount_amount"]).unwrap_or(Paise(0));
        let given = match terms["discount_type"].as_str() {
            // Both are hundredths: of a rupee, and of a per cent. Half a paisa is the shop's.
            Some("percentage") => Paise(amount.0 * value.0 / 10_000),
            _ => value,
        };
        given.min(most).min(amount)
    }

    pub(crate) fn to_json(&self, now: SystemTime) -> Value {
        let sent = &self.request;
        json!({
            "offer_id": self.offer_id,
            "offer_status": if self.is_active(now) { "active" } else { "inactive" },
            "offer_meta": sent["offer_meta"],
            "offer_tnc": sent["offer_tnc"],
            "offer_details": sent["offer_details"],
            "offer_validations": sent["offer_validations"],
        })
    }

    /// The offer, and what it makes of an amount.
    pub(crate) fn for_amount(&self, amount: Paise, now: SystemTime) -> Value {
        let mut entity = self.to_json(now);
        entity["order_amount"] = amount.to_json();
        entity["payable_amount"] = (amount - self.discount(amount)).to_json();
        entity
    }
}

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
    let (offer_id, answer) = (offer.offer_id.clone(), offer.to_json(state.clock.now()));
    state.offers.made.push(offer_id.clone());
    state.offers.by_id.insert(offer_id.clone(), offer);
    state.commit(call, Change::OfferCreated, About { other_id: Some(&offer_id), ..About::default() });
    Ok(Reply::ok(answer))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let offer = state.offers.by_id.get(call.path("offer_id"));
    offer
        .map(|offer| Reply::ok(offer.to_json(state.clock.now())))
        .ok_or_else(|| Refusal::not_found("offer_not_found", "no offer has this offer_id"))
}
