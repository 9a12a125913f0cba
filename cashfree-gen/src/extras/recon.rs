//! The direction of the amounts in reports: on the wire they have no sign, so that a plain sum adds refunds.

use std::fmt;

use crate::Amount;
use crate::types::{
    PaymentReconEntry, ReconEventType, SaleType, SettlementReconEntry, SettlementReconEntryEventDetails,
    SplitOrderReconEntry, VendorReconEntry,
};

impl PaymentReconEntry {
    /// Returns `event_amount` with its direction: positive for a credit to the merchant, negative for a debit.
    ///
    /// - `sale_type` says which. A row whose kind has the other direction is refused: a payment and the reversal of a
    ///   refund, dispute or chargeback are credits; a refund, dispute and chargeback are debits.
    /// - The amount is gross: fees and taxes are fields of their own.
    /// - A `SETTLEMENT` row is the payout of other rows. A sum over the ledger leaves these rows out.
    ///
    /// ```
    /// # use cashfree_gen as cashfree;
    /// use cashfree::Amount;
    /// use cashfree::types::SettlementReconEntryEventDetails;
    ///
    /// let row: SettlementReconEntryEventDetails =
    ///     serde_json::from_str(r#"{"event_type":"REFUND","sale_type":"DEBIT","event_amount":10.50}"#)?;
    /// assert_eq!(row.signed_amount()?, Amount::paise(-1050));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UndecidedAmount`] where the row does not say, or contradicts itself. The direction is never guessed.
    pub fn signed_amount(&self) -> Result<Amount, UndecidedAmount> {
        of_event(self.event_type.as_ref(), self.sale_type.as_ref(), self.event_amount)
    }
}

impl SettlementReconEntryEventDetails {
    /// Returns `event_amount` with its direction, by the rule of [`PaymentReconEntry::signed_amount`].
    ///
    /// # Errors
    /// [`UndecidedAmount`] where the row does not say, or contradicts itself.
    pub fn signed_amount(&self) -> Result<Amount, UndecidedAmount> {
        of_event(self.event_type.as_ref(), self.sale_type.as_ref(), self.event_amount)
    }
}

impl SettlementReconEntry {
    /// Returns `event_details.event_amount` with its direction, by the rule of [`PaymentReconEntry::signed_amount`].
    ///
    /// # Errors
    /// [`UndecidedAmount`] where the row does not say, or contradicts itself.
    pub fn signed_amount(&self) -> Result<Amount, UndecidedAmount> {
        self.event_details
            .as_ref()
            .ok_or(UndecidedAmount("it has no `event_details`"))
            .and_then(|details| details.signed_amount())
    }
}

impl SplitOrderReconEntry {
    /// Returns `amount` with its direction, as `sale_type` says: positive for a credit.
    ///
    /// The balance depends on `entity_type`: the merchant's for a `transaction`, the vendor's for a
    /// `vendor_commission`. A sum over rows of both kinds says nothing.
    ///
    /// # Errors
    /// [`UndecidedAmount`] where the row does not say.
    pub fn signed_amount(&self) -> Result<Amount, UndecidedAmount> {
        let amount = unsigned(self.amount, "it has no `amount`")?;
        match direction(self.sale_type.as_ref())? {
            Direction::Credit => Ok(amount),
            Direction::Debit => negative(amount),
        }
    }
}

impl VendorReconEntry {
    /// Returns what the row adds to the vendor's balance, negative for what it takes: `credit` or `debit`, which are
    /// text, and `NA` where they do not apply.
    ///
    /// A `vendor_settlement` row is the payout of other rows, and a debit.
    ///
    /// # Errors
    /// [`UndecidedAmount`] where the row has both or neither, where one is not an amount, or where `amount` is another.
    pub fn signed_amount(&self) -> Result<Amount, UndecidedAmount> {
        let credit = side(self.credit.as_deref(), "its `credit` is not an amount")?;
        let debit = side(self.debit.as_deref(), "its `debit` is not an amount")?;
        let (amount, is_credit) = match (credit, debit) {
            (Some(credit), None) => (credit, true),
            (None, Some(debit)) => (debit, false),
            (Some(credit), Some(debit)) if debit.is_zero() => (credit, true),
            (Some(credit), Some(debit)) if credit.is_zero() => (debit, false),
            (Some(_), Some(_)) => return Err(UndecidedAmount("it has both a `credit` and a `debit`")),
            (None, None) => return Err(UndecidedAmount("it has neither a `credit` nor a `debit`")),
        };
        if self.amount.is_some_and(|stated| stated != amount) {
            return Err(UndecidedAmount("its `amount` differs from its `credit` or `debit`"));
        }
        if is_credit { Ok(amount) } else { negative(amount) }
    }
}

