//! Money: an amount and its currency, which belong together.

use std::fmt;

use crate::{Amount, Currency, InvalidDecimal};

/// An amount with its currency.
///
/// ```
/// use cashfree_gen::{Amount, Currency, Money};
/// let price = Money::inr("499.00")?;
/// assert_eq!(price.to_string(), "INR 499.00");
/// assert_eq!(price, Money::new(Amount::rupees(499), Currency::INR));
/// # Ok::<(), cashfree_gen::InvalidDecimal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Amount,
    currency: Currency,
}

impl Money {
    /// This much of this currency.
    pub const fn new(amount: Amount, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Rupees, from text such as `499` or `499.00`.
    ///
    /// # Errors
    /// When the text is no decimal number of at most 38 digits.
    pub fn inr(text: &str) -> Result<Self, InvalidDecimal> {
        Ok(Self::new(text.parse()?, Currency::INR))
    }

    /// How much, in the currency's major units: rupees, not paise.
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// The currency that it is of.
    pub const fn currency(&self) -> &Currency {
        &self.currency
    }

    /// The amount and its currency.
    pub fn into_parts(self) -> (Amount, Currency) {
        (self.amount, self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn money_is_told_with_its_currency() {
        assert_eq!(Money::inr("-1.50").unwrap().to_string(), "INR -1.50");
        assert!(Money::inr("1,000").is_err());
        let (amount, currency) = Money::inr("2").unwrap().into_parts();
        assert_eq!((amount, currency), (Amount::rupees(2), Currency::INR));
    }
}
