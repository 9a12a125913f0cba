//! Identity of an event: what happened, independent of how a delivery is written.
//!
//! Webhook versions spell one event differently: ids are numbers or text, fields are added, `cf_payment_id` is
//! `cfPaymentId`. The events document names, per event type, the fields that identify an occurrence
//! (`x-cashfree-event-identity`); [`IDENTITIES`] is generated from it and read here.

use std::borrow::Cow;
use std::fmt;
use std::time::UNIX_EPOCH;

use super::{EventKind, RawEvent};
use crate::decode::decoder::Decoder;
use crate::decode::error::DecodeError;
use crate::decode::{collections, scalar};
use crate::generated::webhooks::identities::IDENTITIES;
use crate::scalar::is_nothing;
use crate::{Decimal, Timestamp};

/// Rule that identifies the events of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentityRule {
    /// Event type of the identity. Two spellings of one type share it.
    pub event: &'static str,
    /// Fields that identify an occurrence, in the order in which they count.
    pub parts: &'static [IdentityPart],
}

/// One field of an [`IdentityRule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentityPart {
    /// How the value is compared.
    pub role: IdentityRole,
    /// Paths below `data`, such as `payment.cf_payment_id`. The first that has a value counts. `event_time` is
    /// the time of the whole event.
    pub paths: &'static [&'static str],
}

/// Comparison of a field of an event's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityRole {
    /// Required id. The number 42 equals the text `42`; upper and lower case differ.
    Id,
    /// Required status. Upper and lower case are equal.
    Status,
    /// Required time that distinguishes recurrences. Compared to the second, whatever its zone or form.
    Time,
    /// Optional text or number that distinguishes recurrences. `0`, null and absent are equal, and so are `55` and
    /// `55.00`, and upper and lower case.
    Also,
}

impl IdentityPart {
    pub(crate) const fn new(role: IdentityRole, paths: &'static [&'static str]) -> Self {
        Self { role, paths }
    }
}

impl IdentityRule {
    pub(crate) const fn new(event: &'static str, parts: &'static [IdentityPart]) -> Self {
        Self { event, parts }
    }

    /// Returns the rule of an event type. `None` for types whose payload is not described.
    pub fn of(kind: &EventKind) -> Option<&'static Self> {
        IDENTITIES.iter().find(|(of, _)| of == kind).map(|(_, rule)| rule)
    }
}

/// Identity of an event in normalised form: equal for every delivery of one event.
///
/// `Display` shows the event type and the values, such as `PAYMENT_SUCCESS_WEBHOOK 5580000019 SUCCESS`. The values
/// are ids, statuses and times; none describes a customer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventIdentity {
    event: &'static str,
    values: Vec<String>,
}

impl EventIdentity {
    /// Returns the event type of the [rule](IdentityRule::event).
    pub const fn event(&self) -> &'static str {
        self.event
    }

    /// Returns the normalised values, one for each [part](IdentityRule::parts). Empty for an optional field that is absent.
    pub fn values(&self) -> &[String] {
        &self.values
    }
}

impl fmt::Display for EventIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.event)?;
        self.values.iter().try_for_each(|value| write!(f, " {}", if value.is_empty() { "-" } else { value }))
    }
}

impl RawEvent {
    /// Returns what identifies the event, by the rule of its type in the
    /// [table](crate::webhooks::IDENTITIES).
    ///
    /// `None` if the type has no rule, or a required field is absent, null or not a text or number.
    ///
    /// ```
    /// # mod cashfree { pub use cashfree_gen::*; pub mod webhook { pub use cashfree_gen::{RawEvent, webhooks::*}; } }
    /// use cashfree::webhook::RawEvent;
    ///
    /// let v2023 = br#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"payment":{"cf_payment_id":42,"payment_status":"SUCCESS"}}}"#;
    /// let v2025 = br#"{"data":{"payment":{"payment_status":"SUCCESS","cf_payment_id":"42","payment_surcharge":null}},"type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
    /// let identity = RawEvent::read(v2023)?.identity();
    /// assert_eq!(identity, RawEvent::read(v2025)?.identity());
    /// assert_eq!(identity.map(|identity| identity.to_string()).as_deref(), Some("PAYMENT_SUCCESS_WEBHOOK 42 SUCCESS"));
    /// # Ok::<(), cashfree_gen::EventError>(())
    /// ```
    pub fn identity(&self) -> Option<EventIdentity> {
        let rule = IdentityRule::of(self.kind())?;
        let values = rule.parts.iter().map(|part| self.value(part)).collect::<Option<_>>()?;
        Some(EventIdentity { event: rule.event, values })
    }

