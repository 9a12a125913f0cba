//! JSON text, read once from front to back.
//!
//! The readers of the generated types ask it for one value after the other. It hands numbers over by their
//! digits and text without a copy, tells where it stands when something is wrong, and is not generic: each
//! type has one reader, made once.
//!
//! What it takes is what `serde_json` takes. Objects and lists may be nested as deep as there; what is passed
//! over may be nested without limit.

mod aside;
mod fault;
mod names;
mod text;

use std::borrow::Cow;

use aside::Aside;
pub(crate) use fault::{Fault, Step, apart};
pub(crate) use names::{Names, written};

use crate::decode::wire::{LOST, Wire, was_float};

/// How deep values may be nested that are read.
const DEPTH: u8 = 127;

/// What reads a member of this name.
pub(crate) type ReadEntry<'r, 'a> = &'r mut dyn FnMut(&mut Json<'a>, Cow<'a, str>) -> Result<(), Fault>;

/// What reads an item.
pub(crate) type ReadItem<'r, 'a> = &'r mut dyn FnMut(&mut Json<'a>) -> Result<(), Fault>;

/// Where a value begins.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    at: usize,
    depth: u8,
}

/// JSON and a place in it.
pub(crate) struct Json<'a> {
    bytes: &'a [u8],
    /// The same, where all of it is UTF-8.
    text: Option<&'a str>,
    at: usize,
    /// How much deeper it may go.
    depth: u8,
    /// Whether numbers may have been floats before they were text.
    remade: bool,
    /// Whether members that can't be read are set aside.
    sets_aside: bool,
    aside: Vec<Aside<'a>>,
}

