//! `rust_decimal`.

use crate::{Amount, Decimal};

/// The same digits. Feature `rust_decimal`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Amount;
///
/// let amount: Amount = "499.00".parse()?;
/// let number = rust_decimal::Decimal::from(amount);
/// assert_eq!(number.to_string(), "499.00");
/// assert_eq!(Amount::from(number).to_string(), "499.00");
/// # Ok::<(), cashfree_gen::ParseError>(())
/// ```
impl From<Amount> for rust_decimal::Decimal {
    fn from(amount: Amount) -> Self {
        amount.as_decimal().into()
    }
}

/// The same digits. Feature `rust_decimal`.
impl From<rust_decimal::Decimal> for Amount {
    fn from(number: rust_decimal::Decimal) -> Self {
        Decimal::from_exact(number).into()
    }
}

/// The same digits. Feature `rust_decimal`.
impl From<Decimal> for rust_decimal::Decimal {
    fn from(number: Decimal) -> Self {
        number.exact()
    }
}

/// The same digits. Feature `rust_decimal`.
impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self::from_exact(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_negative_zero_loses_its_sign() {
        assert_eq!(Amount::from(-rust_decimal::Decimal::ZERO).to_string(), "0");
    }

    proptest! {
        #[test]
        fn each_number_survives_a_round_trip(mantissa in -(1_i128 << 96) + 1..1 << 96, scale in 0..=28_u32) {
            let theirs = rust_decimal::Decimal::from_i128_with_scale(mantissa, scale);
            let ours = Decimal::from(theirs);
            prop_assert_eq!(ours.to_string(), theirs.to_string());
            prop_assert_eq!(rust_decimal::Decimal::from(ours), theirs);
        }
    }
}
