//! Responses and their metadata.

use std::ops::Deref;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::headers::{API_VERSION, IDEMPOTENCY_REPLAYED, RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_TYPE};
use crate::redact::redact;
use crate::server_wait::retry_after;
use crate::{IdempotencyKey, RetryAfter, UnparsedField};

/// Decoded response. It dereferences to the value, and has metadata.
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: T,
    meta: ResponseMeta,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: ResponseMeta) -> Self {
        Self { value, meta }
    }

    /// Returns the value without the metadata.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns the metadata.
    pub fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    /// Returns the value and the metadata.
    pub fn into_parts(self) -> (T, ResponseMeta) {
        (self.value, self.meta)
    }

    /// Converts the value and keeps the metadata.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: change(self.value), meta: self.meta }
    }

    /// Returns the body as received, for fields that the types do not have.
    pub fn body(&self) -> &Bytes {
        self.meta.body()
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> AsRef<T> for Response<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

/// Metadata of a response: status, headers, idempotency key, attempts.
#[derive(Clone)]
pub struct ResponseMeta {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) sent_request_id: HeaderValue,
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) read_back: bool,
    pub(crate) unparsed: Vec<UnparsedField>,
    pub(crate) replaced_text: Vec<String>,
}

impl ResponseMeta {
    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
    }

    fn number(&self, name: &HeaderName) -> Option<u32> {
        self.text(name)?.parse().ok()
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the request id. Cashfree's support finds the call under it. A response that carries another request id is
    /// treated as a broken connection, so it is always the one that was sent.
    pub fn request_id(&self) -> &str {
        self.sent_request_id.to_str().unwrap_or_default()
    }

    /// Returns the API version of the response.
    pub fn api_version(&self) -> Option<&str> {
        self.text(&API_VERSION)
    }

    /// Returns the rate limit after this call, if the response has one.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        let asked = match self.status.is_success() {
            // A reset is part of each response, and does not ask for a wait.
            true => RetryAfter::Absent,
            false => retry_after(self.status, &self.headers, SystemTime::now()),
        };
        let (limit, remaining) = (self.number(&RATE_LIMIT), self.number(&RATE_LIMIT_REMAINING));
        if limit.is_none() && remaining.is_none() && asked.wait().is_none() {
            return None;
        }
        Some(RateLimit {
            limit,
            remaining,
            retry_after: asked.wait().filter(|wait| !wait.is_zero()),
            scope: match self.text(&RATE_LIMIT_TYPE) {
                Some("app_id") => RateLimitScope::AppId,
                Some("ip") => RateLimitScope::Ip,
                _ => RateLimitScope::Unknown,
            },
        })
    }

    /// Returns the idempotency key that was sent, if any.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// Returns whether this is the stored response of an earlier request with the same key. `None` if the response does
    /// not say.
    pub fn replayed(&self) -> Option<bool> {
        self.text(&IDEMPOTENCY_REPLAYED)?.to_ascii_lowercase().parse().ok()
    }

    /// Returns whether the value was read back: the service refused the write because the object exists already or a
    /// request with its key is in progress, and the object equals the request. For a capture or a void, the object is a
    /// payment among those of the order. Status, headers and body are those of the read.
    ///
    /// The refused attempt follows one whose response was lost. Under a key that the caller set or prepared, or in a resumed
    /// call, it may be the first: an earlier call with the key may have created the object.
    pub fn read_back(&self) -> bool {
        self.read_back
    }

    /// Returns the fields that could not be decoded, each as JSON. They are absent in the value. Nearly always
    /// there are none.
    ///
    /// A number is never left unparsed, nor is the content of the response as a whole: where one of them can't
    /// be decoded, the call returns an error ([`Error::is_decode`](crate::Error::is_decode)).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let vendor = client.vendors().get("vendor_1").await?;
    /// for field in vendor.meta().unparsed_fields() {
    ///     eprintln!("{} is not in the value: {}", field.path(), field.json());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn unparsed_fields(&self) -> &[UnparsedField] {
        &self.unparsed
    }

    /// Returns the JSON paths of texts that were not valid Unicode: bytes that are not UTF-8, and halves of
    /// surrogate pairs, are U+FFFD in the value. Nearly always there are none; [`body`](Self::body) has the bytes
    /// as they were received.
    ///
    /// Amounts and identifiers are never changed in this way: such an amount is an error, such an identifier an
    /// [unparsed field](Self::unparsed_fields).
    pub fn replaced_text(&self) -> &[String] {
        &self.replaced_text
    }

    /// Returns the number of attempts.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the duration of the call, waits between attempts included.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns all headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body as received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// Shows neither headers nor body, which may hold data about customers.
impl std::fmt::Debug for ResponseMeta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("status", &self.status.as_u16())
            .field("request_id", &redact(self.request_id()))
            .field("rate_limit", &self.rate_limit())
            .field("idempotency_key", &self.key)
            .field("replayed", &self.replayed())
            .field("read_back", &self.read_back)
            .field("unparsed", &self.unparsed)
            .field("replaced_text", &self.replaced_text)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// Rate limit of an operation: calls in a sliding window of one minute.
///
/// See <https://www.cashfree.com/docs/api-reference/payments/api-best-practices>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Allowed calls per minute.
    pub limit: Option<u32>,
    /// Remaining calls.
    pub remaining: Option<u32>,
    /// How long to wait, after a failure: the longest of `retry-after`, `x-ratelimit-retry` and, with a 429,
    /// `x-ratelimit-reset`. Absent where none of them can be read.
    pub retry_after: Option<Duration>,
    /// What the limit is counted by.
    pub scope: RateLimitScope,
}

/// Scope of a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimitScope {
    /// The account.
    AppId,
    /// The IP address of the caller: for the two operations without credentials.
    Ip,
    /// The response does not say.
    Unknown,
}

/// Access to the metadata of a result, be it a response or an error.
///
/// ```no_run
/// # async fn run(client: cashfree::Client) {
/// use cashfree::HasMeta;
/// let result = client.orders().get("order_1").await;
/// println!("request {:?}", result.meta().map(|meta| meta.request_id()));
/// # }
/// ```
pub trait HasMeta {
    /// Returns the metadata. `None` if no response was received.
    fn meta(&self) -> Option<&ResponseMeta>;
}

impl<T> HasMeta for Response<T> {
    fn meta(&self) -> Option<&ResponseMeta> {
        Some(&self.meta)
    }
}

/// Returns whether a body is JSON, as opposed to a truncated body or a page.
pub(crate) fn is_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// Returns the coding of a compressed body. The client requests none.
pub(crate) fn content_coding(headers: &HeaderMap) -> Option<&'static str> {
    const KNOWN: [&str; 5] = ["gzip", "br", "deflate", "zstd", "compress"];
    let named = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or_default().trim();
    if named.is_empty() || named.eq_ignore_ascii_case("identity") {
        return None;
    }
    // Only known names are shown: any other is text of the sender.
    Some(KNOWN.into_iter().find(|known| named.eq_ignore_ascii_case(known)).unwrap_or("unknown coding"))
}