impl<'a> Json<'a> {
    /// Where the bytes are no UTF-8, they still may be so in each text that is read.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        Self::over(bytes, std::str::from_utf8(bytes).ok())
    }

    pub(crate) fn of_text(text: &'a str) -> Self {
        Self::over(text.as_bytes(), Some(text))
    }

    const fn over(bytes: &'a [u8], text: Option<&'a str>) -> Self {
        Self { bytes, text, at: 0, depth: DEPTH, remade: false, sets_aside: false, aside: Vec::new() }
    }

    /// Text that a tree of values was written as: it may have held its numbers as floats.
    pub(crate) fn of_tree(text: &'a str) -> Self {
        Self { remade: true, ..Self::of_text(text) }
    }

    /// Where the next value begins.
    #[inline]
    pub(crate) fn place(&mut self) -> Place {
        self.peek();
        Place { at: self.at, depth: self.depth }
    }

    pub(crate) fn back_to(&mut self, place: Place) {
        (self.at, self.depth) = (place.at, place.depth);
    }

    /// What stands between a place and here.
    pub(crate) fn since(&self, place: Place) -> Result<&'a str, Fault> {
        self.slice(place.at, self.at)
    }

    /// Reads by `read`, which must leave nothing behind but white space.
    pub(crate) fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.all(read)
    }

    fn all<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let value = read(self)?;
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.fault("trailing characters")),
        }
    }

    /// What is wrong here.
    #[cold]
    pub(crate) fn fault(&self, reason: &'static str) -> Fault {
        Fault::new(reason.into(), self.at)
    }

    /// Gives a fault that came of a value its place.
    #[cold]
    pub(crate) fn located(&self, fault: Fault) -> Fault {
        fault.at(self.at)
    }

    /// The fault that the next value is not what is expected; tells its kind only.
    #[cold]
    pub(crate) fn unexpected(&mut self, expected: &str) -> Fault {
        let kind = match self.peek() {
            Some(b'"') => "text",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'n') => "nothing",
            Some(b't' | b'f') => "a truth value",
            Some(b'-' | b'0'..=b'9') => "a number",
            Some(_) => return self.fault("expected value"),
            None => return self.fault("EOF while parsing a value"),
        };
        Fault::new(format!("invalid type: {kind}, expected {expected}").into(), self.at)
    }

    /// The byte that comes after white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.bytes.get(self.at) {
            // Bodies are mostly sent without white space.
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.peek_on(),
        }
    }

    #[cold]
    fn peek_on(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Steps over a byte if it is the next.
    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Steps over `null` if it is the next value.
    #[inline]
    pub(crate) fn eat_null(&mut self) -> Result<bool, Fault> {
        match self.peek() {
            Some(b'n') => self.word("null").map(|()| true),
            _ => Ok(false),
        }
    }

    #[inline]
    fn word(&mut self, word: &str) -> Result<(), Fault> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.fault("expected ident"));
        }
        self.at = end;
        Ok(())
    }

    #[inline]
    fn slice(&self, from: usize, to: usize) -> Result<&'a str, Fault> {
        let found = match self.text {
            Some(text) => text.get(from..to),
            None => self.bytes.get(from..to).and_then(|bytes| std::str::from_utf8(bytes).ok()),
        };
        found.ok_or_else(|| self.fault("invalid unicode code point"))
    }

    /// The next value by its text.
    #[inline]
    pub(crate) fn wire(&mut self) -> Result<Wire<'a>, Fault> {
        match self.peek() {
            Some(b'"') => self.text().map(Wire::Text),
            Some(b'n') => self.word("null").map(|()| Wire::Nothing),
            Some(b't') => self.word("true").map(|()| Wire::Flag(true)),
            Some(b'f') => self.word("false").map(|()| Wire::Flag(false)),
            Some(b'-' | b'0'..=b'9') => self.digits().map(|text| Wire::Number(Cow::Borrowed(text))),
            Some(b'{' | b'[') => self.raw().map(|text| Wire::Structure(Cow::Borrowed(text))),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// A number, none of whose digits was lost on the way.
    #[inline]
    fn digits(&mut self) -> Result<&'a str, Fault> {
        let text = self.number()?;
        if self.remade && was_float(text) {
            return Err(self.fault(LOST));
        }
        Ok(text)
    }

    /// The next value as it stands.
    pub(crate) fn raw(&mut self) -> Result<&'a str, Fault> {
        let start = self.place();
        self.skip()?;
        self.since(start)
    }

    /// Reads an object whose members have these names, each by `read`, to which it gives the position of the
    /// name; `None` for any other, which `read` must pass over or read.
    ///
    /// Members mostly come in the order of the names, so that of the next one is tried first.
    #[inline]
    pub(crate) fn members(
        &mut self,
        names: &Names,
        mut read: impl FnMut(&mut Self, Option<usize>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut next = 0;
        self.between(b'{', b'}', |json| {
            json.peek();
            let start = json.at;
            let found = match names.all.get(next) {
                Some((written, position)) if json.eat_written(written) => Some(*position),
                _ => json.find_name(names)?,
            };
            next = found.map_or(next, |found| found + 1);
            let begun = json.begun();
            match read(json, found) {
                Ok(()) if json.aside.len() == begun.aside => Ok(()),
                outcome => json.settle(outcome, start, begun),
            }
        })
    }

    /// Reads an object member by member.
    pub(crate) fn entries(&mut self, read: ReadEntry<'_, 'a>) -> Result<(), Fault> {
        self.between(b'{', b'}', |json| {
            let start = json.before_name()?;
            let name = json.text()?;
            json.colon()?;
            let begun = json.begun();
            match read(json, name) {
                Ok(()) if json.aside.len() == begun.aside => Ok(()),
                outcome => json.settle(outcome, start, begun),
            }
        })
    }

    /// Reads a list item by item.
    pub(crate) fn items(&mut self, read: ReadItem<'_, 'a>) -> Result<(), Fault> {
        let mut index = 0;
        self.between(b'[', b']', |json| {
            let known = json.aside.len();
            read(json).map_err(|fault| fault.within(Step::Item(index)))?;
            if json.aside.len() > known {
                json.within(known, &Step::Item(index));
            }
            index += 1;
            Ok(())
        })
    }

    /// Reads what stands between two brackets, with commas between, one level further down.
    #[inline]
    fn between(
        &mut self,
        open: u8,
        close: u8,
        mut read: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !self.eat(open) {
            return Err(self.unexpected(if open == b'{' { "an object" } else { "a list" }));
        }
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(self.fault("recursion limit exceeded"));
        };
        self.depth = depth;
        if !self.eat(close) {
            loop {
                read(self)?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(found) if found == close => break,
                    _ => return Err(self.fault("expected `,` or the end of the object or list")),
                }
            }
            self.at += 1;
        }
        self.depth += 1;
        Ok(())
    }

    /// Where the name of a member begins.
    #[inline]
    fn before_name(&mut self) -> Result<usize, Fault> {
        match self.peek() {
            Some(b'"') => Ok(self.at),
            _ => Err(self.fault("key must be a string")),
        }
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Fault> {
        if self.eat(b':') { Ok(()) } else { Err(self.fault("expected `:`")) }
    }

    /// The name of a member that stands at `start`.
    fn name_at(&self, start: usize) -> Result<String, Fault> {
        let mut name = Self { at: start, ..Self::over(self.bytes, self.text) };
        name.text().map(Cow::into_owned)
    }

    /// Steps over a value.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        // The brackets that are to come.
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => self.skip_text()?,
                Some(b'n') => self.word("null")?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
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
                    _ => return Err(self.fault("expected `,` or the end of the object or list")),
                }
            }
        }
    }

    fn skip_name(&mut self) -> Result<(), Fault> {
        self.before_name()?;
        self.skip_text()?;
        self.colon()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    use super::*;
    use crate::decode::error::Misread;
    use crate::decode::lenient::free;

    fn read(json: &[u8]) -> Result<Value, Fault> {
        Json::of_bytes(json).whole(free)
    }

    fn agree(json: &[u8]) {
        let shown = String::from_utf8_lossy(json);
        assert_eq!(read(json).ok(), serde_json::from_slice(json).ok(), "{shown}");
        let passed_over = Json::of_bytes(json).whole(Json::skip).is_ok();
        // Numbers that are too large are none of a skipper's business, and texts need be no UTF-8.
        assert_eq!(passed_over, serde_json::from_slice::<IgnoredAny>(json).is_ok(), "{shown}");
    }

    #[test]
    fn it_takes_what_serde_json_takes() {
        for json in [
            "",
            " ",
            "null",
            "nul",
            "nulll",
            "null ",
            "true",
            "True",
            "-",
            "-0",
            "0",
            "00",
            "01",
            "-01",
            "1.",
            ".1",
            "1.0",
            "1.e1",
            "1e",
            "1e+",
            "1E-2",
            "1e400",
            "-1e400",
            "1e-400",
            "0x1",
            "+1",
            "1 2",
            "NaN",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "[",
            "]",
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1,2]",
            "{",
            "{}",
            "{ }",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{a:1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,\"a\":2}",
            "{\"\":{\"\":[{}]}}",
            "\"",
            "\"a",
            "\"a\"b",
            r#""\""#,
            r#""\"""#,
            r#""\x""#,
            r#""\u""#,
            r#""\u12""#,
            r#""\u12g4""#,
            r#""\u00e9\n\/""#,
            r#""\ud83d\ude00""#,
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\ud83dx""#,
            r#""\ud83d\n""#,
            r#""\ud83d\ud83d""#,
            "\"\u{1}\"",
            "\"a\nb\"",
            "\"\u{7f}é😀\"",
            "\u{feff}1",
            "/**/1",
            "[\"12345678\",\"1234567\\\"\",\"123456789012345\\n\"]",
            " \t\r\n[ 1 , { \"a\" : \"b\" } ] ",
        ] {
            agree(json.as_bytes());
        }
        for bytes in [&b"\"\xff\""[..], b"[\"a\", \"\xc3\x28\"]", b"{\"\xff\":1}", b"\xff"] {
            agree(bytes);
        }
        for depth in [1, 126, 127, 128, 129, 10_000] {
            agree(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
            agree(format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)).as_bytes());
        }
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        for (json, told) in [
            ("[1,\n 2,\n x]", "[2]: expected value at line 3 column 1"),
            (r#"{"a":{"b\u0021":[{},{"c":tru}]}}"#, "a.b![1].c: expected ident at line 1 column 25"),
            ("{} {}", ".: trailing characters at line 1 column 3"),
            ("[", "[0]: EOF while parsing a value at line 1 column 1"),
        ] {
            let fault = read(json.as_bytes()).unwrap_err();
            assert_eq!(Misread::new(&fault, json.as_bytes()).to_string(), told, "{json}");
        }
    }

    #[test]
    fn a_name_is_one_whether_it_is_escaped_and_wherever_it_stands() {
        const ALL: [(&str, usize); 3] = [(written!("one"), 0), (written!("two"), 1), (written!("three"), 2)];
        static TABLE: [u16; Names::room(3)] = Names::table(&ALL);
        let names = Names { all: &ALL, table: &TABLE };
        for (json, expected) in [
            (r#"{"one":1,"two":2,"three":3}"#, [Some(0), Some(1), Some(2)]),
            (r#"{"three":1 , "one":[{}],"other":null}"#, [Some(2), Some(0), None]),
            (r#"{"t\u0077o":1,"tw":2,"one":3}"#, [Some(1), None, Some(0)]),
            (r#"{ "one" : 1 ,"one":2,"one\n":3}"#, [Some(0), Some(0), None]),
        ] {
            let mut found = Vec::new();
            let read = Json::of_text(json).whole(|json| {
                json.members(&names, |json, position| {
                    found.push(position);
                    json.skip()
                })
            });
            assert!(read.is_ok(), "{json}");
            assert_eq!(found, expected, "{json}");
        }
    }

    #[test]
    fn digits_that_a_float_may_have_lost_are_refused() {
        let number = "1234567890.1234567";
        assert!(matches!(Json::of_text(number).wire(), Ok(Wire::Number(text)) if text == number));
        assert!(Json::of_tree(number).wire().is_err());
        assert!(Json::of_tree("499.00").wire().is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// JSON in which one piece is something else.
        #[test]
        fn it_takes_no_more_and_no_less_of_what_is_almost_json(
            mut json in almost_json(),
            at in any::<prop::sample::Index>(),
            piece in prop::sample::select(vec![
                "", ",", ":", "\"", "\\", "\\u00", "{", "}", "[", "]", "0", "-", ".", "e", " ", "\u{1}", "é",
                "null", "\"a\":",
            ]),
            taken in 0..3_usize,
        ) {
            let mut from = at.index(json.len() + 1);
            while !json.is_char_boundary(from) {
                from -= 1;
            }
            let mut to = (from + taken).min(json.len());
            while !json.is_char_boundary(to) {
                to += 1;
            }
            agree(json.as_bytes());
            json.replace_range(from..to, piece);
            agree(json.as_bytes());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            agree(&bytes);
        }
    }

    fn almost_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            prop::sample::select(vec!["null", "true", "0", "-1.50e2", "12345678901234567890"])
                .prop_map(str::to_owned),
            any::<String>().prop_map(|text| Value::from(text).to_string()),
            r#"[a-z é]{0,20}(\\u00[0-9a-f]{2}|\\n)?[a-z]{0,9}"#.prop_map(|text| format!("\"{text}\"")),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| format!("[{}]", items.join(" ,"))),
                prop::collection::vec(("[a-c]{1,2}", inner), 0..4).prop_map(|members| {
                    let members: Vec<String> =
                        members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }
}
