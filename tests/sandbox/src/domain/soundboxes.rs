//! Soundboxes: one device announces the payments to a terminal's UPI address.

use serde_json::{Value, json};

use crate::domain::call::{About, Call};
use crate::domain::model::terminals::{Soundbox, Terminal};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;

fn not_found() -> Refusal {
    Refusal::not_found("soundbox_not_found", "this terminal has no such soundbox")
}

/// The coupling of a terminal, as a response.
fn coupling(terminal: &Terminal) -> Result<Value, Refusal> {
    terminal.soundbox.as_ref().map(|found| found.to_json(terminal)).ok_or_else(not_found)
}

pub(crate) fn onboard(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let id = sent["cf_terminal_id"].as_str().unwrap_or_default();
    let device = sent["device_serial_no"].as_str().unwrap_or_default();
    let in_use = |other: &Terminal| other.soundbox.as_ref().is_some_and(|known| known.device == device);
    let elsewhere = state.terminals.0.iter().any(in_use);
    let terminal = state.terminals.find(id)?;
    terminal.must_be_on()?;
    address(sent, terminal)?;
    if elsewhere || terminal.soundbox.is_some() {
        let message = "the device or the address is coupled already";
        return Err(Refusal::conflict("soundbox_already_exists", message));
    }
    let or =
        |name: &str, otherwise: &Value| if sent[name].is_null() { otherwise } else { &sent[name] }.clone();
    terminal.soundbox = Some(Soundbox {
        device: device.to_owned(),
        merchant_name: or("merchant_name", &terminal.sent["terminal_name"]),
        language: or("language", &json!("English")),
    });
    let response = coupling(terminal)?;
    state.commit(call, Change::SoundboxChanged, About { other_id: Some(id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

/// The UPI address must be the terminal's own.
fn address(sent: &Value, terminal: &Terminal) -> Result<(), Refusal> {
    if sent["vpa"] == terminal.vpa.as_str() {
        return Ok(());
    }
    Err(Refusal::bad_request("vpa_invalid", "this is not the UPI address of the terminal"))
}

pub(crate) fn update(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.path("cf_terminal_id");
    call.must_match_path("cf_terminal_id")?;
    let terminal = state.terminals.find(id)?;
    address(call.body, terminal)?;
    let soundbox = terminal.soundbox.as_mut().ok_or_else(not_found)?;
    for (name, field) in
        [("merchant_name", &mut soundbox.merchant_name), ("language", &mut soundbox.language)]
    {
        if !call.body[name].is_null() {
            *field = call.body[name].clone();
        }
    }
    let response = coupling(terminal)?;
    state.commit(call, Change::SoundboxChanged, About { other_id: Some(id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

/// The terminal that a device is coupled with.
fn coupled<'a>(state: &'a mut State, id: &str, device: &str) -> Result<&'a mut Terminal, Refusal> {
    let terminal = state.terminals.find(id)?;
    match &terminal.soundbox {
        Some(known) if known.device == device => Ok(terminal),
        _ => Err(not_found()),
    }
}

/// Returns what was coupled.
pub(crate) fn demap(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.body["cf_terminal_id"].as_str().unwrap_or_default();
    let device = call.body["device_serial_no"].as_str().unwrap_or_default();
    let terminal = coupled(state, id, device)?;
    let response = json!([coupling(terminal)?]);
    terminal.soundbox = None;
    state.commit(call, Change::SoundboxChanged, About { other_id: Some(id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.query("cf_terminal_id").unwrap_or_default();
    let device = call.query("device_serial_no").unwrap_or_default();
    let terminal = coupled(state, id, device)?;
    Ok(JsonResponse::ok(json!([coupling(terminal)?])))
}
