//! The operations of a document and their places.

use serde_json::Value;

use super::references::escape;

/// The HTTP methods that an OpenAPI path item may hold.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Every operation with its place as a JSON pointer, in the document's order.
pub fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let operation = item.get(method)?;
            Some((format!("/paths/{}/{method}", escape(path)), operation))
        })
    })
}

/// The method and path of an operation's place: `/paths/~1orders/get` is `get` and `/orders`. What
/// follows `#` in the key of a path distinguishes operations and is not sent.
pub fn method_and_path(place: &str) -> (&str, String) {
    let (pointer, method) = place.rsplit_once('/').unwrap_or((place, ""));
    let path = pointer.strip_prefix("/paths/").unwrap_or(pointer).replace("~1", "/").replace("~0", "~");
    let sent = path.split_once('#').map_or(path.as_str(), |(sent, _)| sent).to_owned();
    (method, sent)
}

/// A path without the names of its parameters, which are not sent.
pub(crate) fn path_shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = after;
    }
    shape + rest
}
