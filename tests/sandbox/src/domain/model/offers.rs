//! Offers, and what each makes of an amount.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::money::Paise;

/// The offers, by the service's ids, and the order they were made in.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Offers {
    pub(crate) by_id: BTreeMap<String, Offer>,
    pub(crate) made: Vec<String>,
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
    pub(crate) offer_id: String,
    /// The create request, which the entity repeats.
    pub(crate) request: Value,
    pub(crate) begins: SystemTime,
    pub(crate) ends: SystemTime,
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
