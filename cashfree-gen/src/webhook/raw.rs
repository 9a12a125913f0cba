//! The envelope of an event, in each of the forms that it comes in.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;

use super::{EventError, EventKind};
use crate::Timestamp;
use crate::decode::collections;
use crate::decode::decoder::{Decoder, text_of};
use crate::decode::error::DecodeError;
use crate::decode::foreign;
use crate::decode::names::{Names, quoted};
use crate::decode::scalar;
use crate::decode::traits::Decode;
use crate::decode::unparsed::Decoded;
use crate::scalar::is_nothing;

/// An event whose data is still JSON. `Debug` doesn't show the data.
///
/// ```
/// # mod cashfree { pub use cashfree_gen::*; pub mod webhook { pub use cashfree_gen::{RawEvent, webhooks::*}; } }
/// use cashfree::webhook::RawEvent;
/// use cashfree::{Amount, OrderId};
///
/// #[derive(serde::Deserialize)]
/// struct Data {
///     order: Order,
/// }
/// #[derive(serde::Deserialize)]
/// struct Order {
///     order_id: OrderId,
///     order_amount: Amount,
/// }
///
/// let body = r#"{"type":"BRAND_NEW","data":{"order":{"order_id":"order_1","order_amount":499.00}}}"#;
/// let event = RawEvent::read(body.as_bytes())?;
/// assert_eq!(event.kind(), "BRAND_NEW");
/// let Data { order } = event.decode()?;
/// assert_eq!((order.order_id.as_str(), order.order_amount), ("order_1", Amount::rupees(499)));
/// # Ok::<(), cashfree_gen::EventError>(())
/// ```
#[derive(Clone)]
pub struct RawEvent {
    kind: EventKind,
    event_time: Option<Timestamp>,
    data: Box<str>,
    above: &'static str,
}

/// The fields that hold an event together, as they stand; `event` is what the flat ones of global
/// collections have in place of `type`. Some samples of 2022 have them inside `data`, and the document's
/// sample of a saved instrument has them there around another `data`. Of one that is there twice, the last
/// that says something counts.
#[derive(Default)]
struct Envelope<'a> {
    data: Option<&'a str>,
    event_time: Option<Timestamp>,
    kind: Option<&'a str>,
    event: Option<&'a str>,
}

const NAMES: [(&str, usize); 4] =
    [(quoted!(data), 0), (quoted!(event_time), 1), (quoted!(type "type"), 2), (quoted!(event), 3)];

static FIELDS: Names = Names { all: &NAMES, table: &Names::table::<{ Names::room(4) }>(&NAMES) };

/// What steps over the data, and may read it on the way. It is given the type, as far as it is known.
type ReadData<'d, 'a> = &'d mut dyn FnMut(&mut Decoder<'a>, Option<&'a str>) -> Result<(), DecodeError>;

impl<'a> Envelope<'a> {
    fn read(decoder: &mut Decoder<'a>, read_data: ReadData<'_, 'a>) -> Result<Self, DecodeError> {
        let mut envelope = Self::default();
        decoder.fields(&FIELDS, |decoder, position| {
            let start = decoder.position();
            let field = match position {
                Some(0) => {
                    read_data(decoder, envelope.kind.or(envelope.event))?;
                    &mut envelope.data
                }
                Some(1) => {
                    decoder.skip()?;
                    if let Some(time) = time(decoder.since(start)?) {
                        envelope.event_time = Some(time);
                    }
                    return Ok(());
                }
                Some(2) => decoder.skip().map(|()| &mut envelope.kind)?,
                Some(3) => decoder.skip().map(|()| &mut envelope.event)?,
                _ => return decoder.skip(),
            };
            match decoder.since(start)? {
                "null" => {}
                value => *field = Some(value),
            }
            Ok(())
        })?;
        Ok(envelope)
    }

    fn item(decoder: &mut Decoder<'a>) -> Result<Option<Self>, DecodeError> {
        if decoder.eat_null()? {
            return Ok(None);
        }
        Self::read(decoder, &mut |decoder, _| decoder.skip()).map(Some)
    }

    fn kind(&self) -> Result<Option<EventKind>, EventError> {
        let named = [("type", self.kind), ("event", self.event)];
        let Some((path, json)) = named.into_iter().find_map(|(name, json)| Some((name, json?))) else {
            return Ok(None);
        };
        match kind(json) {
            Some(kind) if kind.as_str().trim().is_empty() => Ok(None),
            Some(kind) => Ok(Some(kind)),
            None => Err(EventError { path: path.to_owned(), reason: "not a text".to_owned() }),
        }
    }
}

/// The time that a value names.
fn time(json: &str) -> Option<Timestamp> {
    let time = Decoder::new(json).whole(|decoder| scalar::text(decoder, false)).ok()??;
    let time = time.trim();
    (!is_nothing(time)).then(|| Timestamp::from(time))
}

/// The kind that a value names.
pub(crate) fn kind(json: &str) -> Option<EventKind> {
    EventKind::item(&mut Decoder::new(json)).ok()?
}