/// Error returned when a row of a report does not say in which direction its amount goes, or contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndecidedAmount(&'static str);

impl UndecidedAmount {
    /// Returns the reason. It repeats no value of the row.
    pub const fn reason(&self) -> &'static str {
        self.0
    }
}

impl fmt::Display for UndecidedAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the row does not say whether its amount is a credit or a debit: {}", self.0)
    }
}

impl std::error::Error for UndecidedAmount {}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Credit,
    Debit,
}

fn of_event(
    event_type: Option<&ReconEventType>,
    sale_type: Option<&SaleType>,
    amount: Option<Amount>,
) -> Result<Amount, UndecidedAmount> {
    let amount = unsigned(amount, "it has no `event_amount`")?;
    let direction = direction(sale_type)?;
    if event_type.and_then(direction_of).is_some_and(|usual| usual != direction) {
        return Err(UndecidedAmount("its `sale_type` contradicts its `event_type`"));
    }
    match direction {
        Direction::Credit => Ok(amount),
        Direction::Debit => negative(amount),
    }
}

/// The direction of a kind of event, where it has only one.
fn direction_of(event_type: &ReconEventType) -> Option<Direction> {
    match event_type {
        ReconEventType::Payment
        | ReconEventType::RefundReversal
        | ReconEventType::DisputeReversal
        | ReconEventType::ChargebackReversal => Some(Direction::Credit),
        ReconEventType::Refund | ReconEventType::Dispute | ReconEventType::Chargeback => {
            Some(Direction::Debit)
        }
        _ => None,
    }
}

fn direction(sale_type: Option<&SaleType>) -> Result<Direction, UndecidedAmount> {
    match sale_type {
        Some(SaleType::Credit) => Ok(Direction::Credit),
        Some(SaleType::Debit) => Ok(Direction::Debit),
        Some(SaleType::Unknown(_)) => {
            Err(UndecidedAmount("its `sale_type` is neither `CREDIT` nor `DEBIT`"))
        }
        None => Err(UndecidedAmount("it has no `sale_type`")),
    }
}

/// An amount that has no sign of its own.
fn unsigned(amount: Option<Amount>, missing: &'static str) -> Result<Amount, UndecidedAmount> {
    match amount {
        Some(amount) if amount.is_negative() => Err(UndecidedAmount("its amount is negative already")),
        Some(amount) => Ok(amount),
        None => Err(UndecidedAmount(missing)),
    }
}

fn negative(amount: Amount) -> Result<Amount, UndecidedAmount> {
    Amount::default().checked_sub(amount).ok_or(UndecidedAmount("its amount has too many digits"))
}

