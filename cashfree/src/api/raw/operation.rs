//! The operation of a raw call: a row of the operation table, or a row for any path.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{Operation, RetryClass, operations};

/// The combinations of credentials that operations with credentials accept.
const AUTH: &[&[&str]] = &[
    &["x-client-id", "x-client-secret"],
    &["x-client-id", "x-partner-apikey"],
    &["x-client-id", "x-client-signature"],
    &["x-partner-apikey", "x-partner-merchantid"],
];

/// The operation of a request whose method the API does not use. It is refused before it is sent.
pub(super) static INVALID: Operation =
    Operation::undocumented("raw call", Method::GET, AUTH, RetryClass::Safe);

/// Rows for paths that the table does not know, by method. The path itself is in the request.
static WRITES: [Operation; 5] = [
    Operation::undocumented("raw GET", Method::GET, AUTH, RetryClass::Safe),
    Operation::undocumented("raw POST", Method::POST, AUTH, RetryClass::Keyed),
    Operation::undocumented("raw PUT", Method::PUT, AUTH, RetryClass::Keyed),
    Operation::undocumented("raw PATCH", Method::PATCH, AUTH, RetryClass::Keyed),
    Operation::undocumented("raw DELETE", Method::DELETE, AUTH, RetryClass::Keyed),
];

static READS: [Operation; 5] = [
    Operation::undocumented("raw GET", Method::GET, AUTH, RetryClass::Safe),
    Operation::undocumented("raw POST", Method::POST, AUTH, RetryClass::Safe),
    Operation::undocumented("raw PUT", Method::PUT, AUTH, RetryClass::Safe),
    Operation::undocumented("raw PATCH", Method::PATCH, AUTH, RetryClass::Safe),
    Operation::undocumented("raw DELETE", Method::DELETE, AUTH, RetryClass::Safe),
];

/// Returns the operation that a request to this path calls.
///
/// - The row of the table, if the path has one: an operation without credentials gets none, and one that must not
///   be retried is not.
/// - Otherwise a row for any path; with `reads`, one that is safe to retry.
/// - `None` for a method that the API does not use.
pub(super) fn operation_at(method: &Method, path: &str, reads: bool) -> Option<&'static Operation> {
    let literals = |row: &Operation| row.path.split('/').filter(|segment| !segment.starts_with('{')).count();
    let known = operations::ALL.iter().copied().filter(|row| row.method == *method && fits(path, row.path));
    known.max_by_key(|row| literals(row)).or_else(|| {
        let rows = if reads { &READS } else { &WRITES };
        rows.iter().find(|row| row.method == *method)
    })
}

/// Returns whether a path, with or without a query, fits a template in any spelling that a server may accept: with
/// letters that need not be encoded, or with a slash at the end.
fn fits(path: &str, template: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_known_path_is_the_known_operation() {
        let at = |method, path, reads| operation_at(&method, path, reads).unwrap();
        assert_eq!(at(Method::GET, "/orders/1", false).id, "PGFetchOrder");
        assert!(at(Method::POST, "/orders/sessions", true).is_open());
        for spelled in ["/orders/sessions/", "/orders/%73essions", "/%6frders/sessions/?x=1"] {
            assert_eq!(at(Method::POST, spelled, true).id, "PGPayOrder", "{spelled}");
        }
        assert_eq!(at(Method::POST, "/orders/sessions", true).retry_class, RetryClass::Never);
        assert_eq!(at(Method::POST, "/recon?x=1", false).retry_class, RetryClass::Safe);
        assert_eq!(at(Method::POST, "/simulate/settlement", false).id, "PGSimulateSettlement");
        assert_eq!(at(Method::GET, "/simulate/settlement/7", false).id, "PGFetchSettlementSimulation");
        assert_eq!(at(Method::POST, "/new", false).retry_class, RetryClass::Keyed);
        assert_eq!(at(Method::POST, "/new", true).retry_class, RetryClass::Safe);
        assert_eq!(at(Method::GET, "/new", false).retry_class, RetryClass::Safe);
        assert_eq!(operation_at(&Method::TRACE, "/orders/1", false), None);
    }
}
