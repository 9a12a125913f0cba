//! Cards that customers saved.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::test_data::{self, TestCard};

/// What is saved of a card.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) number: String,
    pub(crate) month: String,
    pub(crate) year: String,
}

impl Card {
    /// The card of a pay request, unless it comes from the vault already.
    pub(crate) fn new_in(details: &Value) -> Option<Self> {
        let text = |name: &str| details[name].as_str().map(str::to_owned);
        if details["instrument_id"].is_string() {
            return None;
        }
        Some(Self {
            number: text("card_number")?,
            month: text("card_expiry_mm")?,
            year: text("card_expiry_yy")?,
        })
    }

    pub(crate) fn known(&self) -> TestCard {
        test_data::card(&self.number, &self.month, &self.year, test_data::CVV).0
    }

    pub(crate) fn last_four(&self) -> &str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or_default()
    }
}

/// One saved card.
#[derive(Serialize, Deserialize)]
pub(crate) struct Instrument {
    pub(crate) instrument_id: String,
    pub(crate) customer_id: String,
    pub(crate) afa_reference: String,
    pub(crate) card: Card,
    pub(crate) created: SystemTime,
}

impl Instrument {
    pub(crate) fn last_four(&self) -> &str {
        self.card.last_four()
    }

    /// Whom the card is for: `R`, a person.
    pub(crate) fn sub_kind(&self) -> &'static str {
        self.card.known().sub_kind
    }
}

/// All saved cards, oldest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Vault {
    pub(crate) held: Vec<Instrument>,
    /// The networks make no tokens of new cards.
    pub(crate) refuses: bool,
}
