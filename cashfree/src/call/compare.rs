//! Whether the object that exists is the one that a request asked for, field by field of the request.
//!
//! The service adds fields, leaves some out, masks some and writes some in its own way. So:
//!
//! - a field that is not shown proves nothing;
//! - equality needs every amount and currency of the request;
//! - ids are compared exactly; a mask agrees only where the length and the visible characters do;
//! - a split or terminal that was not requested is a difference;
//! - a difference proves nothing either: the service may show paise, a rounded amount, or an amount of its own under
//!   the same name. The outcome then stays ambiguous.

use serde_json::{Map, Number, Value};

use crate::{Decimal, Timestamp};

/// The result of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every shown field is as requested, amounts and currencies included.
    Same,
    /// These fields differ, by their path in the request.
    Differs(Vec<String>),
    /// Everything is as requested, but the object has ended since: the field with its status.
    Ended {
        /// The name of the status field.
        field: String,
        /// Its value, such as `TERMINATED`.
        status: String,
    },
    /// Too little is shown.
    Unclear,
}

/// Compares a request with what is shown of an object; both are JSON objects.
pub(super) fn compare(asked: &[u8], shown: &[u8]) -> Verdict {
    let (Ok(Value::Object(asked)), Ok(Value::Object(shown))) =
        (serde_json::from_slice(asked), serde_json::from_slice(shown))
    else {
        return Verdict::Unclear;
    };
    let mut findings = Findings::default();
    findings.fields("", &asked, &shown, Standing::Own);
    if !findings.differing.is_empty() {
        findings.differing.sort();
        Verdict::Differs(findings.differing)
    } else if !findings.equal || findings.withheld {
        Verdict::Unclear
    } else if let Some((field, status)) = ended(&shown) {
        Verdict::Ended { field: field.to_owned(), status: status.to_owned() }
    } else {
        Verdict::Same
    }
}

/// Returns the status of an object that has ended.
fn ended(shown: &Map<String, Value>) -> Option<(&str, &str)> {
    shown.iter().filter(|(name, _)| name.ends_with("_status")).find_map(|(name, value)| {
        let status = value.as_str().filter(|status| is_ended(status))?;
        Some((name.as_str(), status))
    })
}

/// Whether a status is one of an object that has ended without success.
pub(super) fn is_ended(status: &str) -> bool {
    const ENDED: [&str; 9] = [
        "TERMINATED",
        "TERMINATION_REQUESTED",
        "EXPIRED",
        "LINK_EXPIRED",
        "CANCELLED",
        "CUSTOMER_CANCELLED",
        "FAILED",
        "INACTIVE",
        "DELETED",
    ];
    ENDED.iter().any(|ended| ended.eq_ignore_ascii_case(status))
}

#[derive(Default)]
struct Findings {
    differing: Vec<String>,
    /// An amount or a currency is not shown, or can't be compared.
    withheld: bool,
    /// A field beside ids is equal.
    equal: bool,
}

/// Where a field is shown.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Standing {
    /// In the same place as in the request.
    Own,
    /// In a list.
    Listed,
    /// Under a name that may stand for something else, too: it is equal, or not shown.
    Renamed,
}

/// Fields with another name in the response than in the request: of a subscription, the authorisation, and the amount of
/// each debit, which is 0 for a plan without debits on fixed days.
pub(super) const SHOWN_AS: [(&str, &str, Standing); 2] = [
    ("authorization_details", "authorisation_details", Standing::Own),
    ("plan_amount", "plan_recurring_amount", Standing::Renamed),
];

