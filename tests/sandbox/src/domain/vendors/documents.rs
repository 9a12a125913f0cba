//! Documents of vendors: uploaded, listed and downloaded by a link.

use serde_json::json;

use super::send_event;
use crate::domain::call::{About, Call};
use crate::domain::model::vendors::{Document, MERCHANT, same_kind};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;

/// A scan may have 2 MB.
const LARGEST_DOCUMENT: usize = 2 << 20;

pub(crate) fn list_documents(state: &mut State, call: &Call<'_>) -> Outcome {
    let vendor = state.vendors.get(call.path("vendor_id"))?;
    // The schema's name for the list is `documents`; the published responses have this one.
    Ok(JsonResponse::ok(json!({ "related_docs": vendor.related_docs() })))
}

pub(crate) fn upload(state: &mut State, call: &Call<'_>) -> Outcome {
    let vendor_id = call.path("vendor_id");
    let text = |name: &str| call.part(name).map(|part| part.text()).unwrap_or_default();
    let doc_type = text("doc_type");
    if doc_type.is_empty() {
        return Err(Refusal::bad_request("doc_type_missing", "doc_type is required"));
    }
    let file = call.part("file").filter(|file| !file.content.is_empty());
    let file = file.ok_or_else(|| Refusal::bad_request("file_missing", "file is required"))?;
    if file.content.len() > LARGEST_DOCUMENT {
        return Err(Refusal::bad_request("file_invalid", "a file has at most 2 MB"));
    }
    let vendor = state.vendors.get_mut(vendor_id)?;
    let past = vendor.status().to_owned();
    let name = file.file_name.as_deref().unwrap_or("file");
    let stored = Document {
        doc_value: match text("doc_value") {
            number if number.is_empty() => format!("easySplit/vendorKycDocs/{MERCHANT}/{vendor_id}/{name}"),
            number => number,
        },
        doc_type,
        file: Some(file.content.clone()),
    };
    let response = vendor.document(&stored);
    // A paper of the same kind takes the place of the one before.
    vendor.documents.retain(|document| !same_kind(&document.doc_type, &stored.doc_type));
    vendor.documents.push(stored);
    if vendor.vetting == "ACTION_REQUIRED" {
        vendor.vetting = "IN_KYC_REVIEW";
    }
    state.commit(call, Change::VendorDocumentStored, About { other_id: Some(vendor_id), ..About::default() });
    send_event(state, vendor_id, &past);
    Ok(JsonResponse::ok(response))
}

pub(crate) fn download(state: &mut State, call: &Call<'_>) -> Outcome {
    let vendor = state.vendors.get(call.path("vendor_id"))?;
    if vendor.file(call.path("doc_type")).is_none() {
        let message = "no file of this kind was handed in for the vendor";
        return Err(Refusal::not_found("document_not_found", message));
    }
    let document = (call.path("vendor_id").to_owned(), call.path("doc_type").to_owned());
    let signature = state.token(24);
    let url = format!("{}/view/vendor-docs/{signature}", state.base_url);
    state.vendors.links.insert(signature, document);
    Ok(JsonResponse::ok(json!({ "download_url": url })))
}
