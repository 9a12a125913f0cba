//! Exact decimal numbers, on `rust_decimal`.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal as Exact;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use super::error::ParseError;

/// Digits after the decimal point that fit.
const MAX_SCALE: u32 = Exact::MAX_SCALE;

/// The first number with more digits than an `f64` always keeps, and with it most readers of JSON.
const JSON_LIMIT: u128 = 10_u128.pow(15);

/// An exact decimal number of up to 28 digits, for rates and percentages. Money is an
/// [`Amount`](crate::Amount).
///
/// - Equality and order go by value: `1.5` equals `1.50`.
/// - `Display` shows the digits that were given, trailing zeros included, and ignores a precision.
/// - Serialized as a JSON number of the same value, without trailing zeros in its fraction: `84.5100` as `84.51`.
///   Serialization fails for a fraction of more than 15 significant digits, which readers of JSON would round.
/// - Deserialized from a number or from numeric text.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Decimal;
/// let rate: Decimal = "84.5100".parse()?;
/// assert_eq!(rate, "84.51".parse()?);
/// assert_eq!(rate.to_string(), "84.5100");
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(description = "Decimal number."))]
pub struct Decimal(#[cfg_attr(feature = "schemars", schemars(with = "serde_json::Number"))] Exact);

impl Decimal {
    /// Creates a number: `mantissa` divided by ten to the power of `scale`: `new(1234, 2)` is 12.34.
    ///
    /// Digits beyond the 28th place after the point are cut off.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        let (mut digits, mut scale) = (mantissa.unsigned_abs(), scale as u32);
        while scale > MAX_SCALE {
            digits /= 10;
            scale -= 1;
        }
        let negative = mantissa < 0 && digits != 0;
        Self(Exact::from_parts(digits as u32, (digits >> 32) as u32, 0, negative, scale))
    }

    /// Returns the exact sum, or `None` if it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        sum(self.0, other.0).or_else(|| sum(self.0.normalize(), other.0.normalize()))
    }

    /// Returns the exact difference, or `None` if it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self(-other.0))
    }

    /// Returns the number times ten to the power of `scale`, or `None` if that is not a whole number or does not
    /// fit: `12.30` at scale 2 is 1230.
    pub fn to_scaled(self, scale: u8) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        let plain = self.0.normalize();
        let factor = power(u32::from(scale).checked_sub(plain.scale())?)?;
        i64::try_from(plain.mantissa().checked_mul(factor)?).ok()
    }

    /// Parses a number of JSON, whose form is known to be valid.
    pub(crate) fn from_json_number(text: &str) -> Result<Self, ParseError> {
        match Exact::from_str_exact(text) {
            Ok(exact) if !(exact.is_zero() && exact.is_sign_negative()) => Ok(Self(exact)),
            // An exponent, a zero with a sign, or more digits than fit.
            _ => text.parse(),
        }
    }

    #[cfg(feature = "rust_decimal")]
    pub(super) fn from_exact(number: Exact) -> Self {
        Self(if number.is_zero() { number.abs() } else { number })
    }

    #[cfg(feature = "rust_decimal")]
    pub(super) const fn exact(self) -> Exact {
        self.0
    }

    /// Returns whether the number is below zero.
    pub const fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Returns whether the number is zero.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

/// Adds at the finer scale of the two, so that `1.50` and `1.50` make `3.00`; drops trailing zeros only where the
/// sum would not fit otherwise. The addition of `rust_decimal` rounds instead.
fn sum(one: Exact, other: Exact) -> Option<Decimal> {
    let mut scale = one.scale().max(other.scale());
    let at_scale = |number: Exact| number.mantissa().checked_mul(power(scale - number.scale())?);
    let mut mantissa = at_scale(one)?.checked_add(at_scale(other)?)?;
    loop {
        match Exact::try_from_i128_with_scale(mantissa, scale) {
            Ok(sum) => return Some(Decimal(sum)),
            Err(_) if scale > 0 && mantissa % 10 == 0 => (mantissa, scale) = (mantissa / 10, scale - 1),
            Err(_) => return None,
        }
    }
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// Parses `12`, `-0.50` or `1.5e3`: a JSON number, with an optional leading `+`.
fn parse(text: &str) -> Option<Exact> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    // `rust_decimal` also takes `1_000`, `1.` and `.5`.
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let exact = Exact::from_str_exact(number).ok()?;
    if exponent == 0 && !exact.is_zero() {
        return Some(exact);
    }
    // Zero loses its sign.
    let scale = i64::from(exact.scale()).checked_sub(exponent)?;
    match u32::try_from(scale) {
        _ if exact.is_zero() => {
            Exact::try_from_i128_with_scale(0, scale.clamp(0, i64::from(MAX_SCALE)).try_into().ok()?).ok()
        }
        Ok(scale) => Exact::try_from_i128_with_scale(exact.mantissa(), scale).ok(),
        Err(_) => {
            let factor = power(scale.unsigned_abs().try_into().ok()?)?;
            Exact::try_from_i128_with_scale(exact.mantissa().checked_mul(factor)?, 0).ok()
        }
    }
}

