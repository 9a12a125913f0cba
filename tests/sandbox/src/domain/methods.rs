//! The `payment_method` of a pay request: which one it is, what the entity will say about it, and
//! what will come of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::test_data::{self, TestCard, Verdict};
use crate::http::errors::Refusal;
use crate::money::Paise;

/// What an order's note must say for a card payment to be authorised only.
const PREAUTH_NOTE: &str = "preauth_transaction";

/// How a payment that can succeed gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Finish {
    /// At once: the test account decides on a UPI collect request.
    AtOnce,
    /// By the payer opening the payment page.
    OnVisit,
    /// By the OTP.
    OnOtp,
}

/// A payment about to begin.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// `payment_method` of the response.
    pub(crate) word: &'static str,
    pub(crate) channel: String,
    /// `payment_method` of the payment entity, under its wrapper key.
    pub(crate) entity: Value,
    pub(crate) group: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) finish: Finish,
    pub(crate) authorize_only: bool,
    /// The times a UPI authorisation asks for.
    pub(crate) authorization: Value,
}

/// Reads the method; `order` is the create request of the order to be paid.
pub(crate) fn read(method: &Value, order: &Value) -> Result<Attempt, Refusal> {
    let wrapper = method.as_object().and_then(|fields| fields.iter().find(|(_, value)| value.is_object()));
    let Some((key, details)) = wrapper else {
        return Err(Refusal::bad_request("payment_method_invalid", "no payment method is given"));
    };
    match key.as_str() {
        "card" => card(details, order),
        "upi" => upi(details, order),
        "netbanking" => netbanking(details),
        "app" => Ok(Attempt {
            group: "wallet",
            ..linked("app", details, provider_entity("app", details), Verdict::Success)
        }),
        "emi" => emi(details),
        "cardless_emi" => cardless_emi(details, order),
        "paylater" => {
            let verdict = test_data::credit_account(text(details, "phone"));
            Ok(Attempt {
                group: "pay_later",
                ..linked("paylater", details, provider_entity("paylater", details), verdict)
            })
        }
        "banktransfer" => {
            let entity = json!({ "banktransfer": {
                "channel": channel(details),
                "banktransfer_bank_name": null,
                "banktransfer_ifsc": null,
                "banktransfer_account_number": null,
            } });
            Ok(Attempt {
                group: "bank_transfer",
                ..linked("banktransfer", details, entity, Verdict::Success)
            })
        }
        other => Err(Refusal::bad_request("payment_method_unsupported", format!("{other} is not imitated"))),
    }
}

fn text<'a>(details: &'a Value, name: &str) -> &'a str {
    details[name].as_str().unwrap_or_default()
}

fn channel(details: &Value) -> &str {
    details["channel"].as_str().unwrap_or("link")
}

/// A method whose payer is sent to a page.
fn linked(word: &'static str, details: &Value, entity: Value, verdict: Verdict) -> Attempt {
    // A wallet's own word for its channel is taken, but the response's list of channels is closed.
    let channel = match channel(details) {
        known @ ("link" | "collect" | "qrcode" | "post") => known,
        _ => "link",
    };
    Attempt {
        word,
        channel: channel.to_owned(),
        entity,
        group: "",
        verdict,
        finish: Finish::OnVisit,
        authorize_only: false,
        authorization: Value::Null,
    }
}

fn provider_entity(key: &str, details: &Value) -> Value {
    json!({ key: {
        "channel": channel(details),
        "provider": details["provider"],
        "phone": details["phone"],
    } })
}

/// Number, or its last four digits behind crosses.
fn masked(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    let hidden = digits.len().saturating_sub(4);
    let shown = digits.iter().skip(hidden);
    std::iter::repeat_n('X', hidden).chain(shown.copied()).collect()
}

/// A network token comes with a cryptogram in place of the security code, and so does a saved card, whose
/// cryptogram the vault adds.
fn is_token(details: &Value) -> bool {
    details["cryptogram"].is_string() || details["instrument_id"].is_string()
}

fn card_parts(details: &Value) -> Result<(TestCard, Verdict), Refusal> {
    for name in ["card_number", "card_expiry_mm", "card_expiry_yy", "card_cvv"] {
        let excused = name == "card_cvv" && is_token(details);
        if text(details, name).is_empty() && !excused {
            return Err(Refusal::bad_request(
                &format!("{name}_missing"),
                format!("a card payment needs {name}"),
            ));
        }
    }
    let number = text(details, "card_number");
    if !(12..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::bad_request("card_number_invalid", "card_number must be 12 to 19 digits"));
    }
    let cvv = match text(details, "card_cvv") {
        "" => test_data::CVV,
        given => given,
    };
    Ok(test_data::card(number, text(details, "card_expiry_mm"), text(details, "card_expiry_yy"), cvv))
}