    /// Returns the value of one part. `None` if a required one is absent.
    fn value(&self, part: &IdentityPart) -> Option<String> {
        let found = part.paths.iter().find_map(|path| match *path {
            "event_time" => self.event_time().map(|time| Cow::Borrowed(time.as_str())),
            path => {
                let steps: Vec<&str> = path.split('.').collect();
                find(self.data(), &steps)
            }
        });
        match (part.role, found) {
            (IdentityRole::Also, None) => Some(String::new()),
            (role, found) => Some(normalized(role, found?.trim())),
        }
    }
}

fn normalized(role: IdentityRole, text: &str) -> String {
    match role {
        // Some serializers write whole numbers as 42.0.
        IdentityRole::Id => match text.split_once('.') {
            Some((whole, zeros))
                if is_digits(whole) && !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') =>
            {
                whole.to_owned()
            }
            _ => text.to_owned(),
        },
        IdentityRole::Status => text.to_ascii_uppercase(),
        IdentityRole::Time => {
            let compact: String = text.split_whitespace().collect();
            seconds(text).or_else(|| seconds(&compact)).unwrap_or(compact)
        }
        IdentityRole::Also => match text.parse::<Decimal>() {
            Ok(number) => {
                let digits = number.to_string();
                let digits = match digits.contains('.') {
                    true => digits.trim_end_matches('0').trim_end_matches('.'),
                    false => &digits,
                };
                if matches!(digits, "0" | "-0") { String::new() } else { digits.to_owned() }
            }
            Err(_) => text.to_ascii_uppercase(),
        },
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Seconds since 1970 in UTC.
fn seconds(text: &str) -> Option<String> {
    let time = Timestamp::from(text).to_system_time().ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs().to_string())
}

/// Finds the text or number at a path of an object. Null, empty and placeholder texts count as absent.
fn find<'a>(json: &'a str, path: &[&str]) -> Option<Cow<'a, str>> {
    let Some((name, below)) = path.split_first() else {
        let text = Decoder::new(json).whole(|decoder| scalar::text(decoder, false)).ok()??;
        return (!is_nothing(text.trim())).then_some(text);
    };
    let field = Decoder::new(json)
        .whole(|decoder| collections::object(decoder, |decoder| field(decoder, name)))
        .ok()??;
    find(field, below)
}

/// Finds a field under any spelling of its name; the documented spelling has precedence, then the last.
fn field<'a>(decoder: &mut Decoder<'a>, name: &str) -> Result<Option<&'a str>, DecodeError> {
    if decoder.eat_null()? {
        return Ok(None);
    }
    let (mut documented, mut other) = (None, None);
    decoder.entries(&mut |decoder, found| {
        let value = decoder.raw()?;
        if value != "null" && found == name {
            documented = Some(value);
        } else if value != "null" && is_spelling(&found, name) {
            other = Some(value);
        }
        Ok(())
    })?;
    Ok(documented.or(other))
}

