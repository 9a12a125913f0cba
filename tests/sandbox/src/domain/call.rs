//! What an operation is called with, and what its change is about.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use crate::clock;
use crate::http::errors::Refusal;
use crate::http::multipart::Part;

/// One validated request on its way into the state.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// `None` when the payer acts, not the merchant.
    pub(crate) operation: Option<&'a str>,
    pub(crate) path: &'a BTreeMap<String, String>,
    pub(crate) query: &'a BTreeMap<String, Vec<String>>,
    /// The JSON body; `null` when there is none.
    pub(crate) body: &'a Value,
    /// The parts of a form.
    pub(crate) parts: &'a [Part],
    pub(crate) key: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    /// Whether the response is in the form of the later version.
    pub(crate) is_later: bool,
}

impl<'a> Call<'a> {
    /// What the payer does, not the merchant.
    pub(crate) fn by_payer() -> Call<'static> {
        static NO_PATH: BTreeMap<String, String> = BTreeMap::new();
        static NO_QUERY: BTreeMap<String, Vec<String>> = BTreeMap::new();
        Call {
            operation: None,
            path: &NO_PATH,
            query: &NO_QUERY,
            body: &Value::Null,
            parts: &[],
            key: None,
            request_id: None,
            is_later: false,
        }
    }

    pub(crate) fn path(&self, name: &str) -> &'a str {
        self.path.get(name).map_or("", String::as_str)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        self.query_list(name).first().map(String::as_str)
    }

    /// Every value of a name that may be repeated.
    pub(crate) fn query_list(&self, name: &str) -> &'a [String] {
        self.query.get(name).map_or(&[], Vec::as_slice)
    }

    /// Refuses a body whose id differs from the one in the path.
    pub(crate) fn must_match_path(&self, name: &str) -> Result<(), Refusal> {
        if self.body[name] == self.path(name) {
            return Ok(());
        }
        let message = format!("{name} differs between path and body");
        Err(Refusal::bad_request(&format!("{name}_invalid"), message))
    }

    pub(crate) fn part(&self, name: &str) -> Option<&'a Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// What a change is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) order_id: &'a str,
    pub(crate) cf_payment_id: Option<&'a str>,
    pub(crate) refund_id: Option<&'a str>,
    pub(crate) other_id: Option<&'a str>,
    pub(crate) amount: Option<&'a Value>,
}

/// A time in the future, if a field of a request has one.
pub(crate) fn future_time(now: SystemTime, sent: &Value, name: &str) -> Result<Option<SystemTime>, Refusal> {
    let Some(text) = sent.as_str().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let time = clock::parse(text).filter(|time| *time > now);
    time.map(Some).ok_or_else(|| {
        Refusal::bad_request(&format!("{name}_invalid"), format!("{name} must be a time in the future"))
    })
}
