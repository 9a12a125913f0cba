//! Decoding by the name of an operation, for those who check payloads in bulk (feature `recode`).

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::lenient::{ListOf, ObjectOf};
use crate::wire::Free;

/// What became of a body: the JSON text that the typed value is written as, digits and all, or where and
/// why it can't be read.
pub type Recoded = Result<String, String>;

/// Reads a body as the success answer of the operation with this id, and writes it again.
///
/// `None` when the document has no such operation.
pub fn recode(operation: &str, body: &[u8]) -> Option<Recoded> {
    crate::generated::recode::recode(operation, body)
}

/// Reads a body as the request of the operation with this id, and writes it again.
///
/// `None` when the document has no such operation, or the operation takes no JSON.
pub fn recode_request(operation: &str, body: &[u8]) -> Option<Recoded> {
    crate::generated::recode::recode_request(operation, body)
}

/// Reads the member `data` of an event of this type, and writes it again.
///
/// `None` when the document has no such event.
#[cfg(feature = "webhooks")]
pub fn recode_event(kind: &str, data: &[u8]) -> Option<Recoded> {
    crate::generated::webhooks::recode::recode(kind, data)
}

/// A body as it is sent: nothing is tolerated that the type itself does not.
pub(crate) fn sent<T: DeserializeOwned + Serialize>(body: &[u8]) -> Recoded {
    read::<T>(body).and_then(|value| write(&value))
}

pub(crate) fn object<T: DeserializeOwned + Serialize>(body: &[u8]) -> Recoded {
    read::<ObjectOf<T>>(body).and_then(|ObjectOf(value)| write(&value))
}

pub(crate) fn list<T: DeserializeOwned + Serialize>(body: &[u8]) -> Recoded {
    read::<ListOf<T>>(body).and_then(|ListOf(value)| write(&value))
}

pub(crate) fn free(body: &[u8]) -> Recoded {
    read::<Free>(body).and_then(|Free(value)| write(&value))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
    deserializer.end().map_err(|error| format!(".: {error}"))?;
    Ok(value)
}

fn write(value: &impl Serialize) -> Recoded {
    serde_json::to_string(value).map_err(|error| error.to_string())
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
