//! Whether what exists is what was asked for, member by member of the request.
//!
//! The service adds members, leaves some out, masks some and writes some in its own way. So a member that
//! is not shown proves nothing; equality needs every amount and currency that was asked; and only an amount
//! or a currency that differs, by more than rounding, proves that the thing is another one.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{Decimal, Timestamp};

/// What a comparison found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All that is shown of what was asked is as it was asked, amounts and currencies included.
    Same,
    /// These members differ.
    Differs {
        /// By their path in the request.
        members: Vec<String>,
        /// An amount or a currency is among them.
        foreign: bool,
    },
    /// Too little is shown to tell.
    Unclear,
}

/// Holds what is shown against what was asked; both are JSON objects.
pub(super) fn compare(asked: &[u8], shown: &[u8]) -> Verdict {
    let mut findings = Findings::default();
    match (serde_json::from_slice(asked), serde_json::from_slice(shown)) {
        (Ok(asked), Ok(shown)) => findings.value("", asked, Some(shown), Standing::Own),
        _ => return Verdict::Unclear,
    }
    if !findings.differing.is_empty() {
        return Verdict::Differs { members: findings.differing, foreign: findings.foreign };
    }
    if findings.equal && !findings.withheld { Verdict::Same } else { Verdict::Unclear }
}

#[derive(Default)]
struct Findings {
    differing: Vec<String>,
    /// An amount or a currency differs.
    foreign: bool,
    /// An amount or a currency is not shown.
    withheld: bool,
    /// Something beside identifiers is equal.
    equal: bool,
}

/// Where a member is shown.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    /// Where it was asked.
    Own,
    /// In a list, whose items may stand in another order: one that differs proves nothing.
    Listed,
    /// Under a name that may stand for something else, too: it is the same, or not shown.
    Renamed,
}

/// What an answer calls otherwise than the request does: of a subscription, the authorisation, which is but
/// spelled otherwise, and the amount of each debit, of which a plan without debits on fixed days shows 0.
const SHOWN_AS: [(&str, &str, Standing); 2] = [
    ("authorization_details", "authorisation_details", Standing::Own),
    ("plan_amount", "plan_recurring_amount", Standing::Renamed),
];

