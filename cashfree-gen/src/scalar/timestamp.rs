//! Points in time as the service writes them: in at least eight forms, several without a zone.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

/// India's offset from UTC; what carries no zone is read in it.
const INDIA: i64 = (5 * 60 + 30) * 60;

/// A point in time, kept as the text that was sent or given.
///
/// Text is all that can be relied upon: some answers carry a zone, some none, some are a bare date, and
/// some are empty. [`to_system_time`](Timestamp::to_system_time) reads the forms that are known; a time
/// without a zone is taken as India's (UTC+05:30), a bare date as its first moment there.
///
/// ```
/// use cashfree_gen::Timestamp;
/// let paid = Timestamp::from("2025-07-15T16:40:24+05:30");
/// let seconds = paid.to_system_time()?.duration_since(std::time::UNIX_EPOCH)?.as_secs();
/// assert_eq!(seconds, 1_752_577_824);
/// assert_eq!(Timestamp::from("2025-07-15 16:40:24").to_system_time()?, paid.to_system_time()?);
/// assert_eq!(paid.as_str(), "2025-07-15T16:40:24+05:30");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

/// The text is no time of a known form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time of a known form, such as 2025-07-15T16:40:24+05:30")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Timestamp {
    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no time in it: some answers write an absent time as empty text or as `null`.
    pub fn is_blank(&self) -> bool {
        crate::scalar::is_nothing(self.0.trim())
    }

    /// The moment that it names.
    ///
    /// # Errors
    /// When the text has none of the known forms; the text itself is still there.
    pub fn to_system_time(&self) -> Result<SystemTime, InvalidTimestamp> {
        let Moment { seconds, nanos, .. } = self.moment()?;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let moment = if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        moment
            .and_then(|moment| moment.checked_add(Duration::from_nanos(nanos.into())))
            .ok_or(InvalidTimestamp)
    }

    pub(crate) fn moment(&self) -> Result<Moment, InvalidTimestamp> {
        parse(self.0.trim()).ok_or(InvalidTimestamp)
    }
}

/// What a text of a known form says.
pub(crate) struct Moment {
    /// Since 1970, in UTC.
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    /// Of the zone that it is written in, in seconds east of Greenwich.
    #[cfg_attr(
        not(any(feature = "chrono", feature = "time")),
        allow(dead_code, reason = "the standard library's time has no zone")
    )]
    pub(crate) offset: i64,
}

fn parse(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.splitn(3, '-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
    let day = digits(parts.next()?, 2).filter(|day| (1..=days_in(year, month)).contains(day))?;
    let midnight = days_since_1970(year, month, day) * 86_400;
    if rest.is_empty() {
        return Some(Moment { seconds: midnight - INDIA, nanos: 0, offset: INDIA });
    }

    let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
    let (time, rest) = rest.split_at_checked(8)?;
    let mut parts = time.splitn(3, ':');
    let hour = digits(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = digits(parts.next()?, 2).filter(|second| *second <= 60)?;

    let (nanos, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, rest) =
                rest.split_at_checked(length).filter(|(fraction, _)| !fraction.is_empty())?;
            let nine: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
            (nine.parse().ok()?, rest)
        }
        None => (0, rest),
    };
    let offset = offset(rest.trim())?;
    let seconds = midnight + hour * 3_600 + minute * 60 + second - offset;
    Some(Moment { seconds, nanos, offset })
}

