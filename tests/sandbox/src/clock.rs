//! Time as the service writes and reads it: RFC 3339 in Indian time (+05:30), one form without a zone.
//!
//! What a sandbox decides by time, it decides by its [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// The time of one sandbox: that of the machine, and what it was advanced by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }

    /// How far it is ahead of the machine's clock.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// Moves it forward, in whole milliseconds and to no more than [`Clock::MOST`] ahead.
    pub(crate) fn advance(&self, by: Duration) {
        let ahead = self.ahead().saturating_add(by).min(Self::MOST);
        self.0.store(u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How far it can still be moved.
    pub(crate) fn left(&self) -> Duration {
        Self::MOST.saturating_sub(self.ahead())
    }

    /// A century: dates keep their four digits.
    const MOST: Duration = Duration::from_secs(100 * 365 * 86_400);

    /// How long ago a moment was; zero for one to come.
    pub(crate) fn since(&self, moment: SystemTime) -> Duration {
        self.now().duration_since(moment).unwrap_or_default()
    }
}

/// Indian Standard Time is ahead of UTC by five and a half hours, all year.
const IST_OFFSET: i32 = 5 * 3600 + 30 * 60;

/// A moment in Indian time.
fn local(at: SystemTime) -> Zoned {
    let zone = Offset::from_seconds(IST_OFFSET).map_or(TimeZone::UTC, TimeZone::fixed);
    Timestamp::try_from(at).unwrap_or_default().to_zoned(zone)
}

/// `2025-07-15T16:40:24+05:30`: the form of most fields.
pub(crate) fn with_zone(at: SystemTime) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S+05:30").to_string()
}

/// `2025-07-15T16:47:50.285775`: the form of `authorization.action_time`.
pub(crate) fn without_zone(at: SystemTime) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

/// `2021-11-11 16:57:57`: the form of saved instruments and of Easy Split.
pub(crate) fn with_space(at: SystemTime) -> String {
    local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `2023-01-18T11:26:58`: the form of disputes.
pub(crate) fn to_the_second(at: SystemTime) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// How long it is until the day ends in India, in whole milliseconds and never nothing.
pub(crate) fn left_of_day(at: SystemTime) -> Duration {
    const DAY: u128 = 86_400_000;
    let offset = u128::from(IST_OFFSET.unsigned_abs()) * 1_000;
    let now = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() + offset;
    Duration::from_millis(u64::try_from(DAY - now % DAY).unwrap_or(1))
}

/// Whole seconds, as far as a time is shown.
pub(crate) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Reads an RFC 3339 instant, to the second; a text without a zone is taken as Indian time.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    // A date alone is no instant.
    text.contains(['T', 't', ' ']).then_some(())?;
    let seconds = match text.parse::<Timestamp>() {
        Ok(instant) => instant.as_second(),
        Err(_) if names_zone(text) => return None,
        Err(_) => {
            let offset = Offset::from_seconds(IST_OFFSET).ok()?;
            offset.to_timestamp(text.parse::<DateTime>().ok()?).ok()?.as_second()
        }
    };
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Whether an offset, or `Z`, stands behind the time of day.
fn names_zone(text: &str) -> bool {
    let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    time.contains(['Z', 'z', '+', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_indian_time() {
        let at = UNIX_EPOCH + Duration::from_micros(1_752_577_824_285_775);
        assert_eq!(with_zone(at), "2025-07-15T16:40:24+05:30");
        assert_eq!(without_zone(at), "2025-07-15T16:40:24.285775");
        assert_eq!(with_space(at), "2025-07-15 16:40:24");
        assert_eq!(to_the_second(at), "2025-07-15T16:40:24");
    }

    #[test]
    fn reads_the_forms_that_requests_use() {
        let at = UNIX_EPOCH + Duration::from_secs(1_752_577_824);
        for text in [
            "2025-07-15T16:40:24+05:30",
            "2025-07-15T11:10:24Z",
            "2025-07-15T11:10:24.000Z",
            "2025-07-15T16:40:24",
            "2025-07-15T16:40:24+0530",
        ] {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "2025-13-01T00:00:00Z",
            "2025-07-15T25:00:00Z",
            "2025-02-30T00:00:00Z",
            "2025-07-15",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_india() {
        let at = |text| parse(text).map(left_of_day).map(|left| left.as_secs());
        assert_eq!(at("2025-07-15T23:59:50+05:30"), Some(10));
        assert_eq!(at("2025-07-15T00:00:00+05:30"), Some(86_400));
        assert_eq!(at("2025-07-15T18:30:00Z"), Some(86_400));
    }

    #[test]
    fn survives_a_leap_day() {
        let at = parse("2024-02-29T00:00:00+05:30");
        assert_eq!(at.map(with_zone).as_deref(), Some("2024-02-29T00:00:00+05:30"));
    }
}
