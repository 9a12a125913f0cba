//! Request forms of other editions. The embedded document declares one form of each request; other editions of the
//! same API, and the official SDKs made from them, declare another for a few properties. Each rule converts such a form
//! to the one of the embedded document before the request is validated, and to that of the operations after, so
//! operations see one form only.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::document::{Document, Operation};

/// How a property differs.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// A whole number in place of its text.
    Number,
    /// A number as text.
    NumberText,
    /// A list of one object in place of the object.
    ListOfOne,
    /// A list of texts in place of one text with commas.
    ListOfTexts,
    /// A list of allowed values in place of an object with an action and values.
    ListOfAllowed,
    /// Under this name in place of its own.
    Named(&'static str),
}

/// Operation, path of the property (`*` is each item of a list), form.
const FORMS: &[(&str, &str, Form)] = &[
    ("PGCreateOrder", "order_meta.payment_methods", Form::ListOfTexts),
    ("PGCreateOrder", "order_meta.payment_methods_filters.filters.card_bins", Form::ListOfAllowed),
    ("PGCreateOrder", "order_meta.payment_methods_filters.filters.card_issuing_bank", Form::ListOfAllowed),
    ("PGCreateOrder", "order_meta.payment_methods_filters.filters.card_schemes", Form::ListOfAllowed),
    ("PGCreateOrder", "order_meta.payment_methods_filters.filters.card_suffix", Form::ListOfAllowed),
    ("PGCreateOrder", "terminal.cf_terminal_id", Form::Number),
    ("PGESCreateVendors", "bank", Form::ListOfOne),
    ("PGESCreateVendors", "kyc_details", Form::ListOfOne),
    ("PGESCreateVendors", "upi", Form::ListOfOne),
    ("PGESUpdateVendors", "bank", Form::ListOfOne),
    ("PGESUpdateVendors", "kyc_details", Form::ListOfOne),
    ("PGESUpdateVendors", "upi", Form::ListOfOne),
    ("PGOrderStaticSplit", "scheme.*.merchant_vendor_id", Form::Named("merchantVendorId")),
    ("PGOrderStaticSplit", "scheme.*.percentage", Form::NumberText),
    ("PGSettlementFetchRecon", "filters.cf_settlement_ids.*", Form::Number),
    ("SposCreateTerminalTransaction", "cf_terminal_id", Form::Number),
    ("SposDemapSoundboxVpa", "cf_terminal_id", Form::Number),
    ("SposOnboardSoundboxVpa", "cf_terminal_id", Form::Number),
    ("SposUpdateSoundboxVpa", "cf_terminal_id", Form::Number),
];

/// Operation, and a property that the embedded document requires and a later edition does not.
const OPTIONAL: &[(&str, &str)] = &[
    ("PGCreateLink", "link_id"),
    ("PGESUpdateVendors", "email"),
    ("PGESUpdateVendors", "kyc_details"),
    ("PGESUpdateVendors", "name"),
    ("PGESUpdateVendors", "phone"),
    ("PGESUpdateVendors", "schedule_option"),
    ("PGESUpdateVendors", "status"),
];

/// Converts the body of a request to the form of the document.
pub(crate) fn normalize_body(document: &Document, operation: &Operation, body: &mut Value) {
    for (path, form) in forms_of(&operation.id) {
        match (is_declared(document, operation, &path, form), form) {
            (false, form) => apply(body, &path, form),
            (true, Form::Number) => apply(body, &path, Form::NumberText),
            (true, _) => {}
        }
    }
    if operation.id == "SubsCreatePayment" {
        wrap_payment_method(body);
    }
}

/// Converts a body in the form of the document to that of the operations.
pub(crate) fn for_operation(document: &Document, operation: &Operation, body: &mut Value) {
    for (path, form) in forms_of(&operation.id) {
        if is_declared(document, operation, &path, form) {
            apply(body, &path, form);
        }
    }
}

fn forms_of(operation: &str) -> impl Iterator<Item = (Vec<&'static str>, Form)> {
    let rules = FORMS.iter().filter(move |(of, ..)| *of == operation);
    rules.map(|(_, path, form)| (path.split('.').collect(), *form))
}

/// Whether the document itself declares the form of other editions.
fn is_declared(document: &Document, operation: &Operation, path: &[&str], form: Form) -> bool {
    let (Some((name, holder)), Some(body)) = (path.split_last(), &operation.body) else { return false };
    let holder = holder.iter().try_fold(&body.schema, |schema, step| document.within(schema, step));
    let Some(holder) = holder else { return false };
    let kind = || document.within(holder, name).and_then(|schema| schema["type"].as_str());
    match form {
        Form::Number => matches!(kind(), Some("integer" | "number")),
        Form::NumberText => kind() == Some("string"),
        Form::ListOfOne | Form::ListOfTexts | Form::ListOfAllowed => kind() == Some("array"),
        Form::Named(other) => {
            document.within(holder, name).is_none() && document.within(holder, other).is_some()
        }
    }
}