fn card_entity(details: &Value, card: TestCard) -> Value {
    let mut entity = json!({
        "card_bank_name": "SANDBOX BANK",
        "card_country": "IN",
        "card_network": card.network,
        "card_network_reference_id": null,
        "card_number": masked(text(details, "card_number")),
        "card_sub_type": card.sub_kind,
        "card_type": card.kind,
        "channel": channel(details),
    });
    if let Some(saved) = details["instrument_id"].as_str() {
        entity["instrument_id"] = json!(saved);
    }
    entity
}

fn card(details: &Value, order: &Value) -> Result<Attempt, Refusal> {
    let (card, verdict) = card_parts(details)?;
    let otp = channel(details) == "post";
    Ok(Attempt {
        group: card.kind,
        finish: if otp { Finish::OnOtp } else { Finish::OnVisit },
        authorize_only: order["order_note"] == PREAUTH_NOTE,
        ..linked("card", details, json!({ "card": card_entity(details, card) }), verdict)
    })
}

fn emi(details: &Value) -> Result<Attempt, Refusal> {
    let (card, verdict) = card_parts(details)?;
    let mut entity = card_entity(details, card);
    entity["card_bank_name"] = details["card_bank_name"].clone();
    entity["emi_tenure"] = details["emi_tenure"].clone();
    entity["emi_details"] = json!({ "emi_amount": null, "emi_interest": null });
    let group = if card.kind == "debit_card" { "debit_card_emi" } else { "credit_card_emi" };
    // The response's enum has no word for card EMI, which is a card payment to the payer.
    Ok(Attempt { group, ..linked("card", details, json!({ "emi": entity }), verdict) })
}

fn upi(details: &Value, order: &Value) -> Result<Attempt, Refusal> {
    let collect = channel(details) == "collect";
    let id = text(details, "upi_id");
    if collect && id.is_empty() {
        return Err(Refusal::bad_request("upi_id_missing", "a collect request needs the payer's upi_id"));
    }
    let tpv = test_data::names_tpv_account(&order["customer_details"]);
    let verdict = if id.is_empty() { Verdict::Success } else { test_data::upi(id, tpv) };
    let entity = json!({ "upi": {
        "channel": channel(details),
        "upi_id": if id.is_empty() { "payer@gocash" } else { id },
        "upi_payer_ifsc": "TEST0001234",
        "upi_payer_account_number": "XXXXXX2233",
    } });
    Ok(Attempt {
        group: "upi",
        finish: if collect { Finish::AtOnce } else { Finish::OnVisit },
        authorize_only: details["authorize_only"] == true,
        authorization: details["authorization"].clone(),
        ..linked("upi", details, entity, verdict)
    })
}

fn netbanking(details: &Value) -> Result<Attempt, Refusal> {
    let code = details["netbanking_bank_code"].as_i64();
    let name = details["netbanking_bank_name"].as_str();
    let Some((code, name)) = test_data::bank(code, name) else {
        let message = "no bank of the sandbox has this netbanking_bank_code";
        return Err(Refusal::bad_request("netbanking_bank_code_invalid", message));
    };
    let entity = json!({ "netbanking": {
        "channel": channel(details),
        "netbanking_bank_code": code,
        "netbanking_bank_name": name,
        "netbanking_ifsc": null,
        "netbanking_account_number": null,
    } });
    Ok(Attempt { group: "net_banking", ..linked("netbanking", details, entity, Verdict::Success) })
}

fn cardless_emi(details: &Value, order: &Value) -> Result<Attempt, Refusal> {
    if Paise::read(&order["order_amount"]).is_none_or(|amount| amount < Paise(100_000)) {
        let message = "cardless EMI begins at 1000";
        return Err(Refusal::bad_request("order_amount_invalid", message));
    }
    let verdict = test_data::credit_account(text(details, "phone"));
    Ok(Attempt {
        group: "cardless_emi",
        ..linked("cardless_emi", details, provider_entity("cardless_emi", details), verdict)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_never_shown() {
        assert_eq!(masked("4706131211212123"), "XXXXXXXXXXXX2123");
        assert_eq!(masked("12"), "12");
    }

    #[test]
    fn the_wrapper_key_decides() -> Result<(), Refusal> {
        let order = json!({ "order_amount": 10 });
        let attempt =
            read(&json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }), &order)?;
        assert_eq!((attempt.word, attempt.group), ("netbanking", "net_banking"));
        assert!(read(&json!({}), &order).is_err());
        assert!(read(&json!({ "cardless_emi": { "phone": "8714268343" } }), &order).is_err());
        Ok(())
    }
}
