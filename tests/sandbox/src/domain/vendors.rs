//! Vendors of Easy Split: registered, vetted by the service, changed by the merchant. Their money is a ledger of its
//! own: shares of payments, adjustments, transfers and payouts.

mod balance;
mod documents;

use serde_json::Value;

use crate::domain::call::{About, Call};
use crate::domain::model::vendors::{Vendor, failed};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::events;
pub(crate) use balance::{adjust, balance, transfer, transfer_charges};
pub(crate) use documents::{download, list_documents, upload};

/// What the service thinks of a vendor: a test says it, see [`Sandbox::review_vendor`](crate::Sandbox::review_vendor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VendorReview {
    /// The vendor is `ACTIVE` and gets its money when a day is settled.
    Approve,
    /// The bank details are wrong: `BANK_VALIDATION_FAILED`, until they are changed.
    RejectBankDetails,
    /// `ACTION_REQUIRED`, until a document is handed in.
    AskForDocuments,
    /// `ON_HOLD`.
    Hold,
}

/// What the service's vetting comes to; false if there is no such vendor.
pub(crate) fn review(state: &mut State, vendor_id: &str, review: VendorReview) -> bool {
    let Some(vendor) = state.vendors.by_id.get_mut(vendor_id) else {
        return false;
    };
    let past = vendor.status().to_owned();
    vendor.vetting = match review {
        VendorReview::Approve => "ACTIVE",
        VendorReview::RejectBankDetails => "BANK_VALIDATION_FAILED",
        VendorReview::AskForDocuments => "ACTION_REQUIRED",
        VendorReview::Hold => "ON_HOLD",
    };
    send_event(state, vendor_id, &past);
    true
}

/// Sends the event of a vendor that has left the status it had.
fn send_event(state: &State, vendor_id: &str, past: &str) {
    if let Ok(vendor) = state.vendors.get(vendor_id)
        && vendor.status() != past
    {
        state.send([events::vendors::moved(vendor, past)]);
    }
}

/// What both a create and an update are held against.
fn check(body: &Value) -> Result<(), Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let invalid =
        |name: &str| Refusal::bad_request(&format!("{name}_invalid"), format!("{name} is not valid"));
    for name in ["name", "email"] {
        if text(name).is_empty() {
            return Err(Refusal::bad_request(&format!("{name}_missing"), format!("{name} is required")));
        }
    }
    let address = |text: &str| text.split('@').filter(|part| !part.is_empty()).count() == 2;
    if !address(text("email")) || text("email").matches('@').count() != 1 {
        return Err(invalid("email"));
    }
    let plain = |c: char| c.is_alphanumeric() || " ./-&".contains(c);
    if text("name").chars().count() > 100 || !text("name").chars().all(plain) {
        return Err(failed("a name has at most 100 characters, of which only . / - & may be special"));
    }
    if text("phone").len() != 10 || !text("phone").bytes().all(|b| b.is_ascii_digit()) {
        return Err(failed("a phone number has ten digits"));
    }
    if body["upi"].is_object() && !address(body["upi"]["vpa"].as_str().unwrap_or_default()) {
        return Err(invalid("upi.vpa"));
    }
    if body["schedule_option"].as_u64().is_some_and(|id| !matches!(id, 1..=9 | 11..=17)) {
        return Err(invalid("schedule_option"));
    }
    for name in ["business_type", "pan"] {
        if body["kyc_details"][name].as_str().unwrap_or_default().is_empty() {
            let code = format!("kyc_details.{name}_missing");
            return Err(Refusal::bad_request(&code, format!("kyc_details.{name} is required")));
        }
    }
    Ok(())
}

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let vendor_id = call.body["vendor_id"].as_str().unwrap_or_default();
    if vendor_id.is_empty() || !vendor_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        let message = "a vendor_id is of letters, digits and underscores";
        return Err(Refusal::bad_request("vendor_id_invalid", message));
    }
    if call.body["status"] == "DELETED" {
        return Err(Refusal::bad_request("status_invalid", "a vendor starts as ACTIVE or BLOCKED"));
    }
    check(call.body)?;
    if state.vendors.by_id.contains_key(vendor_id) {
        return Err(Refusal::conflict(
            "vendor_already_exists",
            "a vendor with this vendor_id exists already",
        ));
    }
    let now = state.clock.now();
    let mut vendor = Vendor {
        vendor_id: vendor_id.to_owned(),
        request: call.body.clone(),
        vetting: "IN_BENE_CREATION",
        added: now,
        updated: now,
        documents: Vec::new(),
    };
    vendor.list_numbers();
    let response = vendor.to_changed();
    state.vendors.by_id.insert(vendor_id.to_owned(), vendor);
    state.commit(call, Change::VendorCreated, About { other_id: Some(vendor_id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(JsonResponse::ok(state.vendors.get(call.path("vendor_id"))?.to_read()))
}

pub(crate) fn update(state: &mut State, call: &Call<'_>) -> Outcome {
    let vendor_id = call.path("vendor_id");
    let vendor = state.vendors.get_mut(vendor_id)?;
    let mut request = vendor.request.clone();
    for (name, value) in call.body.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    check(&request)?;
    if vendor.status() == "DELETED" {
        return Err(Refusal::bad_request("status_invalid", "the vendor was deleted"));
    }
    let past = vendor.status().to_owned();
    let target = |request: &Value| (request["bank"].clone(), request["upi"].clone());
    let before = target(&vendor.request);
    vendor.request = request;
    if target(&vendor.request) != before {
        // Another account is another thing to validate.
        vendor.vetting = "IN_BANK_VALIDATION";
    }
    vendor.updated = state.clock.now();
    vendor.list_numbers();
    let mut response = vendor.to_changed();
    let read = vendor.to_read();
    for name in ["added_on", "updated_on", "vendor_type", "account_type", "business_type", "related_docs"] {
        response[name] = read[name].clone();
    }
    state.commit(call, Change::VendorUpdated, About { other_id: Some(vendor_id), ..About::default() });
    send_event(state, vendor_id, &past);
    Ok(JsonResponse::ok(response))
}
