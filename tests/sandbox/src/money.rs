//! Money as whole paise, read from the text of a JSON number, never through a float.

use serde_json::Value;

/// An amount in hundredths of the currency's major unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    /// The amount as a JSON number, a whole one where it can be.
    pub(crate) fn number(self) -> Value {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (size / 100, size % 100);
        let text = format!("{sign}{whole}.{rest:02}");
        serde_json::from_str(text.trim_end_matches('0').trim_end_matches('.')).unwrap_or(Value::Null)
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

impl std::ops::Sub for Paise {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::iter::Sum for Paise {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
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
    fn writes_exactly() {
        for (paise, text) in [(1034, "10.34"), (1000, "10"), (1030, "10.3"), (5, "0.05"), (-250, "-2.5")] {
            assert_eq!(Paise(paise).number().to_string(), text);
        }
        assert_eq!(Paise(999_999_999_999_999).number().to_string(), "9999999999999.99");
    }
}
