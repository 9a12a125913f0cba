//! The `WARN` event of a refused delivery. Nothing without the feature `tracing`.
//!
//! The fields are the reason, the attempt and the age; never the text of a header or anything of the body.

use std::time::SystemTime;

use super::headers::Headers;
#[cfg(feature = "tracing")]
use super::headers::timestamp_moment;

#[cfg(feature = "tracing")]
pub(super) fn refused(now: SystemTime, reason: &dyn std::fmt::Display, headers: &Headers<'_>) {
    let timestamp = headers.signed().ok().map(|(timestamp, _)| timestamp);
    event(now, reason, timestamp, headers.attempt());
}

#[cfg(feature = "tracing")]
pub(super) fn refused_parts(now: SystemTime, reason: &dyn std::fmt::Display, timestamp: &str) {
    event(now, reason, Some(timestamp), None);
}

#[cfg(feature = "tracing")]
fn event(now: SystemTime, reason: &dyn std::fmt::Display, timestamp: Option<&str>, attempt: Option<u32>) {
    let millis = |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    // Negative for a time ahead of this machine's clock.
    let age_ms = timestamp.and_then(timestamp_moment).map(|sent_at| match now.duration_since(sent_at) {
        Ok(age) => millis(age),
        Err(ahead) => -millis(ahead.duration()),
    });
    tracing::warn!(target: "cashfree", reason = %reason, attempt, age_ms, "webhook delivery refused");
}

#[cfg(not(feature = "tracing"))]
pub(super) fn refused(_: SystemTime, _: &dyn std::fmt::Display, _: &Headers<'_>) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn refused_parts(_: SystemTime, _: &dyn std::fmt::Display, _: &str) {}