/// The kind that is named at the very end of a body, where the service names it. It may be in any object
/// there, so that it is no more than likely.
pub(crate) fn likely_kind(body: &str) -> Option<EventKind> {
    let rest = body.trim_ascii_end().strip_suffix('}')?.trim_ascii_end().strip_suffix('"')?;
    let (before, named) = rest.rsplit_once('"')?;
    let before = before.trim_ascii_end().strip_suffix(':')?.trim_ascii_end();
    (before.ends_with("\"type\"") && !named.contains('\\')).then(|| EventKind::from(named))
}

/// An event whose data stands where the body stands.
pub(crate) struct View<'a> {
    pub(crate) kind: EventKind,
    pub(crate) event_time: Option<Timestamp>,
    data: &'a str,
    /// The field that holds the data.
    above: &'static str,
    is_repaired: bool,
}

impl<'a> View<'a> {
    /// Reads the envelope of a body, as [`text_of`] returns it. Where there is no `data`, the whole body is the
    /// data.
    #[expect(clippy::ptr_arg, reason = "an owned text is one that was repaired")]
    pub(crate) fn read(body: &'a Cow<'_, str>, read_data: ReadData<'_, 'a>) -> Result<Self, EventError> {
        let envelope = Decoder::of(body).whole(|decoder| match decoder.peek() {
            Some(b'{') => Envelope::read(decoder, read_data),
            _ => collections::object(decoder, Envelope::item)?
                .ok_or_else(|| decoder.error("null where an object is expected")),
        });
        let envelope = envelope.map_err(|error| EventError::at("", &error.located_in(body)))?;
        let inner = || Decoder::new(envelope.data?).whole(Envelope::item).ok()?;
        let (kind, within) = match envelope.kind()? {
            Some(kind) => (kind, None),
            None => {
                let inner = inner().ok_or_else(EventError::untyped)?;
                (inner.kind()?.ok_or_else(EventError::untyped)?, inner.data)
            }
        };
        let event_time = envelope.event_time.or_else(|| inner().and_then(|inner| inner.event_time));
        let (data, above) = match (within, envelope.data) {
            (Some(data), _) => (data, "data.data"),
            (None, Some(data)) => (data, "data"),
            (None, None) => (body.as_ref(), ""),
        };
        Ok(Self { kind, event_time, data, above, is_repaired: matches!(body, Cow::Owned(_)) })
    }

    /// Decodes its data, and keeps fields that can't be decoded.
    pub(crate) fn decode<T>(
        &self,
        read: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
    ) -> Result<Decoded<T>, EventError> {
        match Decoder::of_part(self.data, self.is_repaired).whole_with_notes(read) {
            Ok(decoded) => Ok(decoded.within(self.above)),
            Err(error) => Err(self.error(&error.located_in(self.data))),
        }
    }

    fn error(&self, error: &DecodeError) -> EventError {
        EventError::at(self.above, error)
    }

    pub(crate) fn into_raw(self) -> RawEvent {
        let Self { kind, event_time, data, above, .. } = self;
        RawEvent { kind, event_time, data: data.into(), above }
    }
}

