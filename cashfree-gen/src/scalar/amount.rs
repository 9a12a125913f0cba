//! Money without its currency: an exact number in the currency's major unit.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::decimal::{Decimal, InvalidDecimal};

/// An exact amount of money in the major unit (rupees, not paise), never a float.
///
/// It is written as a JSON number with the digits that were given, and read from a number or from
/// numeric text. Equality and order go by value: `1` equals `1.00`. There is no conversion from `f64`,
/// which could not hold it.
///
/// ```
/// use cashfree_gen::Amount;
/// let price: Amount = "499.00".parse()?;
/// assert_eq!(price, Amount::rupees(499));
/// assert_eq!(price.checked_add(Amount::paise(50)).map(|sum| sum.to_string()).as_deref(), Some("499.50"));
/// assert_eq!(price.to_minor(2), Some(49_900));
/// # Ok::<(), cashfree_gen::InvalidDecimal>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self::rupees(0);

    /// `minor` units of which ten to the power of `scale` make one: `from_minor(1234, 2)` is 12.34. No currency
    /// has a scale above 4; of one above 38, the digits beyond the 38th place don't fit and are cut off.
    pub const fn from_minor(minor: i64, scale: u8) -> Self {
        Self(Decimal::new(minor, scale))
    }

    /// Whole rupees, or whole major units of another currency.
    pub const fn rupees(whole: i64) -> Self {
        Self::from_minor(whole, 0)
    }

    /// Paise: hundredths of a rupee.
    pub const fn paise(paise: i64) -> Self {
        Self::from_minor(paise, 2)
    }

    /// The amount in minor units, if it is a whole number of them and fits: 12.30 at scale 2 is 1230.
    pub fn to_minor(self, scale: u8) -> Option<i64> {
        self.0.to_scaled(scale)
    }

    /// The sum, unless it has more than 38 digits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it has more than 38 digits. It may be negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The amount as a plain number.
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
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        text.parse().map(Self)
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

    #[test]
    fn an_amount_keeps_its_digits_both_ways() {
        for json in ["499.00", "1", "-0.05", "123456789012345678901234567890"] {
            let amount: Amount = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        }
    }

    #[test]
    fn units_are_told_apart() {
        assert_eq!(Amount::rupees(5), Amount::paise(500));
        assert_eq!(Amount::paise(-5).to_string(), "-0.05");
        assert_eq!(Amount::paise(12_345).to_minor(2), Some(12_345));
        assert_eq!(Amount::from_minor(12_345, 3).to_minor(2), None);
        assert!(Amount::ZERO.is_zero() && !Amount::ZERO.is_negative() && Amount::paise(-1).is_negative());
        assert_eq!(Amount::rupees(1).checked_sub(Amount::paise(101)), Some(Amount::paise(-1)));
    }
}
