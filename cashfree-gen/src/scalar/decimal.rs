//! Exact decimal numbers.
//!
//! A JSON number is read by its text and written by its text, so that no digit passes through a float
//! on the way: `10.10` stays `10.10`, and a number of thirty digits stays whole.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Digits that fit: those of a 128-bit integer.
const MAX_DIGITS: u32 = 38;

/// The first number with a digit too many.
const LIMIT: i128 = 10_i128.pow(MAX_DIGITS);

/// An exact decimal number of up to 38 digits, for rates and percentages; money is an
/// [`Amount`](crate::Amount).
///
/// Equality and order go by value (`1.5` equals `1.50`); the text keeps the digits that were given.
///
/// ```
/// use cashfree_gen::Decimal;
/// let rate: Decimal = "84.5100".parse()?;
/// assert_eq!(rate, "84.51".parse()?);
/// assert_eq!(rate.to_string(), "84.5100");
/// # Ok::<(), cashfree_gen::InvalidDecimal>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    pub(crate) mantissa: i128,
    pub(crate) scale: u8,
}

/// The text is no decimal number, or has more than 38 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidDecimal;

impl fmt::Display for InvalidDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number of at most 38 digits")
    }
}

impl std::error::Error for InvalidDecimal {}

impl Decimal {
    /// `mantissa` divided by ten to the power of `scale`: `new(1234, 2)` is 12.34.
    ///
    /// Digits beyond the 38th place after the point don't fit and are cut off.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        let (mut mantissa, mut scale) = (mantissa as i128, scale);
        while scale as u32 > MAX_DIGITS {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }

    /// The sum, unless it has more digits than fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.sum(other)
    }

    /// The difference, unless it has more digits than fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.sum(Self { mantissa: -other.mantissa, ..other })
    }

    /// The number times ten to the power of `scale`, if that is whole and fits: `12.30` at scale 2 is
    /// 1230.
    pub fn to_scaled(self, scale: u8) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        let plain = self.normalized();
        let lift = power(u32::from(scale.checked_sub(plain.scale)?))?;
        i64::try_from(plain.mantissa.checked_mul(lift)?).ok()
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Nearly every number: at most 18 characters, no exponent, no leading `+`.
    fn short(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let ([b'0'..=b'9', .., b'0'..=b'9'] | [b'0'..=b'9']) = digits else { return None };
        if digits.len() > 18 {
            return None;
        }
        let (mut mantissa, mut scale) = (0_i64, None);
        for byte in digits {
            match (byte, &mut scale) {
                (b'0'..=b'9', scale) => {
                    mantissa = mantissa * 10 + i64::from(byte - b'0');
                    if let Some(places) = scale {
                        *places += 1;
                    }
                }
                (b'.', None) => scale = Some(0),
                _ => return None,
            }
        }
        let mantissa = i128::from(if negative { -mantissa } else { mantissa });
        Some(Self { mantissa, scale: scale.unwrap_or(0) })
    }

    /// Any number.
    fn long(text: &str) -> Result<Self, InvalidDecimal> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| InvalidDecimal)?),
            None => (text, 0),
        };
        let (negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if whole.is_empty() || fraction.is_empty() {
            return Err(InvalidDecimal);
        }
        let fraction = if number.contains('.') { fraction } else { "" };
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return Err(InvalidDecimal);
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|shifted| shifted.checked_add(i128::from(digit - b'0')))
                .filter(|mantissa| *mantissa < LIMIT)
                .ok_or(InvalidDecimal)?;
        }
        let mut scale = i32::try_from(fraction.len())
            .map_err(|_| InvalidDecimal)?
            .checked_sub(exponent)
            .ok_or(InvalidDecimal)?;
        if mantissa == 0 {
            scale = scale.clamp(0, MAX_DIGITS as i32);
        }
        if scale < 0 {
            mantissa = power(scale.unsigned_abs())
                .and_then(|lift| mantissa.checked_mul(lift))
                .filter(|mantissa| *mantissa < LIMIT)
                .ok_or(InvalidDecimal)?;
            scale = 0;
        }
        let scale =
            u8::try_from(scale).ok().filter(|scale| u32::from(*scale) <= MAX_DIGITS).ok_or(InvalidDecimal)?;
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// At the finer scale of the two, so that `1.50` and `1.50` make `3.00`; zeros at the end are given up
    /// only where nothing else fits.
    fn sum(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let lift = |number: Self| number.mantissa.checked_mul(power(u32::from(scale - number.scale))?);
        match lift(self).zip(lift(other)).and_then(|(one, other)| one.checked_add(other)) {
            Some(mantissa) if has_room(mantissa) => Some(Self { mantissa, scale }),
            _ => self.long_sum(other, scale),
        }
    }

    /// The same where a number at the scale of the other has no room: the parts before and after the point one
    /// by one.
    fn long_sum(self, other: Self, mut scale: u8) -> Option<Self> {
        let mut unit = power(u32::from(scale))?;
        let parts = |number: Self| {
            let own = power(u32::from(number.scale))?;
            Some((number.mantissa / own, (number.mantissa % own).checked_mul(unit / own)?))
        };
        let ((left, left_rest), (right, right_rest)) = (parts(self)?, parts(other)?);
        let mut whole = left.checked_add(right)?;
        // Two parts of a unit, which may have no room together.
        let mut rest = match (left_rest >= 0, right_rest >= 0) {
            (true, true) if left_rest >= unit - right_rest => {
                whole = whole.checked_add(1)?;
                left_rest - (unit - right_rest)
            }
            (false, false) if left_rest <= -unit - right_rest => {
                whole = whole.checked_sub(1)?;
                left_rest + (unit + right_rest)
            }
            _ => left_rest + right_rest,
        };
        // Both of one sign.
        if whole > 0 && rest < 0 {
            (whole, rest) = (whole - 1, rest + unit);
        } else if whole < 0 && rest > 0 {
            (whole, rest) = (whole + 1, rest - unit);
        }
        loop {
            let mantissa = whole.checked_mul(unit).and_then(|mantissa| mantissa.checked_add(rest));
            match mantissa.filter(|mantissa| has_room(*mantissa)) {
                Some(mantissa) => return Some(Self { mantissa, scale }),
                None if scale > 0 && rest % 10 == 0 => {
                    (unit, rest, scale) = (unit / 10, rest / 10, scale - 1)
                }
                None => return None,
            }
        }
    }

    /// Without trailing zeros after the point: one form a value.
    pub(crate) fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }
}

