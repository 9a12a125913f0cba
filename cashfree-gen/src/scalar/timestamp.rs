//! Timestamps as the service writes them, on `jiff`.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};

use super::error::ParseError;

/// India's offset from UTC in seconds; a time without a zone is in it.
const INDIA: i32 = (5 * 60 + 30) * 60;

/// Seconds of a day.
const DAY: i32 = 24 * 3600;

/// A point in time, kept as the text that was received or given.
///
/// Responses hold at least eight forms: with a zone, without one, a bare date, empty text.
/// [`to_system_time`](Timestamp::to_system_time) and the conversions of the features `chrono`, `jiff` and `time`
/// parse the text:
///
/// - a time without a zone is India's (UTC+05:30), a bare date its first moment there;
/// - a fraction has at most nine digits; a leap second is the second before it;
/// - the year is at most 9999, and a zone is less than a day from UTC.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Timestamp;
/// let paid = Timestamp::from("2025-07-15T16:40:24+05:30");
/// let seconds = paid.to_system_time()?.duration_since(std::time::UNIX_EPOCH)?.as_secs();
/// assert_eq!(seconds, 1_752_577_824);
/// assert_eq!(Timestamp::from("2025-07-15 16:40:24").to_system_time()?, paid.to_system_time()?);
/// assert_eq!(paid.as_str(), "2025-07-15T16:40:24+05:30");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(
        description = "Point in time. Without a zone it is India's, UTC+05:30.",
        example = "2025-07-15T16:40:24+05:30"
    )
)]
pub struct Timestamp(String);

impl Timestamp {
    /// Returns the text as it was received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the text stands for an absent time, such as empty text or `null`.
    pub fn is_blank(&self) -> bool {
        super::is_nothing(self.0.trim())
    }

    /// Parses the text.
    ///
    /// # Errors
    /// Returns an error if the text has none of the known forms; [`as_str`](Self::as_str) still returns it.
    pub fn to_system_time(&self) -> Result<SystemTime, ParseError> {
        let since = self.moment()?.0.as_duration();
        let whole = Duration::from_secs(since.as_secs().unsigned_abs());
        let fraction = Duration::from_nanos(since.subsec_nanos().unsigned_abs().into());
        let moment = if since.is_negative() {
            UNIX_EPOCH.checked_sub(whole).and_then(|moment| moment.checked_sub(fraction))
        } else {
            UNIX_EPOCH.checked_add(whole).and_then(|moment| moment.checked_add(fraction))
        };
        moment.ok_or_else(|| self.invalid())
    }

    /// The moment, and the zone that it is written in.
    pub(crate) fn moment(&self) -> Result<(jiff::Timestamp, Offset), ParseError> {
        parse(self.0.trim()).ok_or_else(|| self.invalid())
    }

    pub(crate) fn invalid(&self) -> ParseError {
        ParseError::quoting("timestamp", "a time such as 2025-07-15T16:40:24+05:30", &self.0)
    }
}

fn parse(text: &str) -> Option<(jiff::Timestamp, Offset)> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = match pieces.to_numeric_offset() {
        // jiff reads offsets up to 25:59:59; RFC 3339 has none of a day or more.
        Some(offset) if offset.seconds().abs() >= DAY => return None,
        Some(offset) => offset,
        None => Offset::from_seconds(INDIA).ok()?,
    };
    let time = pieces.time().unwrap_or(jiff::civil::Time::midnight());
    Some((offset.to_timestamp(pieces.date().to_datetime(time)).ok()?, offset))
}

/// Parses a time of a known form, and keeps its text. The conversions by `From` accept any text.
impl FromStr for Timestamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let time = Self::from(text);
        time.moment()?;
        Ok(time)
    }
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
            "2025-07-15T16:40:40+25:30",
            "2025-07-15T16:40:40-24:00",
        ] {
            let stamp = Timestamp::from(text);
            assert_eq!(stamp.to_system_time().map_err(drop), Err(()), "{text}");
            assert_eq!(stamp.as_str(), text);
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
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
            assert_eq!(Timestamp::from(text).to_system_time().map_err(drop), Err(()), "{text}");
        }
        assert!(Timestamp::from("0000-01-01T00:00:00+23:59").to_system_time().is_ok());
        assert!(Timestamp::from("2000-02-29").to_system_time().is_ok());
        // The parser reads nine digits; no clock has more.
        assert!(Timestamp::from(format!("2025-07-15T16:40:24.{}", "9".repeat(9))).to_system_time().is_ok());
        assert!(Timestamp::from(format!("2025-07-15T16:40:24.{}", "9".repeat(99))).to_system_time().is_err());
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
