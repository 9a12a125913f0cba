//! Causes of a missing response.

use bytes::Bytes;

use crate::transport::Permanent;
use crate::{BoxError, ErrorKind, Sent, TransportError};

/// Cause of a missing response. The generated client returns it as its transport error.
#[derive(Debug)]
pub(super) struct Undelivered {
    pub(super) kind: ErrorKind,
    pub(super) detail: String,
    pub(super) timeout: bool,
    pub(super) too_large: bool,
    /// Nothing was sent, because the circuit is open.
    pub(super) circuit_open: bool,
    /// The response does not identify itself as that of the request.
    pub(super) foreign: bool,
    pub(super) permanent: Option<Permanent>,
    pub(super) partial: Option<cashfree_gen::Response>,
    pub(super) source: Option<BoxError>,
}

impl Undelivered {
    /// A failure before anything was sent.
    pub(super) fn local(kind: ErrorKind, detail: String, source: Option<BoxError>) -> Self {
        Self {
            kind,
            detail,
            timeout: false,
            too_large: false,
            circuit_open: false,
            foreign: false,
            permanent: None,
            partial: None,
            source,
        }
    }
}

impl std::fmt::Display for Undelivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Undelivered {}

impl From<TransportError> for Undelivered {
    fn from(failure: TransportError) -> Self {
        let kind = match (failure.sent, failure.timeout) {
            (Sent::No, _) => ErrorKind::Connect,
            (Sent::Maybe, true) => ErrorKind::Timeout,
            (Sent::Maybe, false) => ErrorKind::Transport,
        };
        let detail = failure.to_string();
        let TransportError { timeout, too_large, permanent, partial, source, .. } = failure;
        Self {
            // With status and headers, it is a response that cannot be decoded.
            kind: if too_large && partial.is_some() { ErrorKind::Decode } else { kind },
            detail,
            timeout,
            too_large,
            circuit_open: false,
            foreign: false,
            permanent,
            partial: partial.map(|response| into_response(*response)),
            source: Some(source),
        }
    }
}

/// Converts the response of a transport for the generated client.
pub(super) fn into_response(response: http::Response<Bytes>) -> cashfree_gen::Response {
    let (parts, body) = response.into_parts();
    cashfree_gen::Response { status: parts.status, headers: parts.headers, body }
}
