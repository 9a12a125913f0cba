//! What may stand in a header, and which headers are the client's own.

/// Whether text arrives as it is sent in a header: printable ASCII without a space at either end. A line end
/// that was read from a file along with a secret is told before anything is sent.
pub(crate) fn printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && !text.starts_with(' ') && !text.ends_with(' ')
}

/// The headers that this client sets itself; a call may not set them.
pub(crate) const RESERVED: [&str; 13] = [
    "x-client-id",
    "x-client-secret",
    "x-client-signature",
    "x-partner-apikey",
    "x-partner-merchantid",
    "x-api-version",
    "x-idempotency-key",
    "x-request-id",
    "accept",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];