impl FromStr for Decimal {
    type Err = ParseError;

    /// Parses `12`, `-0.50`, `1.5e3`: a JSON number, with an optional leading `+`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text)
            .map(Self)
            .ok_or_else(|| ParseError::quoting("number", "a decimal number of at most 28 digits", text))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(!self.is_negative(), "", &self.0.abs().to_string())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = self.0.normalize();
        let mantissa = plain.mantissa();
        if plain.scale() == 0 {
            return match (i64::try_from(mantissa), u64::try_from(mantissa)) {
                (Ok(whole), _) => serializer.serialize_i64(whole),
                (_, Ok(whole)) => serializer.serialize_u64(whole),
                _ => serializer.serialize_i128(mantissa),
            };
        }
        let is_kept = mantissa.unsigned_abs() < JSON_LIMIT;
        match plain.to_string().parse::<f64>().ok().filter(|_| is_kept) {
            Some(float) => serializer.serialize_f64(float),
            None => Err(S::Error::custom(
                "a fraction of more than 15 significant digits cannot be written exactly as a JSON number",
            )),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cmp::Ordering;
    use std::hash::BuildHasher;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::FromJson;

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
            ("12345678901234567890123456.12", "12345678901234567890123456.12"),
            ("9999999999999999999999999999", "9999999999999999999999999999"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("0.0000000000000000000000000000", "0.0000000000000000000000000000"),
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
            "1_000",
            "1e29",
            "1e400",
            "1e-29",
            "1e999999999",
            "1e-999999999",
            "1e2147483648",
            "1e-2147483648",
            "1e99999999999999999999",
            "100000000000000000000000000000",
            "79228162514264337593543950336",
            "0.00000000000000000000000000001",
            "1.00000000000000000000000000005",
        ] {
            let error = text.parse::<Decimal>().unwrap_err();
            assert!(
                error.expected().contains("at most 28 digits") && error.to_string().contains(text),
                "{error}"
            );
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
        assert_eq!(Decimal::new(1_000, 30), decimal("1e-27"));
        assert_eq!(Decimal::new(-1, 29).to_string(), format!("0.{}", "0".repeat(28)));
        assert_eq!(Decimal::new(i64::MIN, 0).to_string(), "-9223372036854775808");
        assert_eq!(Decimal::new(i64::MIN, 0).to_scaled(0), Some(i64::MIN));
        assert_eq!(Decimal::new(i64::MAX, 0).to_scaled(1), None);
        assert_eq!(Decimal::new(0, 2).to_scaled(255), Some(0));
        assert_eq!(decimal("12.345").to_scaled(2), None);
        assert_eq!(decimal("12.300").to_scaled(2), Some(1_230));

        let most = decimal("79228162514264337593543950335");
        assert_eq!(most.checked_add(decimal("1")), None);
        assert_eq!(most.checked_add(decimal("0.1")), None);
        assert_eq!(decimal("0.1").checked_sub(most), None);
        assert_eq!(most.checked_add(decimal("0.00")), Some(most));
        assert_eq!(most.checked_sub(most), Some(decimal("0")));
        assert_eq!(decimal("1.50").checked_add(decimal("1.5")).unwrap().to_string(), "3.00");
        let nearly = decimal("7922816251426433759354395033.5");
        assert_eq!(nearly.checked_add(decimal("0.5")), Some(decimal("7922816251426433759354395034")));
        let halves = decimal("3961408125713216879677197516.5");
        assert_eq!(halves.checked_add(halves), Some(decimal("7922816251426433759354395033")));
        let negated = decimal("0").checked_sub(halves).unwrap();
        assert_eq!(negated.checked_add(negated), Some(decimal("-7922816251426433759354395033")));
        assert!(most > decimal("-1e28") && decimal("1e-28") < most && decimal("-1e-28") < decimal("0"));
        let lowest = decimal("0").checked_sub(most).unwrap();
        assert_eq!((lowest.checked_add(lowest), lowest.checked_sub(most)), (None, None));
    }

    #[test]
    fn json_numbers_are_read_digit_for_digit_and_written_with_the_same_value() {
        for (json, text, written) in [
            ("499.00", "499.00", "499"),
            ("499.10", "499.10", "499.1"),
            ("1234567890123456789012345678", "1234567890123456789012345678", "1234567890123456789012345678"),
            ("18446744073709551615.0", "18446744073709551615.0", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808", "-9223372036854775808"),
            ("999999999999.999", "999999999999.999", "999999999999.999"),
            ("1e2", "100", "100"),
            (r#""499.00""#, "499.00", "499"),
            (r#"" 499.00 ""#, "499.00", "499"),
            (r#""\u0031.50""#, "1.50", "1.5"),
            (" -1.10 ", "-1.10", "-1.1"),
        ] {
            let number = Decimal::from_json(json.as_bytes()).unwrap();
            assert_eq!(number.to_string(), text, "{json}");
            assert_eq!(serde_json::to_string(&number).unwrap(), written, "{json}");
            // Through serde, a number has its value but not its zeros; beyond what a float holds it is refused.
            if let Ok(same) = serde_json::from_reader::<_, Decimal>(json.as_bytes()) {
                assert_eq!(same, number, "{json}");
            }
        }
        for json in ["null", r#""""#, r#""NA""#, "true", "{}", "[1]", r#""abc""#, "1e400", "-", "01"] {
            assert!(Decimal::from_json(json.as_bytes()).is_err(), "{json}");
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_fraction_that_readers_would_round_is_refused() {
        for text in ["9999999999999.999", "0.1234567890123456", "-1000000000000000.1"] {
            let error = serde_json::to_string(&decimal(text)).unwrap_err().to_string();
            assert!(error.contains("more than 15 significant digits"), "{error}");
        }
    }

    #[test]
    fn a_float_is_accepted_only_where_it_is_exact() {
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

    /// The first mantissa with more than 96 bits.
    const LIMIT: i128 = 1 << 96;

    fn exact(mantissa: i128, scale: u32) -> Decimal {
        Decimal::from_exact(Exact::from_i128_with_scale(mantissa, scale))
    }

    /// Numbers as mantissa and scale, some of them equal in value.
    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let mantissa = prop_oneof![-1_000..1_000_i128, (-LIMIT + 1)..LIMIT];
        let spread = (mantissa, 0..=28_u32).prop_map(|(mantissa, scale)| exact(mantissa, scale));
        let dense = (-30..30_i128, 0..3_u32, 0..3_u32)
            .prop_map(|(mantissa, scale, zeros)| exact(mantissa * 10_i128.pow(zeros), scale + zeros));
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
            prop_assert_eq!((read.0.mantissa(), read.0.scale()), (number.0.mantissa(), number.0.scale()));
            match serde_json::to_string(&number) {
                Ok(json) => prop_assert_eq!(Decimal::from_json(json.as_bytes()).unwrap(), number),
                Err(_) => {
                    let plain = number.0.normalize();
                    prop_assert!(plain.scale() > 0 && plain.mantissa().abs() >= 10_i128.pow(15));
                }
            }
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
            let fits = |mantissa: i128| (mantissa.abs() < LIMIT).then(|| exact(mantissa, 18));
            if let Some(sum) = fits(left + right) {
                prop_assert_eq!(one.checked_add(other), Some(sum));
            }
            if let Some(difference) = fits(left - right) {
                prop_assert_eq!(one.checked_sub(other), Some(difference));
            }
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
