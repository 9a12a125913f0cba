//! Mandates: the method, and the consent that a payer is asked for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::test_data::Verdict;

/// How debits are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Method {
    Upi,
    Enach,
    Pnach,
    Card,
}

impl Method {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Upi => "upi",
            Self::Enach => "enach",
            Self::Pnach => "pnach",
            Self::Card => "card",
        }
    }

    /// What a subscription says it is authorised by: the published example of an electronic mandate has the name
    /// of the clearing house.
    pub(crate) fn authorised_by(self) -> &'static str {
        match self {
            Self::Enach => "NPCI_SBC",
            other => other.word(),
        }
    }

    /// Whether the payer has to be notified of a debit a day before.
    pub(crate) fn is_announced(self) -> bool {
        matches!(self, Self::Upi | Self::Card)
    }
}

/// What the payer has to do before a mandate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Nothing that the merchant could see.
    None,
    /// Open the page.
    Visit,
    /// Sign a form, which the merchant hands in.
    Form,
}

/// A request to let the payer consent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Consent {
    pub(crate) method: Method,
    pub(crate) channel: String,
    pub(crate) step: Step,
    pub(crate) verdict: Verdict,
    /// `payment_method` of the authorisation in webhooks: an object.
    pub(crate) account: Value,
}
