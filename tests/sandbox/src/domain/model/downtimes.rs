//! Downtimes that a test reports, and the incidents that they become.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::table;

/// How bad a downtime is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Impact {
    /// Hardly anything goes through.
    High,
    /// Many payments fail.
    Medium,
    /// Some payments fail.
    Low,
}

impl Impact {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// Something that is out of order, for [`Sandbox::report_downtime`](crate::Sandbox::report_downtime): from now
/// until it is resolved, unless it is announced for a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Downtime {
    /// The word that requests filter by.
    #[serde(deserialize_with = "table::word")]
    pub(crate) method: table::Word,
    pub(crate) details: Value,
    pub(crate) impact: Impact,
    pub(crate) message: String,
    pub(crate) announced: Option<(SystemTime, SystemTime)>,
}

impl Downtime {
    fn new(method: &'static str, details: Value) -> Self {
        let message = format!("Payments by {method} are failing.");
        Self { method, details, impact: Impact::Medium, message, announced: None }
    }

    /// UPI payments from accounts at these banks.
    #[must_use]
    pub fn upi(issuers: &[&str]) -> Self {
        Self::new("UPI", json!({ "upi": { "upi_issuer": issuers, "is_npci_downtime": false } }))
    }

    /// All cards of these banks in these networks (`VISA`, `MASTERCARD`, `RUPAY`, …).
    #[must_use]
    pub fn card(issuers: &[&str], networks: &[&str]) -> Self {
        let card = json!({ "card_issuer": issuers, "card_type": ["ALL_CARDS"], "card_network": networks });
        Self::new("CARD", json!({ "card": card }))
    }

    /// The net banking of these banks, with the code of the first.
    #[must_use]
    pub fn net_banking(issuers: &[&str], bank_code: &str) -> Self {
        let bank = json!({ "net_banking_issuer": issuers, "bank_code": bank_code });
        Self::new("NET_BANKING", json!({ "net_banking": bank }))
    }

    /// These wallets.
    #[must_use]
    pub fn wallet(issuers: &[&str]) -> Self {
        Self::new("WALLET", json!({ "wallet": { "wallet_issuer": issuers } }))
    }

    /// How bad it is, in place of medium.
    #[must_use]
    pub fn impact(mut self, impact: Impact) -> Self {
        self.impact = impact;
        self
    }

    /// Sets the message of the incident.
    #[must_use]
    pub fn message(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// Announced for this time, in place of happening now.
    #[must_use]
    pub fn announced(mut self, from: SystemTime, to: SystemTime) -> Self {
        self.announced = Some((from, to));
        self
    }
}

/// What was reported, oldest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Downtimes(pub(crate) Vec<Incident>);

#[derive(Serialize, Deserialize)]
pub(crate) struct Incident {
    pub(crate) incident_id: String,
    pub(crate) downtime: Downtime,
    pub(crate) start: SystemTime,
    pub(crate) end: Option<SystemTime>,
}

impl Incident {
    pub(crate) fn status(&self, now: SystemTime) -> &'static str {
        if self.end.is_some_and(|end| end <= now) {
            "RESOLVED"
        } else if self.start > now {
            "UPCOMING"
        } else {
            "ACTIVE"
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        if self.downtime.announced.is_some() { "SCHEDULED" } else { "UNSCHEDULED" }
    }

    pub(crate) fn to_json(&self, now: SystemTime) -> Value {
        json!({
            "incident_id": self.incident_id,
            "incident_impact": self.downtime.impact.word(),
            "incident_message": self.downtime.message,
            "incident_start_time": clock::with_zone(self.start),
            "incident_end_time": self.end.map(clock::with_zone),
            "incident_status": self.status(now),
            "incident_type": self.kind(),
            "payment_method": self.downtime.details,
        })
    }
}
