//! Terminals: DOCS_AWAITED until both documents are in, then PROVISIONALLY_ACTIVE; switched on and off by
//! the merchant. One that has its documents has a UPI address of its own.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::picture;
use crate::domain::soundboxes::Soundbox;
use crate::domain::state::State;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::records::Change;
use crate::webhooks::events;

/// The documents that a terminal needs.
const DOCUMENTS: [&str; 2] = ["ADDRESSPROOF", "PHOTOGRAPH"];

/// Where a terminal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
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
    status: Status,
    /// Kinds and values, in the order in which they came.
    documents: Vec<(String, String)>,
    added: SystemTime,
    updated: SystemTime,
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

fn not_found() -> Refusal {
    Refusal::not_found("terminal_not_found", "no terminal has this number")
}

fn taken() -> Refusal {
    Refusal::conflict("terminal_already_exists", "there is a terminal with this id or phone number")
}

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let clashes = |other: &Terminal| {
        other.sent["terminal_id"] == sent["terminal_id"] || sent["terminal_phone_no"] == other.phone()
    };
    if state.terminals.0.iter().any(clashes) {
        return Err(taken());
    }
    let now = state.clock.now();
    let serial = state.serial();
    let terminal = Terminal {
        number: 1_837 + serial,
        sent: sent.clone(),
        vpa: format!("cf.vpa-sandbox-{serial}@sim"),
        status: Status::DocsAwaited,
        documents: Vec::new(),
        added: now,
        updated: now,
        soundbox: None,
        payments: Vec::new(),
    };
    let (id, answer) = (terminal.id(), terminal.to_json());
    state.terminals.0.push(terminal);
    state.commit(call, Change::TerminalCreated, About { other_id: Some(&id), ..About::default() });
    Ok(Reply::ok(answer))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let phone = call.path("terminal_phone_no");
    state.terminals.by_phone(phone).map(|terminal| Reply::ok(terminal.to_json()))
}

pub(crate) fn update(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.path("cf_terminal_id");
    state.terminals.find(id)?;
    let phone = &call.body["terminal_phone_no"];
    if state.terminals.0.iter().any(|other| other.id() != id && *phone == other.phone()) {
        return Err(taken());
    }
    changed(state, call, |terminal| {
        for name in ["terminal_email", "terminal_meta", "terminal_phone_no", "terminal_type"] {
            if !call.body[name].is_null() {
                terminal.sent[name] = call.body[name].clone();
            }
        }
    })
}

/// Without its documents a terminal stays as it is, whatever is asked for.
pub(crate) fn update_status(state: &mut State, call: &Call<'_>) -> Outcome {
    let on = call.body["terminal_status"] == "ACTIVE";
    changed(state, call, |terminal| {
        terminal.status = match terminal.status {
            Status::DocsAwaited => Status::DocsAwaited,
            _ if on => Status::Active,
            _ => Status::Inactive,
        };
    })
}

/// Changes a terminal; the answer is a list of one.
fn changed(state: &mut State, call: &Call<'_>, change: impl FnOnce(&mut Terminal)) -> Outcome {
    let id = call.path("cf_terminal_id");
    let terminal = state.terminals.find(id)?;
    let past = terminal.status;
    change(terminal);
    terminal.updated = state.clock.now();
    let answer = json!([terminal.to_json()]);
    let event = (terminal.status != past).then(|| events::terminals::moved(terminal));
    state.commit(call, Change::TerminalChanged, About { other_id: Some(id), ..About::default() });
    state.tell(event);
    Ok(Reply::ok(answer))
}

/// Takes in a document; a second one of its kind takes the place of the first.
pub(crate) fn upload_document(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.path("cf_terminal_id");
    let text = |name: &str| call.body[name].as_str().unwrap_or_default().to_owned();
    let terminal = state.terminals.find(id)?;
    if text("file").is_empty() {
        return Err(Refusal::bad_request("file_invalid", "the file is empty"));
    }
    terminal.documents.retain(|(kind, _)| *kind != text("doc_type"));
    terminal.documents.push((text("doc_type"), text("doc_value")));
    let past = terminal.status;
    terminal.updated = state.clock.now();
    let complete = DOCUMENTS.iter().all(|needed| terminal.documents.iter().any(|(kind, _)| kind == needed));
    if complete && terminal.status == Status::DocsAwaited {
        terminal.status = Status::ProvisionallyActive;
    }
    let event = (terminal.status != past).then(|| events::terminals::moved(terminal));
    let number = terminal.number;
    let filed = terminal.documents.iter().map(|(kind, value)| {
        json!({ "cf_terminal_id": number, "doc_type": kind, "doc_value": value, "status": "RECEIVED" })
    });
    let answer = filed.collect();
    state.commit(call, Change::TerminalChanged, About { other_id: Some(id), ..About::default() });
    state.tell(event);
    Ok(Reply::ok(answer))
}

/// The code that stands on the counter: none before the terminal has its address.
pub(crate) fn qr_codes(state: &mut State, call: &Call<'_>) -> Outcome {
    let terminal = state.terminals.find(call.query("cf_terminal_id").unwrap_or_default())?;
    if call.query("terminal_phone_no") != Some(terminal.phone()) {
        return Err(not_found());
    }
    if terminal.status == Status::DocsAwaited {
        return Ok(Reply::ok(json!([])));
    }
    let link = format!("upi://pay?cu=INR&pa={}", terminal.vpa);
    Ok(Reply::ok(json!([{
        "bank": "SIM",
        "qrCode": picture::qr_code(&link),
        "qrCodeUrl": link,
        "status": if terminal.status == Status::Inactive { "INACTIVE" } else { "ACTIVE" },
    }])))
}
