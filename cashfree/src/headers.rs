//! Names of the headers that the client sends or reads, and the characters of header values.

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: HeaderName = HeaderName::from_static($text);)*
    };
}

names! {
    CLIENT_ID = "x-client-id";
    CLIENT_SECRET = "x-client-secret";
    CLIENT_SIGNATURE = "x-client-signature";
    PARTNER_API_KEY = "x-partner-apikey";
    PARTNER_MERCHANT_ID = "x-partner-merchantid";
    API_VERSION = "x-api-version";
    /// Sent with a write; a response may repeat it.
    IDEMPOTENCY_KEY = "x-idempotency-key";
    /// `true` if the service returns the stored response of an earlier request.
    IDEMPOTENCY_REPLAYED = "x-idempotency-replayed";
    /// Sent with each attempt; a response may repeat it.
    REQUEST_ID = "x-request-id";
    RATE_LIMIT = "x-ratelimit-limit";
    RATE_LIMIT_REMAINING = "x-ratelimit-remaining";
    /// Seconds to wait.
    RATE_LIMIT_RETRY = "x-ratelimit-retry";
    /// Seconds until the limit is reset, or the time of that; named by a general page of the documentation only.
    RATE_LIMIT_RESET = "x-ratelimit-reset";
    /// `app_id` or `ip`.
    RATE_LIMIT_TYPE = "x-ratelimit-type";
}

/// Headers that only the client sets; a call that sets one of them fails before it is sent.
pub(crate) const RESERVED: [HeaderName; 13] = [
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SIGNATURE,
    PARTNER_API_KEY,
    PARTNER_MERCHANT_ID,
    API_VERSION,
    IDEMPOTENCY_KEY,
    REQUEST_ID,
    ACCEPT,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    TRANSFER_ENCODING,
];

/// Returns whether a response carries the request id of another request. The service repeats the id that it was
/// sent; an absent or blank one says nothing.
pub(crate) fn has_foreign_id(sent: &HeaderValue, response: &HeaderMap) -> bool {
    response.get(REQUEST_ID).is_some_and(|id| {
        let id = id.as_bytes().trim_ascii();
        !id.is_empty() && id != sent.as_bytes()
    })
}

/// Returns whether a header can carry the text unchanged: printable ASCII without a space at either end. This
/// catches the line end that was read from a file along with a secret.
pub(crate) fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && !text.starts_with(' ') && !text.ends_with(' ')
}
