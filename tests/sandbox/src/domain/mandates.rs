//! Mandates: how a payer allows debits, and what becomes of the permission later.
//!
//! The test account decides on a UPI collect request at once. A card is confirmed on the payer's page.
//! An electronic NACH mandate is signed on that page and a paper one handed in as a picture; then the bank
//! has to approve, which a test says with [`MandateEvent`].

use serde_json::{Value, json};

use crate::domain::call::Call;
use crate::domain::model::mandates::{Consent, Method, Step};
use crate::domain::state::State;
use crate::domain::test_data::{self, Verdict};
use crate::http::errors::{JsonResponse, Outcome, Refusal};

/// The methods, in the order in which eligibility names them.
const METHODS: [Method; 4] = [Method::Enach, Method::Upi, Method::Card, Method::Pnach];
/// Banks that take electronic mandates, and how a payer can sign there.
const BANKS: [(&str, &str, &[&str]); 4] = [
    ("HDFC", "HDFC BANK LTD", &["DEBIT_CARD", "NET_BANKING", "AADHAAR"]),
    ("ICIC", "ICICI BANK LTD", &["DEBIT_CARD", "NET_BANKING", "AADHAAR"]),
    ("SBIN", "STATE BANK OF INDIA", &["DEBIT_CARD", "NET_BANKING"]),
    ("UTKS", "UTKARSH SMALL FINANCE BANK LTD", &["DEBIT_CARD"]),
];

/// What happens to a mandate without the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MandateEvent {
    /// The bank approves a mandate that waits for it: the subscription is ACTIVE.
    Approved,
    /// The bank turns it down: the payer may try again.
    Rejected,
    /// The payer pauses an ACTIVE subscription in their bank's app.
    PausedByPayer,
    /// The payer resumes what they paused.
    ResumedByPayer,
    /// The payer withdraws the mandate.
    CancelledByPayer,
    /// The time of the subscription, or of the link to authorise it, is over.
    Lapsed,
    /// The card behind an ACTIVE subscription has expired.
    CardExpired,
}

/// Reads the `payment_method` of an AUTH payment; `offered` are the methods of the subscription.
pub(crate) fn read(sent: &Value, offered: &Value) -> Result<Consent, Refusal> {
    let given = METHODS.into_iter().find(|method| sent[method.word()].is_object());
    let Some(method) = given.filter(|method| is_offered(*method, offered)) else {
        let message = "payment_method must hold one of the methods that the subscription offers";
        return Err(Refusal::bad_request("payment_method_invalid", message));
    };
    let details = &sent[method.word()];
    let channel = details["channel"].as_str().unwrap_or(match method {
        Method::Upi if details["upi_id"].is_string() => "collect",
        _ => "link",
    });
    let channel = channel.to_lowercase();
    let need = |name: &str| {
        let path = format!("payment_method.{}.{name}", method.word());
        let found = details[name].as_str().filter(|text| !text.is_empty());
        found.ok_or_else(|| Refusal::bad_request(&format!("{path}_missing"), format!("{path} is required")))
    };
    let (step, verdict, account) = match method {
        Method::Upi if channel == "collect" => {
            let id = need("upi_id")?;
            let account = json!({ "upi": { "channel": channel, "upi_id": id } });
            (Step::None, test_data::upi(id, false), account)
        }
        Method::Upi => (Step::Visit, Verdict::Success, json!({ "upi": { "channel": channel } })),
        Method::Card => {
            let number = need("card_number")?;
            let (month, year) = (need("card_expiry_mm")?, need("card_expiry_yy")?);
            let (card, verdict) = test_data::card(number, month, year, need("card_cvv")?);
            let card = json!({
                "channel": channel,
                "card_number": masked(number),
                "card_network": card.network,
                "card_type": card.kind,
            });
            (Step::Visit, verdict, json!({ "card": card }))
        }
        Method::Enach => {
            need("account_holder_name")?;
            need("account_number")?;
            let bank = need("account_bank_code")?;
            let Some((_, _, modes)) = BANKS.into_iter().find(|(id, ..)| *id == bank) else {
                let message = "this bank takes no electronic mandates";
                return Err(Refusal::bad_request("payment_method.enach.account_bank_code_invalid", message));
            };
            let mode = need("auth_mode")?.to_uppercase();
            if !modes.contains(&mode.as_str()) {
                let message = "a payer can't sign like this at this bank";
                return Err(Refusal::bad_request("payment_method.enach.auth_mode_invalid", message));
            }
            (Step::Visit, Verdict::Success, enach(details, &channel))
        }
        Method::Pnach => {
            need("account_holder_name")?;
            let account = json!({
                "channel": channel,
                "account_number": masked(need("account_number")?),
                "mandate_creation_date": details["mandate_creation_date"],
                "mandate_start_date": details["mandate_start_date"],
            });
            (Step::Form, Verdict::Success, json!({ "pnach": account }))
        }
    };
    Ok(Consent { method, channel, step, verdict, account })
}

