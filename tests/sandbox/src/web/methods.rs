//! The methods of the checkout: which of them an order offers, and what a submitted form asks for.

use serde_json::{Value, json};

use crate::domain::test_data;
use crate::http::errors::Refusal;
use crate::http::incoming::Incoming;

/// A method of the checkout.
pub(crate) struct Method {
    /// `method` in the form, and the name of its part of the page.
    pub(crate) name: &'static str,
    /// The words of `order_meta.payment_methods` that allow it.
    words: &'static [&'static str],
}

/// In the order in which the page shows them.
const METHODS: [Method; 7] = [
    Method { name: "upi", words: &["upi"] },
    Method { name: "card", words: &["cc", "dc", "ccc", "ppc"] },
    Method { name: "netbanking", words: &["nb"] },
    Method { name: "wallet", words: &["app"] },
    Method { name: "emi", words: &["emi", "ccemi", "dcemi"] },
    Method { name: "cardless_emi", words: &["cardlessemi"] },
    Method { name: "paylater", words: &["paylater"] },
];

/// What there is to choose within a method: the word of the API and the name on the page.
pub(crate) const WALLETS: [(&str, &str); 4] =
    [("phonepe", "PhonePe"), ("paytm", "Paytm"), ("amazon", "Amazon Pay"), ("mobikwik", "MobiKwik")];
pub(crate) const PAY_LATER: [(&str, &str); 4] =
    [("lazypay", "LazyPay"), ("mobikwik", "MobiKwik"), ("simpl", "Simpl"), ("zestmoney", "ZestMoney")];
pub(crate) const CARDLESS_EMI: [(&str, &str); 6] = [
    ("cashe", "CASHe"),
    ("hdfc", "HDFC Bank"),
    ("icici", "ICICI Bank"),
    ("idfc", "IDFC FIRST Bank"),
    ("kotak", "Kotak Mahindra Bank"),
    ("zestmoney", "ZestMoney"),
];
pub(crate) const BANKS: [(i64, &str); 4] = [
    (3333, "Test Bank"),
    (3021, "Sandbox Bank One"),
    (3022, "Sandbox Bank Two"),
    (3044, "Sandbox Bank Three"),
];
pub(crate) const EMI_BANKS: [(&str, &str); 3] =
    [("hdfc", "HDFC Bank"), ("icici", "ICICI Bank"), ("kotak", "Kotak Mahindra Bank")];
/// Months.
pub(crate) const EMI_TENURES: [i64; 4] = [3, 6, 9, 12];

/// The names of the methods that `order` (its create request) offers; all where it names none.
pub(crate) fn offered(order: &Value) -> Vec<&'static str> {
    let named = order["order_meta"]["payment_methods"].as_str().unwrap_or_default();
    let words: Vec<&str> = named.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let offers = |method: &&Method| words.is_empty() || method.words.iter().any(|word| words.contains(word));
    METHODS.iter().filter(offers).map(|method| method.name).collect()
}

/// The `payment_method` of the API that a submitted form means.
pub(crate) fn read(form: &Incoming, order: &Value) -> Result<Value, Refusal> {
    let field = |name: &str| form.form_value(name).trim().to_owned();
    let name = field("method");
    if !offered(order).contains(&name.as_str()) {
        let message = format!("the order does not offer the method `{name}`");
        return Err(Refusal::bad_request("payment_method_invalid", message));
    }
    Ok(match name.as_str() {
        "card" => json!({ "card": card(form) }),
        "emi" => {
            let mut details = card(form);
            details["card_bank_name"] = json!(field("bank"));
            details["emi_tenure"] = json!(field("tenure").parse::<i64>().unwrap_or_default());
            json!({ "emi": details })
        }
        "upi" => match field("upi_id") {
            id if id.is_empty() => json!({ "upi": { "channel": "qrcode" } }),
            id => json!({ "upi": { "channel": "collect", "upi_id": id } }),
        },
        "netbanking" => {
            let code = field("bank").parse::<i64>().unwrap_or_default();
            json!({ "netbanking": { "channel": "link", "netbanking_bank_code": code } })
        }
        "wallet" => json!({ "app": provider(form) }),
        other => json!({ other: provider(form) }),
    })
}

fn provider(form: &Incoming) -> Value {
    let field = |name: &str| form.form_value(name).trim().to_owned();
    json!({ "channel": "link", "provider": field("provider"), "phone": field("phone") })
}

/// A card as the API takes it.
pub(crate) fn card(form: &Incoming) -> Value {
    let field = |name: &str| form.form_value(name).trim().to_owned();
    let number: String = field("number").chars().filter(|letter| !letter.is_whitespace()).collect();
    let expiry = field("expiry");
    let (month, year) = expiry.split_once('/').unwrap_or((expiry.as_str(), ""));
    json!({
        "channel": "link",
        "card_number": number,
        "card_expiry_mm": format!("{:0>2}", month.trim()),
        "card_expiry_yy": year.trim(),
        "card_cvv": field("cvv"),
        "card_holder_name": field("holder"),
    })
}

/// A card of the test data that one click fills in.
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    pub(crate) label: &'static str,
    pub(crate) expiry: String,
}

/// One card of each kind.
pub(crate) fn test_cards() -> Vec<TestCard> {
    let cards = [
        ("4706131211212123", "Visa debit"),
        ("4576238912771450", "Visa credit"),
        ("5409162669381034", "Mastercard debit"),
        ("5105105105105100", "Mastercard credit"),
        ("6074825972083818", "RuPay debit"),
        ("4111111111111111", "Unknown card: declined"),
    ];
    let expiry = |number| test_data::expiry(number).unwrap_or(("03", "28"));
    cards
        .into_iter()
        .map(|(number, label)| {
            let (month, year) = expiry(number);
            TestCard { number, label, expiry: format!("{month}/{year}") }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::HeaderMap;

    use super::*;

    fn form(text: &'static str) -> Incoming {
        let mut headers = HeaderMap::new();
        headers.insert(
            "content-type",
            axum::http::HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        Incoming { headers, body: Bytes::from_static(text.as_bytes()), ..Incoming::default() }
    }

    #[test]
    fn an_order_offers_what_it_names() {
        let order = json!({ "order_meta": { "payment_methods": "cc, upi" } });
        assert_eq!(offered(&order), ["upi", "card"]);
        assert_eq!(offered(&json!({})).len(), METHODS.len());
        assert!(read(&form("method=netbanking&bank=3333"), &order).is_err());
    }

    #[test]
    fn a_form_becomes_a_payment_method() -> Result<(), Refusal> {
        let card = read(&form("method=card&number=4706+1312+1121+2123&expiry=3%2F28&cvv=123"), &json!({}))?;
        assert_eq!(card["card"]["card_number"], "4706131211212123");
        assert_eq!(card["card"]["card_expiry_mm"], "03");
        assert_eq!(card["card"]["card_expiry_yy"], "28");
        let upi = read(&form("method=upi&upi_id=testsuccess%40gocash"), &json!({}))?;
        assert_eq!(upi["upi"]["channel"], "collect");
        let code = read(&form("method=upi&upi_id="), &json!({}))?;
        assert_eq!(code["upi"]["channel"], "qrcode");
        let wallet = read(&form("method=wallet&provider=paytm&phone=9999999999"), &json!({}))?;
        assert_eq!(wallet["app"]["provider"], "paytm");
        Ok(())
    }
}
