//! Downtimes: what is out of order at banks, networks and wallets. A test reports them, the API lists them.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::Call;
use crate::domain::state::State;
use crate::domain::table;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::webhooks::events;

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
    fn word(self) -> &'static str {
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
    method: table::Word,
    details: Value,
    impact: Impact,
    message: String,
    announced: Option<(SystemTime, SystemTime)>,
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

    /// What is told to people.
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
pub(crate) struct Downtimes(Vec<Incident>);

#[derive(Serialize, Deserialize)]
struct Incident {
    incident_id: String,
    downtime: Downtime,
    start: SystemTime,
    end: Option<SystemTime>,
}

impl Incident {
    fn status(&self, now: SystemTime) -> &'static str {
        if self.end.is_some_and(|end| end <= now) {
            "RESOLVED"
        } else if self.start > now {
            "UPCOMING"
        } else {
            "ACTIVE"
        }
    }

    fn kind(&self) -> &'static str {
        if self.downtime.announced.is_some() { "SCHEDULED" } else { "UNSCHEDULED" }
    }

    fn to_json(&self, now: SystemTime) -> Value {
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

pub(crate) fn report(state: &mut State, downtime: Downtime) -> String {
    let now = state.clock.now();
    let (start, end) = downtime.announced.map_or((now, None), |(from, to)| (from, Some(to)));
    let digits: String = clock::with_space(now).chars().filter(char::is_ascii_digit).collect();
    let incident_id = format!("incident_{digits}{:06}", state.serial());
    let incident = Incident { incident_id: incident_id.clone(), downtime, start, end };
    state.tell(events::downtimes::alerts(&incident.to_json(now), "OPEN"));
    state.downtimes.0.push(incident);
    incident_id
}

pub(crate) fn resolve(state: &mut State, incident_id: &str) -> bool {
    let now = state.clock.now();
    let incident = state.downtimes.0.iter_mut().find(|incident| incident.incident_id == incident_id);
    let Some(incident) = incident else {
        return false;
    };
    incident.end = Some(now);
    let entity = incident.to_json(now);
    state.tell(events::downtimes::alerts(&entity, "RESOLVED"));
    true
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let bound = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => clock::parse(text).map(Some).ok_or_else(|| {
            Refusal::bad_request(&format!("{name}_invalid"), format!("{name} must be a time"))
        }),
    };
    let now = state.clock.now();
    let (from, to) = (bound("incident_start_time")?, bound("incident_end_time")?);
    let among = |name: &str, word: &str| {
        let words = call.query_list(name);
        words.is_empty() || words.iter().any(|known| known == word)
    };
    // Without a word on states, what is over is left out.
    let stands = |incident: &Incident| match call.query_list("incident_status") {
        [] => incident.status(now) != "RESOLVED",
        _ => among("incident_status", incident.status(now)),
    };
    let matching: Vec<Value> = state
        .downtimes
        .0
        .iter()
        .filter(|incident| {
            among("incident_id", &incident.incident_id)
                && among("incident_impact", incident.downtime.impact.word())
                && among("incident_type", incident.kind())
                && among("payment_method", incident.downtime.method)
                && stands(incident)
                && from.is_none_or(|from| incident.start >= from)
                && to.is_none_or(|to| incident.end.is_some_and(|end| end <= to))
        })
        .map(|incident| incident.to_json(now))
        .collect();
    Ok(Reply::ok(json!({ "count": matching.len(), "incidents": matching })))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let incident = state.downtimes.0.iter().find(|incident| incident.incident_id == call.path("id"));
    incident
        .map(|incident| Reply::ok(incident.to_json(state.clock.now())))
        .ok_or_else(|| Refusal::not_found("incident_not_found", "no incident has this id"))
}