/// Whether a request may leave out a property that the embedded document requires.
pub(crate) fn is_optional(operation: &str, property: &str, body: &Value) -> bool {
    OPTIONAL.contains(&(operation, property))
        // Another code is asked for because there is none to send.
        || (operation == "PGOrderAuthenticatePayment" && property == "otp" && body["action"] == "RESEND_OTP")
}

/// Whether a value may break the embedded document at this JSON pointer, in a request and where the response repeats it:
/// `upi_intent` is declared as text and shown as a boolean, so it is kept and returned as it was sent.
pub(crate) fn is_other_form(pointer: &str, body: &Value) -> bool {
    pointer == "/link_meta/upi_intent"
        && matches!(body.pointer(pointer).and_then(Value::as_str), Some("true" | "false"))
}

/// Drops what an SDK sends twice: one edition writes `?instrument_type=card` into the path, and its SDKs add the query
/// behind it (`instrument_type=card?instrument_type=card`) or as a second parameter (`instrument_type=card&instrument_type=card`).
pub(crate) fn normalize_query(operation: &str, query: &mut BTreeMap<String, Vec<String>>) {
    if operation != "PGCustomerFetchInstruments" {
        return;
    }
    for (name, values) in query {
        for value in &mut *values {
            if let Some((first, second)) = value.split_once(&format!("?{name}="))
                && first == second
            {
                *value = first.to_owned();
            }
        }
        values.dedup();
    }
}

fn apply(value: &mut Value, path: &[&str], form: Form) {
    match (path, value) {
        (["*", rest @ ..], Value::Array(items)) => items.iter_mut().for_each(|item| match rest {
            [] => convert(item, form),
            _ => apply(item, rest, form),
        }),
        ([name], Value::Object(properties)) => convert_property(properties, name, form),
        ([name, rest @ ..], Value::Object(properties)) => {
            if let Some(inner) = properties.get_mut(*name) {
                apply(inner, rest, form);
            }
        }
        _ => {}
    }
}

fn convert_property(properties: &mut Map<String, Value>, name: &str, form: Form) {
    if let Form::Named(other) = form {
        if let Some(value) = properties.get(other).cloned() {
            properties.entry(name).or_insert(value);
        }
    } else if matches!((form, properties.get(name)), (Form::ListOfOne, Some(Value::Array(list))) if list.is_empty())
    {
        properties.remove(name);
    } else if let Some(value) = properties.get_mut(name) {
        convert(value, form);
    }
}

/// Anything but the other form stays as it is, for the validation to refuse.
fn convert(value: &mut Value, form: Form) {
    let converted = match (form, &*value) {
        (Form::Number, Value::Number(number)) if !number.is_f64() => Some(json!(number.to_string())),
        (Form::NumberText, Value::String(text)) => text.parse::<serde_json::Number>().ok().map(Value::Number),
        (Form::ListOfOne, Value::Array(list)) => match list.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
        (Form::ListOfTexts, Value::Array(list)) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts.map(|texts| json!(texts.join(",")))
        }
        (Form::ListOfAllowed, Value::Array(list)) => {
            let values: Vec<String> = list
                .iter()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect();
            Some(json!({ "action": "ALLOW", "values": values }))
        }
        _ => None,
    };
    if let Some(converted) = converted {
        *value = converted;
    }
}

