//! HTTP: connections, routes, and what is checked before an operation is carried out.

pub(crate) mod auth;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod forms;
pub(crate) mod idempotency;
pub(crate) mod incoming;
pub(crate) mod limits;
pub(crate) mod multipart;
pub(crate) mod net;
pub(crate) mod origin;
pub(crate) mod respond;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod shapes;
pub(crate) mod stream;
pub(crate) mod tls;
pub(crate) mod validate;
pub(crate) mod visits;

/// Path prefix of the service's API.
pub(crate) const API_PREFIX: &str = "/pg";