impl Findings {
    fn fields(
        &mut self,
        path: &str,
        asked: &Map<String, Value>,
        shown: &Map<String, Value>,
        standing: Standing,
    ) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for (name, asked) in asked {
            let renamed = || {
                let (_, other, at) =
                    SHOWN_AS.iter().find(|(asked, ..)| standing == Standing::Own && asked == name)?;
                Some((shown.get(*other)?, *at))
            };
            let found = shown.get(name).map(|shown| (shown, standing)).or_else(renamed);
            let (shown, standing) = found.unwrap_or((&Value::Null, standing));
            self.value(&below(name), asked, shown, standing);
        }
        // Parties that the request does not name.
        for (name, _) in shown.iter().filter(|(_, value)| !is_nothing(value)) {
            let is_unasked = |name: &str| asked.get(name).is_none_or(is_nothing);
            if is_split(name) && is_unasked(name) || name == "terminal_data" && is_unasked("terminal") {
                self.differing.push(below(name));
            }
        }
    }

    fn value(&mut self, path: &str, asked: &Value, shown: &Value, standing: Standing) {
        match (asked, shown) {
            (asked, _) if is_nothing(asked) => {}
            (Value::Object(asked), Value::Object(shown)) => self.fields(path, asked, shown, standing),
            (Value::Object(asked), _) => self.fields(path, asked, &Map::new(), standing),
            (Value::Array(asked), Value::Array(shown)) if !shown.is_empty() => {
                if asked.len() != shown.len() {
                    self.differing.push(path.to_owned());
                    return;
                }
                for (place, (asked, shown)) in asked.iter().zip(shown).enumerate() {
                    self.value(&format!("{path}[{place}]"), asked, shown, Standing::Listed);
                }
            }
            (asked, shown) if is_nothing(shown) || is_structure(asked) || is_structure(shown) => {
                self.withheld |= is_distinguishing(path);
            }
            (asked, shown) => self.scalar(path, asked, shown, standing),
        }
    }

    fn scalar(&mut self, path: &str, asked: &Value, shown: &Value, standing: Standing) {
        let (Some(asked_text), Some(shown_text)) = (text(asked), text(shown)) else {
            self.withheld |= is_distinguishing(path);
            return;
        };
        let is_id = path.ends_with("_id");
        let is_text = asked.is_string() && shown.is_string();
        if is_id && asked_text == shown_text {
            // Two different objects may share an id.
        } else if !is_id && is_equal(&asked_text, &shown_text, is_text) {
            self.equal = true;
        } else if !is_id
            && (standing == Standing::Renamed
                || is_masked(&asked_text, &shown_text)
                || is_rounded(&asked_text, &shown_text))
        {
            self.withheld |= is_distinguishing(path);
        } else {
            self.differing.push(path.to_owned());
        }
    }
}

/// Whether a value has no content: null, empty text, a list or object of nothing else.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
        _ => false,
    }
}

