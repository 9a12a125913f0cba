//! Responses in another form than the document's examples have: that of [`LATER_API_VERSION`], and the one that the
//! document declares.
//!
//! Facts of the later version are those of its published document, where it differs from the one before.

use serde_json::{Value, json};

use crate::document::{Document, LATER_API_VERSION};
use crate::domain::state::State;

/// The version that a response to a request with this one really has.
pub(crate) fn spoken<'a>(document: &'a Document, asked: &str) -> &'a str {
    if asked == LATER_API_VERSION { LATER_API_VERSION } else { &document.version }
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// A number where the text is one.
    Number,
    /// A list of what was one object.
    List,
    /// Nothing, where it is not a number.
    NumberOrNothing,
    /// Nothing, where it is an empty text.
    TextOrNothing,
}

/// Operation, path of the value, form.
type Rule = (&'static str, &'static str, Form);

/// Of the later version.
const OF_LATER: [Rule; 11] = [
    ("SposOnboardSoundboxVpa", "cf_terminal_id", Form::Number),
    ("SposUpdateSoundboxVpa", "cf_terminal_id", Form::Number),
    ("SposDemapSoundboxVpa", "[].cf_terminal_id", Form::Number),
    ("SposFetchTerminalSoundboxVpa", "[].cf_terminal_id", Form::Number),
    ("SposCreateTerminalTransaction", "cf_payment_id", Form::Number),
    ("SposFetchTerminalTransaction", "cf_payment_id", Form::Number),
    ("SposFetchTerminalTransactions", "[].cf_payment_id", Form::Number),
    ("SposFetchTerminalTransactions", "[].cf_terminal_id", Form::Number),
    ("SubsCreateSubscription", "customer_details.customer_bank_account_type", Form::TextOrNothing),
    ("SubsFetchSubscription", "customer_details.customer_bank_account_type", Form::TextOrNothing),
    ("SubsManageSubscription", "customer_details.customer_bank_account_type", Form::TextOrNothing),
];

/// Of the later version, where the overlay corrects a type: SDKs are made from the published one.
const AS_PUBLISHED: [Rule; 1] = [("SubsFetchSubscription_1", "data.paymentId", Form::Number)];

/// Where the examples of the document contradict what it declares.
const AS_DECLARED: [Rule; 12] = [
    ("PGESCreateVendors", "bank", Form::List),
    ("PGESCreateVendors", "kyc_details", Form::List),
    ("PGESCreateVendors", "schedule_option", Form::List),
    ("PGESUpdateVendors", "bank", Form::List),
    ("PGESUpdateVendors", "kyc_details", Form::List),
    ("PGESUpdateVendors", "schedule_option", Form::List),
    ("PGESFetchVendors", "bank", Form::List),
    ("PGESFetchVendors", "schedule_option", Form::List),
    ("PGFetchRecon", "data.[].event_details.event_remarks", Form::NumberOrNothing),
    ("PGSettlementFetchRecon", "data.[].event_details.event_remarks", Form::NumberOrNothing),
    ("PGSimulateSettlement", "settlement_ids.[]", Form::Number),
    ("PGFetchSettlementSimulation", "settlement_ids.[]", Form::Number),
];

/// The response in the form of the later version.
pub(crate) fn to_later(state: &State, operation: &str, body: &mut Value) {
    apply(&OF_LATER, operation, body);
    if operation.starts_with("Subs") {
        match body {
            Value::Array(items) => items.iter_mut().for_each(|item| name_account(state, item)),
            one => name_account(state, one),
        }
    }
}

/// The response of the later version with the types that its document is published with.
pub(crate) fn to_published(operation: &str, body: &mut Value) {
    apply(&AS_PUBLISHED, operation, body);
}

/// The response as the document declares it: without nulls and without what its examples have instead.
pub(crate) fn to_declared(operation: &str, body: &mut Value) {
    drop_nulls(body);
    apply(&AS_DECLARED, operation, body);
    drop_nulls(body);
    match operation {
        "SubscriptionEligibility" => *body = json!({ "type": body.take() }),
        // The example of a failed payment says that it was captured.
        "PGOrderFetchPayment" | "PGOrderFetchPayments" => match body {
            Value::Array(items) => items.iter_mut().for_each(not_captured),
            one => not_captured(one),
        },
        _ => {}
    }
}

fn not_captured(payment: &mut Value) {
    if payment["payment_status"] == "FAILED" {
        payment["is_captured"] = json!(false);
    }
}

/// The authorisation of a subscription, with the account behind it in place of a word.
fn name_account(state: &State, entity: &mut Value) {
    let subscription = entity["subscription_id"].as_str().and_then(|id| state.subscriptions.by_id.get(id));
    let Some(subscription) = subscription else { return };
    for name in ["authorisation_details", "authorization_details"] {
        if let Some(details) = entity.get_mut(name).and_then(Value::as_object_mut) {
            let account = subscription.mandate.account.clone();
            let group = account.as_object().and_then(|account| account.keys().next()).cloned();
            details.insert("payment_group".to_owned(), json!(group.unwrap_or_default()));
            details.insert("payment_method".to_owned(), account);
        }
    }
}

fn apply(rules: &[Rule], operation: &str, body: &mut Value) {
    for (_, path, form) in rules.iter().filter(|(of, ..)| *of == operation) {
        at(body, path, &|value| match form {
            Form::Number => {
                if let Some(number) = value.as_str().and_then(|text| text.parse::<u64>().ok()) {
                    *value = json!(number);
                }
            }
            Form::List if value.is_object() => *value = json!([value.take()]),
            Form::NumberOrNothing if !value.is_number() => *value = Value::Null,
            Form::TextOrNothing if *value == "" => *value = Value::Null,
            _ => {}
        });
    }
}

/// Changes each value at a path: names between dots, `[]` for every item of a list.
fn at(value: &mut Value, path: &str, change: &dyn Fn(&mut Value)) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    match (step, value) {
        ("", value) => change(value),
        ("[]", Value::Array(items)) => items.iter_mut().for_each(|item| at(item, rest, change)),
        (name, Value::Object(fields)) => {
            if let Some(field) = fields.get_mut(name) {
                at(field, rest, change);
            }
        }
        _ => {}
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reaches_every_item() {
        let mut body = json!([{ "cf_terminal_id": "7", "other": "7" }, { "cf_terminal_id": "x" }]);
        apply(&OF_LATER, "SposDemapSoundboxVpa", &mut body);
        assert_eq!(body, json!([{ "cf_terminal_id": 7, "other": "7" }, { "cf_terminal_id": "x" }]));
    }

    #[test]
    fn declared_forms_have_no_nulls() {
        let mut body =
            json!({ "bank": { "ifsc": "A", "upi": null }, "upi": null, "schedule_option": { "a": [null] } });
        to_declared("PGESFetchVendors", &mut body);
        assert_eq!(body, json!({ "bank": [{ "ifsc": "A" }], "schedule_option": [{ "a": [null] }] }));
        let mut body = json!([{ "payment_status": "FAILED", "is_captured": true }]);
        to_declared("PGOrderFetchPayments", &mut body);
        assert_eq!(body[0]["is_captured"], false);
    }
}
