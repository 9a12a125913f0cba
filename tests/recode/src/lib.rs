//! Decodes bodies by the name of their operation or event, and writes them as JSON again, for tests that check
//! bodies of every operation. [`table`] says which type belongs to which operation.

use std::fmt::Debug;

use cashfree_gen::{DecodeError, Decoded, FromJson};
use serde::Serialize;

pub mod table;

/// The JSON that the decoded value is serialized as, or where and why the body could not be decoded.
pub type Recoded = Result<String, String>;

/// Decodes a body as the success response of the operation with this id and serializes it. A field that can't
/// be decoded is an error.
///
/// `None` if there is no such operation.
pub fn recode(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = table::response(operation)?(body, Mode::Strict);
    Some(decoded.and_then(|decoded| decoded.value.write()))
}

/// Decodes a body as [`recode`] does, but as the client: with its unparsed fields and replaced text.
pub fn recode_tolerant(operation: &str, body: &[u8]) -> Option<Result<Decoded<String>, String>> {
    let decoded = table::response(operation)?(body, Mode::Tolerant);
    Some(decoded.and_then(|decoded| {
        let Decoded { value, unparsed, replaced_text } = decoded;
        Ok(Decoded { value: value.write()?, unparsed, replaced_text })
    }))
}

/// Decodes a body as the request of the operation with this id and serializes it.
///
/// `None` if there is no such operation, or it takes no JSON.
pub fn recode_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = table::request(operation)?(body, Mode::Strict);
    Some(decoded.and_then(|decoded| decoded.value.write()))
}

/// Decodes the data of an event of this type and serializes it.
///
/// `None` if there is no such event.
pub fn recode_event(kind: &str, data: &[u8]) -> Option<Recoded> {
    let decoded = table::event(kind)?(data, Mode::Strict);
    Some(decoded.and_then(|decoded| decoded.value.write()))
}

/// Decodes a body as [`recode`] does and returns the `Debug` text of the value.
pub fn debug(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = table::response(operation)?(body, Mode::Strict);
    Some(decoded.map(|decoded| format!("{:?}", decoded.value)))
}

/// Decodes a body as [`recode_request`] does and returns the `Debug` text of the value.
pub fn debug_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = table::request(operation)?(body, Mode::Strict);
    Some(decoded.map(|decoded| format!("{:?}", decoded.value)))
}

/// Decodes a body of one type.
pub(crate) type Decoder = fn(&[u8], Mode) -> Result<Decoded<Box<dyn Typed>>, String>;

/// Whether a field that can't be decoded is an error or is kept as JSON.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Strict,
    Tolerant,
}

/// A decoded body of whichever type.
pub(crate) trait Typed: Debug {
    fn write(&self) -> Recoded;
}

impl<T: Debug + Serialize> Typed for T {
    fn write(&self) -> Recoded {
        serde_json::to_string(self).map_err(|error| error.to_string())
    }
}

pub(crate) fn decode<T: FromJson + Typed + 'static>(
    body: &[u8],
    mode: Mode,
) -> Result<Decoded<Box<dyn Typed>>, String> {
    let decoded: Result<Decoded<T>, DecodeError> = match mode {
        Mode::Strict => {
            T::from_json(body).map(|value| Decoded { value, unparsed: Vec::new(), replaced_text: Vec::new() })
        }
        Mode::Tolerant => T::from_json_tolerant(body),
    };
    decoded
        .map(|Decoded { value, unparsed, replaced_text }| {
            let value: Box<dyn Typed> = Box::new(value);
            Decoded { value, unparsed, replaced_text }
        })
        .map_err(|error| error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_written_as_it_was_decoded_or_refused_with_its_path() {
        let order = recode(
            "PGFetchOrder",
            br#"{"cf_order_id":"1","order_id":7,"order_currency":"INR","order_amount":"10.10","new":1}"#,
        )
        .unwrap()
        .unwrap();
        assert_eq!(order, r#"{"cf_order_id":"1","order_id":"7","order_currency":"INR","order_amount":10.1}"#);
        let error = recode("PGFetchOrder", br#"{"order_amount":{}}"#).unwrap().unwrap_err();
        assert!(error.starts_with("order_amount: "), "{error}");
        assert!(recode("PGFetchOrder", b"{} {}").unwrap().is_err());
        assert!(recode("PGFetchOrder", b"").unwrap().is_err());
        assert_eq!(recode("NoSuchOperation", b"{}"), None);
    }
}