fn is_structure(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

fn is_split(name: &str) -> bool {
    name.ends_with("splits") || name.ends_with("split")
}

/// Fields that distinguish two objects.
pub(super) fn is_distinguishing(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    name.ends_with("amount") || name.ends_with("currency")
}

/// The text of a scalar. `None` for a number with more digits than a float holds, which can't be compared.
pub(super) fn text(value: &Value) -> Option<String> {
    const DIGITS: usize = 15;
    let is_exact = |number: &Number| {
        !number.is_f64() || number.to_string().bytes().filter(u8::is_ascii_digit).count() <= DIGITS
    };
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) if is_exact(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Equal as text in upper or lower case, as exact numbers unless both are text, or as moments.
pub(super) fn is_equal(asked: &str, shown: &str, both_text: bool) -> bool {
    let moment = |text: &str| Timestamp::from(text).to_system_time().ok();
    asked.trim().eq_ignore_ascii_case(shown.trim())
        || !both_text
            && matches!((asked.parse::<Decimal>(), shown.parse::<Decimal>()), (Ok(asked), Ok(shown)) if asked == shown)
        || moment(asked).is_some_and(|asked| moment(shown) == Some(asked))
}

/// An amount with more digits after the point than are shown, such as 10.005 for 10.01: the service may have
/// rounded it, and may not.
pub(super) fn is_rounded(asked: &str, shown: &str) -> bool {
    let (Ok(exact), Ok(rounded)) = (asked.parse::<Decimal>(), shown.parse::<Decimal>()) else { return false };
    let places = |text: &str| text.split_once('.').map_or(0, |(_, places)| places.len());
    let Ok(scale) = u8::try_from(places(shown)) else { return false };
    let unit = Decimal::new(1, scale);
    let less = rounded.checked_sub(exact).is_some_and(|over| over < unit);
    let more = exact.checked_sub(rounded).is_some_and(|over| over < unit);
    places(asked) > places(shown) && less && more
}

/// Returns whether a text is shown with a mask, such as `XXXXXX9999`, of the same length and with the same visible
/// characters.
fn is_masked(asked: &str, shown: &str) -> bool {
    let is_mask = |c: char| matches!(c, 'X' | 'x' | '*');
    let agrees = |(asked, shown): (char, char)| is_mask(shown) || asked.eq_ignore_ascii_case(&shown);
    asked.chars().count() == shown.chars().count()
        && shown.chars().any(is_mask)
        && asked.chars().zip(shown.chars()).all(agrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = r#"{"order_id":"o1","order_amount":499.10,"order_currency":"INR",
        "customer_details":{"customer_id":"cust_42","customer_phone":"9999999999","customer_email":"A@b.example"},
        "order_expiry_time":"2099-07-29T00:00:00Z","order_note":null,"order_tags":{"a":"1"},
        "order_splits":[{"vendor_id":"v","percentage":12.5}]}"#;

    fn against(shown: &str) -> Verdict {
        compare(ASKED.as_bytes(), shown.as_bytes())
    }

    fn differs(fields: &[&str]) -> Verdict {
        Verdict::Differs(fields.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_the_service_writes_its_own_way_is_the_same() {
        for shown in [
            r#"{"order_id":"o1","order_amount":499.1,"order_currency":"INR"}"#,
            r#"{"order_amount":"499.100","order_currency":"INR","order_status":"PAID","order_note":"new"}"#,
            r#"{"order_amount":499.1,"order_currency":"INR","order_expiry_time":"2099-07-29T05:30:00+05:30"}"#,
            r#"{"order_amount":499.1,"order_currency":"INR","customer_details":{"customer_email":"a@B.example",
                "customer_phone":"XXXXXX9999","customer_id":null},"order_tags":null,"order_splits":[]}"#,
        ] {
            assert_eq!(against(shown), Verdict::Same, "{shown}");
        }
    }

    #[test]
    fn what_a_subscription_shows_under_another_name_is_the_same() {
        let asked = br#"{"subscription_id":"s","plan_details":{"plan_name":"p","plan_amount":10},
            "authorization_details":{"authorization_amount":1}}"#;
        let shown = |plan: &str, authorised: &str| {
            let shown = format!(
                r#"{{"plan_details":{{"plan_name":"p",{plan}}},"authorisation_details":{{"authorization_amount":{authorised}}}}}"#
            );
            compare(asked, shown.as_bytes())
        };
        assert_eq!(shown(r#""plan_recurring_amount":"10.00""#, "1.00"), Verdict::Same);
        assert_eq!(shown(r#""plan_recurring_amount":0"#, "1"), Verdict::Unclear);
        assert_eq!(shown(r#""plan_amount":11"#, "1"), differs(&["plan_details.plan_amount"]));
        let other = differs(&["authorization_details.authorization_amount"]);
        assert_eq!(shown(r#""plan_recurring_amount":10"#, "2"), other);
    }

    #[test]
    fn rule_3_ids_are_compared_exactly() {
        let shown = |id: &str| {
            against(&format!(
                r#"{{"order_amount":499.1,"order_currency":"INR","customer_details":{{"customer_id":"{id}"}}}}"#
            ))
        };
        assert_eq!(shown("cust_42"), Verdict::Same);
        for other in ["MAXX_7", "CUST_42", "cust_4X", "XXXX_42", "cust_042"] {
            assert_eq!(shown(other), differs(&["customer_details.customer_id"]), "{other}");
        }
    }

    #[test]
    fn rule_3_a_mask_agrees_in_length_and_visible_characters() {
        for (asked, shown, agrees) in [
            ("9999999999", "XXXXXX9999", true),
            ("000111122223333", "***********3333", true),
            ("9999999999", "XXXX9999", false),
            ("9999999999", "XXXXXX9998", false),
            ("9999999999", "9999999999", false),
        ] {
            assert_eq!(is_masked(asked, shown), agrees, "{asked} {shown}");
        }
    }

    #[test]
    fn rule_3_a_split_that_was_not_requested_is_a_difference() {
        let asked = br#"{"order_amount":5,"order_currency":"INR"}"#;
        let shown = br#"{"order_amount":5,"order_currency":"INR","order_splits":[{"vendor_id":"w"}]}"#;
        assert_eq!(compare(asked, shown), differs(&["order_splits"]));
        for nothing in ["[]", "null", r#"[{"vendor_id":null}]"#] {
            let shown = format!(r#"{{"order_amount":5,"order_currency":"INR","order_splits":{nothing}}}"#);
            assert_eq!(compare(asked, shown.as_bytes()), Verdict::Same, "{nothing}");
        }
    }

    #[test]
    fn rule_3_a_terminal_that_was_not_requested_is_a_difference() {
        let shown = |data: &str| {
            format!(r#"{{"order_amount":5,"order_currency":"INR","terminal_data":{data}}}"#).into_bytes()
        };
        let other = shown(r#"{"cf_terminal_id":7,"terminal_type":"SPOS"}"#);
        let asked = br#"{"order_amount":5,"order_currency":"INR"}"#;
        assert_eq!(compare(asked, &other), differs(&["terminal_data"]));
        for nothing in ["null", "{}", r#"{"cf_terminal_id":null,"terminal_type":""}"#] {
            assert_eq!(compare(asked, &shown(nothing)), Verdict::Same, "{nothing}");
        }
        let asked = br#"{"order_amount":5,"order_currency":"INR","terminal":{"terminal_type":"SPOS"}}"#;
        assert_eq!(compare(asked, &other), Verdict::Same, "under another name and in another form");
    }

    #[test]
    fn rule_3_an_amount_in_another_form_is_never_the_same() {
        for (asked, shown, verdict) in [
            ("499.10", "499.00", differs(&["order_amount"])),
            ("499.10", "49910", differs(&["order_amount"])),
            (r#""499.10""#, "499.00", differs(&["order_amount"])),
            ("499.10", r#""499.00""#, differs(&["order_amount"])),
            ("499.10", r#""INR 499.10""#, differs(&["order_amount"])),
            ("499.10", r#""XXX.XX""#, differs(&["order_amount"])),
            ("499.10", "0", differs(&["order_amount"])),
            ("499.10", r#""499.10""#, Verdict::Same),
            ("499.10", "499.100", Verdict::Same),
        ] {
            let body = |amount: &str| format!(r#"{{"order_amount":{amount},"order_currency":"INR"}}"#);
            assert_eq!(compare(body(asked).as_bytes(), body(shown).as_bytes()), verdict, "{asked} {shown}");
        }
    }

    #[test]
    fn rule_3_what_has_ended_says_so() {
        for (field, status) in
            [("order_status", "TERMINATED"), ("refund_status", "CANCELLED"), ("link_status", "EXPIRED")]
        {
            let shown = format!(r#"{{"order_amount":499.1,"order_currency":"INR","{field}":"{status}"}}"#);
            let ended = Verdict::Ended { field: field.to_owned(), status: status.to_owned() };
            assert_eq!(against(&shown), ended);
        }
    }

    #[test]
    fn another_amount_or_currency_is_a_difference() {
        let shown = r#"{"order_amount":499.11,"order_currency":"USD"}"#;
        assert_eq!(against(shown), differs(&["order_amount", "order_currency"]));
        assert_eq!(against(r#"{"order_amount":49910,"order_currency":"INR"}"#), differs(&["order_amount"]));
        // Beyond the digits that a float holds, nothing is known.
        let asked = br#"{"amount":9007199254740993.01}"#;
        assert_eq!(compare(asked, br#"{"amount":9007199254740993.02}"#), Verdict::Unclear);
    }

    #[test]
    fn an_amount_that_may_have_been_rounded_proves_nothing() {
        for (asked, shown, verdict) in [
            ("10.005", "10.01", Verdict::Unclear),
            ("10.005", "10.00", Verdict::Unclear),
            ("499.10", "499", Verdict::Unclear),
            ("499.10", "500", Verdict::Unclear),
            ("499.10", "498", differs(&["amount"])),
            ("499", "499.1", differs(&["amount"])),
        ] {
            let body = |amount: &str| format!(r#"{{"amount":{amount}}}"#).into_bytes();
            assert_eq!(compare(&body(asked), &body(shown)), verdict, "{asked} {shown}");
        }
    }

    #[test]
    fn every_field_that_differs_is_named() {
        let shown = r#"{"order_amount":499.1,"order_currency":"INR","customer_details":{"customer_phone":"1"},
            "order_tags":{"a":"2"},"order_splits":[{"vendor_id":"w"}]}"#;
        assert_eq!(
            against(shown),
            differs(&["customer_details.customer_phone", "order_splits[0].vendor_id", "order_tags.a"])
        );
        let shown = r#"{"order_amount":499.1,"order_currency":"INR","order_splits":[{},{}]}"#;
        assert_eq!(against(shown), differs(&["order_splits"]));
    }

    #[test]
    fn too_little_is_no_equality() {
        for shown in [
            "",
            "[]",
            "{}",
            "null",
            "{\"order_id\":\"o1\"}",
            r#"{"order_id":"o1","order_currency":"INR"}"#,
            r#"{"order_amount":null,"order_currency":"INR"}"#,
            r#"{"order_amount":{"value":499.1},"order_currency":"INR"}"#,
        ] {
            assert_eq!(against(shown), Verdict::Unclear, "{shown}");
        }
        assert_eq!(compare(br#"{"plan_id":"p"}"#, br#"{"plan_id":"p"}"#), Verdict::Unclear);
        assert_eq!(compare(b"not json", b"{}"), Verdict::Unclear);
    }

    #[test]
    fn digits_of_a_text_are_no_number() {
        let differing = compare(br#"{"a":1,"code":"0100"}"#, br#"{"a":1,"code":"100"}"#);
        assert_eq!(differing, differs(&["code"]));
    }
}
