//! Vendors of Easy Split: registered, vetted by the service, changed by the merchant. Their money is a ledger of its
//! own: shares of payments, adjustments, transfers and payouts.

mod balance;
mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::state::State;
use crate::domain::table;
use crate::http::errors::{Outcome, Refusal, Reply};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

pub(crate) use balance::{adjust, balance, transfer, transfer_charges};
use documents::same_kind;
pub(crate) use documents::{download, list_documents, upload};

/// The number of the account.
pub(crate) const MERCHANT: u64 = 152_707;

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

/// One vendor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Vendor {
    pub(crate) vendor_id: String,
    /// The create request, with what later ones changed.
    pub(crate) request: Value,
    /// How the vetting stands, whatever the merchant says.
    #[serde(deserialize_with = "table::word")]
    vetting: table::Word,
    added: SystemTime,
    updated: SystemTime,
    documents: Vec<Document>,
}

/// One paper of a vendor.
#[derive(Serialize, Deserialize)]
struct Document {
    doc_type: String,
    doc_value: String,
    #[serde(with = "table::some_bytes")]
    file: Option<Bytes>,
}

/// One line of the vendors' ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) vendor_id: String,
    /// `transaction`, `REFUND`, `adjustment`, `transfer` or `vendor_settlement`.
    #[serde(deserialize_with = "table::word")]
    pub(crate) kind: table::Word,
    pub(crate) id: String,
    pub(crate) order_id: Option<String>,
    /// Below zero for what leaves the vendor's balance.
    pub(crate) amount: Paise,
    pub(crate) at: SystemTime,
    pub(crate) payout: Option<Payout>,
}

/// Money on its way to a vendor's bank.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payout {
    pub(crate) id: u64,
    pub(crate) utr: String,
    pub(crate) at: SystemTime,
}

/// All vendors and their ledger.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Vendors {
    by_id: BTreeMap<String, Vendor>,
    pub(crate) entries: Vec<Entry>,
    adjustments: BTreeSet<i64>,
    /// Signature to the document that it opens.
    links: BTreeMap<String, (String, String)>,
}

impl Vendors {
    pub(crate) fn unsettled(&self, vendor_id: &str) -> Paise {
        let open = |entry: &&Entry| entry.vendor_id == vendor_id && entry.payout.is_none();
        self.entries.iter().filter(open).map(|entry| entry.amount).sum()
    }

    /// The vendor, in the service's words if there is none: 400, not 404.
    pub(crate) fn get(&self, vendor_id: &str) -> Result<&Vendor, Refusal> {
        self.by_id.get(vendor_id).ok_or_else(unknown)
    }

    fn get_mut(&mut self, vendor_id: &str) -> Result<&mut Vendor, Refusal> {
        self.by_id.get_mut(vendor_id).ok_or_else(unknown)
    }

    /// A vendor that may share in a payment.
    pub(crate) fn must_take_shares(&self, vendor_id: &str) -> Result<(), Refusal> {
        match self.get(vendor_id)?.status() {
            "BLOCKED" | "DELETED" => Err(failed("the vendor is blocked or deleted")),
            _ => Ok(()),
        }
    }

    /// The file that a download link opens.
    pub(crate) fn linked(&self, signature: &str) -> Option<Bytes> {
        let (vendor_id, doc_type) = self.links.get(signature)?;
        self.by_id.get(vendor_id)?.file(doc_type).cloned()
    }

    /// Pays out what the active vendors have coming; answers to whom and how.
    pub(crate) fn pay_out(
        &mut self,
        at: SystemTime,
        serial: &mut dyn FnMut() -> u64,
    ) -> Vec<(String, Payout)> {
        let active = self.by_id.values().filter(|vendor| vendor.status() == "ACTIVE");
        let due: Vec<(String, Paise)> = active
            .map(|vendor| (vendor.vendor_id.clone(), self.unsettled(&vendor.vendor_id)))
            .filter(|(_, amount)| *amount > Paise(0))
            .collect();
        let mut paid_out = Vec::new();
        for (vendor_id, amount) in due {
            let id = 87_000 + serial();
            let payout = Payout { id, utr: format!("17047142{id:08}"), at };
            let open = |entry: &&mut Entry| entry.vendor_id == vendor_id && entry.payout.is_none();
            self.entries.iter_mut().filter(open).for_each(|entry| entry.payout = Some(payout.clone()));
            paid_out.push((vendor_id.clone(), payout.clone()));
            self.entries.push(Entry {
                vendor_id,
                kind: "vendor_settlement",
                id: id.to_string(),
                order_id: None,
                amount: -amount,
                at: payout.at,
                payout: Some(payout),
            });
        }
        paid_out
    }
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
    tell(state, vendor_id, &past);
    true
}

/// Tells the merchant of a vendor that has left the status it had.
fn tell(state: &State, vendor_id: &str, past: &str) {
    if let Ok(vendor) = state.vendors.get(vendor_id)
        && vendor.status() != past
    {
        state.tell([events::vendors::moved(vendor, past)]);
    }
}

fn unknown() -> Refusal {
    failed("vendor does not exist")
}

