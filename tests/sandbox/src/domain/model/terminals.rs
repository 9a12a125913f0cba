//! Terminals, and the soundbox of each.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::http::errors::Refusal;

/// Where a terminal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    DocsAwaited,
    ProvisionallyActive,
    Active,
    Inactive,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::DocsAwaited => "DOCS_AWAITED",
            Self::ProvisionallyActive => "PROVISIONALLY_ACTIVE",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }
}

/// One terminal.
#[derive(Serialize, Deserialize)]
pub(crate) struct Terminal {
    pub(crate) number: u64,
    /// The create request, and what was changed since.
    pub(crate) sent: Value,
    pub(crate) vpa: String,
    pub(crate) status: Status,
    /// Kinds and values, in the order in which they came.
    pub(crate) documents: Vec<(String, String)>,
    pub(crate) added: SystemTime,
    pub(crate) updated: SystemTime,
    pub(crate) soundbox: Option<Soundbox>,
    /// The payments begun here, oldest first.
    pub(crate) payments: Vec<String>,
}

impl Terminal {
    pub(crate) fn phone(&self) -> &str {
        self.sent["terminal_phone_no"].as_str().unwrap_or_default()
    }

    pub(crate) fn id(&self) -> String {
        self.number.to_string()
    }

    /// Refuses what needs a terminal that takes payments.
    pub(crate) fn must_be_on(&self) -> Result<(), Refusal> {
        if matches!(self.status, Status::ProvisionallyActive | Status::Active) {
            return Ok(());
        }
        let message = format!("a terminal that is {} takes no payments", self.status.word());
        Err(Refusal::bad_request("terminal_status_invalid", message))
    }

    pub(crate) fn to_json(&self) -> Value {
        let sent = &self.sent;
        json!({
            "added_on": clock::with_zone(self.added),
            "cf_terminal_id": self.number,
            "last_updated_on": clock::with_zone(self.updated),
            "terminal_address": sent["terminal_address"],
            "terminal_email": sent["terminal_email"],
            "terminal_id": sent["terminal_id"],
            "terminal_meta": sent["terminal_meta"],
            "terminal_name": sent["terminal_name"],
            "terminal_note": sent["terminal_note"],
            "terminal_phone_no": self.phone(),
            "terminal_status": self.status.word(),
            "terminal_type": sent["terminal_type"],
        })
    }
}

/// The account's terminals, oldest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Terminals(pub(crate) Vec<Terminal>);

impl Terminals {
    /// By the service's number for it.
    pub(crate) fn find(&mut self, number: &str) -> Result<&mut Terminal, Refusal> {
        self.0.iter_mut().find(|terminal| terminal.id() == number).ok_or_else(not_found)
    }

    pub(crate) fn by_phone(&mut self, phone: &str) -> Result<&mut Terminal, Refusal> {
        self.0.iter_mut().find(|terminal| terminal.phone() == phone).ok_or_else(not_found)
    }
}

pub(crate) fn not_found() -> Refusal {
    Refusal::not_found("terminal_not_found", "no terminal has this number")
}

/// A device coupled with a terminal.
#[derive(Serialize, Deserialize)]
pub(crate) struct Soundbox {
    pub(crate) device: String,
    pub(crate) merchant_name: Value,
    pub(crate) language: Value,
}

impl Soundbox {
    pub(crate) fn to_json(&self, terminal: &Terminal) -> Value {
        json!({
            "vpa": terminal.vpa,
            "cf_terminal_id": terminal.id(),
            "device_serial_no": self.device,
            "merchant_name": self.merchant_name,
            "language": self.language,
        })
    }
}
