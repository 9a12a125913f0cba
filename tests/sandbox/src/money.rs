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

    fn parse(text: &str) -> Option<Self> {
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
}
