//! Points in time: those of the standard library, `chrono`, `jiff` and `time`.

use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
use crate::InvalidTimestamp;
use crate::Timestamp;

const DAY: i64 = 86_400;

/// The way the service writes times: RFC 3339, a fraction only where there is one. An offset that is no
/// whole minute can't be written so; such a time is written in UTC.
fn written(seconds: i64, nanos: u32, offset: i64) -> Timestamp {
    let offset = if offset % 60 == 0 { offset } else { 0 };
    let local = seconds + offset;
    let (year, month, day) = date(local.div_euclid(DAY));
    let second = local.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if nanos > 0 {
        text.push_str(format!(".{nanos:09}").trim_end_matches('0'));
    }
    if offset == 0 {
        text.push('Z');
    } else {
        let (sign, east) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        text.push_str(&format!("{sign}{:02}:{:02}", east / 3_600, east / 60 % 60));
    }
    Timestamp::from(text)
}

/// Year, month and day of a number of days since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted in years that begin in March, so that a leap day is the last of its year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Written in UTC, down to the second, as the service writes its times.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use cashfree_gen::Timestamp;
///
/// let moment = UNIX_EPOCH + Duration::from_millis(1_752_577_824_250);
/// assert_eq!(Timestamp::from(moment).as_str(), "2025-07-15T11:10:24Z");
/// ```
impl From<SystemTime> for Timestamp {
    fn from(moment: SystemTime) -> Self {
        let whole = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let seconds = match moment.duration_since(UNIX_EPOCH) {
            Ok(since) => whole(since.as_secs()),
            Err(before) => {
                let before = before.duration();
                -whole(before.as_secs()) - i64::from(before.subsec_nanos() > 0)
            }
        };
        written(seconds, 0, 0)
    }
}

/// The moment, in the zone that it is written in; without one, in India's. Feature `chrono`.
///
/// ```
/// use cashfree_gen::Timestamp;
/// use chrono::{DateTime, FixedOffset};
///
/// let paid = DateTime::<FixedOffset>::try_from(&Timestamp::from("2025-07-15 16:40:24"))?;
/// assert_eq!(paid.timestamp(), 1_752_577_824);
/// assert_eq!(Timestamp::from(paid).as_str(), "2025-07-15T16:40:24+05:30");
/// # Ok::<(), cashfree_gen::InvalidTimestamp>(())
/// ```
///
/// # Errors
/// When the text has none of the known forms.
#[cfg(feature = "chrono")]
impl TryFrom<&Timestamp> for chrono::DateTime<chrono::FixedOffset> {
    type Error = InvalidTimestamp;

    fn try_from(stamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
        let moment = stamp.moment()?;
        let offset = i32::try_from(moment.offset).ok().and_then(chrono::FixedOffset::east_opt);
        let utc = chrono::DateTime::from_timestamp(moment.seconds, moment.nanos);
        Ok(utc.ok_or(InvalidTimestamp)?.with_timezone(&offset.ok_or(InvalidTimestamp)?))
    }
}

/// Written in its own zone. A leap second becomes the second after it. Feature `chrono`.
#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> From<chrono::DateTime<Tz>> for Timestamp {
    fn from(moment: chrono::DateTime<Tz>) -> Self {
        use chrono::Offset as _;
        const SECOND: u32 = 1_000_000_000;
        let nanos = moment.timestamp_subsec_nanos();
        let seconds = moment.timestamp() + i64::from(nanos / SECOND);
        written(seconds, nanos % SECOND, moment.offset().fix().local_minus_utc().into())
    }
}

/// The moment; which zone it is written in, it does not keep. Feature `jiff`.
///
/// ```
/// use cashfree_gen::Timestamp;
///
/// let paid = jiff::Timestamp::try_from(&Timestamp::from("2025-07-15T16:40:24+05:30"))?;
/// assert_eq!(paid.as_second(), 1_752_577_824);
/// assert_eq!(Timestamp::from(paid).as_str(), "2025-07-15T11:10:24Z");
/// # Ok::<(), cashfree_gen::InvalidTimestamp>(())
/// ```
///
/// # Errors
/// When the text has none of the known forms, or names a moment that `jiff` does not know: it knows those
/// up to the last but one day of 9999.
#[cfg(feature = "jiff")]
impl TryFrom<&Timestamp> for jiff::Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(stamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
        let moment = stamp.moment()?;
        let nanos = i32::try_from(moment.nanos).map_err(|_| InvalidTimestamp)?;
        let whole = Self::new(moment.seconds, 0).map_err(|_| InvalidTimestamp)?;
        // Apart from the seconds, since before 1970 the two would differ in sign.
        whole.checked_add(jiff::SignedDuration::new(0, nanos)).map_err(|_| InvalidTimestamp)
    }
}

/// Written in UTC. Feature `jiff`.
#[cfg(feature = "jiff")]
impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        let nanos = moment.as_nanosecond();
        const SECOND: i128 = 1_000_000_000;
        // Both are in the range of their type for each moment that there is.
        let seconds = i64::try_from(nanos.div_euclid(SECOND)).unwrap_or(moment.as_second());
        written(seconds, u32::try_from(nanos.rem_euclid(SECOND)).unwrap_or_default(), 0)
    }
}