/// `Z`, `+05:30`, `+0530`, or nothing, in seconds east of Greenwich.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first() {
        None => return Some(INDIA),
        Some(b'Z' | b'z') if text.len() == 1 => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let rest = &text[1..];
    let (hours, minutes) = match rest.split_once(':') {
        Some(both) => both,
        None => rest.split_at_checked(2)?,
    };
    let hours = digits(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = digits(minutes, 2).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 3_600 + minutes * 60))
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let years = year - 1;
    // Rounded down, also before the year 1.
    let leap = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    let before = years * 365 + leap;
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    before + months + day - 1 - 719_162
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl AsRef<str> for Timestamp {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_known_form_names_the_same_moment() {
        let expected = UNIX_EPOCH + Duration::from_secs(1_752_577_824);
        for text in [
            "2025-07-15T16:40:24+05:30",
            "2025-07-15T16:40:24+0530",
            "2025-07-15T16:40:24",
            "2025-07-15 16:40:24",
            "2025-07-15T11:10:24Z",
            " 2025-07-15T11:10:24.000Z ",
            "2025-07-15T16:40:24.000000000+05:30",
            "2025-07-15T06:10:24-05:00",
        ] {
            assert_eq!(Timestamp::from(text).to_system_time(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn fractions_and_dates_are_read() {
        let micros = Timestamp::from("2025-07-15T16:47:50.285775").to_system_time();
        assert_eq!(micros, Ok(UNIX_EPOCH + Duration::from_nanos(1_752_578_270_285_775_000)));
        let date = Timestamp::from("2024-05-01").to_system_time();
        assert_eq!(date, Ok(UNIX_EPOCH + Duration::from_secs(1_714_501_800)));
        assert!(Timestamp::from("9999-09-09T00:00:00").to_system_time().is_ok());
        assert!(Timestamp::from("1969-12-31T00:00:00Z").to_system_time().is_ok());
    }

    #[test]
    fn what_is_no_time_is_an_error_and_keeps_its_text() {
        for text in [
            "",
            "null",
            "NA",
            "2025-13-01",
            "2025-02-30",
            "15/07/2025",
            "2025-07-15T25:00:00Z",
            "٢٠٢٥-٠٧-١٥",
            "2025-07-15T1",
        ] {
            let stamp = Timestamp::from(text);
            assert_eq!(stamp.to_system_time(), Err(InvalidTimestamp), "{text}");
            assert_eq!(stamp.as_str(), text);
        }
        assert!(Timestamp::from("").is_blank() && Timestamp::from("null").is_blank());
    }

    #[test]
    fn hostile_text_is_refused_without_a_panic() {
        for text in [
            "2025-07-1é",
            "2025-07-15é16:40:24",
            "2025-07-15T16:40:2é",
            "2025-07-15T16:40:24+é1",
            "2025-07-15T16:40:24é",
            "2025-07-15T16:40:24+",
            "2025-07-15T16:40:24+5",
            "2025-07-15T16:40:24-99:00",
            "2025-07-15T16:40:24.",
            "2025-07-15T16:40:24.Z",
            "2025-07-15T16:40:61Z",
            "2025-07-15X16:40:24",
            "-025-07-15",
            "+025-07-15",
            "2025-00-10",
            "2025-07-15T16:40:24Z\0",
            "1900-02-29",
        ] {
            assert_eq!(Timestamp::from(text).to_system_time(), Err(InvalidTimestamp), "{text}");
        }
        assert!(Timestamp::from("0000-01-01T00:00:00+23:59").to_system_time().is_ok());
        assert!(Timestamp::from("2000-02-29").to_system_time().is_ok());
        assert!(Timestamp::from(format!("2025-07-15T16:40:24.{}", "9".repeat(99))).to_system_time().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn every_moment_reads_as_another_reader_reads_it(
            seconds in -62_135_596_800..253_402_207_200_i64,
            nanos in 0..1_000_000_000_u32,
            minutes in -14 * 60..=14 * 60_i32,
        ) {
            let moment = jiff::Timestamp::new(seconds, 0).unwrap() + jiff::SignedDuration::new(0, nanos as i32);
            let zone = jiff::tz::Offset::from_seconds(minutes * 60).unwrap().to_time_zone();
            let text = moment.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S.%9f%:z").to_string();
            if text.starts_with('-') {
                return Ok(());
            }
            proptest::prop_assert_eq!(
                Timestamp::from(text.as_str()).to_system_time(),
                Ok(SystemTime::from(moment)),
                "{}", text
            );
        }

        #[test]
        fn any_text_is_kept(text in r"[-0-9T:. +Zé]{0,40}|\PC{0,20}") {
            let stamp = Timestamp::from(text.as_str());
            let _ = stamp.to_system_time();
            proptest::prop_assert_eq!(stamp.as_str(), text);
        }
    }
}
