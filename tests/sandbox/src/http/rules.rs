//! What the service refuses beyond the schemas of the document: rules that the documentation states in prose.

use reqwest::Url;
use serde_json::Value;

use crate::http::errors::Refusal;

/// The rule of one text property.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// Letters, digits and these.
    Identifier(&'static str),
    Currency,
    Phone,
    /// An absolute http or https address of at most 250 characters.
    Address,
}

/// Operation, path of the property, rule. A property that is absent or no text is left to the schema.
const RULES: &[(&str, &str, Rule)] = &[
    ("PGCreateOrder", "order_id", Rule::Identifier("_-")),
    ("PGCreateOrder", "customer_details.customer_id", Rule::Identifier("_-")),
    ("PGCreateOrder", "order_currency", Rule::Currency),
    ("PGCreateOrder", "customer_details.customer_phone", Rule::Phone),
    ("PGCreateOrder", "order_meta.return_url", Rule::Address),
    ("PGCreateOrder", "order_meta.notify_url", Rule::Address),
    ("PGCreateCustomer", "customer_phone", Rule::Phone),
    ("PGOrderCreateRefund", "refund_id", Rule::Identifier("_-")),
    ("PGCreateLink", "link_id", Rule::Identifier("_-")),
    ("PGCreateLink", "link_currency", Rule::Currency),
    ("PGCreateLink", "customer_details.customer_phone", Rule::Phone),
    ("PGCreateLink", "link_meta.return_url", Rule::Address),
    ("PGCreateLink", "link_meta.notify_url", Rule::Address),
    ("PGEligibilityFetchCardlessEMI", "queries.customer_details.customer_phone", Rule::Phone),
    ("PGEligibilityFetchPaylater", "queries.customer_details.customer_phone", Rule::Phone),
    ("SposCreateTerminal", "terminal_phone_no", Rule::Phone),
    ("SposUpdateTerminal", "terminal_phone_no", Rule::Phone),
    ("SubsCreatePlan", "plan_id", Rule::Identifier("_-.")),
    ("SubsCreatePlan", "plan_currency", Rule::Currency),
    ("SubsCreateSubscription", "subscription_id", Rule::Identifier("_-. ")),
    ("SubsCreateSubscription", "plan_details.plan_id", Rule::Identifier("_-.")),
    ("SubsCreateSubscription", "plan_details.plan_currency", Rule::Currency),
    ("SubsCreateSubscription", "customer_details.customer_phone", Rule::Phone),
    ("SubsCreateSubscription", "subscription_meta.return_url", Rule::Address),
];

/// Longest return and notification address.
const LONGEST_ADDRESS: usize = 250;

/// The alphabetic codes of ISO 4217.
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL \
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN \
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD \
    TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";

/// Refuses a body that breaks a rule, with a message that names the rule.
pub(crate) fn check(operation: &str, body: &Value) -> Result<(), Refusal> {
    for (_, path, rule) in RULES.iter().filter(|(of, ..)| *of == operation) {
        let found = path.split('.').fold(body, |at, name| &at[name]);
        let Some(text) = found.as_str() else {
            continue;
        };
        if let Err(expected) = rule.check(text) {
            return Err(Refusal::bad_request(&format!("{path}_invalid"), format!("{path}: {expected}")));
        }
    }
    if operation == "PGUpdateOrderExtendedData"
        && body["shipment_details"].is_null()
        && body["order_delivery_status"].is_null()
    {
        let message = "shipment_details or order_delivery_status is required";
        return Err(Refusal::bad_request("shipment_details_missing", message));
    }
    Ok(())
}

impl Rule {
    /// What is expected, where the text is something else.
    fn check(self, text: &str) -> Result<(), String> {
        let (holds, expected) = match self {
            Self::Identifier(also) => {
                let is_allowed = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
                let named = also.chars().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
                (text.chars().all(is_allowed), format!("only letters, digits and {named} are allowed"))
            }
            Self::Currency => (
                CURRENCIES.split_ascii_whitespace().any(|known| known == text),
                "a currency is a three-letter code of ISO 4217, such as INR".to_owned(),
            ),
            Self::Phone => {
                let digits = text.strip_prefix('+').unwrap_or(text);
                let holds = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
                (holds, "a phone number is 8 to 15 digits, with a `+` before a country code".to_owned())
            }
            // An empty address is none.
            Self::Address if text.is_empty() => return Ok(()),
            Self::Address => {
                let is_web = Url::parse(text)
                    .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
                let holds = is_web && text.chars().count() <= LONGEST_ADDRESS;
                (
                    holds,
                    format!("an http or https address of at most {LONGEST_ADDRESS} characters is expected"),
                )
            }
        };
        if holds { Ok(()) } else { Err(expected) }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_rule_accepts_and_refuses() {
        for (rule, right, wrong) in [
            (Rule::Identifier("_-"), &["order_1-A"][..], &["a b", "a/b", "<script>", "a\0b", "ä", "a.b"][..]),
            (Rule::Identifier("_-. "), &["a b.c"], &["a/b"]),
            (Rule::Currency, &["INR", "USD"], &["XYZ", "inr", "INRUSD", "I R"]),
            (Rule::Phone, &["9999999999", "+919999999999"], &["abcdefghij", "+", "12345", "99999 99999"]),
            (
                Rule::Address,
                &["https://shop.example/back?order={order_id}", "http://127.0.0.1:8000/"],
                &["nope", "javascript:alert(1)", "/back", "https://", "ftp://shop.example"],
            ),
        ] {
            assert!(right.iter().all(|text| rule.check(text).is_ok()), "{rule:?}");
            for text in wrong {
                assert!(rule.check(text).is_err(), "{rule:?} {text}");
            }
        }
        assert!(Rule::Address.check(&format!("https://shop.example/{}", "a".repeat(250))).is_err());
    }

    #[test]
    fn a_refusal_names_the_property_and_the_rule() -> anyhow::Result<()> {
        let body = json!({ "customer_details": { "customer_id": "a b" } });
        let Refusal(response) = check("PGCreateOrder", &body).err().context("it is refused")?;
        assert_eq!(
            (response.status, &response.body["code"]),
            (400, &json!("customer_details.customer_id_invalid"))
        );
        assert_eq!(
            response.body["message"],
            "customer_details.customer_id: only letters, digits and `_`, `-` are allowed"
        );
        assert_eq!(check("PGFetchOrder", &body), Ok(()));
        assert!(check("PGUpdateOrderExtendedData", &json!({})).is_err());
        assert!(check("PGUpdateOrderExtendedData", &json!({ "order_delivery_status": {} })).is_ok());
        Ok(())
    }
}