/// Compares names by their letters and digits: `cfPaymentId` and `CF_PAYMENT_ID` are `cf_payment_id`.
fn is_spelling(name: &str, documented: &str) -> bool {
    let letters = |name: &str| {
        let letters = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        letters.map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    name.len() >= documented.len() / 2 && letters(name) == letters(documented)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn identity(body: &str) -> Option<String> {
        RawEvent::read(body.as_bytes()).unwrap().identity().map(|identity| identity.to_string())
    }

    fn event(kind: &str, data: &str) -> Option<String> {
        identity(&format!(r#"{{"type":"{kind}","event_time":"2025-01-15T12:20:29+05:30","data":{data}}}"#))
    }

    #[test]
    fn spelling_of_names_and_values_does_not_count() {
        let same = Some("REFUND_STATUS_WEBHOOK 42 SUCCESS".to_owned());
        for data in [
            r#"{"refund":{"cf_refund_id":42,"refund_status":"SUCCESS"}}"#,
            r#"{"refund":{"cf_refund_id":" 42 ","refund_status":"success"}}"#,
            r#"{"refund":{"cf_refund_id":42.0,"refund_status":"SUCCESS","refund_id":null}}"#,
            r#"{"Refund":{"cfRefundId":"42","refundStatus":"SUCCESS"}}"#,
            r#"{"refund":[{"refund_status":"SUCC\u0045SS","cf_refund_id":"42"}]}"#,
            r#"{"refund":{"cfRefundId":"7","cf_refund_id":"42","refund_status":"SUCCESS","CF_REFUND_ID":"8"}}"#,
            r#"{"refund":{"cf_refund_id":"1","cf_refund_id":"42","cf_refund_id":null,"refund_status":"SUCCESS"}}"#,
        ] {
            assert_eq!(event("REFUND_STATUS_WEBHOOK", data), same, "{data}");
        }
        for data in [
            r#"{"refund":{"cf_refund_id":42}}"#,
            r#"{"refund":{"cf_refund_id":null,"refund_status":"SUCCESS"}}"#,
            r#"{"refund":{"cf_refund_id":"","refund_status":"SUCCESS"}}"#,
            r#"{"refund":{"cf_refund_id":{},"refund_status":"SUCCESS"}}"#,
            r#"{"refund":null}"#,
            r#"[]"#,
            r#""text""#,
        ] {
            assert_eq!(event("REFUND_STATUS_WEBHOOK", data), None, "{data}");
        }
        assert_eq!(
            event("NEVER_HEARD_OF", r#"{"refund":{"cf_refund_id":42,"refund_status":"SUCCESS"}}"#),
            None
        );
    }

    #[test]
    fn times_are_compared_to_the_second_in_any_form() {
        let update = |time: &str| {
            let dispute = r#"{"dispute":{"dispute_id":"1","dispute_status":"X","updated_at":"TIME"}}"#;
            event("DISPUTE_UPDATED", &dispute.replace("TIME", time)).unwrap()
        };
        let same = update("2025-01-16T10:00:00+05:30");
        for time in [
            "2025-01-16T10: 00: 00+05:30",
            "2025-01-16T04:30:00Z",
            "2025-01-16T10:00:00.123+05:30",
            "2025-01-16 10:00:00",
        ] {
            assert_eq!(update(time), same, "{time}");
        }
        assert_ne!(update("2025-01-16T10:00:01+05:30"), same);
        assert_eq!(update("so on"), "DISPUTE_UPDATED 1 X soon");
        // Without its own time, that of the whole event distinguishes recurrences.
        assert_eq!(update("").split(' ').next_back(), Some("1736923829"));
    }

    #[test]
    fn optional_fields_are_equal_when_absent_null_or_zero() {
        let failed = |more: &str| {
            let data = format!(r#"{{"cf_payment_id":"1","payment_status":"FAILED"{more}}}"#);
            event("SUBSCRIPTION_PAYMENT_FAILED", &data).unwrap()
        };
        for more in ["", r#","retry_attempts":0"#, r#","retry_attempts":null"#, r#","retryAttempts":"0.0""#] {
            assert_eq!(failed(more), "SUBSCRIPTION_PAYMENT_FAILED 1 FAILED -", "{more}");
        }
        for more in [r#","retry_attempts":3"#, r#","retry_attempts":"3.00""#] {
            assert_eq!(failed(more), "SUBSCRIPTION_PAYMENT_FAILED 1 FAILED 3", "{more}");
        }
    }

    #[test]
    fn two_types_that_spell_one_event_share_its_identity() {
        let data = r#"{"cf_payment_id":"1","payment_status":"CANCELLED"}"#;
        let cancelled = event("SUBSCRIPTION_PAYMENT_CANCELLED", data);
        assert!(cancelled.is_some());
        assert_eq!(cancelled, event("SUBSCRIPTION_PAYMENT_DECLINED", &data.replace("CANCELLED", "DECLINED")));
    }
}
