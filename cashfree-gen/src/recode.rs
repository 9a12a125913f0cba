//! Decoding by the name of an operation, for those who check payloads in bulk (feature `recode`).

use std::fmt::Debug;

use serde::Serialize;

use crate::{DecodeError, Decoded, FromJson};

/// The JSON that the decoded value is serialized as, or where and why the body could not be decoded.
pub type Recoded = Result<String, String>;

/// Decodes a body as the success response of the operation with this id and serializes it. A field that can't
/// be decoded is an error.
///
/// `None` when the document has no such operation.
pub fn recode(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = crate::generated::recode::recode(operation, body, Mode::Strict)?;
    Some(decoded.and_then(|decoded| decoded.value.write()))
}

/// Decodes a body as [`recode`] does, but as the client: with its unparsed fields and replaced text.
pub fn recode_tolerant(operation: &str, body: &[u8]) -> Option<Result<Decoded<String>, String>> {
    let decoded = crate::generated::recode::recode(operation, body, Mode::Tolerant)?;
    Some(decoded.and_then(|decoded| {
        let value = decoded.value.write()?;
        Ok(decoded.map(|_| value))
    }))
}

/// Decodes a body as the request of the operation with this id and serializes it.
///
/// `None` when the document has no such operation, or the operation takes no JSON.
pub fn recode_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    Some(crate::generated::recode::recode_request(operation, body)?.and_then(|decoded| decoded.value.write()))
}

/// Decodes a body as [`recode`] does and returns the `Debug` text of the value.
pub fn debug(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = crate::generated::recode::recode(operation, body, Mode::Strict)?;
    Some(decoded.map(|decoded| format!("{:?}", decoded.value)))
}

/// Decodes a body as [`recode_request`] does and returns the `Debug` text of the value.
pub fn debug_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = crate::generated::recode::recode_request(operation, body)?;
    Some(decoded.map(|decoded| format!("{:?}", decoded.value)))
}

/// Decodes the data of an event of this type and serializes it.
///
/// `None` when the document has no such event.
#[cfg(feature = "webhooks")]
pub fn recode_event(kind: &str, data: &[u8]) -> Option<Recoded> {
    let decoded = crate::generated::webhooks::recode::recode(kind, data, Mode::Strict)?;
    Some(decoded.and_then(|decoded| decoded.value.write()))
}

/// A decoded body of whichever type, or where and why it can't be decoded.
pub(crate) type AnyDecoded = Result<Decoded<Box<dyn Typed>>, String>;

/// Whether a field that can't be decoded is an error or is kept as JSON.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Strict,
    Tolerant,
}

pub(crate) trait Typed: Debug {
    fn write(&self) -> Recoded;
}

impl<T: Debug + Serialize> Typed for T {
    fn write(&self) -> Recoded {
        serde_json::to_string(self).map_err(|error| error.to_string())
    }
}

/// Decodes a request.
pub(crate) fn request<T: FromJson + Typed + 'static>(body: &[u8]) -> AnyDecoded {
    response::<T>(body, Mode::Strict)
}

/// Decodes a response.
pub(crate) fn response<T: FromJson + Typed + 'static>(body: &[u8], mode: Mode) -> AnyDecoded {
    let decoded: Result<Decoded<T>, DecodeError> = match mode {
        Mode::Strict => {
            T::from_json(body).map(|value| Decoded { value, unparsed: Vec::new(), replaced_text: Vec::new() })
        }
        Mode::Tolerant => T::from_json_tolerant(body),
    };
    decoded
        .map(|decoded| decoded.map(|value| -> Box<dyn Typed> { Box::new(value) }))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_and_written_or_refused_with_its_place() {
        let order =
            recode("PGFetchOrder", br#"{"order_id":7,"order_amount":"10.10","new":1}"#).unwrap().unwrap();
        assert_eq!(order, r#"{"order_id":"7","order_amount":10.1}"#);
        let error = recode("PGFetchOrder", br#"{"order_amount":{}}"#).unwrap().unwrap_err();
        assert!(error.starts_with("order_amount: "), "{error}");
        assert!(recode("PGFetchOrder", b"{} {}").unwrap().is_err());
        assert!(recode("PGFetchOrder", b"").unwrap().is_err());
        assert_eq!(recode("NoSuchOperation", b"{}"), None);
    }
}
