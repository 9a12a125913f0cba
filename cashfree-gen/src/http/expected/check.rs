//! Checking a response body.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{Expected, Mismatch, Shape, Source};
use crate::decode::decoder::{Decoder, text_of};
use crate::{DecodeError, Request, RetryClass};

type Verdict = Result<(), Mismatch>;

fn differs(reason: String) -> Verdict {
    Err(Mismatch { reason, is_without_fields: false })
}

fn without_fields(reason: impl Into<String>) -> Verdict {
    Err(Mismatch { reason: reason.into(), is_without_fields: true })
}

impl Expected {
    /// Checks that a body has the expected shape, one of the expected fields, and the identifiers of the request. It
    /// decodes nothing, and reads an object only until it has seen them: decoding refuses a field that is there twice.
    ///
    /// - A body without content is that of [`Shape::Empty`] or [`Shape::Any`] only.
    /// - The list with which a write responds holds an element.
    /// - `Ok` for any other body that is no JSON: decoding says what is wrong with it. For [`Shape::Empty`] it is a
    ///   mismatch.
    ///
    /// # Errors
    /// [`Mismatch`] if the body is that of something else.
    ///
    /// ```
    /// use cashfree_gen::{Request, operations::PG_FETCH_ORDER};
    ///
    /// let request = Request::new(&PG_FETCH_ORDER, "/orders/order_1".to_owned());
    /// let check = |body: &str| PG_FETCH_ORDER.response.check(&request, body.as_bytes());
    /// assert_eq!(check(r#"{"order_id":"order_1","order_status":"PAID"}"#), Ok(()));
    /// assert!(check(r#"{"order_id":"order_2"}"#).is_err());
    /// assert!(check(r#"{"portal":"Welcome to the hotel"}"#).is_err_and(|mismatch| mismatch.is_without_fields));
    /// ```
    pub fn check(&self, request: &Request, body: &[u8]) -> Result<(), Mismatch> {
        let text = text_of(body);
        let json = text.trim_ascii();
        let writes = request.operation.retry_class != RetryClass::Safe;
        match self.shape {
            Shape::Any => return Ok(()),
            Shape::Empty if json.is_empty() || is_empty(json, ['{', '}']) => return Ok(()),
            Shape::Empty => return without_fields("it is not empty"),
            _ if json.is_empty() => return without_fields("it is empty"),
            Shape::List if writes && is_empty(json, ['[', ']']) => {
                return without_fields("it is an empty list");
            }
            Shape::Object | Shape::List => {}
        }
        let wanted: Vec<_> =
            self.identity.iter().map(|identity| Wanted::of(request, identity.source)).collect();
        let mut decoder = Decoder::of(&text);
        if decoder.peek() != Some(b'{') {
            return decoder.whole(|decoder| self.value(decoder, &wanted)).unwrap_or(Ok(()));
        }
        let mut found = Found::new(self);
        let read = decoder.entries(&mut |decoder, name| {
            found.read(decoder, &name)?;
            if found.is_complete(&wanted) { Err(decoder.error("all is found")) } else { Ok(()) }
        });
        if found.is_complete(&wanted) || (read.is_ok() && decoder.peek().is_none()) {
            found.verdict(&wanted)
        } else {
            Ok(())
        }
    }

    fn value(&self, decoder: &mut Decoder<'_>, wanted: &[Wanted<'_>]) -> Result<Verdict, DecodeError> {
        let found = match decoder.peek() {
            Some(b'{') => return self.object(decoder, wanted),
            Some(b'[') => return self.list(decoder, wanted),
            Some(b'n') => "it is null",
            Some(b'"') => "it is a string",
            Some(b't' | b'f') => "it is not an object",
            _ => "it is a number",
        };
        decoder.skip()?;
        Ok(without_fields(found))
    }

    fn list(&self, decoder: &mut Decoder<'_>, wanted: &[Wanted<'_>]) -> Result<Verdict, DecodeError> {
        let (mut verdict, mut count) = (Ok(()), 0);
        decoder.items(&mut |decoder| {
            let item = self.value(decoder, wanted)?;
            if verdict.is_ok() {
                verdict = item;
            }
            count += 1;
            Ok(())
        })?;
        // Some examples show an object as a list of one.
        if self.shape == Shape::Object && count != 1 {
            return Ok(without_fields("it is a list"));
        }
        Ok(verdict)
    }

    fn object(&self, decoder: &mut Decoder<'_>, wanted: &[Wanted<'_>]) -> Result<Verdict, DecodeError> {
        let mut found = Found::new(self);
        decoder.entries(&mut |decoder, name| found.read(decoder, &name))?;
        Ok(found.verdict(wanted))
    }

    /// Whether a success is an acknowledgement: it has `status`, which bodies of others have, too, and a message. The
    /// service says `OK` in the first.
    fn is_acknowledgement(&self) -> bool {
        self.fields == ["status"]
    }
}

