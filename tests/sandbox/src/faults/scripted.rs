//! Scripted faults: what can go wrong between a client and the service, on demand.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// Something that goes wrong.
///
/// A fault is scripted for one operation or for any, and for a number of requests; the first
/// scripted fault that fits a request is used up by it. Faults strike at one of four places:
///
/// | fault | strikes | carried out? | under an idempotency key |
/// |---|---|---|---|
/// | [`DropBeforeRead`](Self::DropBeforeRead), [`ClosePort`](Self::ClosePort), [`Stall`](Self::Stall), [`Html502`](Self::Html502), [`Json502`](Self::Json502), [`RateLimited`](Self::RateLimited), [`Status`](Self::Status) | before anything is looked at | no | nothing stored |
/// | [`Delay`](Self::Delay) | after validation, while the key is held | yes, late | stored, and repeats wait |
/// | [`ServerError500`](Self::ServerError500) | in place of the work | no | the 500 is stored and replayed |
/// | [`DropAfterCommit`](Self::DropAfterCommit), [`StallAfterCommit`](Self::StallAfterCommit), [`GatewayTimeout`](Self::GatewayTimeout), [`TruncatedJson`](Self::TruncatedJson), [`CutShort`](Self::CutShort), [`EmptyBody`](Self::EmptyBody), [`GarbageJson`](Self::GarbageJson), [`WrongContentType`](Self::WrongContentType), [`Gzip`](Self::Gzip), [`Dripped`](Self::Dripped), [`MissingHeaders`](Self::MissingHeaders), [`DuplicateHeaders`](Self::DuplicateHeaders), [`Altered`](Self::Altered) | on the response | yes | the true response is stored |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection ends without a response, and nothing was done. (The request is still recorded,
    /// body included, so that a test can compare attempts.)
    DropBeforeRead,
    /// The request is carried out, then the connection ends without a response.
    DropAfterCommit,
    /// The connection ends without a response, nothing was done, and for this long no new connection is
    /// accepted; connections that are open stay so. See also [`Sandbox::close_port`](crate::Sandbox::close_port).
    ClosePort(Duration),
    /// The connection stays open, no response is ever sent, and nothing was done.
    Stall,
    /// The request is carried out, the connection stays open, and no response is ever sent.
    StallAfterCommit,
    /// The request is carried out, but a proxy has timed out: 504 with an HTML page and none
    /// of the API's headers.
    GatewayTimeout,
    /// The service takes this long before it does the work; it does it even if the caller has left.
    Delay(Duration),
    /// A proxy in front of the service returns 502 with an HTML page and none of the API's headers.
    Html502,
    /// The service returns 502 in its own form, code `bank_processing_failure`.
    Json502,
    /// The service fails with 500 instead of working.
    ServerError500,
    /// The response is well framed, but holds only the first half of its JSON.
    TruncatedJson,
    /// The response announces its whole length, and the connection ends halfway.
    CutShort,
    /// The response has its status, and no body.
    EmptyBody,
    /// The response is whole and says that it is JSON, and its body is none.
    GarbageJson,
    /// The true response, said to be `text/html`.
    WrongContentType,
    /// The true response, compressed, with `content-encoding: gzip`, asked for or not.
    Gzip,
    /// The true response, its body in sixteen pieces spread over this time.
    Dripped(Duration),
    /// The true response without the API's headers.
    MissingHeaders,
    /// The true response, with each of the API's headers twice; the second of a pair says something else.
    DuplicateHeaders,
    /// Any status, body and content type, without the API's headers.
    Status(u16, String, String),
    /// 429 in its documented form; `retry` is the value of `x-ratelimit-retry`, absent if `None`.
    RateLimited {
        /// Seconds to wait, as the header says them.
        retry: Option<u64>,
    },
    /// Fields of a successful response are replaced by these (objects are merged, everything else,
    /// `null` included, is put in place), in each item if the response is a list: unknown enum values,
    /// new fields, nulls.
    Altered(Value),
}

impl Fault {
    /// The name, without what belongs to it: `Html502`.
    pub(crate) fn name(&self) -> String {
        let shown = format!("{self:?}");
        shown.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
    }

    /// Whether the request never reaches the service.
    pub(crate) fn is_ahead(&self) -> bool {
        matches!(
            self,
            Self::DropBeforeRead
                | Self::ClosePort(_)
                | Self::Stall
                | Self::Html502
                | Self::Json502
                | Self::RateLimited { .. }
                | Self::Status(..)
        )
    }
}

#[derive(Debug)]
struct Entry {
    fault: Fault,
    operation: Option<String>,
    left: u32,
}

/// The faults still to come, in the order they were scripted.
#[derive(Debug, Default)]
pub(crate) struct Script(Mutex<VecDeque<Entry>>);

impl Script {
    pub(crate) fn add(&self, fault: Fault, operation: Option<String>, times: u32) {
        self.entries().push_back(Entry { fault, operation, left: times });
    }

    pub(crate) fn clear(&self) {
        self.entries().clear();
    }

    /// The faults that have not struck yet, with their operation and the number of requests that they will strike.
    pub(crate) fn pending(&self) -> Vec<(Fault, Option<String>, u32)> {
        let left = |entry: &Entry| (entry.fault.clone(), entry.operation.clone(), entry.left);
        self.entries().iter().filter(|entry| entry.left > 0).map(left).collect()
    }

    /// How many more requests will go wrong.
    pub(crate) fn left(&self) -> u32 {
        self.entries().iter().fold(0, |left, entry| left.saturating_add(entry.left))
    }

    /// The fault for this request, if any.
    pub(crate) fn next(&self, operation: &str) -> Option<Fault> {
        let mut entries = self.entries();
        entries.retain(|entry| entry.left > 0);
        let entry = entries.iter_mut().find(|e| e.operation.as_deref().is_none_or(|id| id == operation))?;
        entry.left -= 1;
        Some(entry.fault.clone())
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the fields of `change` into `body`.
pub(crate) fn alter(body: &mut Value, change: &Value) {
    match (body, change) {
        (Value::Array(items), change) => items.iter_mut().for_each(|item| alter(item, change)),
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                alter(fields.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (body, change) => *body = change.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn faults_are_used_up_in_order() {
        let script = Script::default();
        script.add(Fault::Html502, Some("A".into()), 2);
        script.add(Fault::EmptyBody, None, 1);
        assert_eq!(script.next("A"), Some(Fault::Html502));
        assert_eq!(script.next("B"), Some(Fault::EmptyBody));
        assert_eq!(script.next("B"), None);
        assert_eq!(script.next("A"), Some(Fault::Html502));
        assert_eq!(script.next("A"), None);
    }

    #[test]
    fn altering_reaches_into_lists_and_objects() {
        let mut body = json!([{ "a": 1, "b": { "c": 1, "d": 2 } }]);
        alter(&mut body, &json!({ "a": null, "b": { "c": "new" }, "e": true }));
        assert_eq!(body, json!([{ "a": null, "b": { "c": "new", "d": 2 }, "e": true }]));
    }
}
