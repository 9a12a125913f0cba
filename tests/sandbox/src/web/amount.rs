//! Money as a payer reads it.

use serde_json::Value;

use crate::money::Paise;

/// `₹1,00,000.50` for rupees, grouped as in India, and `USD 12.00` for other currencies.
pub(crate) fn display(amount: &Value, currency: &str) -> String {
    let Some(Paise(paise)) = Paise::read(amount) else {
        return format!("{currency} {amount}");
    };
    let (whole, rest) = (paise.abs() / 100, paise.abs() % 100);
    match currency {
        "INR" => format!("₹{}.{rest:02}", grouped(&whole.to_string())),
        other => format!("{other} {whole}.{rest:02}"),
    }
}

/// Two fixed decimals, as UPI addresses have them.
pub(crate) fn two_decimals(amount: &Value) -> String {
    let paise = Paise::read(amount).map_or(0, |Paise(paise)| paise);
    format!("{}.{:02}", paise / 100, paise % 100)
}

/// The last three digits, then groups of two.
fn grouped(digits: &str) -> String {
    let (head, tail) = digits.split_at(digits.len().saturating_sub(3));
    if head.is_empty() {
        return tail.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in head.chars().enumerate() {
        if at > 0 && (head.len() - at).is_multiple_of(2) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{out},{tail}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rupees_are_grouped_as_in_india() {
        for (amount, shown) in [
            ("1", "₹1.00"),
            ("999.5", "₹999.50"),
            ("1000", "₹1,000.00"),
            ("100000", "₹1,00,000.00"),
            ("12345678.9", "₹1,23,45,678.90"),
        ] {
            let amount: Value = serde_json::from_str(amount).unwrap_or_default();
            assert_eq!(display(&amount, "INR"), shown);
        }
        assert_eq!(display(&json!(12), "USD"), "USD 12.00");
        assert_eq!(two_decimals(&json!(12)), "12.00");
    }
}
