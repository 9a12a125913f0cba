//! The decoder: objects, lists and strings of a body, with the paths of what goes wrong in them.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use super::error::DecodeError;
use super::lexer::{Lexer, MAX_DEPTH};
use super::names::Names;
use super::path::{self, Step, Steps};
use super::unparsed::{Decoded, UnparsedField};

/// Reads the value of a field of this name.
pub(crate) type ReadField<'r, 'a> =
    &'r mut dyn FnMut(&mut Decoder<'a>, Cow<'a, str>) -> Result<(), DecodeError>;

/// Reads an item.
pub(crate) type ReadItem<'r, 'a> = &'r mut dyn FnMut(&mut Decoder<'a>) -> Result<(), DecodeError>;

/// Memory that lists, maps and free JSON of one body may always take, in bytes.
const MIN_DECODED: usize = 64 << 20;

/// Memory that they may take for each byte of the body, where that is more.
const MAX_GROWTH: usize = 8;

/// A position to which a decoder can return.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    at: usize,
    depth: u8,
    notes: usize,
}

/// What is found beside the value.
struct Note<'a> {
    steps: Steps,
    kind: NoteKind<'a>,
}

enum NoteKind<'a> {
    Unparsed(&'a str),
    ReplacedText,
}

/// A lexer, and what is known of the value that is being decoded.
pub(crate) struct Decoder<'a> {
    lexer: Lexer<'a>,
    /// Whether fields that can't be decoded are kept as JSON; otherwise they are errors.
    keeps_unparsed: bool,
    /// Whether numbers of the text may have been floats before.
    pub(super) from_floats: bool,
    notes: Vec<Note<'a>>,
    /// Memory that lists and maps may still take, in bytes.
    room: usize,
    /// The depth of the fields of the outermost object, which a list of one may hold.
    outermost: u8,
}

impl<'a> Deref for Decoder<'a> {
    type Target = Lexer<'a>;

    #[inline]
    fn deref(&self) -> &Lexer<'a> {
        &self.lexer
    }
}

impl DerefMut for Decoder<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.lexer
    }
}

