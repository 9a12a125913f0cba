//! The error of every conversion from text.

use std::fmt;

/// Characters of the input that the error repeats.
const QUOTED: usize = 32;

/// Error returned when text is not a valid identifier, amount, currency, timestamp or environment.
///
/// `Display` names the kind of value and the expected form. It quotes up to 32 characters of the text of a number,
/// a currency or a timestamp (``invalid number `1,000`: expected …``), and nothing of other texts, which may be
/// secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    kind: &'static str,
    expected: &'static str,
    quoted: Option<Box<str>>,
}

impl ParseError {
    #[doc(hidden)]
    pub const fn new(kind: &'static str, expected: &'static str) -> Self {
        Self { kind, expected, quoted: None }
    }

    pub(crate) fn quoting(kind: &'static str, expected: &'static str, text: &str) -> Self {
        let mut quoted: String = text.chars().take(QUOTED).collect();
        if quoted.len() < text.len() {
            quoted.push('…');
        }
        Self { kind, expected, quoted: Some(quoted.into()) }
    }

    pub(crate) fn of(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// Returns the kind of value that was expected, such as `number` or `order id`.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Returns the form that was expected, such as `a decimal number of at most 28 digits`.
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {}", self.kind)?;
        if let Some(quoted) = &self.quoted {
            write!(f, " `{}`", quoted.escape_debug())?;
        }
        write!(f, ": expected {}", self.expected)
    }
}

impl std::error::Error for ParseError {}
