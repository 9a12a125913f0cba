//! Whether a page is the last one. A report ends only where the service says so.

use std::fmt;

use http::HeaderMap;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Cursor;
use crate::headers::{API_VERSION, RATE_LIMIT, RATE_LIMIT_REMAINING};

/// What follows a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// Another page, or nothing is known.
    #[default]
    Open,
    /// Nothing: the service says so, by a cursor that is null or empty, or by a page that is not full.
    Marked,
    /// Rows may be missing: the page is full and has no cursor, or says that there is more, or its cursor is unreadable.
    Unmarked,
    /// It is no page: it has neither rows nor a cursor.
    Nothing,
}

/// What a body says of the next page, beside the cursor in its usual place.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// A cursor in another place, or under another name.
    pub(super) cursor: Option<Cursor>,
    /// The page size, in another place.
    pub(super) limit: Option<i64>,
    /// Whether there is a cursor, be it null or empty.
    has_cursor: bool,
    /// Whether a page follows though no cursor leads to it: `has_more` says so, or the cursor is no text or number.
    has_more: bool,
    /// Whether the rows are a list.
    has_rows: bool,
}

impl Marks {
    /// Reads the fields of a page. `None` for what is no object.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        // Some objects are published as a list of one.
        let head: Head = cashfree_gen::decode_object(body).ok()?;
        let nested = match head.pagination {
            Some(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let found = [head.cursor, head.next_cursor, head.next_cursor_in_camel_case];
        let nested_cursors = ["cursor", "next_cursor", "nextCursor"].map(|name| nested.get(name).cloned());
        let cursors: Vec<Value> = found.into_iter().chain(nested_cursors).flatten().collect();
        let mores = [head.has_more, head.has_more_in_camel_case];
        let nested_mores = ["has_more", "hasMore"].map(|name| nested.get(name).cloned());
        let is_more = |more: Value| more == true || more == "true";
        Some(Self {
            has_cursor: !cursors.is_empty(),
            has_more: mores.into_iter().chain(nested_mores).flatten().any(is_more)
                || cursors.iter().any(|cursor| !cursor.is_null() && text(cursor).is_none()),
            cursor: cursors.iter().find_map(|cursor| Cursor::of_response(text(cursor))),
            limit: nested.get("limit").and_then(Value::as_i64),
            has_rows: head.data.is_list,
        })
    }

    /// Decides what follows a page without a next cursor.
    ///
    /// - `rows`: how many it has.
    /// - `size`: how many a full page has.
    /// - `promised`: whether an earlier page named it by a cursor.
    pub(super) fn end(&self, rows: usize, size: u64, promised: bool, headers: &HeaderMap) -> End {
        if rows == 0 && !self.has_rows {
            // An empty report, if it is the service that says so.
            let is_report = !promised && self.has_cursor && is_of_the_service(headers);
            return if is_report { End::Marked } else { End::Nothing };
        }
        let is_full = rows as u64 >= size;
        match self.has_more || (is_full && !self.has_cursor) {
            true => End::Unmarked,
            false => End::Marked,
        }
    }
}

/// The fields of a page that say what follows. A field that is null counts as there.
#[derive(Deserialize)]
struct Head {
    #[serde(default, deserialize_with = "present")]
    cursor: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    next_cursor: Option<Value>,
    #[serde(default, rename = "nextCursor", deserialize_with = "present")]
    next_cursor_in_camel_case: Option<Value>,
    #[serde(default)]
    has_more: Option<Value>,
    #[serde(default, rename = "hasMore")]
    has_more_in_camel_case: Option<Value>,
    #[serde(default)]
    pagination: Option<Value>,
    #[serde(default)]
    data: Rows,
}

/// The rows of a page, which are skipped.
#[derive(Default)]
struct Rows {
    is_list: bool,
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Skip;