/// The method of a subscription payment without the key that names it, as the SDKs of this version declare it.
fn wrap_payment_method(body: &mut Value) {
    let Some(flat) = body["payment_method"].as_object() else {
        return;
    };
    let has = |start: &str| flat.keys().any(|name| name.starts_with(start));
    if flat.values().any(Value::is_object) {
        return;
    }
    let method = if has("card_") {
        "card"
    } else if has("mandate_")
        || (has("account_") && flat.get("channel").is_some_and(|channel| channel == "post"))
    {
        "pnach"
    } else if has("account_") {
        "enach"
    } else if has("upi_id") {
        "upi"
    } else {
        return;
    };
    let flat = std::mem::take(&mut body["payment_method"]);
    body["payment_method"] = json!({ method: flat });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyhow::{Context, Result};

    use super::*;

    fn found(id: &str) -> Result<(Arc<Document>, Arc<Operation>)> {
        let document = Document::shared()?;
        let operation =
            document.operations.iter().find(|operation| operation.id == id).context("no operation")?;
        let operation = Arc::clone(operation);
        Ok((document, operation))
    }

    #[test]
    fn a_form_is_converted_only_where_the_document_declares_another() -> Result<()> {
        let (document, mut operation) =
            found("SposOnboardSoundboxVpa").map(|(document, found)| (document, (*found).clone()))?;
        for (declared, sent, validated) in [
            ("string", json!(7), json!("7")),
            ("integer", json!("7"), json!(7)),
            ("integer", json!(7), json!(7)),
        ] {
            let body = operation.body.as_mut().context("a body")?;
            body.schema = json!({ "properties": { "cf_terminal_id": { "type": declared } } });
            let mut body = json!({ "cf_terminal_id": sent });
            normalize_body(&document, &operation, &mut body);
            assert_eq!(body["cf_terminal_id"], validated, "{declared}");
            for_operation(&document, &operation, &mut body);
            assert_eq!(body["cf_terminal_id"], "7", "{declared}");
        }
        Ok(())
    }

    #[test]
    fn each_form_becomes_the_documented_one() -> Result<()> {
        for (operation, sent, expected) in [
            ("SposOnboardSoundboxVpa", json!({ "cf_terminal_id": 7 }), json!({ "cf_terminal_id": "7" })),
            (
                "PGESCreateVendors",
                json!({ "bank": [{ "ifsc": "A" }], "upi": [] }),
                json!({ "bank": { "ifsc": "A" } }),
            ),
            (
                "PGOrderStaticSplit",
                json!({ "scheme": [{ "merchantVendorId": "v", "percentage": "10.5" }] }),
                json!({ "scheme": [{ "merchantVendorId": "v", "merchant_vendor_id": "v", "percentage": 10.5 }] }),
            ),
            (
                "PGCreateOrder",
                json!({ "order_meta": { "payment_methods": ["cc", "upi"] } }),
                json!({ "order_meta": { "payment_methods": "cc,upi" } }),
            ),
            (
                "PGSettlementFetchRecon",
                json!({ "filters": { "cf_settlement_ids": [1, "2"] } }),
                json!({ "filters": { "cf_settlement_ids": ["1", "2"] } }),
            ),
            (
                "SubsCreatePayment",
                json!({ "payment_method": { "upi_id": "a@b" } }),
                json!({ "payment_method": { "upi": { "upi_id": "a@b" } } }),
            ),
            (
                "SubsCreatePayment",
                json!({ "payment_method": { "account_number": "1", "channel": "post" } }),
                json!({ "payment_method": { "pnach": { "account_number": "1", "channel": "post" } } }),
            ),
        ] {
            let mut body = sent;
            for pass in ["first pass", "second pass"] {
                let (document, operation) = found(operation)?;
                normalize_body(&document, &operation, &mut body);
                for_operation(&document, &operation, &mut body);
                assert_eq!(body, expected, "{}, {pass}", operation.id);
            }
        }
        Ok(())
    }

    #[test]
    fn anything_else_is_left_to_the_validation() -> Result<()> {
        for (operation, body) in [
            ("SposOnboardSoundboxVpa", json!({ "cf_terminal_id": 7.5 })),
            ("PGESCreateVendors", json!({ "bank": [{}, {}], "kyc_details": "none" })),
            ("PGOrderStaticSplit", json!({ "scheme": [{ "percentage": "ten" }] })),
            ("SubsCreatePayment", json!({ "payment_method": { "cash": true } })),
            ("PGCreateOrder", json!({ "order_amount": "10" })),
        ] {
            let mut normalized = body.clone();
            let (document, operation) = found(operation)?;
            normalize_body(&document, &operation, &mut normalized);
            assert_eq!(normalized, body, "{}", operation.id);
        }
        Ok(())
    }

    #[test]
    fn a_flag_may_be_text() {
        let body = |flag: Value| json!({ "link_meta": { "upi_intent": flag } });
        assert!(is_other_form("/link_meta/upi_intent", &body(json!("true"))));
        assert!(!is_other_form("/link_meta/upi_intent", &body(json!("yes"))));
        assert!(!is_other_form("/link_meta/return_url", &body(json!("true"))));
    }

    #[test]
    fn a_query_that_is_also_in_the_path_counts_once() {
        let values = |list: &[&str]| -> BTreeMap<String, Vec<String>> {
            BTreeMap::from([(
                "instrument_type".to_owned(),
                list.iter().map(|&text| text.to_owned()).collect(),
            )])
        };
        for sent in [&["card?instrument_type=card"][..], &["card", "card"], &["card"]] {
            let mut query = values(sent);
            normalize_query("PGCustomerFetchInstruments", &mut query);
            assert_eq!(query, values(&["card"]));
        }
        let mut query = values(&["card?instrument_type=upi", "upi"]);
        normalize_query("PGCustomerFetchInstruments", &mut query);
        assert_eq!(query.get("instrument_type").map(Vec::len), Some(2));
    }
}