/// Whether so many digits fit. The lowest number has no positive counterpart of its own type.
fn has_room(mantissa: i128) -> bool {
    mantissa.unsigned_abs() < LIMIT.unsigned_abs()
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first, then fractions at a common scale: neither can overflow.
        let split = |number: &Self| {
            let unit = power(u32::from(number.scale)).unwrap_or(i128::MAX);
            let lift = power(MAX_DIGITS - u32::from(number.scale)).unwrap_or(1);
            (number.mantissa / unit, (number.mantissa % unit).saturating_mul(lift))
        };
        split(self).cmp(&split(other))
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let plain = self.normalized();
        plain.mantissa.hash(state);
        plain.scale.hash(state);
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    /// Reads `12`, `-0.50`, `1.5e3`: what JSON calls a number, and a leading `+`.
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        Self::short(text).map_or_else(|| Self::long(text), Ok)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let text = if scale == 0 {
            digits
        } else if digits.len() > scale {
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            format!("{whole}.{fraction}")
        } else {
            format!("0.{digits:0>scale$}")
        };
        f.pad_integral(self.mantissa >= 0, "", &text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Written as a JSON number with exactly these digits.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::hash::BuildHasher;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn text_is_read_and_written_as_it_is() {
        for (text, written) in [
            ("499.00", "499.00"),
            ("0", "0"),
            ("-0.05", "-0.05"),
            ("-12.5", "-12.5"),
            ("+1", "1"),
            ("007.50", "7.50"),
            ("-0.00", "0.00"),
            ("1e2", "100"),
            ("1E+2", "100"),
            ("1.5e1", "15"),
            ("12.50e1", "125.0"),
            ("1e-3", "0.001"),
            ("0e99", "0"),
            ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
            ("0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
        ] {
            assert_eq!(decimal(text).to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_does_not_fit_is_refused() {
        for text in [
            "",
            "-",
            "+",
            ".",
            "1.",
            ".5",
            "1e",
            "e1",
            "1e+",
            "--1",
            "+-1",
            "1.2.3",
            "1,000",
            " 1",
            "0x10",
            "NaN",
            "Infinity",
            "١٢",
            "1e38",
            "1e400",
            "1e-39",
            "1e999999999",
            "1e-999999999",
            "1e2147483648",
            "1e-2147483648",
            "1e99999999999999999999",
            "100000000000000000000000000000000000000",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal), "{text}");
        }
    }

    #[test]
    fn what_the_short_way_reads_the_long_one_reads_the_same() {
        for text in
            ["0", "-0", "-0.00", "007.50", "499.00", "1.5", "123456789012345678", "-1234567890.1234567"]
        {
            let (short, long) = (Decimal::short(text).unwrap(), Decimal::long(text).unwrap());
            assert_eq!((short.mantissa, short.scale), (long.mantissa, long.scale), "{text}");
        }
        for text in ["", "-", "+1", "1.", ".5", "1.2.3", "--1", "1e2", " 1", "1 ", "1234567890123456789"] {
            assert!(Decimal::short(text).is_none(), "{text}");
        }
    }

    #[test]
    fn formatting_flags_are_kept() {
        let number = decimal("-0.05");
        assert_eq!(format!("{number:>8}|{number:<8}|{number:08}"), "   -0.05|-0.05   |-0000.05");
        assert_eq!(format!("{:+} {:+}", decimal("1.50"), number), "+1.50 -0.05");
    }

    #[test]
    fn extremes_neither_panic_nor_change_the_value() {
        assert_eq!(Decimal::new(i64::MIN, 255), decimal("0"));
        assert_eq!(Decimal::new(1_000, 40), decimal("1e-37"));
        assert_eq!(Decimal::new(i64::MIN, 0).to_string(), "-9223372036854775808");
        assert_eq!(Decimal::new(i64::MIN, 0).to_scaled(0), Some(i64::MIN));
        assert_eq!(Decimal::new(i64::MAX, 0).to_scaled(1), None);
        assert_eq!(Decimal::new(0, 2).to_scaled(255), Some(0));
        assert_eq!(decimal("12.345").to_scaled(2), None);
        assert_eq!(decimal("12.300").to_scaled(2), Some(1_230));

        let most = decimal("99999999999999999999999999999999999999");
        assert_eq!(most.checked_add(decimal("1")), None);
        assert_eq!(most.checked_add(decimal("0.1")), None);
        assert_eq!(most.checked_add(decimal("0.00")), Some(most));
        assert_eq!(most.checked_sub(most), Some(decimal("0")));
        assert_eq!(decimal("1.50").checked_add(decimal("1.5")).unwrap().to_string(), "3.00");
        let long = decimal("999919101.09990000001590897978359414782");
        let less = decimal("-979860898.90009999998409102021640585218");
        assert_eq!(long.checked_sub(decimal("1979780000")), Some(less));
        assert_eq!(decimal("-1979780000").checked_add(long), Some(less));
        let nearly = decimal(&format!("0.{}5", "9".repeat(37)));
        let twice = decimal(&format!("1.{}", "9".repeat(37)));
        assert_eq!(nearly.checked_add(nearly), Some(twice));
        let (negated, twice_negated) =
            (decimal("0").checked_sub(nearly).unwrap(), decimal("0").checked_sub(twice));
        assert_eq!(negated.checked_add(negated), twice_negated);
        assert!(most > decimal("-1e37") && decimal("1e-38") < most && decimal("-1e-38") < decimal("0"));
    }

    #[test]
    fn json_keeps_every_digit() {
        for (json, written) in [
            ("499.00", "499.00"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0.12345678901234567890123456789", "0.12345678901234567890123456789"),
            ("1e2", "100"),
            (r#""499.00""#, "499.00"),
            (r#"" 499.00 ""#, "499.00"),
            (r#""\u0031.50""#, "1.50"),
            (" -1.10 ", "-1.10"),
        ] {
            let number: Decimal = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), written, "{json}");
            let number: Decimal = serde_json::from_reader(json.as_bytes()).unwrap();
            assert_eq!(number.to_string(), written, "{json}");
        }
        for json in ["null", r#""""#, r#""NA""#, "true", "{}", "[1]", r#""abc""#, "1e400", "-", "01"] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_float_is_taken_only_as_far_as_it_is_exact() {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(Decimal),
        }
        #[derive(Deserialize)]
        struct Flat {
            #[serde(flatten)]
            inner: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            number: Decimal,
        }

        for (json, expected) in [
            ("499.00", Some("499")),
            ("-10.10", Some("-10.1")),
            ("1e2", Some("100")),
            ("999999999999.99", Some("999999999999.99")),
            ("9007199254740993", Some("9007199254740993")),
            ("18446744073709551615", Some("18446744073709551615")),
            (r#""99999999999999999.99""#, Some("99999999999999999.99")),
            ("12345678901234.567", None),
            ("123456789012345678901234567890", None),
            ("0.1234567890123456789", None),
        ] {
            let expected = expected.map(decimal);
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::from_value(value.clone()).ok(), expected, "value {json}");
            assert_eq!(Decimal::deserialize(&value).ok(), expected, "borrowed value {json}");
            let either = serde_json::from_str(json).ok().map(|Either::Number(number)| number);
            assert_eq!(either, expected, "untagged {json}");
            let flat: Result<Flat, _> = serde_json::from_str(&format!(r#"{{"number":{json}}}"#));
            assert_eq!(flat.ok().map(|flat| flat.inner.number), expected, "flattened {json}");
        }
    }

    #[test]
    fn a_sum_that_is_the_lowest_number_of_its_type_has_no_room() {
        let lowest = decimal(&format!("-{}", "9".repeat(38)));
        let rest = decimal("-70141183460469231731687303715884105729");
        assert_eq!(lowest.mantissa + rest.mantissa, i128::MIN);
        assert_eq!(lowest.checked_add(rest), None);
        let rest = decimal("70141183460469231731687303715884105729");
        assert_eq!(lowest.checked_sub(rest), None);
    }

    /// Numbers as mantissa and scale, some of them equal in value.
    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let mantissa = prop_oneof![-1_000..1_000_i128, (-LIMIT + 1)..LIMIT];
        let spread = (mantissa, 0..=38_u8).prop_map(|(mantissa, scale)| Decimal { mantissa, scale });
        let dense = (-30..30_i128, 0..3_u8, 0..3_u8).prop_map(|(mantissa, scale, zeros)| Decimal {
            mantissa: mantissa * 10_i128.pow(zeros.into()),
            scale: scale + zeros,
        });
        prop_oneof![spread, dense]
    }

    /// By an independent road: the digits as text, padded to one width.
    fn by_text(number: Decimal) -> (bool, String) {
        let text = number.to_string();
        let bare = text.trim_start_matches('-');
        let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
        (text.starts_with('-'), format!("{whole:0>40}{fraction:0<40}"))
    }

    proptest! {
        #[test]
        fn writing_and_reading_give_the_same(number in any_decimal()) {
            let text = number.to_string();
            let read = decimal(&text);
            prop_assert_eq!((read.mantissa, read.scale), (number.mantissa, number.scale));
            let json: Decimal = serde_json::from_str(&serde_json::to_string(&number).unwrap()).unwrap();
            prop_assert_eq!((json.mantissa, json.scale), (number.mantissa, number.scale));
        }

        #[test]
        fn any_text_is_read_or_refused(text in r"[-+0-9.eE]{0,50}|\PC{0,12}") {
            if let Ok(number) = text.parse::<Decimal>() {
                prop_assert_eq!(decimal(&number.to_string()), number);
            }
        }

        #[test]
        fn order_equality_and_hash_agree(left in any_decimal(), right in any_decimal()) {
            let hasher = std::hash::RandomState::new();
            if left == right {
                prop_assert_eq!(hasher.hash_one(left), hasher.hash_one(right));
            }
            prop_assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
            let ((minus, one), (negative, other)) = (by_text(left), by_text(right));
            let expected = match (minus, negative) {
                (false, false) => one.cmp(&other),
                (true, true) => other.cmp(&one),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
            };
            prop_assert_eq!(left.cmp(&right), expected);
        }

        #[test]
        fn sums_are_those_of_integers(left: i64, right: i64, scales in (0..18_u8, 0..18_u8)) {
            let (one, other) = (Decimal::new(left, scales.0), Decimal::new(right, scales.1));
            let at = |number: i64, scale: u8| i128::from(number) * 10_i128.pow((18 - scale).into());
            let (left, right) = (at(left, scales.0), at(right, scales.1));
            let exact = |mantissa| Some(Decimal { mantissa, scale: 18 });
            prop_assert_eq!(one.checked_add(other), exact(left + right));
            prop_assert_eq!(one.checked_sub(other), exact(left - right));
        }

        #[test]
        fn a_sum_that_is_given_can_be_written_and_read(left in any_decimal(), right in any_decimal()) {
            if let Some(sum) = left.checked_add(right) {
                prop_assert_eq!(decimal(&sum.to_string()), sum);
                if let Some(back) = sum.checked_sub(right) {
                    prop_assert_eq!(back, left);
                }
            }
        }
    }
}
