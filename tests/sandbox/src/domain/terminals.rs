//! Terminals: DOCS_AWAITED until both documents are in, then PROVISIONALLY_ACTIVE; switched on and off by
//! the merchant. One that has its documents has a UPI address of its own.

use serde_json::json;

use crate::domain::call::{About, Call};
use crate::domain::model::terminals::{Status, Terminal, not_found};
use crate::domain::picture;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::events;

/// The documents that a terminal needs.
const DOCUMENTS: [&str; 2] = ["ADDRESSPROOF", "PHOTOGRAPH"];

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
    let (id, response) = (terminal.id(), terminal.to_json());
    state.terminals.0.push(terminal);
    state.commit(call, Change::TerminalCreated, About { other_id: Some(&id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let phone = call.path("terminal_phone_no");
    state.terminals.by_phone(phone).map(|terminal| JsonResponse::ok(terminal.to_json()))
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

/// Changes a terminal; the response is a list of one.
fn changed(state: &mut State, call: &Call<'_>, change: impl FnOnce(&mut Terminal)) -> Outcome {
    let id = call.path("cf_terminal_id");
    let terminal = state.terminals.find(id)?;
    let past = terminal.status;
    change(terminal);
    terminal.updated = state.clock.now();
    let response = json!([terminal.to_json()]);
    let event = (terminal.status != past).then(|| events::terminals::moved(terminal));
    state.commit(call, Change::TerminalChanged, About { other_id: Some(id), ..About::default() });
    state.send(event);
    Ok(JsonResponse::ok(response))
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
    let response = filed.collect();
    state.commit(call, Change::TerminalChanged, About { other_id: Some(id), ..About::default() });
    state.send(event);
    Ok(JsonResponse::ok(response))
}

/// The code that stands on the counter: none before the terminal has its address.
pub(crate) fn qr_codes(state: &mut State, call: &Call<'_>) -> Outcome {
    let terminal = state.terminals.find(call.query("cf_terminal_id").unwrap_or_default())?;
    if call.query("terminal_phone_no") != Some(terminal.phone()) {
        return Err(not_found());
    }
    if terminal.status == Status::DocsAwaited {
        return Ok(JsonResponse::ok(json!([])));
    }
    let link = format!("upi://pay?cu=INR&pa={}", terminal.vpa);
    Ok(JsonResponse::ok(json!([{
        "bank": "SIM",
        "qrCode": picture::qr_code(&link),
        "qrCodeUrl": link,
        "status": if terminal.status == Status::Inactive { "INACTIVE" } else { "ACTIVE" },
    }])))
}
