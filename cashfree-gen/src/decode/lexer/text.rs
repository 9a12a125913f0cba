//! Texts and numbers, letter by letter.

use std::borrow::Cow;

use super::{Fault, Json, Names};

const ONES: u64 = 0x0101_0101_0101_0101;

/// The highest bit of each byte that is zero, as far as the lowest of them.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

/// Whether two texts of one length are the same: for ones so short that it is done here before the library's
/// comparison is called.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (Some((ones, one_end)), Some((others, other_end))) = (eights(one), eights(other)) else {
        return one == other;
    };
    one_end == other_end && ones.iter().zip(others).all(|(one, other)| one == other)
}

/// A text of eight bytes or more in steps of eight, and its last eight.
#[inline]
fn eights(text: &[u8]) -> Option<(&[[u8; 8]], &[u8; 8])> {
    Some((text.as_chunks().0, text.last_chunk()?))
}

impl<'a> Json<'a> {
    /// A text that stands here, to be kept.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<String, Fault> {
        let start = self.at + 1;
        match self.plain() {
            Some(end) => self.slice(start, end).map(str::to_owned),
            None => self.escaped(start),
        }
    }

    /// A text that stands here.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at + 1;
        match self.plain() {
            Some(end) => self.slice(start, end).map(Cow::Borrowed),
            None => self.escaped(start).map(Cow::Owned),
        }
    }

    /// Steps over a text that stands here, if all its letters stand for themselves, and tells where they
    /// end.
    #[inline]
    fn plain(&mut self) -> Option<usize> {
        let end = self.plain_end(self.at + 1);
        if self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some(end)
    }

    /// The position of a name that stands here, with a colon behind.
    #[inline]
    pub(super) fn find_name(&mut self, names: &Names) -> Result<Option<usize>, Fault> {
        let start = self.before_name()? + 1;
        let found = match self.plain() {
            Some(end) => {
                if self.text.is_none() {
                    self.slice(start, end)?;
                }
                names.find(self.bytes.get(start..end).unwrap_or_default())
            }
            None => names.find(self.escaped(start)?.as_bytes()),
        };
        self.colon()?;
        Ok(found)
    }

    /// Steps over a [written](super::written) name if it stands here just so.
    #[inline]
    pub(super) fn eat_written(&mut self, name: &str) -> bool {
        let end = self.at + name.len();
        let stands = self.bytes.get(self.at..end).is_some_and(|found| is_same(found, name.as_bytes()));
        if stands {
            self.at = end;
        }
        stands
    }

    /// Where the letters that stand for themselves end.
    #[inline]
    fn plain_end(&self, mut at: usize) -> usize {
        // Eight at a time: nearly all texts are short, and none has anything else to look for.
        while let Some(eight) = self.bytes.get(at..at + 8) {
            let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
            let controls = word.wrapping_sub(ONES * 0x20) & !word & (ONES << 7);
            let ends = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64)) | controls;
            if ends != 0 {
                return at + (ends.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        while let Some(b' '..=b'!' | b'#'..=b'[' | b']'..) = self.bytes.get(at) {
            at += 1;
        }
        at
    }

    /// A text with escapes, whose first letter stands at `start`.
    #[cold]
    fn escaped(&mut self, mut start: usize) -> Result<String, Fault> {
        let mut text = String::new();
        loop {
            let end = self.plain_end(start);
            self.at = end;
            text.push_str(self.slice(start, end)?);
            match self.bytes.get(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.broken_text()),
            }
            start = self.at;
        }
    }

    fn broken_text(&self) -> Fault {
        self.fault(match self.bytes.get(self.at) {
            Some(_) => "control character (\\u0000-\\u001F) found while parsing a string",
            None => "EOF while parsing a string",
        })
    }

    /// What an escape that stands here stands for.
    fn escape(&mut self) -> Result<char, Fault> {
        let letter = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        Ok(match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.four_digits()?;
                let code = match high {
                    0xD800..=0xDBFF => {
                        if self.bytes.get(self.at..self.at + 2) != Some(br"\u") {
                            return Err(self.fault("lone leading surrogate in hex escape"));
                        }
                        self.at += 2;
                        match self.four_digits()? {
                            low @ 0xDC00..=0xDFFF => ((high - 0xD800) << 10) + (low - 0xDC00) + 0x1_0000,
                            _ => return Err(self.fault("lone leading surrogate in hex escape")),
                        }
                    }
                    code => code,
                };
                char::from_u32(code).ok_or_else(|| self.fault("lone leading surrogate in hex escape"))?
            }
            _ => return Err(self.fault("invalid escape")),
        })
    }

    fn four_digits(&mut self) -> Result<u32, Fault> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        if digits.is_empty() {
            return Err(self.fault("EOF while parsing a string"));
        }
        let mut code = 0;
        for digit in digits {
            let value = char::from(*digit).to_digit(16).ok_or_else(|| self.fault("invalid escape"))?;
            code = code * 16 + value;
        }
        self.at += 4;
        Ok(code)
    }

    /// Steps over a text that stands here.
    #[inline]
    pub(super) fn skip_text(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.at = self.plain_end(self.at);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.skip_escape()?,
                _ => return Err(self.broken_text()),
            }
        }
    }

    /// A surrogate may stand alone in what nobody reads.
    #[cold]
    fn skip_escape(&mut self) -> Result<(), Fault> {
        let letter = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        match letter {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => self.four_digits().map(drop),
            _ => Err(self.fault("invalid escape")),
        }
    }

    /// A number that stands here: its digits.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.at += usize::from(self.bytes.get(start) == Some(&b'-'));
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            // Zeros before the digits are no JSON.
            if let Some(b'0'..=b'9') = self.bytes.get(self.at) {
                return Err(self.fault("invalid number"));
            }
        } else {
            self.some_digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        self.slice(start, self.at)
    }

    #[inline]
    fn some_digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.bytes.get(self.at) {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("invalid number")) } else { Ok(()) }
    }
}
