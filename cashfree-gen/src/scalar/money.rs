//! Money: an amount with its currency.

use std::fmt;

use super::error::ParseError;
use crate::{Amount, Currency};

/// An amount with its currency.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::{Amount, Currency, Money};
/// let price = Money::inr("499.00")?;
/// assert_eq!(price.to_string(), "INR 499.00");
/// assert_eq!(price, Money::new(Amount::rupees(499), Currency::INR));
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Amount,
    currency: Currency,
}

impl Money {
    /// Creates money from an amount and its currency.
    pub const fn new(amount: Amount, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Parses an amount of rupees, such as `499` or `499.00`.
    ///
    /// # Errors
    /// Returns an error if the text is not a decimal number of at most 28 digits.
    pub fn inr(text: &str) -> Result<Self, ParseError> {
        Ok(Self::new(text.parse()?, Currency::INR))
    }

    /// Returns the amount in the currency's major units: rupees, not paise.
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// Returns the currency.
    pub const fn currency(&self) -> &Currency {
        &self.currency
    }

    /// Returns the amount and the currency.
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
    fn money_is_displayed_with_its_currency() {
        assert_eq!(Money::inr("-1.50").unwrap().to_string(), "INR -1.50");
        assert!(Money::inr("1,000").is_err());
        let (amount, currency) = Money::inr("2").unwrap().into_parts();
        assert_eq!((amount, currency), (Amount::rupees(2), Currency::INR));
    }
}