/// The account behind an electronic mandate.
fn enach(details: &Value, channel: &str) -> Value {
    json!({ "enach": {
        "channel": channel,
        "auth_mode": details["auth_mode"],
        "account_type": details["account_type"],
        "account_number": details["account_number"].as_str().map(masked),
        "account_ifsc": details["account_ifsc"],
        "account_holder_name": details["account_holder_name"],
        "account_bank_code": details["account_bank_code"],
    } })
}

/// All but the last four.
fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number.chars().enumerate().map(|(at, digit)| if at < hidden { 'X' } else { digit }).collect()
}

fn is_offered(method: Method, offered: &Value) -> bool {
    match offered.as_array() {
        Some(words) if !words.is_empty() => words.iter().any(|word| word == method.word()),
        _ => true,
    }
}

/// Which methods a subscription can be authorised with.
pub(crate) fn eligibility(state: &mut State, call: &Call<'_>) -> Outcome {
    let asked = &call.body["filters"]["payment_methods"];
    let unknown = |word: &&Value| METHODS.iter().all(|method| *word != method.word());
    if asked.as_array().into_iter().flatten().find(unknown).is_some() {
        let message = "payment methods are enach, pnach, upi and card";
        return Err(Refusal::bad_request("filters.payment_methods_invalid", message));
    }
    let subscription_id = call.body["queries"]["subscription_id"].as_str().unwrap_or_default();
    let subscription = state.subscriptions.find(subscription_id)?;
    let awaits = subscription.awaits_consent();
    let offered = subscription.offered_methods();
    let items = METHODS.into_iter().filter(|method| is_offered(*method, asked)).map(|method| {
        json!({
            "eligibility": awaits && is_offered(method, offered),
            "entity_type": "payment_methods",
            "entity_value": method.word(),
            "entity_details": details(method),
        })
    });
    Ok(JsonResponse::ok(items.collect()))
}

fn details(method: Method) -> Value {
    let accounts = json!(["SAVINGS", "CURRENT"]);
    match method {
        Method::Enach => {
            let bank =
                |(id, name, modes)| json!({ "bank_id": id, "bank_name": name, "account_auth_modes": modes });
            let all: Vec<Value> = BANKS.into_iter().map(bank).collect();
            json!({ "account_types": accounts, "frequent_bank_details": all, "all_bank_details": all })
        }
        Method::Pnach => {
            let bank = |(id, name, _)| json!({ "bank_id": id, "bank_name": name });
            let all: Vec<Value> = BANKS.into_iter().map(bank).collect();
            json!({ "account_types": accounts, "all_bank_details": all })
        }
        Method::Upi => {
            json!({ "available_handles": [{ "handle": "gocash", "application": "Test account" }] })
        }
        Method::Card => json!({ "allowed_card_types": ["CREDIT_CARD", "DEBIT_CARD"] }),
    }
}
