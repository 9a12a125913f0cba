//! Strings and their escapes.

use std::borrow::Cow;

use super::Lexer;
use crate::decode::error::DecodeError;

const ONES: u64 = 0x0101_0101_0101_0101;

/// The highest bit of each byte that is zero, up to the lowest of them.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

/// Compares two texts. Short ones are compared here, which is quicker than a call of `memcmp`.
#[inline]
pub(in crate::decode) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (Some((ones, one_end)), Some((others, other_end))) = (eights(one), eights(other)) else {
        return one == other;
    };
    one_end == other_end && ones.iter().zip(others).all(|(one, other)| one == other)
}

/// Splits a text of eight bytes or more into steps of eight, and its last eight.
#[inline]
fn eights(text: &[u8]) -> Option<(&[[u8; 8]], &[u8; 8])> {
    Some((text.as_chunks().0, text.last_chunk()?))
}

impl<'a> Lexer<'a> {
    /// Returns a string, which must be next. It is borrowed where it has no escapes.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let start = self.at + 1;
        match self.unescaped() {
            Some(end) => {
                let text = self.slice(start, end)?;
                if self.is_repaired && text.contains('\u{fffd}') {
                    self.has_replaced = true;
                }
                Ok(Cow::Borrowed(text))
            }
            None => self.escaped(start).map(Cow::Owned),
        }
    }

    /// Skips a string without escapes, which must be next, and returns its end.
    #[inline]
    pub(in crate::decode) fn unescaped(&mut self) -> Option<usize> {
        let end = self.plain_end(self.at + 1);
        if self.byte(end) != Some(b'"') {
            return None;
        }
        self.at = end + 1;
        Some(end)
    }

    /// Skips exactly this text if it is next.
    #[inline]
    pub(in crate::decode) fn eat_exactly(&mut self, expected: &str) -> bool {
        let end = self.at + expected.len();
        let found = self.text.as_bytes().get(self.at..end);
        let is_next = found.is_some_and(|found| is_same(found, expected.as_bytes()));
        if is_next {
            self.at = end;
        }
        is_next
    }

    /// Returns where the bytes that stand for themselves end.
    #[inline]
    fn plain_end(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        // Eight at a time: nearly all strings are short and have nothing else to look for.
        while let Some(eight) = bytes.get(at..at + 8) {
            let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
            let controls = word.wrapping_sub(ONES * 0x20) & !word & (ONES << 7);
            let ends = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64)) | controls;
            if ends != 0 {
                return at + (ends.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        while let Some(b' '..=b'!' | b'#'..=b'[' | b']'..) = bytes.get(at) {
            at += 1;
        }
        at
    }

    /// Reads a string with escapes, whose first byte is at `start`.
    #[cold]
    pub(in crate::decode) fn escaped(&mut self, mut start: usize) -> Result<String, DecodeError> {
        let mut text = String::new();
        loop {
            let end = self.plain_end(start);
            self.at = end;
            let plain = self.slice(start, end)?;
            if self.is_repaired && plain.contains('\u{fffd}') {
                self.has_replaced = true;
            }
            text.push_str(plain);
            match self.byte(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.unterminated()),
            }
            start = self.at;
        }
    }

    fn unterminated(&self) -> DecodeError {
        self.error(match self.byte(self.at) {
            Some(_) => "control character (\\u0000-\\u001F) found while parsing a string",
            None => "EOF while parsing a string",
        })
    }

    /// Reads an escape. A surrogate without its other half stands for no character and becomes U+FFFD.
    fn escape(&mut self) -> Result<char, DecodeError> {
        let letter = self.byte(self.at + 1);
        self.at += 2;
        Ok(match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let code = match self.four_digits()? {
                    high @ 0xD800..=0xDBFF => {
                        self.low_surrogate()?.map(|low| ((high - 0xD800) << 10) + (low - 0xDC00) + 0x1_0000)
                    }
                    code => Some(code),
                };
                code.and_then(char::from_u32).unwrap_or_else(|| {
                    self.has_replaced = true;
                    char::REPLACEMENT_CHARACTER
                })
            }
            _ => return Err(self.error("invalid escape")),
        })
    }

    /// Reads the second half of a surrogate pair, if it is next.
    fn low_surrogate(&mut self) -> Result<Option<u32>, DecodeError> {
        let start = self.at;
        if self.text.as_bytes().get(start..start + 2) != Some(br"\u") {
            return Ok(None);
        }
        self.at += 2;
        let low = self.four_digits()?;
        if (0xDC00..=0xDFFF).contains(&low) {
            return Ok(Some(low));
        }
        // An escape of its own, which is read next.
        self.at = start;
        Ok(None)
    }

    fn four_digits(&mut self) -> Result<u32, DecodeError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        if digits.is_empty() {
            return Err(self.error("EOF while parsing a string"));
        }
        let mut code = 0;
        for digit in digits {
            let value = char::from(*digit).to_digit(16).ok_or_else(|| self.error("invalid escape"))?;
            code = code * 16 + value;
        }
        self.at += 4;
        Ok(code)
    }

    /// Skips a string, which must be next.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Result<(), DecodeError> {
        self.at += 1;
        loop {
            self.at = self.plain_end(self.at);
            match self.byte(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.skip_escape()?,
                _ => return Err(self.unterminated()),
            }
        }
    }

    #[cold]
    fn skip_escape(&mut self) -> Result<(), DecodeError> {
        let letter = self.byte(self.at + 1);
        self.at += 2;
        match letter {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => self.four_digits().map(drop),
            _ => Err(self.error("invalid escape")),
        }
    }
}
