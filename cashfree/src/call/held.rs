//! Finding a capture, or a void, among the payments of its order.
//!
//! The service refuses a second one, in words that no document gives. What is there can be that of an earlier attempt.

use cashfree_gen::{Json, Operation, Request, Response, operations};

use super::compare::is_ended;
use crate::Decimal;

/// What the payments of an order show of the held money.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// What the request asks for: the payment, as JSON.
    Done(String),
    /// Something else: the field of the request that differs.
    Other(&'static str),
    /// A decision that was not carried out, or not yet: the field that shows it, and its value.
    Undone(&'static str, String),
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
    if let Some((field, value)) = undone(payment, &action) {
        return Held::Undone(field, value);
    }
    let is_known = |status: &String| matches!(status.to_ascii_uppercase().as_str(), "SUCCESS" | "PENDING");
    if !status_of(payment).as_ref().is_none_or(is_known) {
        return Held::Open;
    }
    if asked.get("action").and_then(text).is_none_or(|asked| !asked.eq_ignore_ascii_case(&action)) {
        return Held::Other("action");
    }
    match (asked.get("amount").and_then(amount), captured) {
        (Some(asked), Some(captured)) if asked != captured => return Held::Other("amount"),
        (Some(_), None) => return Held::Open,
        _ => {}
    }
    Held::Done(payment.to_string())
}

/// Returns the field of the response to a capture or a void which shows that it was not carried out, and its value.
pub(super) fn not_carried_out(asked: &Request, shown: &Response) -> Option<(&'static str, String)> {
    let (asked, shown) = (Json::parse(&asked.body).ok()?, Json::parse(&shown.body).ok()?);
    let payment = match &shown {
        // The published example shows an object as a list of one.
        Json::List(items) => items.first()?,
        other => other,
    };
    undone(payment, &asked.get("action").and_then(text)?)
}

/// Returns the field of a payment which shows that a capture or a void was not carried out. One that is pending is
/// accepted: its payment may be as before.
fn undone(payment: &Json, action: &str) -> Option<(&'static str, String)> {
    let status = status_of(payment);
    if let Some(status) = status.clone().filter(|status| is_ended(status)) {
        return Some(("authorization.status", status));
    }
    let is_pending = status.is_some_and(|status| status.eq_ignore_ascii_case("PENDING"));
    let is_captured = payment.get("is_captured").and_then(flag).filter(|_| !is_pending)?;
    let contradicting = if is_captured { "VOID" } else { "CAPTURE" };
    action.eq_ignore_ascii_case(contradicting).then(|| ("is_captured", is_captured.to_string()))
}

fn status_of(payment: &Json) -> Option<String> {
    payment.get("authorization")?.get("status").and_then(text)
}

fn flag(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(flag) => Some(*flag),
        Json::Text(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
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

    #[test]
    fn a_decision_that_was_not_carried_out_is_no_success() {
        const CAPTURE: &str = r#"{"action":"CAPTURE","amount":80}"#;
        const VOID: &str = r#"{"action":"VOID"}"#;
        let payment = |is_captured: &str, action: &str, status: &str| {
            format!(
                r#"{{"is_captured":{is_captured},"authorization":{{"action":"{action}","status":{status},"captured_amount":80}}}}"#
            )
        };
        for (asked, is_captured, status, field) in [
            (CAPTURE, "false", r#""FAILED""#, "authorization.status"),
            (CAPTURE, "true", r#""failed""#, "authorization.status"),
            (CAPTURE, "false", r#""SUCCESS""#, "is_captured"),
            (CAPTURE, "false", "null", "is_captured"),
            (VOID, "false", r#""FAILED""#, "authorization.status"),
            (VOID, "true", r#""SUCCESS""#, "is_captured"),
        ] {
            let action = if asked == VOID { "VOID" } else { "CAPTURE" };
            let shown = payment(is_captured, action, status);
            let found = found(asked, &format!("[{shown}]"));
            assert!(matches!(&found, Held::Undone(shown, _) if *shown == field), "{shown}: {found:?}");
        }
        for (asked, is_captured, status) in [
            (CAPTURE, "true", r#""SUCCESS""#),
            (CAPTURE, "false", r#""PENDING""#),
            (CAPTURE, "null", "null"),
            (VOID, "false", r#""SUCCESS""#),
            (VOID, "true", r#""PENDING""#),
        ] {
            let action = if asked == VOID { "VOID" } else { "CAPTURE" };
            let shown = payment(is_captured, action, status);
            assert_eq!(found(asked, &format!("[{shown}]")), Held::Done(shown.clone()), "{shown}");
        }
        // A failed void is no decision that excludes a capture, and a new status proves nothing.
        let failed = payment("false", "VOID", r#""FAILED""#);
        assert!(matches!(found(CAPTURE, &format!("[{failed}]")), Held::Undone(..)));
        assert_eq!(found(VOID, &format!("[{}]", payment("false", "VOID", r#""QUEUED""#))), Held::Open);
    }
}