/// The moment, in the zone that it is written in; without one, in India's. Feature `time`.
///
/// ```
/// use cashfree_gen::Timestamp;
///
/// let paid = time::OffsetDateTime::try_from(&Timestamp::from("2025-07-15 16:40:24"))?;
/// assert_eq!(paid.unix_timestamp(), 1_752_577_824);
/// assert_eq!(Timestamp::from(paid).as_str(), "2025-07-15T16:40:24+05:30");
/// # Ok::<(), cashfree_gen::InvalidTimestamp>(())
/// ```
///
/// # Errors
/// When the text has none of the known forms, or names a moment outside of the years that `time` knows.
#[cfg(feature = "time")]
impl TryFrom<&Timestamp> for time::OffsetDateTime {
    type Error = InvalidTimestamp;

    fn try_from(stamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
        let moment = stamp.moment()?;
        let offset = i32::try_from(moment.offset).map_err(|_| InvalidTimestamp)?;
        let offset = time::UtcOffset::from_whole_seconds(offset).map_err(|_| InvalidTimestamp)?;
        let nanos = i128::from(moment.seconds) * 1_000_000_000 + i128::from(moment.nanos);
        let utc = Self::from_unix_timestamp_nanos(nanos).map_err(|_| InvalidTimestamp)?;
        utc.checked_to_offset(offset).ok_or(InvalidTimestamp)
    }
}

/// Written in its own zone. Feature `time`.
#[cfg(feature = "time")]
impl From<time::OffsetDateTime> for Timestamp {
    fn from(moment: time::OffsetDateTime) -> Self {
        written(moment.unix_timestamp(), moment.nanosecond(), moment.offset().whole_seconds().into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_time_is_refused_by_all() {
        for text in ["", "null", "NA", "2025-13-01", "15/07/2025"] {
            let stamp = Timestamp::from(text);
            assert!(chrono::DateTime::try_from(&stamp).is_err(), "{text}");
            assert!(jiff::Timestamp::try_from(&stamp).is_err(), "{text}");
            assert!(time::OffsetDateTime::try_from(&stamp).is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_range_are_values_or_errors() {
        for text in [
            "0000-01-01T00:00:00+23:59",
            "0000-12-31T23:59:59-23:59",
            "9999-12-31T23:59:60-23:59",
            "9999-12-31T23:59:59.999999999+23:59",
            "9999-09-09",
        ] {
            let stamp = Timestamp::from(text);
            let _ = chrono::DateTime::try_from(&stamp).map(Timestamp::from);
            let _ = jiff::Timestamp::try_from(&stamp).map(Timestamp::from);
            let _ = time::OffsetDateTime::try_from(&stamp).map(Timestamp::from);
        }
        for moment in [chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC] {
            let _ = Timestamp::from(moment);
        }
        let _ = (Timestamp::from(jiff::Timestamp::MIN), Timestamp::from(jiff::Timestamp::MAX));
    }

    #[test]
    fn zones_and_fractions_are_written_as_the_service_writes_them() {
        let written = |text: &str| {
            let moment = chrono::DateTime::try_from(&Timestamp::from(text)).unwrap();
            Timestamp::from(moment).as_str().to_owned()
        };
        assert_eq!(written("2024-05-01"), "2024-05-01T00:00:00+05:30");
        assert_eq!(written("2025-07-15T16:47:50.285775"), "2025-07-15T16:47:50.285775+05:30");
        assert_eq!(written("2025-07-15T11:10:24.000Z"), "2025-07-15T11:10:24Z");
        assert_eq!(written("2025-07-15T06:10:24.5-0500"), "2025-07-15T06:10:24.5-05:00");
        // Bombay's mean time of old, UTC+04:51:28.
        let odd = chrono::FixedOffset::east_opt(4 * 3_600 + 51 * 60 + 28).unwrap();
        let old = chrono::DateTime::from_timestamp(0, 0).unwrap().with_timezone(&odd);
        assert_eq!(Timestamp::from(old).as_str(), "1970-01-01T00:00:00Z");
        let leap = chrono::DateTime::from_timestamp(59, 1_500_000_000).unwrap();
        assert_eq!(Timestamp::from(leap).as_str(), "1970-01-01T00:01:00.5Z");
    }

    proptest! {
        #[test]
        fn a_moment_comes_back_from_each_of_them(
            seconds in -62_135_000_000..253_370_000_000_i64,
            nanos in prop_oneof![Just(0), 0..1_000_000_000_u32],
            minutes in -14 * 60..=14 * 60_i32,
        ) {
            let moment = chrono::DateTime::from_timestamp(seconds, nanos).unwrap();
            let east = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let theirs = moment.with_timezone(&east);
            let stamp = Timestamp::from(theirs);
            let by_chrono = format!("{:?}", theirs.naive_local());
            prop_assert_eq!(stamp.as_str().get(..19), by_chrono.get(..19));
            let read = chrono::DateTime::<chrono::FixedOffset>::try_from(&stamp).unwrap();
            prop_assert_eq!((read, read.offset()), (theirs, theirs.offset()));

            let read = time::OffsetDateTime::try_from(&stamp).unwrap();
            prop_assert_eq!((read.unix_timestamp(), read.nanosecond()), (seconds, nanos));
            prop_assert_eq!(&Timestamp::from(read), &stamp);

            let read = jiff::Timestamp::try_from(&stamp).unwrap();
            prop_assert_eq!(read.as_nanosecond(), i128::from(seconds) * 1_000_000_000 + i128::from(nanos));
            let utc = Timestamp::from(read);
            prop_assert_eq!(&utc, &Timestamp::from(moment));
            prop_assert_eq!(utc.as_str().parse::<jiff::Timestamp>().unwrap(), read);
        }
    }
}
