//! The envelope of an event, in each of the forms that it comes in.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{EventError, EventKind};
use crate::Timestamp;
use crate::lenient::ObjectOf;
use crate::misread::{Misread, read_text};
use crate::wire::{self, Text};

/// An event whose data is still JSON. `Debug` doesn't show the data.
///
/// ```
/// use cashfree_gen::{Amount, OrderId, RawEvent};
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
    flat: bool,
}

/// The members that hold an event together; `event` is what the flat ones of global collections have in
/// place of `type`. Some samples of 2022 have them inside `data`. Of one that is there twice, the last
/// that says something counts.
#[derive(Default)]
struct Envelope<'a> {
    data: Option<&'a RawValue>,
    event_time: Option<&'a RawValue>,
    kind: Option<&'a RawValue>,
    event: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Envelope<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut envelope = Envelope::default();
                while let Some(Text(name)) = map.next_key()? {
                    let member = match name.as_ref() {
                        "data" => &mut envelope.data,
                        "event_time" => &mut envelope.event_time,
                        "type" => &mut envelope.kind,
                        "event" => &mut envelope.event,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    if let Some(told) = map.next_value()? {
                        *member = Some(told);
                    }
                }
                Ok(envelope)
            }
        }

        wire::object(deserializer, Members)
    }
}

impl<'a> Envelope<'a> {
    fn read(body: &'a [u8]) -> Result<Self, EventError> {
        match serde_json::from_slice(body) {
            Ok(ObjectOf(envelope)) => Ok(envelope),
            Err(error) => Err(EventError::at("", &Misread::of_envelope(body, error))),
        }
    }

    fn kind(&self) -> Result<Option<EventKind>, EventError> {
        let named = [("type", self.kind), ("event", self.event)];
        let Some((path, json)) = named.into_iter().find_map(|(name, json)| Some((name, json?))) else {
            return Ok(None);
        };
        match serde_json::from_str::<EventKind>(json.get()) {
            Ok(kind) if kind.as_str().trim().is_empty() => Ok(None),
            Ok(kind) => Ok(Some(kind)),
            Err(_) => Err(EventError { path: path.to_owned(), reason: "not a text".to_owned() }),
        }
    }

    fn event_time(&self) -> Option<Timestamp> {
        let time: Timestamp = serde_json::from_str(self.event_time?.get()).ok()?;
        (!time.is_blank()).then(|| Timestamp::from(time.as_str().trim()))
    }
}

/// An event whose data stands where the body stands.
pub(crate) struct View<'a> {
    pub(crate) kind: EventKind,
    pub(crate) event_time: Option<Timestamp>,
    data: Cow<'a, str>,
    flat: bool,
}

impl<'a> View<'a> {
    /// Reads the envelope. Where there is no `data`, the whole body is the data.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, EventError> {
        let envelope = Envelope::read(body)?;
        let inner = || Envelope::read(envelope.data?.get().as_bytes()).ok();
        let kind = match envelope.kind()? {
            Some(kind) => kind,
            None => {
                inner().map(|inner| inner.kind()).transpose()?.flatten().ok_or_else(EventError::untyped)?
            }
        };
        let event_time = envelope.event_time().or_else(|| inner().and_then(|inner| inner.event_time()));
        let (data, flat) = match envelope.data {
            Some(data) => (Cow::Borrowed(data.get()), false),
            None => (String::from_utf8_lossy(body), true),
        };
        Ok(Self { kind, event_time, data, flat })
    }

    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        let above = if self.flat { "" } else { "data" };
        read_text(&self.data).map_err(|misread| EventError::at(above, &misread))
    }

    pub(crate) fn into_raw(self) -> RawEvent {
        let Self { kind, event_time, data, flat } = self;
        RawEvent { kind, event_time, data: data.into(), flat }
    }
}

impl RawEvent {
    /// Reads the envelope. Where there is no `data`, the whole body is the data.
    ///
    /// # Errors
    /// When the body is no JSON object, or names no type.
    pub fn read(body: &[u8]) -> Result<Self, EventError> {
        View::read(body).map(View::into_raw)
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            kind: self.kind.clone(),
            event_time: self.event_time.clone(),
            data: Cow::Borrowed(&self.data),
            flat: self.flat,
        }
    }

    /// What it tells of.
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// When it happened, as the service writes it: `event_time`.
    pub fn event_time(&self) -> Option<&Timestamp> {
        self.event_time.as_ref()
    }

    /// Its `data` as the JSON text that came, digit for digit; the whole body when it has no such member.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Reads the data as an object of a type of one's own. With [`Amount`](crate::Amount) and the
    /// identifiers of this crate as members it is read as tolerantly as an answer is.
    ///
    /// # Errors
    /// [`EventError`] with the path of the member, as in `data.order.order_amount`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        self.view().decode()
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
                r#"{"type":"X","data":null,"event_time":""}"#,
                "X",
                None,
                r#"{"type":"X","data":null,"event_time":""}"#,
            ),
            (r#"{"type":"X","data":[1],"event_time":{}}"#, "X", None, "[1]"),
            (r#"{"type":7,"data":"text"}"#, "7", None, r#""text""#),
            (
                r#"{"type":"A","type":"B","type":null,"event_time":"1","data":{},"event_time":"2","data":[]}"#,
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
        assert!(RawEvent::read(b"{\"type\":\"\xff\"}").is_err());
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
        let error = read(r#"{"type":"X","list":7}"#).unwrap().decode::<Data>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the event can't be read at list: invalid type: integer, expected a sequence at line 1 column 20"
        );
    }
}