        impl<'de> Visitor<'de> for Skip {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rows")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Rows, A::Error> {
                while rows.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Rows { is_list: true })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Rows, A::Error> {
                while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Rows::default())
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Rows, E> {
                Ok(Rows::default())
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Rows, E> {
                Ok(Rows::default())
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Rows, E> {
                Ok(Rows::default())
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Rows, E> {
                Ok(Rows::default())
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Rows, E> {
                Ok(Rows::default())
            }

            fn visit_unit<E: de::Error>(self) -> Result<Rows, E> {
                Ok(Rows::default())
            }
        }

        deserializer.deserialize_any(Skip)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn text(cursor: &Value) -> Option<String> {
    match cursor {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether headers are those of the service, not of a proxy or a portal.
fn is_of_the_service(headers: &HeaderMap) -> bool {
    [API_VERSION, RATE_LIMIT, RATE_LIMIT_REMAINING].iter().any(|mark| headers.contains_key(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_wherever_documents_show_it() {
        for (body, expected) in [
            (r#"{"data":[{}],"pagination":{"cursor":"abc==","limit":10}}"#, Some("abc==")),
            (r#"{"data":[{}],"pagination":{"next_cursor":"abc=="}}"#, Some("abc==")),
            (r#"{"data":[{}],"next_cursor":"abc=="}"#, Some("abc==")),
            (r#"{"data":[{}],"nextCursor":"abc=="}"#, Some("abc==")),
            (r#"{"data":[{}],"next_cursor":null,"nextCursor":"abc=="}"#, Some("abc==")),
            (r#"{"data":[{}],"pagination":{"nextCursor":"abc=="}}"#, Some("abc==")),
            (r#"{"data":[{}],"cursor":7}"#, Some("7")),
            (r#"[{"data":[{}],"pagination":{"cursor":"abc=="}}]"#, Some("abc==")),
            (r#"{"data":[{}],"cursor":null,"pagination":{"cursor":"abc=="}}"#, Some("abc==")),
            (r#"{"data":[{}],"pagination":null}"#, None),
            (r#"{"data":[{}],"pagination":"abc"}"#, None),
            (r#"{"data":[{}],"pagination":{"cursor":null}}"#, None),
        ] {
            let found = Marks::read(body.as_bytes()).and_then(|marks| marks.cursor);
            assert_eq!(found.as_ref().map(Cursor::as_str), expected, "{body}");
        }
    }

    #[test]
    fn rule_9_a_page_ends_a_report_only_where_the_service_says_so() {
        let (mut service, portal) = (HeaderMap::new(), HeaderMap::new());
        service.insert(API_VERSION, http::HeaderValue::from_static(cashfree_gen::API_VERSION));
        for (body, rows, promised, headers, expected) in [
            (r#"{"data":[{}],"cursor":null}"#, 10, true, &portal, End::Marked),
            (r#"{"data":[{}],"cursor":""}"#, 10, true, &portal, End::Marked),
            (r#"{"data":[{}],"pagination":{"cursor":null}}"#, 10, true, &portal, End::Marked),
            (r#"{"data":[{}]}"#, 10, true, &service, End::Unmarked),
            (r#"{"data":[{}]}"#, 11, false, &service, End::Unmarked),
            (r#"{"data":[{}]}"#, 9, true, &service, End::Marked),
            (r#"{"data":[{}],"cursor":{"after":"abc"}}"#, 9, true, &service, End::Unmarked),
            (r#"{"data":[{}],"pagination":{"cursor":["abc"]}}"#, 9, true, &service, End::Unmarked),
            (r#"{"data":[{}],"has_more":true}"#, 9, true, &service, End::Unmarked),
            (
                r#"{"data":[{}],"cursor":null,"pagination":{"hasMore":true}}"#,
                9,
                true,
                &service,
                End::Unmarked,
            ),
            (r#"{"data":[{}],"has_more":false}"#, 9, true, &service, End::Marked),
            (r#"{"data":[],"cursor":null}"#, 0, true, &portal, End::Marked),
            (r#"{"data":[]}"#, 0, true, &portal, End::Marked),
            (r#"{"data":null,"cursor":null}"#, 0, true, &service, End::Nothing),
            (r#"{"data":null,"cursor":null}"#, 0, false, &service, End::Marked),
            (r#"{"data":null,"cursor":null}"#, 0, false, &portal, End::Nothing),
            (r#"{"cursor":null}"#, 0, false, &service, End::Marked),
            (r#"{"data":null}"#, 0, false, &service, End::Nothing),
            (r#"{"limit":10}"#, 0, false, &service, End::Nothing),
            ("{}", 0, false, &service, End::Nothing),
        ] {
            let end = Marks::read(body.as_bytes()).map(|marks| marks.end(rows, 10, promised, headers));
            assert_eq!(end, Some(expected), "{body} {rows} {promised} {headers:?}");
        }
    }
}
