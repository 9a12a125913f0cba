//! The lexer: JSON text as tokens, read once from front to back.
//!
//! Why it is ours: serde_json hands numbers over as floats unless a feature is on that changes every other
//! crate of the program, and the ways around it measured worse. Decoding a payment takes 0.76 times the
//! instructions of hand-written serde structs; a tree of serde_json values 1.15 times, a tree of hifijson 1.5
//! times, raw values 1.7 times, serde's derive on the tolerant types 2.2 times.
//!
//! It accepts exactly what serde_json accepts, but for lone surrogates, which become U+FFFD. Values that are
//! decoded may be nested [`MAX_DEPTH`] deep, as in serde_json; values that are skipped without limit. Tests
//! compare it with serde_json over mutated payloads. It knows no field, no type and no rule of the API.

mod strings;

pub(super) use strings::is_same;

use super::error::DecodeError;

/// Maximum nesting depth of values that are decoded.
pub(super) const MAX_DEPTH: u8 = 127;

/// JSON text and a position in it.
pub(crate) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// How many levels deeper it may go.
    pub(super) depth: u8,
    /// Whether the text came with bytes that are not UTF-8, each of which is U+FFFD in it.
    pub(super) is_repaired: bool,
    /// Whether a string that was read contains U+FFFD in place of what is no text.
    pub(super) has_replaced: bool,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str, is_repaired: bool) -> Self {
        Self { text, at: 0, depth: MAX_DEPTH, is_repaired, has_replaced: false }
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Makes an error at the current position.
    #[cold]
    pub(crate) fn error(&self, reason: &'static str) -> DecodeError {
        DecodeError::new(reason.into(), Some(self.at))
    }

    /// Sets the position of an error that has none.
    #[cold]
    pub(crate) fn located(&self, error: DecodeError) -> DecodeError {
        error.or_at(self.at)
    }

    /// Makes the error that the next value is not of the expected kind. It names the kind found, not the value.
    #[cold]
    pub(crate) fn unexpected(&mut self, expected: &str) -> DecodeError {
        let kind = match self.peek() {
            Some(b'"') => "text",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'n') => "null",
            Some(b't' | b'f') => "a boolean",
            Some(b'-' | b'0'..=b'9') => "a number",
            Some(_) => return self.error("expected value"),
            None => return self.error("EOF while parsing a value"),
        };
        DecodeError::new(format!("invalid type: {kind}, expected {expected}").into(), Some(self.at))
    }

    /// Returns the next byte that is not white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.byte(self.at) {
            // Bodies are mostly sent without white space.
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_after_space(),
        }
    }

    #[cold]
    fn peek_after_space(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte(self.at) {
            self.at += 1;
        }
        self.byte(self.at)
    }

    /// Skips a byte if it is the next one.
    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Skips `null` if it is the next value.
    #[inline]
    pub(crate) fn eat_null(&mut self) -> Result<bool, DecodeError> {
        match self.peek() {
            Some(b'n') => self.keyword("null").map(|()| true),
            _ => Ok(false),
        }
    }

    #[inline]
    pub(super) fn keyword(&mut self, word: &str) -> Result<(), DecodeError> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.error("expected ident"));
        }
        self.at = end;
        Ok(())
    }

    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), DecodeError> {
        if self.eat(b':') { Ok(()) } else { Err(self.error("expected `:`")) }
    }

    /// Returns where the name of a field begins, which must be next.
    #[inline]
    pub(super) fn name_start(&mut self) -> Result<usize, DecodeError> {
        match self.peek() {
            Some(b'"') => Ok(self.at),
            _ => Err(self.error("key must be a string")),
        }
    }

    #[inline]
    pub(super) fn slice(&self, from: usize, to: usize) -> Result<&'a str, DecodeError> {
        self.text.get(from..to).ok_or_else(|| self.error("invalid unicode code point"))
    }

    /// Returns a number as its text. It must be next.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.at;
        self.at += usize::from(self.byte(start) == Some(b'-'));
        if self.byte(self.at) == Some(b'0') {
            self.at += 1;
            // JSON has no leading zeros.
            if let Some(b'0'..=b'9') = self.byte(self.at) {
                return Err(self.error("invalid number"));
            }
        } else {
            self.digits()?;
        }
        if self.byte(self.at) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.slice(start, self.at)
    }

    #[inline]
    fn digits(&mut self) -> Result<(), DecodeError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte(self.at) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("invalid number")) } else { Ok(()) }
    }

    /// Skips a value.
    pub(crate) fn skip(&mut self) -> Result<(), DecodeError> {
        // The closing brackets of what is open.
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => self.skip_string()?,
                Some(b'n') => self.keyword("null")?,
                Some(b't') => self.keyword("true")?,
                Some(b'f') => self.keyword("false")?,
                Some(b'-' | b'0'..=b'9') => self.number().map(drop)?,
                Some(bracket @ (b'{' | b'[')) => {
                    let close = if bracket == b'{' { b'}' } else { b']' };
                    self.at += 1;
                    if !self.eat(close) {
                        open.push(close);
                        if close == b'}' {
                            self.skip_name()?;
                        }
                        continue;
                    }
                }
                _ => return Err(self.unexpected("a value")),
            }
            loop {
                let Some(close) = open.last() else { return Ok(()) };
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if *close == b'}' {
                            self.skip_name()?;
                        }
                        break;
                    }
                    Some(found) if found == *close => {
                        self.at += 1;
                        open.pop();
                    }
                    _ => return Err(self.error("expected `,` or the end of the object or list")),
                }
            }
        }
    }

    fn skip_name(&mut self) -> Result<(), DecodeError> {
        self.name_start()?;
        self.skip_string()?;
        self.colon()
    }
}
