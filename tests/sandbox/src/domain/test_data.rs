//! The test instruments of the service's sandbox, and what becomes of a payment made with each.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::table;
use serde_json::{Value, json};

/// The bank of every test card.
pub(crate) const BANK: &str = "SANDBOX BANK";

/// What the payer's bank will say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Success,
    Failed(Box<Failure>),
    /// The payer leaves the page or ignores the request.
    Dropped,
    /// A risk check holds the payment: a status that the document's enum does not list.
    Flagged,
}

/// The parts of `error_details`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    code: Cow<'static, str>,
    #[serde(deserialize_with = "table::word")]
    reason: table::Word,
    #[serde(deserialize_with = "table::word")]
    source: table::Word,
    #[serde(deserialize_with = "table::word")]
    description: table::Word,
}

impl Failure {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "error_code": self.code,
            "error_description": self.description,
            "error_reason": self.reason,
            "error_source": self.source,
            "error_code_raw": null,
            "error_description_raw": null,
        })
    }
}

pub(crate) fn failed(
    code: impl Into<Cow<'static, str>>,
    reason: &'static str,
    source: &'static str,
    description: &'static str,
) -> Verdict {
    Verdict::Failed(Box::new(Failure { code: code.into(), reason, source, description }))
}

/// A test card: what the payment entity says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestCard {
    pub(crate) network: &'static str,
    /// `credit_card` or `debit_card`: the card type and the payment group.
    pub(crate) kind: &'static str,
    /// R, P or C: retail, premium, corporate.
    pub(crate) sub_kind: &'static str,
}

/// Security code of every test card.
pub(crate) const CVV: &str = "123";
/// One-time password of every test card.
pub(crate) const OTP: &str = "111000";
/// Phone of the test pay-later and cardless EMI accounts.
const CREDIT_PHONE: &str = "8714268343";

/// A card with the month and year it expires.
struct Known {
    number: &'static str,
    card: TestCard,
    expiry: (&'static str, &'static str),
}

const fn known(
    number: &'static str,
    network: &'static str,
    kind: &'static str,
    sub_kind: &'static str,
) -> Known {
    Known { number, card: TestCard { network, kind, sub_kind }, expiry: ("03", "28") }
}

const CARDS: [Known; 21] = [
    known("4706131211212123", "visa", "debit_card", "R"),
    known("4062288312345026", "visa", "debit_card", "R"),
    known("4576238912771450", "visa", "credit_card", "R"),
    known("4444333322221111", "visa", "credit_card", "R"),
    known("4466050254381183", "visa", "credit_card", "P"),
    known("4136880012657791", "visa", "credit_card", "P"),
    known("4074970084343075", "visa", "credit_card", "C"),
    known("4770355457382883", "visa", "credit_card", "C"),
    known("5409162669381034", "mastercard", "debit_card", "R"),
    known("5445856839524391", "mastercard", "debit_card", "R"),
    known("5105105105105100", "mastercard", "credit_card", "R"),
    known("5176539438527826", "mastercard", "credit_card", "R"),
    known("5242535837492075", "mastercard", "credit_card", "P"),
    known("5203860658394375", "mastercard", "credit_card", "P"),
    known("5552190758372734", "mastercard", "credit_card", "C"),
    known("5506908329471983", "mastercard", "credit_card", "C"),
    known("6074825972083818", "rupay", "debit_card", "R"),
    known("6074828163369590", "rupay", "debit_card", "R"),
    known("6528591234543575", "rupay", "credit_card", "R"),
    known("65292523412356", "rupay", "credit_card", "R"),
    Known { expiry: ("06", "30"), ..known("4838305610460100", "visa", "credit_card", "R") },
];

/// Month and year a test card expires; none for any other number.
pub(crate) fn expiry(number: &str) -> Option<(&'static str, &'static str)> {
    CARDS.iter().find(|known| known.number == number).map(|known| known.expiry)
}

/// The test card whose number begins like this: eight digits or fewer can stand for several, alike in all
/// that a BIN shows.
pub(crate) fn card_of_bin(bin: &str) -> Option<TestCard> {
    CARDS.iter().find(|known| known.number.starts_with(bin)).map(|known| known.card)
}

/// What is known about a card number, and what its bank says to this expiry and security code.
pub(crate) fn card(number: &str, month: &str, year: &str, cvv: &str) -> (TestCard, Verdict) {
    let Some(&Known { card, expiry, .. }) = CARDS.iter().find(|known| known.number == number) else {
        let network = match number.as_bytes().first() {
            Some(b'4') => "visa",
            Some(b'5') => "mastercard",
            _ => "rupay",
        };
        let card = TestCard { network, kind: "credit_card", sub_kind: "R" };
        let verdict =
            failed("TRANSACTION_DECLINED", "bank_rejected", "bank", "the bank does not know this card");
        return (card, verdict);
    };
    let year = year.strip_prefix("20").filter(|rest| rest.len() == 2).unwrap_or(year);
    let verdict = if (month, year) != expiry {
        failed("TRANSACTION_DECLINED", "card_expiry_invalid", "customer", "the expiry date is not the card's")
    } else if cvv != CVV {
        failed("TRANSACTION_DECLINED", "card_cvv_invalid", "customer", "the security code is not the card's")
    } else {
        Verdict::Success
    };
    (card, verdict)
}

