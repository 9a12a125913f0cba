//! Which responses a script of a shop's page may read: those of the operations that browsers call, and the states
//! that the checkout script asks for. Pages of this machine only.

use axum::http::{HeaderName, HeaderValue, Method, request};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::origin;

const ALLOWED: [&str; 4] = ["content-type", "x-api-version", "x-idempotency-key", "x-request-id"];
const EXPOSED: [&str; 3] = ["x-api-version", "x-request-id", "x-idempotency-replayed"];

/// Responds to preflights and marks responses.
pub(crate) fn layer() -> CorsLayer {
    let loopback =
        |origin: &HeaderValue, _: &request::Parts| origin.to_str().is_ok_and(origin::is_loopback_origin);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(loopback))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(ALLOWED.map(HeaderName::from_static))
        .expose_headers(EXPOSED.map(HeaderName::from_static))
}
