//! Deduplication key of an event.

use std::fmt;

use sha2::{Digest, Sha256};

use super::RawEvent;

/// Deduplication key: the same for every delivery of one event, in every process and version of this crate.
///
/// 32 bytes, shown as 64 hexadecimal digits, that contain no customer data. Made for the primary key of a row or
/// the name of a cache entry. [`Verified::dedupe_key`](super::Verified::dedupe_key) returns it.
///
/// The key is a digest of what happened, by the event's natural identity. The [table](super::IDENTITIES) lists the
/// fields for each event type, for instance:
///
/// | event | fields |
/// |---|---|
/// | payment | event type, `cf_payment_id`, `payment_status` |
/// | refund | event type, `cf_refund_id`, `refund_status` |
/// | settlement | event type, `settlement_id`, `status` |
/// | payment link | event type, `cf_link_id`, `link_status`, and, if present, the amount paid and the transaction |
/// | dispute update | event type, `dispute_id`, `dispute_status`, `updated_at` |
/// | subscription | event type, `cf_subscription_id`, `subscription_status`, `event_time` |
///
/// Where a status can recur, the time or sequence distinguishes the recurrences. The key does not depend on:
///
/// - the webhook version, the spelling of field names, numbers sent as text, and the order of fields;
/// - fields that are added, null or absent, unless the table lists them;
/// - any header. `x-idempotency-key` is not signed, so that anyone who captured a delivery could send it under other
///   keys; it is never used.
/// - the function that verified the delivery.
///
/// Two deliveries with equal fields of the table are one event, also if they differ elsewhere, such as in an amount: the
/// handler of the second does not run. Read what you act on from the API.
///
/// For an event without identity, the key is a digest of the signed body: unknown event types, events that lack a
/// field of the table, and bodies that are not events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey([u8; 32]);

impl DedupeKey {
    pub(super) fn of_body(body: &[u8]) -> Self {
        match RawEvent::read(body).ok().and_then(|event| event.identity()) {
            Some(identity) => {
                let parts = Parts::new("event").and(identity.event().as_bytes());
                identity.values().iter().fold(parts, |parts, value| parts.and(value.as_bytes())).key()
            }
            None => Parts::new("body").and(body).key(),
        }
    }

    /// Returns the 32 bytes of the key.
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

/// Digest of a list of texts. Each is preceded by its length, so that different lists never digest the same bytes.
struct Parts(Sha256);

impl Parts {
    fn new(origin: &str) -> Self {
        Self(Sha256::new()).and(origin.as_bytes())
    }

    fn and(mut self, part: &[u8]) -> Self {
        self.0.update(format!("{}:", part.len()));
        self.0.update(part);
        self
    }

    fn key(self) -> DedupeKey {
        DedupeKey(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(body: &str) -> DedupeKey {
        DedupeKey::of_body(body.as_bytes())
    }

    #[test]
    fn events_without_identity_are_identified_by_their_body() {
        for (one, other) in [
            ("", " "),
            ("not JSON", "neither"),
            (
                r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{}}"#,
                r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{ }}"#,
            ),
            (r#"{"data":{"order_id":"1"}}"#, r#"{"data":{"order_id":"2"}}"#),
            (r#"{"type":"OF_TOMORROW","data":{"id":1}}"#, r#"{"type":"OF_TOMORROW","data":{"id":2}}"#),
        ] {
            assert_eq!(key(one), key(one));
            assert_ne!(key(one), key(other), "{one}");
        }
        let deep = format!(r#"{{"type":"X","data":{}1{}}}"#, "[".repeat(90_000), "]".repeat(90_000));
        assert_eq!(key(&deep), key(&deep));
    }

    #[test]
    fn long_numbers_count_to_the_last_digit() {
        let settlement = |id: &str| {
            key(&format!(
                r#"{{"type":"SETTLEMENT_SUCCESS","data":{{"settlement":{{"settlement_id":{id},"status":"SUCCESS"}}}}}}"#
            ))
        };
        assert_ne!(
            settlement("16448223177812121644822317781212"),
            settlement("16448223177812121644822317781213")
        );
    }

    #[test]
    fn keys_are_stable_across_releases() {
        let body = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"payment":{"cf_payment_id":"1","payment_status":"SUCCESS"}}}"#;
        assert_eq!(key(body).to_string(), "ca472d1547afa0d4fd266ebb25217a964b0ad8d0a459c2bdb3cf8d52cf0fe7cb");
        assert_eq!(key("{}").to_string(), "ecc53a5dbeb95fe4a4bacdd29ad7e830113fa88bff55c2be890e305bb68d4a35");
    }
}