/// A JSON value, as far as it is taken apart here.
enum Shape<'a> {
    Nothing,
    Object(BTreeMap<String, &'a RawValue>),
    List(Vec<&'a RawValue>),
    /// Text, its escapes resolved, or what else stands there.
    Scalar {
        text: String,
        quoted: bool,
    },
}

impl<'a> Shape<'a> {
    fn of(json: &'a RawValue) -> Self {
        let json = json.get();
        match json.as_bytes() {
            [b'{', ..] => serde_json::from_str(json).map_or(Self::Nothing, Self::Object),
            [b'[', ..] => serde_json::from_str(json).map_or(Self::Nothing, Self::List),
            b"null" | b"\"\"" => Self::Nothing,
            [b'"', ..] => {
                serde_json::from_str(json).map_or(Self::Nothing, |text| Self::Scalar { text, quoted: true })
            }
            _ => Self::Scalar { text: json.to_owned(), quoted: false },
        }
    }
}

impl Findings {
    fn value(&mut self, path: &str, asked: &RawValue, shown: Option<&RawValue>, standing: Standing) {
        let telling = standing != Standing::Listed && is_telling(path);
        let shown = shown.map_or(Shape::Nothing, Shape::of);
        match (Shape::of(asked), shown) {
            (Shape::Nothing, _) => {}
            (Shape::Object(asked), Shape::Object(shown)) => {
                for (name, asked) in asked {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    let renamed = || {
                        let (_, other, at) = SHOWN_AS
                            .iter()
                            .find(|(asked, ..)| standing == Standing::Own && *asked == name)?;
                        Some((shown.get(*other)?, *at))
                    };
                    let found = shown.get(&name).map(|shown| (shown, standing)).or_else(renamed);
                    let (shown, standing) = found.map_or((None, standing), |(shown, at)| (Some(*shown), at));
                    self.value(&path, asked, shown, standing);
                }
            }
            (Shape::Object(asked), _) => {
                for (name, asked) in asked {
                    self.value(&format!("{path}.{name}"), asked, None, standing);
                }
            }
            (Shape::List(asked), Shape::List(shown)) if !shown.is_empty() => {
                if asked.len() != shown.len() {
                    self.differing.push(path.to_owned());
                    return;
                }
                for (place, (asked, shown)) in asked.into_iter().zip(shown).enumerate() {
                    self.value(&format!("{path}[{place}]"), asked, Some(shown), Standing::Listed);
                }
            }
            (Shape::Scalar { text: asked, quoted }, Shape::Scalar { text: shown, quoted: shown_quoted }) => {
                if same(&asked, &shown, quoted && shown_quoted) {
                    self.equal |= !path.ends_with("_id");
                } else if standing != Standing::Renamed
                    && !is_masked(&asked, &shown)
                    && !is_rounded(&asked, &shown)
                {
                    self.differing.push(path.to_owned());
                    self.foreign |= telling;
                } else {
                    self.withheld |= telling;
                }
            }
            _ => self.withheld |= telling,
        }
    }
}

/// Members that the service does not write in its own way.
fn is_telling(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    name.ends_with("amount") || name.ends_with("currency")
}

/// Equal as text, whatever its case; as exact numbers, unless both are text; or as moments.
fn same(asked: &str, shown: &str, both_text: bool) -> bool {
    let moment = |text: &str| Timestamp::from(text).to_system_time().ok();
    asked.trim().eq_ignore_ascii_case(shown.trim())
        || !both_text
            && matches!((asked.parse::<Decimal>(), shown.parse::<Decimal>()), (Ok(asked), Ok(shown)) if asked == shown)
        || moment(asked).is_some_and(|asked| moment(shown) == Some(asked))
}

/// An amount with more digits after the point than are shown, such as 10.005 for 10.01: the service may have
/// rounded it, and may not.
fn is_rounded(asked: &str, shown: &str) -> bool {
    let (Ok(exact), Ok(rounded)) = (asked.parse::<Decimal>(), shown.parse::<Decimal>()) else { return false };
    let places = |text: &str| text.split_once('.').map_or(0, |(_, places)| places.len());
    let Ok(scale) = u8::try_from(places(shown)) else { return false };
    let unit = Decimal::new(1, scale);
    let less = rounded.checked_sub(exact).is_some_and(|over| over < unit);
    let more = exact.checked_sub(rounded).is_some_and(|over| over < unit);
    places(asked) > places(shown) && less && more
}

/// An account number, for instance, is shown as `XXXX1234`.
fn is_masked(asked: &str, shown: &str) -> bool {
    ["XX", "xx", "*"].iter().any(|mask| shown.contains(mask) && !asked.contains(mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = r#"{"order_id":"o1","order_amount":499.10,"order_currency":"INR",
        "customer_details":{"customer_id":"c1","customer_phone":"9999999999","customer_email":"A@b.example"},
        "order_expiry_time":"2099-07-29T00:00:00Z","order_note":null,"order_tags":{"a":"1"},
        "order_splits":[{"vendor_id":"v","percentage":12.5}]}"#;

    fn against(shown: &str) -> Verdict {
        compare(ASKED.as_bytes(), shown.as_bytes())
    }

    fn differs(members: &[&str], foreign: bool) -> Verdict {
        Verdict::Differs { members: members.iter().map(|name| (*name).to_owned()).collect(), foreign }
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
        assert_eq!(shown(r#""plan_amount":11"#, "1"), differs(&["plan_details.plan_amount"], true));
        let other = differs(&["authorization_details.authorization_amount"], true);
        assert_eq!(shown(r#""plan_recurring_amount":10"#, "2"), other);
    }

    #[test]
    fn another_amount_or_currency_is_another_thing() {
        let shown = r#"{"order_amount":499.11,"order_currency":"USD"}"#;
        assert_eq!(against(shown), differs(&["order_amount", "order_currency"], true));
        // Beyond the digits that a float holds.
        let asked = br#"{"amount":9007199254740993.01}"#;
        assert_eq!(compare(asked, br#"{"amount":9007199254740993.02}"#), differs(&["amount"], true));
    }

    #[test]
    fn an_amount_that_may_have_been_rounded_proves_nothing() {
        for (asked, shown, verdict) in [
            ("10.005", "10.01", Verdict::Unclear),
            ("10.005", "10.00", Verdict::Unclear),
            ("499.10", "499", Verdict::Unclear),
            ("499.10", "500", Verdict::Unclear),
            ("499.10", "499.0", differs(&["amount"], true)),
            ("499.10", "498", differs(&["amount"], true)),
            ("499", "499.1", differs(&["amount"], true)),
        ] {
            let body = |amount: &str| format!(r#"{{"amount":{amount}}}"#).into_bytes();
            assert_eq!(compare(&body(asked), &body(shown)), verdict, "{asked} {shown}");
        }
    }

    #[test]
    fn other_members_differ_without_proving_anything() {
        let shown = r#"{"order_amount":499.1,"order_currency":"INR","customer_details":{"customer_phone":"1"},
            "order_tags":{"a":"2"},"order_splits":[{"vendor_id":"w"}]}"#;
        assert_eq!(
            against(shown),
            differs(&["customer_details.customer_phone", "order_splits[0].vendor_id", "order_tags.a"], false)
        );
        let shown = r#"{"order_amount":499.1,"order_currency":"INR","order_splits":[{},{}]}"#;
        assert_eq!(against(shown), differs(&["order_splits"], false));
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
    fn digits_of_an_identifier_are_no_number() {
        let differing = compare(br#"{"a":1,"code":"0100"}"#, br#"{"a":1,"code":"100"}"#);
        assert_eq!(differing, differs(&["code"], false));
    }
}
