//! Exact numbers: `rust_decimal`.

use std::fmt;

use rust_decimal::Decimal as Theirs;

use crate::{Amount, Decimal};

/// A number has more digits than a `rust_decimal` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooManyDigits;

impl fmt::Display for TooManyDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more digits than a rust_decimal holds")
    }
}

impl std::error::Error for TooManyDigits {}

/// The same digits. Feature `rust_decimal`.
///
/// ```
/// use cashfree_gen::Amount;
///
/// let amount: Amount = "499.00".parse()?;
/// let number = rust_decimal::Decimal::try_from(amount)?;
/// assert_eq!(number.to_string(), "499.00");
/// assert_eq!(Amount::from(number).to_string(), "499.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When it has more digits than a `rust_decimal` holds, which are 28 and some of 29. Zeros at the end are
/// given up rather than the value.
impl TryFrom<Decimal> for Theirs {
    type Error = TooManyDigits;

    fn try_from(number: Decimal) -> Result<Self, TooManyDigits> {
        let same = |number: Decimal| Self::try_from_i128_with_scale(number.mantissa, number.scale.into());
        same(number).or_else(|_| same(number.normalized())).map_err(|_| TooManyDigits)
    }
}

/// The same digits. Feature `rust_decimal`.
///
/// # Errors
/// As for [`Decimal`].
impl TryFrom<Amount> for Theirs {
    type Error = TooManyDigits;

    fn try_from(amount: Amount) -> Result<Self, TooManyDigits> {
        amount.as_decimal().try_into()
    }
}

/// The same digits; each of them fits. Feature `rust_decimal`.
impl From<Theirs> for Decimal {
    fn from(number: Theirs) -> Self {
        // At most 28 places after the point, and a mantissa of 96 bits, thus of 29 digits.
        Self { mantissa: number.mantissa(), scale: u8::try_from(number.scale()).unwrap_or(u8::MAX) }
    }
}

/// The same digits; each of them fits. Feature `rust_decimal`.
impl From<Theirs> for Amount {
    fn from(number: Theirs) -> Self {
        Decimal::from(number).into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_kept_and_only_what_does_not_fit_is_refused() {
        for text in ["0", "0.00", "-0.05", "499.00", "79228162514264337593543950335"] {
            let ours: Decimal = text.parse().unwrap();
            let theirs = Theirs::try_from(ours).unwrap();
            assert_eq!(theirs.to_string(), text);
            assert_eq!(Decimal::from(theirs).to_string(), text);
        }
        for (text, kept) in [
            ("0.00000000000000000000000000000000000000", Some("0")),
            ("1.50000000000000000000000000000000000", Some("1.5")),
            ("79228162514264337593543950336", None),
            ("-79228162514264337593543950336", None),
            ("0.00000000000000000000000000001", None),
        ] {
            let theirs = Theirs::try_from(text.parse::<Amount>().unwrap()).ok().map(|it| it.to_string());
            assert_eq!(theirs.as_deref(), kept, "{text}");
        }
        assert_eq!(Amount::from(-Theirs::ZERO).to_string(), "0");
    }

    proptest! {
        #[test]
        fn each_of_theirs_comes_back(mantissa in -(1_i128 << 96) + 1..1 << 96, scale in 0..=28_u32) {
            let theirs = Theirs::from_i128_with_scale(mantissa, scale);
            let ours = Decimal::from(theirs);
            prop_assert_eq!(ours.to_string(), theirs.to_string());
            prop_assert_eq!(Theirs::try_from(ours).unwrap(), theirs);
        }
    }
}