impl RawEvent {
    /// Reads the envelope. Where there is no `data`, the whole body is the data.
    ///
    /// # Errors
    /// When the body is no JSON object, or names no type.
    pub fn read(body: &[u8]) -> Result<Self, EventError> {
        View::read(&text_of(body), &mut |decoder, _| decoder.skip()).map(View::into_raw)
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            kind: self.kind.clone(),
            event_time: self.event_time.clone(),
            data: &self.data,
            above: self.above,
            is_repaired: self.data.contains(char::REPLACEMENT_CHARACTER),
        }
    }

    /// Returns the kind of the event.
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Returns the time of the event as the service writes it: `event_time`.
    pub fn event_time(&self) -> Option<&Timestamp> {
        self.event_time.as_ref()
    }

    /// Its `data` as received JSON text; the whole body if it has no such field.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Reads the data as an object of a type of one's own. With [`Amount`](crate::Amount) and the
    /// identifiers of this crate as fields it is read as tolerantly as a response is.
    ///
    /// # Errors
    /// [`EventError`] with the path of the field, as in `data.order.order_amount`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        foreign::decode_object(self.data.as_bytes())
            .map(|decoded| decoded.value)
            .map_err(|error| self.view().error(&error))
    }
}

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEvent")
            .field("kind", &self.kind)
            .field("event_time", &self.event_time)
            .field("data_bytes", &self.data.len())
            .finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde::Deserialize;

    use super::*;

    fn read(body: &str) -> Result<RawEvent, EventError> {
        RawEvent::read(body.as_bytes())
    }

    #[test]
    fn the_envelope_is_read_in_each_of_its_forms() {
        for (body, kind, time, data) in [
            (
                r#"{"data":{"a": 1.00},"event_time":"2025-01-15T12:20:29+05:30","type":"X"}"#,
                "X",
                Some("2025-01-15T12:20:29+05:30"),
                r#"{"a": 1.00}"#,
            ),
            (r#"{"version":1,"type":"X","data":{}}"#, "X", None, "{}"),
            (
                r#"{"event":"INTERNATIONAL_PAYMENT_COLLECTED","amount":1.10}"#,
                "INTERNATIONAL_PAYMENT_COLLECTED",
                None,
                r#"{"event":"INTERNATIONAL_PAYMENT_COLLECTED","amount":1.10}"#,
            ),
            (
                r#"{"data":{"type":"VENDOR_SETTLEMENT_SUCCESS","event_time":"t"}}"#,
                "VENDOR_SETTLEMENT_SUCCESS",
                Some("t"),
                r#"{"type":"VENDOR_SETTLEMENT_SUCCESS","event_time":"t"}"#,
            ),
            (
                r#"{"data":{"data":{"instrument":{}},"event_time":"t","type":"INSTRUMENT_ACTIVE_WEBHOOK"}}"#,
                "INSTRUMENT_ACTIVE_WEBHOOK",
                Some("t"),
                r#"{"instrument":{}}"#,
            ),
            (r#"{"type":"X","data":{"type":"Y","data":{}}}"#, "X", None, r#"{"type":"Y","data":{}}"#),
            (
                r#"{"type":"X","data":null,"event_time":""}"#,
                "X",
                None,
                r#"{"type":"X","data":null,"event_time":""}"#,
            ),
            (r#"{"type":"X","data":[1],"event_time":{}}"#, "X", None, "[1]"),
            (r#"{"type":7,"data":"text"}"#, "7", None, r#""text""#),
            (
                r#"{"type":"A","type":"B","type":null,"event_time":"1","data":{},"event_time":"2","event_time":"","event_time":null,"data":[]}"#,
                "B",
                Some("2"),
                "[]",
            ),
        ] {
            let event = read(body).unwrap();
            assert_eq!(event.kind(), &kind, "{body}");
            assert_eq!(event.event_time().map(Timestamp::as_str), time, "{body}");
            assert_eq!(event.data(), data);
        }
    }

    #[test]
    fn what_is_no_event_says_where() {
        for (body, path) in [
            ("", "."),
            ("S3CRET", "."),
            ("null", "."),
            ("[1]", "[0]"),
            ("{} {}", "."),
            ("{}", "type"),
            (r#"{"type":null,"data":{}}"#, "type"),
            (r#"{"type":" "}"#, "type"),
            (r#"{"type":{"S3CRET":1}}"#, "type"),
            (r#"{"event":["S3CRET"]}"#, "event"),
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.path(), path, "{body}: {error}");
            assert!(!format!("{error} {error:?}").contains("S3CRET"), "{error}");
        }
        assert_eq!(RawEvent::read(b"\xef\xbb\xbf{\"type\":\"A\xff\"}").unwrap().kind(), "A\u{fffd}");
        let deep = format!(r#"{{"type":"A","data":{}1{}}}"#, "[".repeat(90_000), "]".repeat(90_000));
        assert!(read(&deep).unwrap().decode::<serde_json::Value>().is_err());
    }

    #[test]
    fn data_of_another_shape_is_named_by_its_path_and_not_quoted() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "only read")]
        struct Data {
            list: Vec<Word>,
            count: u8,
            flag: bool,
        }
        #[derive(Debug, Deserialize)]
        enum Word {
            A,
        }
        for (data, path) in [
            (r#"{"list":["S3CRET"]}"#, "data.list[0]"),
            (r#"{"list":"S3CRET, expected"}"#, "data.list"),
            (r#"{"list":["A"],"count":"S3CRET \" ` , expected"}"#, "data.count"),
            (r#"{"list":["A"],"count":4111}"#, "data.count"),
            (r#"{"list":["A"],"count":-4111}"#, "data.count"),
            (r#"{"list":["A"],"count":4111.5}"#, "data.count"),
            (r#"{"list":["A"],"count":1,"flag":"S3CRET"}"#, "data.flag"),
            (r#"{"list":["A"]}"#, "data"),
            (r#""S3CRET""#, "data"),
            ("[[4111]]", "data[0]"),
        ] {
            let event = read(&format!(r#"{{"type":"X","data":{data}}}"#)).unwrap();
            let error = event.decode::<Data>().unwrap_err();
            let shown = format!("{error} {error:?} {event:?}");
            assert_eq!(error.path(), path, "{data} {shown}");
            assert!(!shown.contains("S3CRET") && !shown.contains("4111"), "{shown}");
        }
        let error = read(r#"{"data":{"type":"X","data":{"list":7}}}"#).unwrap().decode::<Data>().unwrap_err();
        assert_eq!(error.path(), "data.data.list");
        let error = read(r#"{"type":"X","list":7}"#).unwrap().decode::<Data>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the event can't be read at list: invalid type: integer, expected a sequence at line 1 column 20"
        );
    }
}
