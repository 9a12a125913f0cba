//! Money as whole paise, read from the text of a JSON number, never through a float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An amount in hundredths of the currency's major unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Paise(pub(crate) i128);

impl Paise {
    /// Reads a JSON number with at most two decimals and fifteen digits: more than that does not
    /// survive the JSON parser's own floats, so it is refused rather than guessed.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        // Zeros behind the second decimal change nothing; other digits there are not paise.
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || whole.len() + fraction.len() > 15 || fraction.len() > 2 {
            return None;
        }
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return None;
        }
        let paise: i128 = format!("{whole}{fraction:0<2}").parse().ok()?;
        Some(Self(if negative { -paise } else { paise }))
    }
}

impl Paise {
    /// A JSON number of rupees with these very paise: fifteen digits survive a float in both directions.
    pub(crate) fn to_json(self) -> Value {
        serde_json::from_str(&self.to_string()).unwrap_or(Value::Null)
    }

    /// This many hundredths of a percent of it, the rest of a paisa dropped.
    pub(crate) fn share(self, hundredths: Paise) -> Self {
        Self(self.0 * hundredths.0 / 10_000)
    }
}

/// Rupees, with as many decimals as there are paise: `12`, `12.50`.
impl fmt::Display for Paise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (rupees, paise) = (self.0.abs() / 100, self.0.abs() % 100);
        match paise {
            0 => write!(f, "{sign}{rupees}"),
            _ => write!(f, "{sign}{rupees}.{paise:02}"),
        }
    }
}

impl Add for Paise {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Paise {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Paise {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Paise {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

/// The number as it was sent, for the log of state changes.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_exactly() {
        assert_eq!(Paise::read(&json!(10.34)), Some(Paise(1034)));
        assert_eq!(Paise::read(&json!(1)), Some(Paise(100)));
        assert_eq!(Paise::read(&json!(0.1)), Some(Paise(10)));
        assert_eq!(Paise::read(&json!(10.0)), Some(Paise(1000)));
        assert_eq!(Paise::read(&json!(-2.5)), Some(Paise(-250)));
        assert_eq!(Paise::read(&json!(10.345)), None);
        assert_eq!(Paise::read(&json!(1e30)), None);
        assert_eq!(Paise::read(&json!(9_999_999_999_999.99)), Some(Paise(999_999_999_999_999)));
        assert_eq!(Paise::read(&json!(99_999_999_999_999.99)), None);
        assert_eq!(Paise::read(&json!("10.34")), None);
    }

    #[test]
    fn writes_what_it_reads() {
        for paise in [0, 5, 1034, 1200, -250, 999_999_999_999_999] {
            assert_eq!(Paise::read(&Paise(paise).to_json()), Some(Paise(paise)));
        }
        assert_eq!(Paise(1030).to_json().to_string(), "10.3");
        assert_eq!(Paise(1200).to_json(), json!(12));
        assert_eq!(Paise(-1205).to_string(), "-12.05");
        assert_eq!(Paise(1034).share(Paise(1250)), Paise(129));
    }
}
