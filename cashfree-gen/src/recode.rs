//! Decoding by the name of an operation, for those who check payloads in bulk (feature `recode`).

use std::fmt::Debug;

use serde::Serialize;

use crate::decode::error;
use crate::decode::lenient::{ListOf, ObjectOf, Read};
use crate::decode::lexer::{Fault, Json};
use crate::decode::unparsed::SetAside;
use crate::decode::wire::Free;

/// What became of a body: the JSON text that the typed value is written as, digits and all, or where and
/// why it can't be read.
pub type Recoded = Result<String, String>;

/// Reads a body as the success answer of the operation with this id, and writes it again; what is
/// [set aside](SetAside) is a fault here.
///
/// `None` when the document has no such operation.
pub fn recode(operation: &str, body: &[u8]) -> Option<Recoded> {
    let kept = crate::generated::recode::recode(operation, body, Reading::Strict)?;
    Some(kept.and_then(|kept| kept.value.write()))
}

/// As [`recode`], but as a client reads: with what is set aside.
pub fn recode_with_set_aside(
    operation: &str,
    body: &[u8],
) -> Option<Result<(String, Vec<SetAside>), String>> {
    let kept = crate::generated::recode::recode(operation, body, Reading::SettingAside)?;
    Some(kept.and_then(|kept| Ok((kept.value.write()?, kept.set_aside))))
}

/// Reads a body as the request of the operation with this id, and writes it again.
///
/// `None` when the document has no such operation, or the operation takes no JSON.
pub fn recode_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    Some(crate::generated::recode::recode_request(operation, body)?.and_then(|kept| kept.value.write()))
}

/// As [`recode`], with what `Debug` shows of the typed value in place of what it is written as.
pub fn debug(operation: &str, body: &[u8]) -> Option<Recoded> {
    let kept = crate::generated::recode::recode(operation, body, Reading::Strict)?;
    Some(kept.map(|kept| format!("{:?}", kept.value)))
}

/// As [`recode_request`], with what `Debug` shows of the typed value in place of what it is written as.
pub fn debug_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    let kept = crate::generated::recode::recode_request(operation, body)?;
    Some(kept.map(|kept| format!("{:?}", kept.value)))
}

/// A body that was read, of whichever type, or where and why it can't be.
pub(crate) type Decoded = Result<Kept, String>;

/// What is kept of a body.
pub(crate) struct Kept {
    value: Box<dyn Typed>,
    set_aside: Vec<SetAside>,
}

/// Whether a member that can't be read is a fault, or is set aside.
#[derive(Clone, Copy)]
pub(crate) enum Reading {
    Strict,
    SettingAside,
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
    Some(
        crate::generated::webhooks::recode::recode(kind, data, Reading::Strict)?
            .and_then(|kept| kept.value.write()),
    )
}

/// A body as it is sent: one object.
pub(crate) fn sent<T: Read + Typed + 'static>(body: &[u8]) -> Decoded {
    read::<One<T>, T>(body, Reading::Strict, |One(value)| value)
}

/// An object that no list stands for.
struct One<T>(T);

impl<T: Read> Read for One<T> {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        Ok(T::item(json)?.map(Self))
    }
}

pub(crate) fn object<T: Read + Typed + 'static>(body: &[u8], reading: Reading) -> Decoded {
    read::<ObjectOf<T>, T>(body, reading, |ObjectOf(value)| value)
}

pub(crate) fn list<T: Read + Debug + Serialize + 'static>(body: &[u8], reading: Reading) -> Decoded {
    read::<ListOf<T>, Vec<T>>(body, reading, |ListOf(value)| value)
}

pub(crate) fn free(body: &[u8], reading: Reading) -> Decoded {
    read::<Free, serde_json::Value>(body, reading, |Free(value)| value)
}

fn read<T: Read, U: Typed + 'static>(body: &[u8], reading: Reading, value: fn(T) -> U) -> Decoded {
    let read = match reading {
        Reading::Strict => error::read(body).map(|read| (read, Vec::new())),
        Reading::SettingAside => error::read_setting_aside(body),
    };
    let (read, set_aside) = read.map_err(|misread| misread.to_string())?;
    Ok(Kept { value: Box::new(value(read)), set_aside })
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
