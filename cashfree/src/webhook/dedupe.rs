//! What to recognise an event by when it comes again.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{EventKind, RawEvent};

/// How deep ids are looked for; the known events have them on the third level.
const DEPTH: usize = 8;

/// The same for each delivery of an event, in every process and every version of this crate; 64
/// hexadecimal digits, which hold no customer's data. Made for the key of a row or a cache entry.
///
/// [`Verified::dedupe_key`](super::Verified::dedupe_key) makes it from `x-idempotency-key` where that was
/// sent (webhook version 2025-01-01 and later). Otherwise, as does
/// [`Verified::content_key`](super::Verified::content_key) always, from
///
/// 1. the event's type;
/// 2. every member below `data` that is `id`, `status`, `utr` or `retry_attempts`, or whose name ends in
///    `_id`, `Id`, `_status` or `Status`: its path and its value, a number by its digits; what is null or
///    empty is left out;
/// 3. `event_time`, unless the type is one whose object never comes to the same status twice: the events of
///    payments, refunds, settlements to merchants and vendors, payment links, saved instruments, and
///    payments and refunds of subscriptions. A subscription or a dispute may return to a status, and that
///    is another event.
///
/// Where the body is no event, or `data` has no such member, the whole body counts. Timestamp, signature,
/// version and attempt never do, nor does anything else in the body, so an event is known again when they
/// differ.
///
/// The header is not covered by the signature. Who could capture a delivery could send it again under
/// another key for as long as the [tolerance](super::Verifier::tolerance) lasts; where that matters, use
/// the content key, and in any case read the payment back before anything is handed out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey([u8; 32]);

impl DedupeKey {
    pub(super) fn of_header(key: &str) -> Self {
        Parts::new("header").and(key.as_bytes()).key()
    }

    pub(super) fn of_body(body: &[u8]) -> Self {
        let whole = || Parts::new("body").and(body).key();
        let Ok(event) = RawEvent::read(body) else { return whole() };
        let mut found = Vec::new();
        collect(event.data(), "", DEPTH, &mut found);
        if found.is_empty() {
            return whole();
        }
        let mut parts = Parts::new("event").and(event.kind().as_str().as_bytes());
        if !only_moves_on(event.kind()) {
            let time = event.event_time().map(|time| time.as_str().trim()).unwrap_or_default();
            parts = parts.and(time.as_bytes());
        }
        found
            .iter()
            .fold(parts, |parts, (path, value)| parts.and(path.as_bytes()).and(value.as_bytes()))
            .key()
    }

    /// The 32 bytes that the digits stand for.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DedupeKey({self})")
    }
}

/// A digest of texts, each with its length before it, so that no two lists of texts read the same.
struct Parts(Sha256);

impl Parts {
    fn new(from: &str) -> Self {
        Self(Sha256::new()).and(from.as_bytes())
    }

    fn and(mut self, part: &[u8]) -> Self {
        self.0.update(format!("{}:", part.len()).as_bytes());
        self.0.update(part);
        self
    }

    fn key(self) -> DedupeKey {
        DedupeKey(self.0.finalize().into())
    }
}

fn only_moves_on(kind: &EventKind) -> bool {
    use EventKind as Kind;

    matches!(
        kind,
        Kind::PaymentSuccess
            | Kind::PaymentFailed
            | Kind::PaymentUserDropped
            | Kind::PaymentCharges
            | Kind::RefundStatus
            | Kind::AutoRefundStatus
            | Kind::SettlementInitiated
            | Kind::SettlementSuccess
            | Kind::SettlementFailed
            | Kind::SettlementReversed
            | Kind::VendorSettlementCreated
            | Kind::VendorSettlementInitiated
            | Kind::VendorSettlementSuccess
            | Kind::VendorSettlementFailed
            | Kind::VendorSettlementReversed
            | Kind::PaymentLink
            | Kind::InstrumentActive
            | Kind::InstrumentFailed
            | Kind::SubscriptionPaymentSuccess
            | Kind::SubscriptionPaymentFailed
            | Kind::SubscriptionPaymentCancelled
            | Kind::SubscriptionPaymentDeclined
            | Kind::SubscriptionRefundStatus
    )
}

fn counts(name: &str) -> bool {
    matches!(name, "id" | "status" | "utr" | "retry_attempts")
        || ["_id", "Id", "_status", "Status"].iter().any(|end| name.ends_with(end))
}