/// The amount on one side; `None` where the side does not apply.
fn side(text: Option<&str>, fault: &'static str) -> Result<Option<Amount>, UndecidedAmount> {
    let Some(text) = text.map(str::trim).filter(|text| !crate::scalar::is_nothing(text)) else {
        return Ok(None);
    };
    let amount = text.parse().map_err(|_| UndecidedAmount(fault))?;
    unsigned(Some(amount), fault).map(Some)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event(row: &str) -> Result<String, &'static str> {
        // The fields of an event stand in the row, or below it.
        let both = row.replacen('{', &format!(r#"{{"event_details":{row},"#), 1);
        let payment: PaymentReconEntry = serde_json::from_str(&both).unwrap();
        let settlement: SettlementReconEntry = serde_json::from_str(&both).unwrap();
        assert_eq!(payment.signed_amount(), settlement.signed_amount(), "{row}");
        payment.signed_amount().map(|amount| amount.to_string()).map_err(|error| error.reason())
    }

    #[test]
    fn a_debit_is_negative() {
        for (row, signed) in [
            // The rows of the published examples.
            (r#"{"event_type":"SETTLEMENT","sale_type":"CREDIT","event_amount":3000}"#, "3000"),
            (r#"{"event_type":"DISPUTE","sale_type":"DEBIT","event_amount":3067.26}"#, "-3067.26"),
            (r#"{"event_type":"DISPUTE_REVERSAL","sale_type":"CREDIT","event_amount":3067.26}"#, "3067.26"),
            (r#"{"event_type":"OTHER_ADJUSTMENT","sale_type":"CREDIT","event_amount":3000}"#, "3000"),
            (r#"{"event_type":"OTHER_ADJUSTMENT","sale_type":"DEBIT","event_amount":0.54}"#, "-0.54"),
            (r#"{"event_type":"PAYMENT","sale_type":"CREDIT","event_amount":200}"#, "200"),
            (r#"{"event_type":"FUND_SWEEP_REVERSAL","sale_type":"CREDIT","event_amount":200}"#, "200"),
            (r#"{"event_type":"REFUND","sale_type":"DEBIT","event_amount":"10.50"}"#, "-10.50"),
            (r#"{"event_type":"OF_TOMORROW","sale_type":"DEBIT","event_amount":1}"#, "-1"),
            (r#"{"sale_type":"DEBIT","event_amount":0}"#, "0"),
        ] {
            assert_eq!(event(row).as_deref(), Ok(signed), "{row}");
        }
    }

    #[test]
    fn a_direction_is_never_guessed() {
        for (row, reason) in [
            (r#"{"event_type":"REFUND","event_amount":1}"#, "no `sale_type`"),
            (r#"{"event_type":"REFUND","sale_type":"SIDEWAYS","event_amount":1}"#, "neither"),
            (r#"{"event_type":"REFUND","sale_type":"CREDIT","event_amount":1}"#, "contradicts"),
            (r#"{"event_type":"PAYMENT","sale_type":"DEBIT","event_amount":1}"#, "contradicts"),
            (r#"{"event_type":"REFUND","sale_type":"DEBIT"}"#, "no `event_amount`"),
            (r#"{"event_type":"REFUND","sale_type":"DEBIT","event_amount":-1}"#, "negative already"),
        ] {
            assert!(event(row).is_err_and(|found| found.contains(reason)), "{row}: {:?}", event(row));
        }
        let row: SettlementReconEntry = serde_json::from_str("{}").unwrap();
        assert!(row.signed_amount().unwrap_err().to_string().contains("event_details"));
    }

    #[test]
    fn a_vendor_has_a_credit_or_a_debit() {
        for (row, signed) in [
            (r#"{"type":"transaction","debit":"NA","credit":"200.0","amount":200}"#, Ok("200.0")),
            (r#"{"type":"vendor_settlement","debit":"400.0","credit":"NA"}"#, Ok("-400.0")),
            (r#"{"type":"REFUND","debit":"100.0","credit":"NA","amount":100}"#, Ok("-100.0")),
            (r#"{"debit":"0.0","credit":"5"}"#, Ok("5")),
            (r#"{"debit":"0.0","credit":"0"}"#, Ok("0")),
            (r#"{"debit":"5","credit":"0.0"}"#, Ok("-5")),
            (r#"{"debit":"1","credit":"5"}"#, Err("both")),
            (r#"{"debit":"NA","credit":""}"#, Err("neither")),
            (r#"{"amount":5}"#, Err("neither")),
            (r#"{"credit":"much"}"#, Err("not an amount")),
            (r#"{"credit":"-5"}"#, Err("negative")),
            (r#"{"credit":"5","amount":6}"#, Err("differs")),
        ] {
            let entry: VendorReconEntry = serde_json::from_str(row).unwrap();
            let found = entry.signed_amount();
            match signed {
                Ok(signed) => assert_eq!(found.unwrap().to_string(), signed, "{row}"),
                Err(reason) => assert!(found.unwrap_err().reason().contains(reason), "{row}"),
            }
        }
    }

    #[test]
    fn a_split_order_is_a_credit_or_a_debit() {
        let signed = |row: &str| serde_json::from_str::<SplitOrderReconEntry>(row).unwrap().signed_amount();
        let row = r#"{"entity_type":"transaction","sale_type":"CREDIT","amount":900000}"#;
        assert_eq!(signed(row), Ok(Amount::rupees(900_000)));
        assert_eq!(signed(r#"{"sale_type":"DEBIT","amount":1}"#), Ok(Amount::rupees(-1)));
        assert!(signed(r#"{"amount":1}"#).is_err() && signed(r#"{"sale_type":"DEBIT"}"#).is_err());
    }
}
