//! Timestamps: the standard library, `chrono`, `jiff` and `time`.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::Offset;

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
use crate::ParseError;
use crate::Timestamp;

const SECOND: i128 = 1_000_000_000;

/// Writes a moment as RFC 3339. An offset that is not a whole number of minutes has no such form and becomes UTC; a
/// moment outside of the years -9999 to 9999 becomes the nearest within.
fn written(nanos: i128, offset: i32) -> Timestamp {
    let end = if nanos < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    let moment = jiff::Timestamp::from_nanosecond(nanos).unwrap_or(end);
    match Offset::from_seconds(offset) {
        Ok(offset) if offset.seconds() % 60 == 0 && offset != Offset::UTC => {
            moment.display_with_offset(offset).to_string().into()
        }
        _ => moment.to_string().into(),
    }
}

/// Writes the moment in UTC, down to the second, as the service writes times. A time after the year 9999 becomes the
/// last one within it.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// # use cashfree_gen as cashfree;
/// use cashfree::Timestamp;
///
/// let moment = UNIX_EPOCH + Duration::from_millis(1_752_577_824_250);
/// assert_eq!(Timestamp::from(moment).as_str(), "2025-07-15T11:10:24Z");
/// ```
impl From<SystemTime> for Timestamp {
    fn from(moment: SystemTime) -> Self {
        let seconds = match moment.duration_since(UNIX_EPOCH) {
            Ok(since) => i128::from(since.as_secs()),
            Err(before) => {
                let before = before.duration();
                -i128::from(before.as_secs()) - i128::from(before.subsec_nanos() > 0)
            }
        };
        written(seconds * SECOND, 0)
    }
}

/// Parses the text. The result has the zone of the text, or India's where there is none. Feature `chrono`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Timestamp;
/// use chrono::{DateTime, FixedOffset};
///
/// let paid = DateTime::<FixedOffset>::try_from(&Timestamp::from("2025-07-15 16:40:24"))?;
/// assert_eq!(paid.timestamp(), 1_752_577_824);
/// assert_eq!(Timestamp::from(paid).as_str(), "2025-07-15T16:40:24+05:30");
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
///
/// # Errors
/// Returns an error if the text has none of the known forms.
#[cfg(feature = "chrono")]
impl TryFrom<&Timestamp> for chrono::DateTime<chrono::FixedOffset> {
    type Error = ParseError;

    fn try_from(stamp: &Timestamp) -> Result<Self, ParseError> {
        let (moment, offset) = stamp.moment()?;
        let nanos = moment.as_nanosecond();
        let utc = i64::try_from(nanos.div_euclid(SECOND)).ok().and_then(|seconds| {
            chrono::DateTime::from_timestamp(seconds, u32::try_from(nanos.rem_euclid(SECOND)).ok()?)
        });
        utc.zip(chrono::FixedOffset::east_opt(offset.seconds()))
            .map(|(utc, offset)| utc.with_timezone(&offset))
            .ok_or_else(|| stamp.invalid())
    }
}

/// Writes the moment in its own zone. A leap second becomes the second after it, a time outside of the years -9999
/// to 9999 the nearest within. Feature `chrono`.
#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> From<chrono::DateTime<Tz>> for Timestamp {
    fn from(moment: chrono::DateTime<Tz>) -> Self {
        use chrono::Offset as _;
        let nanos = i128::from(moment.timestamp()) * SECOND + i128::from(moment.timestamp_subsec_nanos());
        written(nanos, moment.offset().fix().local_minus_utc())
    }
}

/// Parses the text. The result does not keep the zone of the text. Feature `jiff`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Timestamp;
///
/// let paid = jiff::Timestamp::try_from(&Timestamp::from("2025-07-15T16:40:24+05:30"))?;
/// assert_eq!(paid.as_second(), 1_752_577_824);
/// assert_eq!(Timestamp::from(paid).as_str(), "2025-07-15T11:10:24Z");
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
///
/// # Errors
/// Returns an error if the text has none of the known forms.
#[cfg(feature = "jiff")]
impl TryFrom<&Timestamp> for jiff::Timestamp {
    type Error = ParseError;

    fn try_from(stamp: &Timestamp) -> Result<Self, ParseError> {
        Ok(stamp.moment()?.0)
    }
}

/// Writes the moment in UTC. Feature `jiff`.
#[cfg(feature = "jiff")]
impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        moment.to_string().into()
    }
}

/// Parses the text. The result has the zone of the text, or India's where there is none. Feature `time`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Timestamp;
///
/// let paid = time::OffsetDateTime::try_from(&Timestamp::from("2025-07-15 16:40:24"))?;
/// assert_eq!(paid.unix_timestamp(), 1_752_577_824);
/// assert_eq!(Timestamp::from(paid).as_str(), "2025-07-15T16:40:24+05:30");
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
///
/// # Errors
/// Returns an error if the text has none of the known forms, or if `time` does not represent its year.
#[cfg(feature = "time")]
impl TryFrom<&Timestamp> for time::OffsetDateTime {
    type Error = ParseError;

    fn try_from(stamp: &Timestamp) -> Result<Self, ParseError> {
        let (moment, offset) = stamp.moment()?;
        let utc = Self::from_unix_timestamp_nanos(moment.as_nanosecond()).ok();
        let offset = time::UtcOffset::from_whole_seconds(offset.seconds()).ok();
        utc.zip(offset).and_then(|(utc, offset)| utc.checked_to_offset(offset)).ok_or_else(|| stamp.invalid())
    }
}

/// Writes the moment in its own zone. The last day of the year 9999 becomes the day before. Feature `time`.
#[cfg(feature = "time")]
impl From<time::OffsetDateTime> for Timestamp {
    fn from(moment: time::OffsetDateTime) -> Self {
        written(moment.unix_timestamp_nanos(), moment.offset().whole_seconds())
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
        fn an_instant_survives_each_round_trip(
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
