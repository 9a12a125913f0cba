//! Whether the response to a write contradicts its request: the object that exists under an identifier may be that of
//! another request.

use serde_json::{Map, Value};

use super::compare::{SHOWN_AS, Standing, is_distinguishing, is_equal, is_rounded, text};
use crate::Decimal;

/// Where the response of a capture or a void shows what was asked for.
const HELD: (&str, [(&str, &str); 2]) =
    ("authorization", [("action", "action"), ("amount", "captured_amount")]);

/// Returns the fields of a request that the response to it contradicts: amounts and currencies, and what becomes of held
/// money. A service may respond with the object that exists under an identifier, which another request made.
///
/// An amount that is rounded, not shown or shown as 0 contradicts nothing.
pub(super) fn contradictions(asked: &[u8], shown: &[u8]) -> Vec<String> {
    let (Ok(Value::Object(asked)), Ok(shown)) =
        (serde_json::from_slice(asked), serde_json::from_slice::<Value>(shown))
    else {
        return Vec::new();
    };
    // Some objects are published as a list of one.
    let shown = match &shown {
        Value::Array(items) => items.first().filter(|_| items.len() == 1),
        other => Some(other),
    };
    let Some(shown) = shown.and_then(Value::as_object) else { return Vec::new() };
    let mut differing = Vec::new();
    amounts("", &asked, shown, &mut differing);
    let (object, fields) = HELD;
    if let Some(held) = shown.get(object).and_then(Value::as_object) {
        let fields =
            fields.iter().filter_map(|(name, other)| Some((*name, asked.get(*name)?, held.get(*other)?)));
        let fields = fields.filter(|(_, asked, shown)| contradicts(asked, shown));
        differing.extend(fields.map(|(name, ..)| name.to_owned()));
    }
    differing
}

/// Collects the amounts and currencies, at any depth of objects, that are shown with another value.
fn amounts(path: &str, asked: &Map<String, Value>, shown: &Map<String, Value>, differing: &mut Vec<String>) {
    let alias = |name: &str| {
        let (_, other, _) = SHOWN_AS.iter().find(|(asked, _, at)| *asked == name && *at == Standing::Own)?;
        shown.get(*other)
    };
    for (name, asked) in asked {
        let found = shown.get(name).filter(|shown| !shown.is_null());
        let Some(shown) = found.or_else(|| alias(name)) else { continue };
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match (asked, shown) {
            (Value::Object(asked), Value::Object(shown)) => amounts(&path, asked, shown, differing),
            _ if is_distinguishing(&path) && contradicts(asked, shown) => differing.push(path),
            _ => {}
        }
    }
}

fn contradicts(asked: &Value, shown: &Value) -> bool {
    let (Some(asked), Some(shown)) = (text(asked), text(shown)) else { return false };
    let is_zero = shown.parse().is_ok_and(|shown: Decimal| shown.is_zero());
    let is_shown = !asked.is_empty() && !shown.trim().is_empty() && !is_zero;
    is_shown && !is_equal(&asked, &shown, false) && !is_rounded(&asked, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_1_a_success_contradicts_no_amount() {
        let order = |shown: &str| {
            contradictions(
                br#"{"order_id":"o1","order_amount":499.10,"order_currency":"INR"}"#,
                shown.as_bytes(),
            )
        };
        for agreeing in [
            r#"{"order_amount":499.1,"order_currency":"inr"}"#,
            r#"{"order_amount":"499.10"}"#,
            r#"{"order_amount":4.991e2}"#,
            r#"{"order_amount":499}"#,
            r#"{"order_amount":null,"order_currency":""}"#,
            r#"{"order_amount":0}"#,
            r#"{"customer_details":{"customer_phone":"1"}}"#,
            r#"[{"order_amount":499.1},{"order_amount":1}]"#,
            "<p>",
            "",
        ] {
            assert_eq!(order(agreeing), [""; 0], "{agreeing}");
        }
        assert_eq!(
            order(r#"{"order_amount":100,"order_currency":"USD"}"#),
            ["order_amount", "order_currency"]
        );
        assert_eq!(order(r#"[{"order_amount":"49910"}]"#), ["order_amount"]);

        let asked =
            br#"{"authorization_details":{"authorization_amount":1},"plan_details":{"plan_amount":499}}"#;
        let subscription = |shown: &str| contradictions(asked, shown.as_bytes());
        let own = r#"{"authorisation_details":{"authorization_amount":1},"plan_details":{"plan_recurring_amount":5}}"#;
        assert_eq!(subscription(own), [""; 0]);
        assert_eq!(
            subscription(
                r#"{"authorization_details":null,"authorisation_details":{"authorization_amount":9},
                    "plan_details":{"plan_amount":5}}"#
            ),
            ["authorization_details.authorization_amount", "plan_details.plan_amount"]
        );

        let capture = |shown: &str| contradictions(br#"{"action":"CAPTURE","amount":80}"#, shown.as_bytes());
        for agreeing in [
            r#"{"payment_amount":100,"authorization":{"action":"CAPTURE","captured_amount":80.0}}"#,
            r#"{"payment_amount":100,"authorization":{"action":"CAPTURE","captured_amount":0}}"#,
            r#"{"payment_amount":100,"authorization":{"action":null,"captured_amount":null}}"#,
            r#"{"payment_amount":100,"authorization":null}"#,
        ] {
            assert_eq!(capture(agreeing), [""; 0], "{agreeing}");
        }
        assert_eq!(capture(r#"{"authorization":{"action":"VOID","captured_amount":null}}"#), ["action"]);
        assert_eq!(capture(r#"{"authorization":{"action":"CAPTURE","captured_amount":20}}"#), ["amount"]);
    }
}
