//! Calls that a mock transport recorded.

use std::cmp::Reverse;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use serde_json::Value;

use crate::headers::IDEMPOTENCY_KEY;
use crate::{Operation, operations};

/// One attempt that reached a [`MockTransport`](super::MockTransport).
///
/// `Debug` shows neither headers nor body, which hold credentials and customer data.
#[derive(Clone)]
pub struct MockCall {
    operation: String,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl MockCall {
    pub(super) fn new(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let operation = match find(&parts.method, path) {
            Some(operation) => operation.id.to_owned(),
            None => format!("{} {path}", parts.method),
        };
        let path = parts.uri.path_and_query().map_or_else(|| path.to_owned(), ToString::to_string);
        Self { operation, method: parts.method, path, headers: parts.headers, body }
    }

    /// Returns the operation by its id in the API document, or method and path if the document has none.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Returns the method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Returns path and query, such as `/pg/orders/order_1`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the idempotency key: the same for all attempts of a write.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.headers.get(IDEMPOTENCY_KEY)?.to_str().ok()
    }

    /// Returns all headers, credentials included.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as JSON. `None` if it is not JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Debug for MockCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockCall")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("idempotency_key", &self.idempotency_key())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Finds the operation whose path ends this one. The base URL may have a path of its own, so the longest match counts,
/// then that with the fewest parameters.
fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let is_parameter = |segment: &str| segment.starts_with('{');
    let matches = |operation: &Operation| {
        let template: Vec<&str> = operation.path.split('/').skip(1).collect();
        let (Some(above), true) = (segments.len().checked_sub(template.len()), operation.method == method)
        else {
            return None;
        };
        let mut pairs = template.iter().zip(segments.get(above..)?);
        let fits = pairs.all(|(step, segment)| is_parameter(step) && !segment.is_empty() || step == segment);
        let parameters = template.iter().filter(|step| is_parameter(step)).count();
        fits.then_some((template.len(), Reverse(parameters)))
    };
    let found = operations::ALL.iter().filter_map(|operation| Some((matches(operation)?, *operation)));
    found.max_by_key(|(rank, _)| *rank).map(|(_, operation)| operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_own_path() {
        for operation in operations::ALL {
            let path: Vec<String> = operation
                .path
                .split('/')
                .map(|step| if step.starts_with('{') { "some_1".to_owned() } else { step.to_owned() })
                .collect();
            for base in ["", "/pg", "/a/b/pg"] {
                let path = format!("{base}{}", path.join("/"));
                let found = find(&operation.method, &path).map(|found| found.id);
                assert_eq!(found, Some(operation.id), "{path}");
            }
        }
        assert_eq!(find(&Method::GET, "/pg/never/heard/of"), None);
        assert_eq!(find(&Method::DELETE, "/pg/orders/order_1"), None);
    }
}
