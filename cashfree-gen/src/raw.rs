//! Requests to paths that the operation table doesn't know.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::http::expected::{Expected, Shape};
use crate::{Operation, Protection, Repeat, operations};

/// The combinations of credentials that operations with credentials accept.
const AUTH: &[&[&str]] = &[
    &["x-client-id", "x-client-secret"],
    &["x-client-id", "x-partner-apikey"],
    &["x-client-id", "x-client-signature"],
    &["x-partner-apikey", "x-partner-merchantid"],
];

const fn row(id: &'static str, method: Method, repeat: Repeat) -> Operation {
    let protected_by = match repeat {
        Repeat::Safe => Protection::Read,
        Repeat::Keyed => Protection::Key,
        Repeat::Never => Protection::Nothing,
    };
    Operation {
        id,
        method,
        path: "",
        tag: "",
        auth: AUTH,
        idempotency_key: true,
        repeat,
        read_back: None,
        protected_by,
        response: Expected { shape: Shape::Any, identity: &[], fields: &[] },
    }
}

/// One row a method; the path of a raw request is in the request alone.
static WRITES: [Operation; 5] = [
    row("raw GET", Method::GET, Repeat::Safe),
    row("raw POST", Method::POST, Repeat::Keyed),
    row("raw PUT", Method::PUT, Repeat::Keyed),
    row("raw PATCH", Method::PATCH, Repeat::Keyed),
    row("raw DELETE", Method::DELETE, Repeat::Keyed),
];

static READS: [Operation; 5] = [
    row("raw GET", Method::GET, Repeat::Safe),
    row("raw POST", Method::POST, Repeat::Safe),
    row("raw PUT", Method::PUT, Repeat::Safe),
    row("raw PATCH", Method::PATCH, Repeat::Safe),
    row("raw DELETE", Method::DELETE, Repeat::Safe),
];

impl Operation {
    /// The operation that a request to this path calls: its own row if the table has one, so that what
    /// takes no credentials gets none and what must not be repeated isn't; else a row for any path. With
    /// `reads` that one is safe to repeat. `None` for a method that the API doesn't use.
    pub fn at(method: &Method, path: &str, reads: bool) -> Option<&'static Self> {
        let literals = |row: &Self| row.path.split('/').filter(|segment| !segment.starts_with('{')).count();
        let known =
            operations::ALL.iter().copied().filter(|row| row.method == *method && fits(path, row.path));
        known.max_by_key(|row| literals(row)).or_else(|| {
            let rows = if reads { &READS } else { &WRITES };
            rows.iter().find(|row| row.method == *method)
        })
    }
}

/// Whether a path, with or without a query, is one of a template's, in whatever spelling a server may take for
/// it: with letters that needn't be encoded, or a slash at the end.
fn fits(path: &str, template: &str) -> bool {
    let path = before_query(path);
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    let mut names = template.split('/');
    loop {
        match (segments.next(), names.next()) {
            (None, None) => return true,
            (Some(segment), Some(name))
                if name.starts_with('{') || percent_decode_str(segment).eq(name.bytes()) => {}
            _ => return false,
        }
    }
}

fn before_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// A path that stays below the base URL, however the pieces on the way read it.
pub(crate) fn check(path: &str) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("the path {why}"));
    if !path.starts_with('/') {
        return refuse("does not begin with `/`");
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic() && !br#"\#"<>^`{|}"#.contains(&byte)) {
        return refuse("holds characters that must be percent-encoded");
    }
    let mut escapes = path.split('%');
    escapes.next();
    let is_hex =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if !escapes.all(is_hex) {
        return refuse("holds a `%` that encodes nothing");
    }
    let bare = before_query(path);
    let decoded = percent_decode_str(bare).decode_utf8_lossy();
    if decoded.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
        return refuse("climbs");
    }
    if bare.contains("//") {
        return refuse("has an empty segment");
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_base() {
        for good in ["/orders/1", "/new/thing?a=b&c=..", "/a%20b/...", "/x/", "/orders/a%2Fb", "/"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "orders",
            "https://other.example/x",
            "//other.example/x",
            "/a//b",
            "/..",
            "/a/../b",
            "/./a",
            "/a/%2e%2E/b",
            "/a/.%2e",
            "/a/..%2fb",
            "/a%2f..%2fb",
            "/a%5c..%5cb",
            "/a\\..\\b",
            "/a b",
            "/a\r\nx: y",
            "/a#b",
            "/%",
            "/%2",
            "/%zz",
            "/é",
            "@other.example/",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_known_path_is_the_known_operation() {
        let at = |method, path, reads| Operation::at(&method, path, reads).unwrap();
        assert_eq!(at(Method::GET, "/orders/1", false).id, "PGFetchOrder");
        assert!(at(Method::POST, "/orders/sessions", true).is_open());
        for spelled in ["/orders/sessions/", "/orders/%73essions", "/%6frders/sessions/?x=1"] {
            assert_eq!(at(Method::POST, spelled, true).id, "PGPayOrder", "{spelled}");
        }
        assert_eq!(at(Method::POST, "/orders/sessions", true).repeat, Repeat::Never);
        assert_eq!(at(Method::POST, "/recon?x=1", false).repeat, Repeat::Safe);
        assert_eq!(at(Method::POST, "/simulate/settlement", false).id, "PGSimulateSettlement");
        assert_eq!(at(Method::GET, "/simulate/settlement/7", false).id, "PGFetchSettlementSimulation");
        assert_eq!(at(Method::POST, "/new", false).repeat, Repeat::Keyed);
        assert_eq!(at(Method::POST, "/new", true).repeat, Repeat::Safe);
        assert_eq!(at(Method::GET, "/new", false).repeat, Repeat::Safe);
        assert_eq!(Operation::at(&Method::TRACE, "/orders/1", false), None);
    }
}