/// Finds the members that count, in the order of their names. Values are handled as text, so that a UTR of
/// 16 digits keeps them all.
fn collect(json: &str, path: &str, depth: usize, found: &mut Vec<(String, String)>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json) {
        for (name, value) in &members {
            let path = format!("{path}.{name}");
            match scalar(value.get()) {
                Some(text) if counts(name) && !text.trim().is_empty() => found.push((path, text)),
                Some(_) => {}
                None => collect(value.get(), &path, depth, found),
            }
        }
    } else if let Ok(items) = serde_json::from_str::<Vec<Box<RawValue>>>(json) {
        for (index, item) in items.iter().enumerate() {
            collect(item.get(), &format!("{path}[{index}]"), depth, found);
        }
    }
}

/// The text of a scalar, empty for null; `None` for an object or a list.
fn scalar(json: &str) -> Option<String> {
    match json.as_bytes().first() {
        Some(b'{' | b'[') => None,
        Some(b'"') => Some(serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())),
        _ if json == "null" => Some(String::new()),
        _ => Some(json.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(body: &str) -> DedupeKey {
        DedupeKey::of_body(body.as_bytes())
    }

    fn event(kind: &str, time: &str, data: &str) -> DedupeKey {
        key(&format!(r#"{{"type":"{kind}","event_time":"{time}","data":{data}}}"#))
    }

    #[test]
    fn a_redelivery_is_the_same_event_and_another_is_not() {
        let refund =
            r#"{"refund":{"cf_refund_id":11325632,"refund_id":"r_1","refund_status":"SUCCESS","utr":null}}"#;
        let same = event("REFUND_STATUS_WEBHOOK", "t1", refund);
        for other in [
            refund.to_owned(),
            refund.replace("11325632", r#""11325632""#),
            refund.replace(r#","utr":null"#, r#","refund_note":"x","utr":"""#),
            r#"{"refund": {"refund_status":"SUCCESS", "refund_id":"r_\u0031", "cf_refund_id":11325632}}"#
                .to_owned(),
        ] {
            assert_eq!(event("REFUND_STATUS_WEBHOOK", "t2", &other), same, "{other}");
        }
        for other in [
            refund.replace("SUCCESS", "CANCELLED"),
            refund.replace("11325632", "11325633"),
            refund.replace("r_1", "r_2"),
            refund.replace("null", "1644822317781212"),
            refund.replace(r#""refund":"#, r#""other":"#),
        ] {
            assert_ne!(event("REFUND_STATUS_WEBHOOK", "t1", &other), same, "{other}");
        }
        assert_ne!(event("AUTO_REFUND_STATUS_WEBHOOK", "t1", refund), same);
    }

    #[test]
    fn an_object_may_return_to_a_status_at_another_time() {
        let data = r#"{"subscription_details":{"subscription_id":"s_1","subscription_status":"ACTIVE"}}"#;
        for kind in ["SUBSCRIPTION_STATUS_CHANGED", "NEVER_HEARD_OF"] {
            assert_eq!(event(kind, "t1", data), event(kind, " t1 ", data));
            assert_ne!(event(kind, "t1", data), event(kind, "t2", data));
        }
    }

    #[test]
    fn long_numbers_count_to_the_last_digit() {
        let settlement =
            |utr: &str| event("SETTLEMENT_SUCCESS", "", &format!(r#"{{"settlement":{{"utr":{utr}}}}}"#));
        assert_ne!(
            settlement("16448223177812121644822317781212"),
            settlement("16448223177812121644822317781213")
        );
    }

    #[test]
    fn what_names_nothing_counts_as_a_whole() {
        for (one, other) in [
            ("", " "),
            ("not JSON", "neither"),
            (
                r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{}}"#,
                r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{ }}"#,
            ),
            (r#"{"data":{"order_id":"1"}}"#, r#"{"data":{"order_id":"2"}}"#),
        ] {
            assert_eq!(key(one), key(one));
            assert_ne!(key(one), key(other), "{one}");
        }
        let deep = format!(r#"{{"type":"X","data":{}1{}}}"#, "[".repeat(90_000), "]".repeat(90_000));
        assert_eq!(key(&deep), key(&deep));
    }

    #[test]
    fn the_key_stays_what_it_is_between_versions() {
        let body = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"payment":{"cf_payment_id":"1","payment_status":"SUCCESS"}}}"#;
        assert_eq!(key(body).to_string(), "a8a552487bfbfd3377706293c6e850d2469f861257f86c2d6553c5d0f6494ee9");
        assert_eq!(
            DedupeKey::of_header("abc=").to_string(),
            "6395e7c958000a3afc4af1e16e0e31c9f4ed134258000cdf9d5868ddb55b0959"
        );
    }
}