/// Returns a body as text: without a byte order mark, and with U+FFFD for bytes that are not UTF-8.
pub(crate) fn text_of(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Nearly always. It checks ASCII in words, where the repair goes byte by byte.
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(body),
    }
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::over(Lexer::new(text, false))
    }

    /// A decoder of what [`text_of`] returned.
    #[expect(clippy::ptr_arg, reason = "an owned text is one that was repaired")]
    pub(crate) fn of(text: &'a Cow<'_, str>) -> Self {
        Self::over(Lexer::new(text, matches!(text, Cow::Owned(_))))
    }

    /// A decoder of a part of such text.
    #[cfg(feature = "webhook")]
    pub(crate) fn of_part(text: &'a str, is_repaired: bool) -> Self {
        Self::over(Lexer::new(text, is_repaired))
    }

    fn over(lexer: Lexer<'a>) -> Self {
        let room = lexer.text.len().saturating_mul(MAX_GROWTH).max(MIN_DECODED);
        let is_listed = lexer.text.trim_ascii_start().starts_with('[');
        let outermost = MAX_DEPTH - 1 - u8::from(is_listed);
        Self { lexer, keeps_unparsed: false, from_floats: false, notes: Vec::new(), room, outermost }
    }

    /// A decoder of text that other values were written as, which may have held numbers as floats.
    pub(super) fn of_floats(text: &'a str) -> Self {
        Self { from_floats: true, ..Self::new(text) }
    }

    /// Decodes the whole text; only white space may follow the value.
    pub(crate) fn whole<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.all(read)
    }

    /// Decodes the whole text, keeps fields that can't be decoded, and reports replaced text.
    pub(crate) fn whole_with_notes<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Decoded<T>, DecodeError> {
        self.keeps_unparsed = true;
        let value = self.all(read)?;
        let mut decoded = Decoded { value, unparsed: Vec::new(), replaced_text: Vec::new() };
        for note in &self.notes {
            let path = path::shown(&note.steps);
            match note.kind {
                NoteKind::Unparsed(json) => decoded.unparsed.push(UnparsedField::new(path, json)),
                NoteKind::ReplacedText => decoded.replaced_text.push(path),
            }
        }
        Ok(decoded)
    }

    fn all<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        let value = read(self);
        #[cfg(test)]
        work::add(self.at);
        let value = value?;
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.error("trailing characters")),
        }
    }

    /// Whether a text was replaced so far.
    #[cfg(feature = "webhook")]
    pub(crate) fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Returns the position of the next value.
    #[inline]
    pub(crate) fn position(&mut self) -> Position {
        self.peek();
        Position { at: self.at, depth: self.depth, notes: self.notes.len() }
    }

    /// Returns to a position, and forgets what was found behind it.
    pub(crate) fn rewind(&mut self, position: Position) {
        #[cfg(test)]
        work::add(self.at - position.at);
        (self.lexer.at, self.lexer.depth) = (position.at, position.depth);
        self.lexer.has_replaced = false;
        self.notes.truncate(position.notes);
    }

    /// Returns the text between a position and the current one.
    pub(crate) fn since(&self, position: Position) -> Result<&'a str, DecodeError> {
        self.slice(position.at, self.at)
    }

    /// Returns the next value as JSON.
    pub(crate) fn raw(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.position();
        self.skip()?;
        self.since(start)
    }

    /// Counts memory that decoding takes beyond the text itself.
    ///
    /// # Errors
    /// When it is more than a body of this length may take.
    #[inline]
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), DecodeError> {
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => Err(self.error("the decoded value is larger than the limit").into_final()),
        }
    }

    /// Returns a string, which must be next.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let text = self.lexer.text()?;
        if self.lexer.has_replaced {
            self.note_replaced();
        }
        Ok(text)
    }

    #[cold]
    fn note_replaced(&mut self) {
        self.lexer.has_replaced = false;
        self.notes.push(Note { steps: Vec::new(), kind: NoteKind::ReplacedText });
    }

    /// Returns a string that must be exact, which must be next: an identifier is never guessed.
    #[inline]
    pub(super) fn exact_string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let text = self.lexer.text()?;
        if std::mem::take(&mut self.lexer.has_replaced) {
            return Err(self.error("text that is not valid Unicode"));
        }
        Ok(text)
    }

    /// Reads an object whose fields have these names, each by `read`, which is given the position of the name,
    /// or `None` for an unknown field, which it must read or skip.
    ///
    /// Fields mostly come in the order of the names, so that the next name is compared first.
    #[inline]
    pub(crate) fn fields(
        &mut self,
        names: &Names,
        mut read: impl FnMut(&mut Self, Option<usize>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut next = 0;
        self.between(b'{', b'}', |decoder| {
            decoder.peek();
            let start = decoder.at;
            let found = match names.all.get(next) {
                Some((quoted, position)) if decoder.eat_exactly(quoted) => Some(*position),
                _ => decoder.find_name(names)?,
            };
            next = found.map_or(next, |found| found + 1);
            let value = decoder.start();
            match read(decoder, found) {
                Ok(()) if decoder.notes.len() == value.notes => Ok(()),
                outcome => {
                    decoder.settle(outcome, start, value, |name| names.find(name.as_bytes()).is_some())
                }
            }
        })
    }

    /// Returns the position of the name that is next, with its colon.
    #[inline]
    fn find_name(&mut self, names: &Names) -> Result<Option<usize>, DecodeError> {
        let start = self.name_start()? + 1;
        let found = match self.unescaped() {
            Some(end) => names.find(self.text.as_bytes().get(start..end).unwrap_or_default()),
            None => names.find(self.escaped(start)?.as_bytes()),
        };
        self.lexer.has_replaced = false;
        self.colon()?;
        Ok(found)
    }

    /// Reads an object field by field, whatever the names. Paths do not show them: they are the sender's.
    pub(crate) fn entries(&mut self, read: ReadField<'_, 'a>) -> Result<(), DecodeError> {
        self.entries_of(|_| false, read)
    }

    /// Reads an object field by field. Paths show the names that are known.
    pub(crate) fn entries_of(
        &mut self,
        is_known: fn(&str) -> bool,
        read: ReadField<'_, 'a>,
    ) -> Result<(), DecodeError> {
        self.between(b'{', b'}', |decoder| {
            let start = decoder.name_start()?;
            let name = decoder.lexer.text()?;
            decoder.lexer.has_replaced = false;
            decoder.colon()?;
            let value = decoder.start();
            match read(decoder, name) {
                Ok(()) if decoder.notes.len() == value.notes => Ok(()),
                outcome => decoder.settle(outcome, start, value, is_known),
            }
        })
    }

    /// Reads a list item by item.
    pub(crate) fn items(&mut self, read: ReadItem<'_, 'a>) -> Result<(), DecodeError> {
        let mut index = 0;
        self.between(b'[', b']', |decoder| {
            let known = decoder.notes.len();
            read(decoder).map_err(|error| error.within(Step::Item(index)))?;
            if decoder.notes.len() > known {
                decoder.add_step(known, &Step::Item(index))?;
            }
            index += 1;
            Ok(())
        })
    }

    /// Reads what stands between two brackets, separated by commas, one level deeper.
    #[inline]
    fn between(
        &mut self,
        open: u8,
        close: u8,
        mut read: impl FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.eat(open) {
            return Err(self.unexpected(if open == b'{' { "an object" } else { "a list" }));
        }
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(self.error("recursion limit exceeded"));
        };
        self.lexer.depth = depth;
        if !self.eat(close) {
            loop {
                read(self)?;
                match self.peek() {
                    Some(b',') => self.lexer.at += 1,
                    Some(found) if found == close => break,
                    _ => return Err(self.error("expected `,` or the end of the object or list")),
                }
            }
            self.lexer.at += 1;
        }
        self.lexer.depth += 1;
        Ok(())
    }

    #[inline]
    const fn start(&self) -> Position {
        Position { at: self.lexer.at, depth: self.lexer.depth, notes: self.notes.len() }
    }

    /// Adds a step in front of the paths of notes.
    #[cold]
    fn add_step(&mut self, known: usize, step: &Step) -> Result<(), DecodeError> {
        self.charge((self.notes.len() - known) * size_of::<Step>())?;
        #[cfg(test)]
        work::add(self.notes.len() - known);
        for note in self.notes.iter_mut().skip(known) {
            note.steps.push(step.clone());
        }
        Ok(())
    }

    /// After a field: adds its name to the paths of what was found in it. Where it could not be decoded, it is
    /// kept as JSON if it may be, and otherwise an error.
    #[cold]
    fn settle(
        &mut self,
        outcome: Result<(), DecodeError>,
        name_start: usize,
        value: Position,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<(), DecodeError> {
        let mut name = Lexer { at: name_start, ..Lexer::new(self.text, false) };
        let name = name.text()?;
        #[cfg(test)]
        work::add(name.len());
        let step = if is_known(&name) { Step::Field(name.as_ref().into()) } else { Step::Unknown };
        let Err(error) = outcome else { return self.add_step(value.notes, &step) };
        let is_content = value.depth == self.outermost && name == "data";
        if !self.keeps_unparsed || error.is_final() || is_content {
            return Err(error.within(step).into_final());
        }
        self.rewind(value);
        if self.skip().is_err() {
            // Not JSON: nothing behind it can be read.
            return Err(error.within(step).into_final());
        }
        let json = self.since(value)?.trim();
        self.charge(size_of::<Note<'_>>() + size_of::<UnparsedField>())?;
        self.notes.push(Note { steps: vec![step], kind: NoteKind::Unparsed(json) });
        Ok(())
    }
}

/// Counts the work of decoding, the same on every machine: bytes that are read, again after each return to an earlier
/// position, and steps that are added to paths.
#[cfg(test)]
pub(super) mod work {
    use std::cell::Cell;

    thread_local! {
        static DONE: Cell<usize> = const { Cell::new(0) };
    }

    pub(in crate::decode) fn add(work: usize) {
        DONE.set(DONE.get() + work);
    }

    /// Returns the work that a function makes.
    pub(in crate::decode) fn of(run: impl FnOnce()) -> usize {
        DONE.set(0);
        run();
        DONE.get()
    }
}
