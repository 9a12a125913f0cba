//! Disputes: where each stands, and what the merchant handed in.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::domain::table;
use crate::money::Paise;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stand {
    Created,
    DocsReceived,
    UnderReview,
    InsufficientEvidence,
    MerchantWon,
    MerchantLost,
    MerchantAccepted,
}

impl Stand {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::DocsReceived => "DOCS_RECEIVED",
            Self::UnderReview => "UNDER_REVIEW",
            Self::InsufficientEvidence => "INSUFFICIENT_EVIDENCE",
            Self::MerchantWon => "MERCHANT_WON",
            Self::MerchantLost => "MERCHANT_LOST",
            Self::MerchantAccepted => "MERCHANT_ACCEPTED",
        }
    }

    pub(crate) fn is_closed(self) -> bool {
        matches!(self, Self::MerchantWon | Self::MerchantLost | Self::MerchantAccepted)
    }
}

/// One dispute.
#[derive(Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: u64,
    pub(crate) order_id: String,
    pub(crate) cf_payment_id: String,
    pub(crate) amount: Paise,
    #[serde(deserialize_with = "table::word")]
    pub(crate) stage: table::Word,
    pub(crate) stand: Stand,
    pub(crate) created: SystemTime,
    pub(crate) updated: SystemTime,
    /// Name and kind of the documents handed in.
    pub(crate) evidence: Vec<(u64, String, String)>,
}

impl Dispute {
    pub(crate) fn is_closed(&self) -> bool {
        self.stand.is_closed()
    }

    /// Whether the merchant has to respond; else it is with the bank.
    pub(crate) fn awaits_merchant(&self) -> bool {
        matches!(self.stand, Stand::Created | Stand::InsufficientEvidence)
    }

    pub(crate) fn category(&self) -> &'static str {
        "1402-Duplicate Processing"
    }

    pub(crate) fn resolved(&self) -> Option<SystemTime> {
        self.is_closed().then_some(self.updated)
    }

    pub(crate) fn in_favour_of(&self) -> Option<&'static str> {
        let winner = if self.stand == Stand::MerchantWon { "MERCHANT" } else { "CUSTOMER" };
        self.is_closed().then_some(winner)
    }
}

/// All disputes.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Disputes(pub(crate) BTreeMap<u64, Dispute>);

impl Disputes {
    pub(crate) fn by_number(&self, id: u64) -> Option<&Dispute> {
        self.0.get(&id)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Dispute> {
        self.0.get(&id.parse().ok()?)
    }
}
