//! Money without its currency: an exact number in the currency's major unit.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::decimal::Decimal;
use super::error::ParseError;

/// An exact amount of money in the major unit (rupees, not paise), with up to 28 digits. Never a float.
///
/// - Equality and order go by value: `1` equals `1.00`.
/// - `Display` shows the digits that were given, trailing zeros included, and ignores a precision.
/// - Serialized as a JSON number of the same value: `499.00` as `499`, `10.10` as `10.1`.
///   Serialization fails for a fraction of more than 15 significant digits, which readers of JSON would round; a
///   request with such an amount is not sent.
/// - Deserialized from a number or from numeric text. There is no conversion from `f64`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Amount;
/// let price: Amount = "499.00".parse()?;
/// assert_eq!(price, Amount::rupees(499));
/// assert_eq!(price.checked_add(Amount::paise(50)).map(|sum| sum.to_string()).as_deref(), Some("499.50"));
/// assert_eq!(price.to_minor(2), Some(49_900));
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "Amount of money in the major unit: rupees, not paise.")
)]
pub struct Amount(Decimal);

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self::rupees(0);

    /// Creates an amount from `minor` units, of which ten to the power of `scale` make one major unit:
    /// `from_minor(1234, 2)` is 12.34.
    ///
    /// No currency has a scale above 4. Digits beyond the 28th place after the point are cut off.
    pub const fn from_minor(minor: i64, scale: u8) -> Self {
        Self(Decimal::new(minor, scale))
    }

    /// Creates an amount from whole rupees, or whole major units of another currency.
    pub const fn rupees(whole: i64) -> Self {
        Self::from_minor(whole, 0)
    }

    /// Creates an amount from paise (hundredths of a rupee).
    pub const fn paise(paise: i64) -> Self {
        Self::from_minor(paise, 2)
    }

    /// Returns the amount in minor units, or `None` if it is not a whole number of them or does not fit: 12.30 at
    /// scale 2 is 1230.
    pub fn to_minor(self, scale: u8) -> Option<i64> {
        self.0.to_scaled(scale)
    }

    /// Returns the exact sum, or `None` if it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Returns the exact difference, which may be negative, or `None` if it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Returns whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    /// Returns whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Returns the amount as a plain number.
    pub const fn as_decimal(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Amount {
    fn from(number: Decimal) -> Self {
        Self(number)
    }
}

impl FromStr for Amount {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.parse().map(Self).map_err(|error: ParseError| error.of("amount"))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::FromJson;

    #[test]
    fn an_amount_keeps_its_digits_and_is_written_with_its_value() {
        for (json, written) in [
            ("499.00", "499"),
            ("1", "1"),
            ("-0.05", "-0.05"),
            ("1234567890123456789012345678", "1234567890123456789012345678"),
        ] {
            let amount = Amount::from_json(json.as_bytes()).unwrap();
            assert_eq!(amount.to_string(), json);
            assert_eq!(serde_json::to_string(&amount).unwrap(), written);
        }
    }

    #[test]
    fn units_are_distinguished() {
        assert_eq!(Amount::rupees(5), Amount::paise(500));
        assert_eq!(Amount::paise(-5).to_string(), "-0.05");
        assert_eq!(Amount::paise(12_345).to_minor(2), Some(12_345));
        assert_eq!(Amount::from_minor(12_345, 3).to_minor(2), None);
        assert!(Amount::ZERO.is_zero() && !Amount::ZERO.is_negative() && Amount::paise(-1).is_negative());
        assert_eq!(Amount::rupees(1).checked_sub(Amount::paise(101)), Some(Amount::paise(-1)));
    }
}
