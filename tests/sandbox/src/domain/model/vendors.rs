//! Vendors of Easy Split, their documents and their ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::domain::table;
use crate::http::errors::Refusal;
use crate::money::Paise;

/// The number of the account.
pub(crate) const MERCHANT: u64 = 152_707;

/// One vendor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Vendor {
    pub(crate) vendor_id: String,
    /// The create request, with what later ones changed.
    pub(crate) request: Value,
    /// How the vetting stands, whatever the merchant says.
    #[serde(deserialize_with = "table::word")]
    pub(crate) vetting: table::Word,
    pub(crate) added: SystemTime,
    pub(crate) updated: SystemTime,
    pub(crate) documents: Vec<Document>,
}

impl Vendor {
    pub(crate) fn status(&self) -> &str {
        match self.request["status"].as_str() {
            Some(closed @ ("BLOCKED" | "DELETED")) => closed,
            _ => self.vetting,
        }
    }

    /// The fields that every response about a vendor has.
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
    pub(crate) fn to_changed(&self) -> Value {
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
        let mut response = self.to_json();
        response["kyc_details"] = kyc;
        // A number where the request has text.
        response["phone"] = json!(self.phone().parse::<u64>().ok());
        response["dashboard_access"] = json!(self.request["dashboard_access"] == true);
        response["bank_details"] = Value::Null;
        response
    }

    pub(crate) fn to_read(&self) -> Value {
        let mut response = self.to_json();
        response["phone"] = json!(self.phone());
        response["added_on"] = json!(clock::with_space(self.added));
        response["updated_on"] = json!(clock::with_space(self.updated));
        response["vendor_type"] = json!("PG");
        response["account_type"] = self.request["kyc_details"]["account_type"].clone();
        response["business_type"] = self.request["kyc_details"]["business_type"].clone();
        response["related_docs"] = self.related_docs();
        if self.status() == "BANK_VALIDATION_FAILED" {
            response["remarks"] = json!("the bank does not know this account");
        }
        response
    }

    /// The file handed in for a kind of document.
    pub(crate) fn file(&self, doc_type: &str) -> Option<&Bytes> {
        let kept = self.documents.iter().find(|document| same_kind(&document.doc_type, doc_type))?;
        kept.file.as_ref()
    }

    fn phone(&self) -> &str {
        self.request["phone"].as_str().unwrap_or_default()
    }

    pub(crate) fn related_docs(&self) -> Value {
        self.documents.iter().map(|document| self.document(document)).collect()
    }

    pub(crate) fn document(&self, document: &Document) -> Value {
        json!({
            "vendor_id": self.vendor_id,
            "doc_type": document.doc_type,
            "doc_value": document.doc_value,
            "status": "IN_REVIEW",
            "remarks": null,
        })
    }

    /// The papers follow from the numbers given; a file that was handed in stays with its number.
    pub(crate) fn list_numbers(&mut self) {
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

/// One paper of a vendor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) doc_type: String,
    pub(crate) doc_value: String,
    #[serde(with = "table::some_bytes")]
    pub(crate) file: Option<Bytes>,
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
    pub(crate) by_id: BTreeMap<String, Vendor>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) adjustments: BTreeSet<i64>,
    /// Signature to the document that it opens.
    pub(crate) links: BTreeMap<String, (String, String)>,
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

    pub(crate) fn get_mut(&mut self, vendor_id: &str) -> Result<&mut Vendor, Refusal> {
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

    /// Pays out what the active vendors have coming; returns to whom and how.
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

fn unknown() -> Refusal {
    failed("vendor does not exist")
}

/// Easy Split has one code for nearly everything.
pub(crate) fn failed(message: &str) -> Refusal {
    Refusal::bad_request("api_request_failed", message)
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

/// An upload says `PAN`, a list says `PAN_NUMBER`.
pub(crate) fn same_kind(one: &str, other: &str) -> bool {
    one.trim_end_matches("_NUMBER") == other.trim_end_matches("_NUMBER")
}
