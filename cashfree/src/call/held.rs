//! Finding a capture, or a void, among the payments of its order.
//!
//! The service refuses a second one, in words that no document gives. What is there can be that of an earlier attempt.

use cashfree_gen::{Json, Operation, Request, Response, operations};

use crate::Decimal;

/// What the payments of an order show of the held money.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// What the request asks for: the payment, as JSON.
    Done(String),
    /// Something else: the field of the request that differs.
    Other(&'static str),
    /// Nothing, or too little to decide.
    Open,
}

/// Whether the operation decides on held money.
pub(super) fn decides(operation: &Operation) -> bool {
    operation.id == operations::PG_AUTHORIZE_ORDER.id
}

/// Returns the read that shows the payments.
pub(super) fn read_request(write: &Request) -> Option<Request> {
    let value = |name| write.value(cashfree_gen::expected::Source::Path(name));
    Request::with_parameters(&operations::PG_ORDER_FETCH_PAYMENTS, value)
}

/// Looks for the payment whose money the request decides on. There is one decision for a payment, so that the only
/// one of the order, if it is as requested, is that of the request.
pub(super) fn find(asked: &Request, shown: &Response) -> Held {
    let (Ok(asked), Ok(Json::List(payments))) = (Json::parse(&asked.body), Json::parse(&shown.body)) else {
        return Held::Open;
    };
    let decision = |payment: &Json| {
        let held = payment.get("authorization")?;
        Some((text(held.get("action")?)?, held.get("captured_amount").and_then(amount)))
    };
    let mut decided = payments.iter().filter_map(|payment| Some((payment, decision(payment)?)));
    let (Some((payment, (action, captured))), None) = (decided.next(), decided.next()) else {
        return Held::Open;
    };
    if asked.get("action").and_then(text).is_none_or(|asked| !asked.eq_ignore_ascii_case(&action)) {
        return Held::Other("action");
    }
    match (asked.get("amount").and_then(amount), captured) {
        (Some(asked), Some(captured)) if asked != captured => return Held::Other("amount"),
        (Some(_), None) => return Held::Open,
        _ => {}
    }
    let mut json = String::new();
    write(payment, &mut json);
    Held::Done(json)
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

fn amount(json: &Json) -> Option<Decimal> {
    match json {
        Json::Number(text) | Json::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Writes JSON with its numbers as received.
fn write(json: &Json, out: &mut String) {
    match json {
        Json::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Json::Number(text) => out.push_str(text),
        Json::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
        Json::List(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (nth, (name, value)) in fields.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                out.push_str(&serde_json::Value::from(name.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        _ => out.push_str("null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(asked: &'static str, payments: &str) -> Held {
        let mut request =
            Request::new(&operations::PG_AUTHORIZE_ORDER, "/orders/o_1/authorization".to_owned());
        request.body = asked.into();
        let shown = Response {
            status: http::StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: payments.to_owned().into(),
        };
        find(&request, &shown)
    }

    #[test]
    fn a_capture_is_found_by_its_action_and_amount() {
        const CAPTURE: &str = r#"{"action":"CAPTURE","amount":80.00}"#;
        const VOID: &str = r#"{"action":"VOID"}"#;
        let held = |action: &str, captured: &str| {
            format!(
                r#"{{"a":[1.10,true,null,"\"é"],"authorization":{{"action":{action},"captured_amount":{captured}}}}}"#
            )
        };
        let captured = held(r#""CAPTURE""#, "80.0");
        let failed = r#"{"cf_payment_id":"1","authorization":null}"#;
        assert_eq!(found(CAPTURE, &format!("[{failed}, {captured}]")), Held::Done(captured.clone()));
        let text = held(r#""capture""#, r#""80""#);
        assert_eq!(found(CAPTURE, &format!("[{text}]")), Held::Done(text.clone()));
        let void = held(r#""VOID""#, "null");
        assert_eq!(found(VOID, &format!("[{void}]")), Held::Done(void.clone()));
        for (asked, shown, field) in [
            (CAPTURE, &void, "action"),
            (VOID, &captured, "action"),
            (CAPTURE, &held(r#""CAPTURE""#, "79.99"), "amount"),
        ] {
            assert_eq!(found(asked, &format!("[{shown}]")), Held::Other(field), "{shown}");
        }
        for open in [
            "[]".to_owned(),
            "{}".to_owned(),
            "<p>".to_owned(),
            format!("[{failed}]"),
            format!("[{}]", held("null", "null")),
            format!("[{}]", held(r#""CAPTURE""#, "null")),
            format!("[{captured},{captured}]"),
        ] {
            assert_eq!(found(CAPTURE, &open), Held::Open, "{open}");
        }
    }
}
