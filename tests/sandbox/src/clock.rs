//! Time as the service writes and reads it: RFC 3339 in Indian time (+05:30), one form without a zone.
//!
//! Only a handful of conversions is needed, so they are spelled out here instead of pulling a
//! calendar crate into a package that only tests use.
//!
//! What a sandbox decides by time, it decides by its [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

    /// A century: dates keep their four digits.
    const MOST: Duration = Duration::from_secs(100 * 365 * 86_400);

    /// How long ago a moment was; zero for one to come.
    pub(crate) fn since(&self, moment: SystemTime) -> Duration {
        self.now().duration_since(moment).unwrap_or_default()
    }
}

/// Indian Standard Time is ahead of UTC by five and a half hours, all year.
const IST_OFFSET: i64 = 5 * 3600 + 30 * 60;

/// `2025-07-15T16:40:24+05:30`: the form of most members.
pub(crate) fn with_zone(at: SystemTime) -> String {
    let (date, clock) = local(at);
    format!("{date}T{clock}+05:30")
}

/// `2025-07-15T16:47:50.285775`: the form of `authorization.action_time`.
pub(crate) fn without_zone(at: SystemTime) -> String {
    let micros = at.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_micros();
    let (date, clock) = local(at);
    format!("{date}T{clock}.{micros:06}")
}

/// `2021-11-11 16:57:57`: the form of saved instruments and of Easy Split.
pub(crate) fn with_space(at: SystemTime) -> String {
    let (date, clock) = local(at);
    format!("{date} {clock}")
}

/// `2023-01-18T11:26:58`: the form of disputes.
pub(crate) fn to_the_second(at: SystemTime) -> String {
    let (date, clock) = local(at);
    format!("{date}T{clock}")
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

fn local(at: SystemTime) -> (String, String) {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let seconds = i64::try_from(seconds).unwrap_or(0) + IST_OFFSET;
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    (
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60),
    )
}

/// Reads an RFC 3339 instant; a text without a zone is taken as Indian time.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let (clock, offset) = split_zone(rest)?;
    let mut date = date.splitn(3, '-').map(number);
    let days = days_from_civil(date.next()??, date.next()??, date.next()??)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut clock = clock.splitn(3, ':').map(number);
    let (hour, minute) = (clock.next()??, clock.next()??);
    let second = clock.next().unwrap_or(Some(0))?;
    if hour > 23 || minute > 59 || second > 60 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

fn split_zone(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = clock.find(['+', '-']) else {
        return Some((clock, IST_OFFSET));
    };
    let (clock, zone) = clock.split_at(at);
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let offset = number(hours)? * 3600 + number(minutes)? * 60;
    Some((clock, if zone.starts_with('-') { -offset } else { offset }))
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Days since 1970-01-01 to year, month, day (proleptic Gregorian calendar).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
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
        for text in ["", "tomorrow", "2025-13-01T00:00:00Z", "2025-07-15T25:00:00Z", "2025-07-15"] {
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