/// Whether a JSON object or list, by its brackets, has no content.
fn is_empty(json: &str, [open, close]: [char; 2]) -> bool {
    let inside = json.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

/// What an object of a response has shown so far.
struct Found<'e, 'a> {
    expected: &'e Expected,
    /// The values of the identifying fields, in their order.
    shown: Vec<Shown<'a>>,
    /// Whether one of the fields was there that only the operation's own responses have.
    is_known: bool,
    /// Whether an acknowledgement had its status, and its message.
    acknowledged: (bool, bool),
}

impl<'e, 'a> Found<'e, 'a> {
    fn new(expected: &'e Expected) -> Self {
        let shown = expected.identity.iter().map(|_| Shown::Absent).collect();
        Self { expected, shown, is_known: expected.fields.is_empty(), acknowledged: (false, false) }
    }

    /// Reads the value of a field, or skips it.
    fn read(&mut self, decoder: &mut Decoder<'a>, name: &str) -> Result<(), DecodeError> {
        if self.expected.is_acknowledgement() && matches!(name, "status" | "message") {
            let (status, message) = &mut self.acknowledged;
            match Shown::read(decoder)? {
                Shown::Text(text) if name == "status" => *status = text == "OK",
                value => *message |= name == "message" && matches!(value, Shown::Text(_)),
            }
            self.is_known = *status && *message;
            return Ok(());
        }
        let place = self.expected.identity.iter().position(|identity| identity.field == name);
        let is_mark = !self.is_known && self.expected.fields.contains(&name);
        if place.is_none() && !is_mark {
            return decoder.skip();
        }
        let value = Shown::read(decoder)?;
        self.is_known |= is_mark && !matches!(value, Shown::Absent);
        if let Some(slot) = place.and_then(|place| self.shown.get_mut(place)) {
            *slot = value;
        }
        Ok(())
    }

    /// Whether no other field can change the verdict.
    fn is_complete(&self, wanted: &[Wanted<'_>]) -> bool {
        let is_found = |(shown, wanted): (&Shown<'_>, &Wanted<'_>)| {
            !matches!(shown, Shown::Absent) || matches!(wanted, Wanted::Nothing)
        };
        self.is_known && self.shown.iter().zip(wanted).all(is_found)
    }

    fn verdict(self, wanted: &[Wanted<'_>]) -> Verdict {
        if !self.is_known {
            return without_fields(match self.expected.fields {
                [field] => format!("it has no `{field}`"),
                _ => "it has none of the fields that identify it".to_owned(),
            });
        }
        for ((identity, wanted), shown) in self.expected.identity.iter().zip(wanted).zip(self.shown) {
            let field = identity.field;
            match shown {
                _ if matches!(wanted, Wanted::Nothing) => {}
                Shown::Absent if identity.always => return differs(format!("it has no `{field}`")),
                Shown::Absent => {}
                Shown::Text(text) if wanted.is(&text) => {}
                _ => return differs(format!("its `{field}` differs")),
            }
        }
        Ok(())
    }
}

/// A value of the request that the response repeats.
enum Wanted<'r> {
    /// As it stands in the path, percent-encoded.
    Path(&'r str),
    Body(String),
    /// The request leaves it to the service.
    Nothing,
}

impl<'r> Wanted<'r> {
    fn of(request: &'r Request, source: Source) -> Self {
        match source {
            Source::Path(name) => request.path_parameter(name).map_or(Self::Nothing, Self::Path),
            Source::Body(_) => request.value(source).map_or(Self::Nothing, Self::Body),
        }
    }

    fn is(&self, shown: &str) -> bool {
        match self {
            Self::Path(encoded) => percent_decode_str(encoded).eq(shown.bytes()),
            Self::Body(text) => text == shown,
            Self::Nothing => true,
        }
    }
}

/// The value of a field, as far as it can be an identifier.
enum Shown<'a> {
    /// Absent, null or empty.
    Absent,
    /// Text, or the digits of a whole number.
    Text(Cow<'a, str>),
    Other,
}

impl<'a> Shown<'a> {
    fn read(decoder: &mut Decoder<'a>) -> Result<Self, DecodeError> {
        Ok(match decoder.peek() {
            Some(b'"') => {
                Some(decoder.string()?).filter(|text| !text.is_empty()).map_or(Self::Absent, Self::Text)
            }
            Some(b'-' | b'0'..=b'9') => match decoder.number()? {
                fraction if fraction.contains(['.', 'e', 'E']) => Self::Other,
                whole => Self::Text(whole.into()),
            },
            Some(b'n') => {
                decoder.skip()?;
                Self::Absent
            }
            _ => {
                decoder.skip()?;
                Self::Other
            }
        })
    }
}
