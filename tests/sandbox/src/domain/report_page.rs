//! Pages of a report: how many rows, and a cursor that says where the next page begins.
//!
//! A page that is full has a cursor, even if nothing follows: then the next page is empty, and has none. A
//! caller that stops at a short page misses nothing, one that wants to know goes on until there is no cursor.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::clock;
use crate::http::errors::Refusal;

/// Fewer rows can't be asked for.
const FEWEST: u64 = 10;

/// The part of a report that one request asks for.
pub(crate) struct Page {
    report: &'static str,
    from: u64,
    limit: u64,
}

impl Page {
    /// Reads `pagination`; a cursor of another report is no cursor of this one.
    pub(crate) fn read(pagination: &Value, report: &'static str, most: u64) -> Result<Self, Refusal> {
        let limit = match &pagination["limit"] {
            Value::Null => FEWEST,
            asked => {
                let asked = asked.as_u64().filter(|asked| (FEWEST..=most).contains(asked));
                asked.ok_or_else(|| {
                    let message = format!("pagination.limit must be from {FEWEST} to {most}");
                    Refusal::bad_request("pagination.limit_invalid", message)
                })?
            }
        };
        let from = match &pagination["cursor"] {
            Value::Null => 0,
            given => position(given.as_str().unwrap_or_default(), report).ok_or_else(|| {
                Refusal::bad_request("pagination.cursor_invalid", "no page of this report had this cursor")
            })?,
        };
        Ok(Self { report, from, limit })
    }

    /// The place of its first row, or one before it.
    pub(crate) fn from(&self) -> u64 {
        self.from
    }

    /// The page of these rows, each with its place in the report. Places only grow.
    pub(crate) fn of(&self, rows: impl Iterator<Item = (u64, Value)>) -> Value {
        let mut next = None;
        let mut data = Vec::new();
        for (place, row) in rows.filter(|(place, _)| *place >= self.from) {
            data.push(row);
            if data.len() as u64 == self.limit {
                next = Some(cursor(place + 1, self.report));
                break;
            }
        }
        json!({ "cursor": next, "limit": data.len(), "data": data })
    }
}

fn cursor(place: u64, report: &str) -> String {
    let position =
        json!({ "searchAfter": { "list": [place], "empty": false }, "reconAPIType": report }).to_string();
    BASE64_STANDARD.encode(position)
}

fn position(cursor: &str, report: &str) -> Option<u64> {
    let position: Value = serde_json::from_slice(&BASE64_STANDARD.decode(cursor).ok()?).ok()?;
    position["searchAfter"]["list"][0].as_u64().filter(|_| position["reconAPIType"] == report)
}

/// A range of days, as filters have it; both ends count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range(u64, u64);

impl Range {
    /// `None` when neither end is given. The code of a refusal is the one that the service really sends.
    pub(crate) fn read(filters: &Value) -> Result<Option<Self>, Refusal> {
        const CODE: &str = "order_expiry_time_invalid";
        let (start, end) = (&filters["start_date"], &filters["end_date"]);
        if start.is_null() && end.is_null() {
            return Ok(None);
        }
        let read = |date: &Value| date.as_str().and_then(clock::parse).map(clock::seconds);
        let (Some(start), Some(end)) = (read(start), read(end)) else {
            let message = "start_date and end_date go together, each ISO 8601 with a zone";
            return Err(Refusal::bad_request(CODE, message));
        };
        if start > end {
            return Err(Refusal::bad_request(CODE, "start_date is after end_date"));
        }
        Ok(Some(Self(start, end)))
    }

    pub(crate) fn holds(self, at: std::time::SystemTime) -> bool {
        (self.0..=self.1).contains(&clock::seconds(at))
    }
}

/// The texts in a list; an empty list counts as none.
pub(crate) fn texts(list: &Value) -> Option<Vec<&str>> {
    let texts: Vec<&str> = list.as_array()?.iter().filter_map(Value::as_str).collect();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_all_and_end() {
        let mut cursor = Value::Null;
        let mut lengths = Vec::new();
        loop {
            let page = Page::read(&json!({ "limit": 10, "cursor": cursor }), "X", 100).ok();
            let page = page.map(|page| page.of((0..20).map(|place| (place * 3, json!(place)))));
            let page = page.unwrap_or_default();
            lengths.push(page["data"].as_array().map_or(0, Vec::len));
            cursor = page["cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!(lengths, [10, 10, 0]);
    }

    #[test]
    fn a_cursor_belongs_to_its_report() {
        let pagination = json!({ "limit": 10, "cursor": cursor(7, "A") });
        assert!(Page::read(&pagination, "A", 100).is_ok());
        assert!(Page::read(&pagination, "B", 100).is_err());
        for limit in [9, 101] {
            assert!(Page::read(&json!({ "limit": limit }), "A", 100).is_err());
        }
    }
}