/// Easy Split has one code for nearly everything.
pub(crate) fn failed(message: &str) -> Refusal {
    Refusal::bad_request("api_request_failed", message)
}

impl Vendor {
    pub(crate) fn status(&self) -> &str {
        match self.request["status"].as_str() {
            Some(closed @ ("BLOCKED" | "DELETED")) => closed,
            _ => self.vetting,
        }
    }

    /// The members that every answer about a vendor has.
    fn to_json(&self) -> Value {
        let sent = &self.request;
        let schedule = sent["schedule_option"].as_u64();
        json!({
            "vendor_id": self.vendor_id,
            "status": self.status(),
            "name": sent["name"],
            "email": sent["email"],
            "bank": sent["bank"],
            "upi": sent["upi"],
            "schedule_option": {
                "settlement_schedule_message": cycle(schedule.unwrap_or(1)),
                "schedule_id": schedule.unwrap_or(1),
                "merchant_default": schedule.is_none(),
            },
        })
    }

    /// To a create or an update.
    fn to_changed(&self) -> Value {
        let sent = &self.request["kyc_details"];
        let mut kyc = json!({});
        for name in [
            "account_type",
            "business_type",
            "pan",
            "uidai",
            "passport_number",
            "driving_license",
            "voter_id",
            "gst",
            "cin",
        ] {
            kyc[name] =
                if sent[name].is_number() { json!(sent[name].to_string()) } else { sent[name].clone() };
        }
        let mut answer = self.to_json();
        answer["kyc_details"] = kyc;
        // A number where the request has text.
        answer["phone"] = json!(self.phone().parse::<u64>().ok());
        answer["dashboard_access"] = json!(self.request["dashboard_access"] == true);
        answer["bank_details"] = Value::Null;
        answer
    }

    fn to_read(&self) -> Value {
        let mut answer = self.to_json();
        answer["phone"] = json!(self.phone());
        answer["added_on"] = json!(clock::with_space(self.added));
        answer["updated_on"] = json!(clock::with_space(self.updated));
        answer["vendor_type"] = json!("PG");
        answer["account_type"] = self.request["kyc_details"]["account_type"].clone();
        answer["business_type"] = self.request["kyc_details"]["business_type"].clone();
        answer["related_docs"] = self.related_docs();
        if self.status() == "BANK_VALIDATION_FAILED" {
            answer["remarks"] = json!("the bank does not know this account");
        }
        answer
    }

    /// The file handed in for a kind of document.
    fn file(&self, doc_type: &str) -> Option<&Bytes> {
        let kept = self.documents.iter().find(|document| same_kind(&document.doc_type, doc_type))?;
        kept.file.as_ref()
    }

    fn phone(&self) -> &str {
        self.request["phone"].as_str().unwrap_or_default()
    }

    fn related_docs(&self) -> Value {
        self.documents.iter().map(|document| self.document(document)).collect()
    }

    fn document(&self, document: &Document) -> Value {
        json!({
            "vendor_id": self.vendor_id,
            "doc_type": document.doc_type,
            "doc_value": document.doc_value,
            "status": "IN_REVIEW",
            "remarks": null,
        })
    }

    /// The papers follow from the numbers given; a file that was handed in stays with its number.
    fn list_numbers(&mut self) {
        let kyc = self.request["kyc_details"].clone();
        for (doc_type, name) in [
            ("CIN_NUMBER", "cin"),
            ("GSTIN_NUMBER", "gst"),
            ("PAN_NUMBER", "pan"),
            ("PASSPORT_NUMBER", "passport_number"),
            ("UIDAI_NUMBER", "uidai"),
        ] {
            let number = match &kyc[name] {
                Value::Null => continue,
                Value::String(number) => number.clone(),
                other => other.to_string(),
            };
            match self.documents.iter_mut().find(|document| document.doc_type == doc_type) {
                Some(document) => document.doc_value = number,
                None => {
                    self.documents.push(Document {
                        doc_type: doc_type.to_owned(),
                        doc_value: number,
                        file: None,
                    });
                }
            }
        }
    }
}

fn cycle(schedule: u64) -> String {
    match schedule {
        1 => "T+1 settlement at 11:00 AM".to_owned(),
        2 => "T+2 settlement at 11:00 AM".to_owned(),
        8 => "Hourly settlement".to_owned(),
        14 => "Settlement every 15 minutes".to_owned(),
        17 => "Settlement every minute".to_owned(),
        other => format!("Settlement cycle {other}"),
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
    let answer = vendor.to_changed();
    state.vendors.by_id.insert(vendor_id.to_owned(), vendor);
    state.commit(call, Change::VendorCreated, About { other_id: Some(vendor_id), ..About::default() });
    Ok(Reply::ok(answer))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Reply::ok(state.vendors.get(call.path("vendor_id"))?.to_read()))
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
    let mut answer = vendor.to_changed();
    let read = vendor.to_read();
    for name in ["added_on", "updated_on", "vendor_type", "account_type", "business_type", "related_docs"] {
        answer[name] = read[name].clone();
    }
    state.commit(call, Change::VendorUpdated, About { other_id: Some(vendor_id), ..About::default() });
    tell(state, vendor_id, &past);
    Ok(Reply::ok(answer))
}
