//! The record of an attempt to deliver an event.

use std::time::{Duration, SystemTime};

use crate::records;

/// Outcome of one delivery attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookOutcome {
    /// The receiver responded with this status; only 200 acknowledges.
    Responded(u16),
    /// There was no response, for this reason.
    Failed(String),
    /// Nothing was sent, for this reason, and nothing will be: the address is not one of this machine, or the
    /// event differs from the document.
    Refused(String),
}

/// One attempt to deliver one event to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its number, from 1: they count up in the order in which deliveries begin, and [`Sandbox::resend`] takes them.
    ///
    /// [`Sandbox::resend`]: crate::Sandbox::resend
    pub id: u64,
    /// When it was sent: the moment of `x-webhook-timestamp`, by the machine's clock even if the sandbox's was
    /// advanced, so that receivers take it for a new one.
    pub at: SystemTime,
    /// The `type` of the event.
    pub event_type: String,
    /// Where it went.
    pub url: String,
    /// From 1, as in `x-webhook-attempt`.
    pub attempt: u32,
    /// The wait that the schedule puts before this attempt, before it is scaled; zero for the first.
    pub wait: Duration,
    /// Outcome of the attempt.
    pub outcome: WebhookOutcome,
    /// The headers that were sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes that were sent.
    pub body: Vec<u8>,
}

impl WebhookDelivery {
    /// The header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        records::header(&self.headers, name)
    }

    /// The body as JSON, `null` if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        records::json(&self.body)
    }
}
