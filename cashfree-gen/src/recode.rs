//! Decoding by the name of an operation, for those who check payloads in bulk (feature `recode`).

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::lenient::{ListOf, ObjectOf};
use crate::misread::place;
use crate::set_aside::{self, SetAside};
use crate::wire::Free;

/// What became of a body: the JSON text that the typed value is written as, digits and all, or where and
/// why it can't be read.
pub type Recoded = Result<String, String>;

/// Reads a body as the success answer of the operation with this id, and writes it again; what is
/// [set aside](SetAside) is a fault here.
///
/// `None` when the document has no such operation.
pub fn recode(operation: &str, body: &[u8]) -> Option<Recoded> {
    let decoded = crate::generated::recode::recode(operation, body)?;
    Some(decoded.and_then(|decoded| decoded.fault.map_or_else(|| decoded.value.write(), Err)))
}

/// As [`recode`], but as a client reads: with what is set aside.
pub fn recode_with_set_aside(
    operation: &str,
    body: &[u8],
) -> Option<Result<(String, Vec<SetAside>), String>> {
    let decoded = crate::generated::recode::recode(operation, body)?;
    Some(decoded.and_then(|decoded| Ok((decoded.value.write()?, decoded.set_aside))))
}

/// Reads a body as the request of the operation with this id, and writes it again.
///
/// `None` when the document has no such operation, or the operation takes no JSON.
pub fn recode_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    Some(crate::generated::recode::recode_request(operation, body)?.and_then(|body| body.value.write()))
}

/// As [`recode`], with what `Debug` shows of the typed value in place of what it is written as.
pub fn debug(operation: &str, body: &[u8]) -> Option<Recoded> {
    Some(crate::generated::recode::recode(operation, body)?.map(|body| format!("{:?}", body.value)))
}

/// As [`recode_request`], with what `Debug` shows of the typed value in place of what it is written as.
pub fn debug_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    Some(crate::generated::recode::recode_request(operation, body)?.map(|body| format!("{:?}", body.value)))
}

/// A body that was read, of whichever type, or where and why it can't be.
pub(crate) type Decoded = Result<Kept, String>;

/// What is kept of a body.
pub(crate) struct Kept {
    value: Box<dyn Typed>,
    set_aside: Vec<SetAside>,
    /// Where and why it could not be read at the first look.
    fault: Option<String>,
}

impl Kept {
    fn whole(value: impl Typed + 'static) -> Self {
        Self { value: Box::new(value), set_aside: Vec::new(), fault: None }
    }
}

pub(crate) trait Typed: Debug {
    fn write(&self) -> Recoded;
}

impl<T: Debug + Serialize> Typed for T {
    fn write(&self) -> Recoded {
        serde_json::to_string(self).map_err(|error| error.to_string())
    }
}

/// Reads the member `data` of an event of this type, and writes it again.
///
/// `None` when the document has no such event.
#[cfg(feature = "webhooks")]
pub fn recode_event(kind: &str, data: &[u8]) -> Option<Recoded> {
    Some(crate::generated::webhooks::recode::recode(kind, data)?.and_then(|data| data.value.write()))
}

/// A body as it is sent: nothing is tolerated that the type itself does not.
pub(crate) fn sent<T: DeserializeOwned + Typed + 'static>(body: &[u8]) -> Decoded {
    read::<T>(body).map(Kept::whole)
}

pub(crate) fn object<T: DeserializeOwned + Typed + 'static>(body: &[u8]) -> Decoded {
    answer::<ObjectOf<T>, T>(body, |ObjectOf(value)| value)
}

pub(crate) fn list<T: DeserializeOwned + Debug + Serialize + 'static>(body: &[u8]) -> Decoded {
    answer::<ListOf<T>, Vec<T>>(body, |ListOf(value)| value)
}

pub(crate) fn free(body: &[u8]) -> Decoded {
    answer::<Free, _>(body, |Free(value)| value)
}

/// A body as a client reads it.
fn answer<T: DeserializeOwned, U: Typed + 'static>(body: &[u8], value: fn(T) -> U) -> Decoded {
    let fault = match read(body) {
        Ok(read) => return Ok(Kept::whole(value(read))),
        Err(fault) => fault,
    };
    let text = std::str::from_utf8(body).ok();
    let Some((read, set_aside)) = text.and_then(set_aside::read) else { return Err(fault) };
    Ok(Kept { value: Box::new(value(read)), set_aside, fault: Some(fault) })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| format!("{}: {}", place(error.path()), error.inner()))?;
    deserializer.end().map_err(|error| format!(".: {error}"))?;
    Ok(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_and_written_or_refused_with_its_place() {
        let order =
            recode("PGFetchOrder", br#"{"order_id":7,"order_amount":"10.10","new":1}"#).unwrap().unwrap();
        assert_eq!(order, r#"{"order_id":"7","order_amount":10.10}"#);
        let error = recode("PGFetchOrder", br#"{"order_amount":{}}"#).unwrap().unwrap_err();
        assert!(error.starts_with("order_amount: "), "{error}");
        assert!(recode("PGFetchOrder", b"{} {}").unwrap().is_err());
        assert!(recode("PGFetchOrder", b"").unwrap().is_err());
        assert_eq!(recode("NoSuchOperation", b"{}"), None);
    }
}