/// What becomes of a UPI request to this id. `tpv` says whether the order names the test bank
/// account, which third-party validation compares.
pub(crate) fn upi(id: &str, tpv: bool) -> Verdict {
    const DECLINED: &str = "TRANSACTION_DECLINED";
    const GATEWAY: &str = "GATEWAY_ERROR";
    let Some(word) = id.strip_suffix("@gocash") else {
        return failed(DECLINED, "upi_id_invalid", "customer", "no account has this UPI id");
    };
    match word {
        "testsuccess" => Verdict::Success,
        "testfailure" => failed(DECLINED, "payment_failed", "bank", "the payment did not go through"),
        "testinvalid" => failed(DECLINED, "upi_id_invalid", "customer", "no account has this UPI id"),
        "testdeclineuser" => failed(DECLINED, "auth_declined", "customer", "the payer declined the request"),
        "testexpired" => failed(DECLINED, "request_expired", "customer", "the payer let the request expire"),
        "testtimeoutbank" => {
            failed(GATEWAY, "bank_timeout", "bank", "the payer's bank did not respond in time")
        }
        "testinsufficientfunds" => {
            failed(DECLINED, "insufficient_funds", "customer", "the account holds too little")
        }
        "testbankdeclined" => failed(DECLINED, "bank_rejected", "bank", "the payer's bank declined"),
        "testriskflagged" => Verdict::Flagged,
        "testnetworkerror" => {
            failed(GATEWAY, "network_error", "bank", "the banks could not reach each other")
        }
        "testinvalidpin" => failed(DECLINED, "invalid_pin", "customer", "the payer entered a wrong PIN"),
        "testuserdropped" => Verdict::Dropped,
        "testtpvsuccess" if tpv => Verdict::Success,
        "testtpvsuccess" | "testtpvfail" => {
            failed(DECLINED, "tpv_failed", "customer", "the payer's account is not the one the order names")
        }
        _ => failed(DECLINED, "upi_id_invalid", "customer", "no account has this UPI id"),
    }
}

/// Whether an order names the bank account that passes third-party validation.
pub(crate) fn names_tpv_account(customer: &Value) -> bool {
    customer["customer_bank_account_number"] == "1111222233"
        && customer["customer_bank_ifsc"] == "TEST0001234"
}

/// The net-banking bank meant by code or name, as code and name; codes start at 3003, end at 3126,
/// and 3333 is the test bank.
pub(crate) fn bank(code: Option<i64>, name: Option<&str>) -> Option<(i64, &'static str)> {
    match (code, name) {
        (Some(3333), _) | (None, Some("TESTR")) => Some((3333, "Test Bank")),
        (Some(code @ 3003..=3126), _) => Some((code, "Sandbox Bank")),
        (None, Some(_)) => Some((3003, "Sandbox Bank")),
        _ => None,
    }
}

/// Pay later and cardless EMI know one account.
pub(crate) fn credit_account(phone: &str) -> Verdict {
    if phone == CREDIT_PHONE {
        Verdict::Success
    } else {
        failed(
            "TRANSACTION_DECLINED",
            "not_eligible",
            "customer",
            "no credit line belongs to this phone number",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_card_needs_its_own_expiry_and_code() {
        assert_eq!(card("4706131211212123", "03", "28", "123").1, Verdict::Success);
        assert_eq!(card("4706131211212123", "03", "2028", "123").1, Verdict::Success);
        assert_eq!(card("4838305610460100", "06", "30", "123").1, Verdict::Success);
        for (month, year, cvv) in [("04", "28", "123"), ("03", "29", "123"), ("03", "28", "124")] {
            assert_ne!(card("4706131211212123", month, year, cvv).1, Verdict::Success);
        }
        assert_ne!(card("4111111111111111", "03", "28", "123").1, Verdict::Success);
    }

    #[test]
    fn upi_words_mean_what_they_say() {
        assert_eq!(upi("testsuccess@gocash", false), Verdict::Success);
        assert_eq!(upi("testuserdropped@gocash", false), Verdict::Dropped);
        assert!(matches!(upi("testfailure@gocash", false), Verdict::Failed(_)));
        assert!(matches!(upi("somebody@bank", false), Verdict::Failed(_)));
        assert_eq!(upi("testtpvsuccess@gocash", true), Verdict::Success);
        assert!(matches!(upi("testtpvsuccess@gocash", false), Verdict::Failed(_)));
    }
}
