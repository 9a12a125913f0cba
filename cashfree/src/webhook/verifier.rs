//! Verification of webhook deliveries.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hmac::Mac;
use http::HeaderMap;

use super::headers::{Headers, SIGNATURE, TIMESTAMP, timestamp_moment};
use super::signature::{self, Key};
use super::verified::{Facts, Verified};
use super::{InvalidSecret, WebhookError, trace};
use crate::Secret;
use crate::headers::is_printable;

/// Verifies webhook deliveries. Cheap to clone.
///
/// The secret is the client secret of the account (`CASHFREE_CLIENT_SECRET`), for a partner's endpoint the
/// partner API key. An account with several active keys signs with the oldest of them, so during a rotation
/// [accept](Verifier::also_accept) both.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use cashfree::webhook::{Verifier, WebhookError};
///
/// let verifier = Verifier::new("test_secret_key")?.also_accept("the_next_one")?;
/// let body = r#"{"data":{},"event_time":"2025-01-15T12:20:29+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
/// let signed = UNIX_EPOCH + Duration::from_millis(1_746_427_759_733);
///
/// # let headers = http::HeaderMap::from_iter([
/// #     (http::HeaderName::from_static("x-webhook-timestamp"), http::HeaderValue::from_static("1746427759733")),
/// #     (http::HeaderName::from_static("x-webhook-signature"), http::HeaderValue::from_static("Wdb6H1hkvaW4rsB5uR4ga+Q+Cw9Uhl2b8ZpcFaTC/N8=")),
/// # ]);
/// // The headers and the body of a request, whatever the framework. A server calls `verify`.
/// let delivery = verifier.verify_at(signed + Duration::from_secs(2), &headers, body)?;
/// assert_eq!(delivery.event()?.kind(), &cashfree::webhook::EventKind::PaymentSuccess);
///
/// let late = verifier.verify_at(signed + Duration::from_secs(301), &headers, body);
/// assert_eq!(late.unwrap_err(), WebhookError::TooOld { age: Duration::from_secs(301) });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With the feature `tracing`, every refused delivery is a `WARN` event with the fields `reason`, `attempt` and
/// `age_ms`: a rotated secret shows there at once.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<Vec<Key>>,
    tolerance: Option<Duration>,
    body_limit: usize,
    body_timeout: Duration,
}

impl Verifier {
    /// Default timestamp tolerance, in both directions: five minutes.
    pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

    /// Default maximum body size: 1 MiB. Known events have a few KiB.
    pub const BODY_LIMIT: usize = 1024 * 1024;

    /// Default time for receiving a body: ten seconds.
    pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

    /// Creates a verifier that accepts signatures of this secret.
    ///
    /// # Errors
    /// [`InvalidSecret`] if the secret is empty, wrapped in quotes, or has a space at an end or characters that are
    /// not printable ASCII, such as the line break of the file that it was read from.
    pub fn new(secret: impl Into<Secret>) -> Result<Self, InvalidSecret> {
        let none = Self {
            keys: Arc::default(),
            tolerance: Some(Self::TOLERANCE),
            body_limit: Self::BODY_LIMIT,
            body_timeout: Self::BODY_TIMEOUT,
        };
        none.also_accept(secret)
    }

    /// Accepts signatures of another secret, too. [`Verified::signed_by`] says which secret signed a delivery, which
    /// shows when a rotation is complete.
    ///
    /// # Errors
    /// [`InvalidSecret`], as [`new`](Verifier::new).
    pub fn also_accept(mut self, secret: impl Into<Secret>) -> Result<Self, InvalidSecret> {
        let secret = secret.into();
        let text = secret.expose();
        let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
        if text.is_empty() {
            return Err(InvalidSecret::new("it is empty"));
        }
        if text.starts_with(is_quote) || text.ends_with(is_quote) {
            return Err(InvalidSecret::new("it is wrapped in quotes; remove them where it is configured"));
        }
        if !is_printable(text) {
            let reason =
                "it has a space at an end, or characters that are not printable ASCII, such as a line break";
            return Err(InvalidSecret::new(reason));
        }
        let key = signature::key(&secret).ok_or(InvalidSecret::new("it can't be a key"))?;
        Arc::make_mut(&mut self.keys).push(key);
        Ok(self)
    }

    /// Sets the timestamp tolerance, in the past and the future. Default: [`TOLERANCE`](Verifier::TOLERANCE).
    ///
    /// A captured delivery can be replayed for this long. Whether Cashfree stamps a redelivery anew is not
    /// published; redeliveries come after 2, 10 and 30 minutes unless the endpoint has another policy. If they are
    /// refused with [`WebhookError::TooOld`], set more than the longest of them here, and rely on
    /// [`DedupeStore`](super::DedupeStore).
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// Accepts deliveries of any age, for stored ones that are read again. The timestamp still needs 10 or 13
    /// digits.
    #[must_use]
    pub fn any_age(mut self) -> Self {
        self.tolerance = None;
        self
    }

    /// Sets the maximum body size in bytes. Default: [`BODY_LIMIT`](Verifier::BODY_LIMIT).
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets how long [`receive`](Verifier::receive) and the axum extractor wait for a whole body. Default:
    /// [`BODY_TIMEOUT`](Verifier::BODY_TIMEOUT).
    #[must_use]
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Verifies a request by its headers and the exact bytes of its body.
    ///
    /// The body is in memory already: a server that reads it should [`check_headers`](Verifier::check_headers)
    /// first, or use [`receive`](Verifier::receive).
    ///
    /// # Errors
    /// [`WebhookError`]: respond with its [status](WebhookError::status). Checked in this order: missing, repeated
    /// and malformed headers, the age, the size and the beginning of the body, the signature.
    pub fn verify(&self, headers: &HeaderMap, body: impl Into<Bytes>) -> Result<Verified, WebhookError> {
        self.verify_at(SystemTime::now(), headers, body)
    }

    /// Verifies a request at a given time: for tests, and for deliveries that waited in a queue since then.
    ///
    /// # Errors
    /// As [`verify`](Verifier::verify).
    pub fn verify_at(
        &self,
        now: SystemTime,
        headers: &HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Verified, WebhookError> {
        let headers = Headers::of(headers);
        self.verify_headers(now, &headers, body.into())
            .inspect_err(|error| trace::refused(now, error, &headers))
    }

    /// Verifies by the texts of `x-webhook-timestamp` and `x-webhook-signature`, for frameworks with other header
    /// types. The other headers are then unknown: [`version`](Verified::version), [`attempt`](Verified::attempt) and
    /// [`idempotency_key`](Verified::idempotency_key) are `None`.
    ///
    /// # Errors
    /// As [`verify`](Verifier::verify).
    pub fn verify_parts(
        &self,
        timestamp: &str,
        signature: &str,
        body: impl Into<Bytes>,
    ) -> Result<Verified, WebhookError> {
        self.verify_parts_at(SystemTime::now(), timestamp, signature, body)
    }

    /// Verifies the same texts at a given time.
    ///
    /// # Errors
    /// As [`verify`](Verifier::verify).
    pub fn verify_parts_at(
        &self,
        now: SystemTime,
        timestamp: &str,
        signature: &str,
        body: impl Into<Bytes>,
    ) -> Result<Verified, WebhookError> {
        self.check(now, timestamp, signature)
            .and_then(|checked| self.verify_body(&checked, timestamp, body.into()))
            .inspect_err(|error| trace::refused_parts(now, error, timestamp))
    }

    /// Checks a request before its body is read: the form and age of the timestamp, the form of the signature, and
    /// the `content-length`. A request that fails here is not Cashfree's, so none of its body needs to be kept.
    ///
    /// Passing says nothing about the sender: [`verify`](Verifier::verify) the request once its body is there.
    ///
    /// ```
    /// use cashfree::webhook::{Verifier, WebhookError};
    ///
    /// let verifier = Verifier::new("cfsk_ma_test_123")?;
    /// let refused = verifier.check_headers(&http::HeaderMap::new()).unwrap_err();
    /// assert_eq!(refused, WebhookError::MissingHeader("x-webhook-timestamp"));
    /// # Ok::<(), cashfree::webhook::InvalidSecret>(())
    /// ```
    ///
    /// # Errors
    /// [`WebhookError`], as [`verify`](Verifier::verify).
    pub fn check_headers(&self, headers: &HeaderMap) -> Result<(), WebhookError> {
        let now = SystemTime::now();
        let headers = Headers::of(headers);
        self.check_length(now, &headers).map(drop).inspect_err(|error| trace::refused(now, error, &headers))
    }

    /// Returns the maximum body size in bytes, for servers that stop reading there.
    pub fn max_body(&self) -> usize {
        self.body_limit
    }

    pub(super) fn max_body_time(&self) -> Duration {
        self.body_timeout
    }

    /// Checks the headers and returns the most bytes that the body may have: the limit or its declared length.
    pub(super) fn check_length(&self, now: SystemTime, headers: &Headers<'_>) -> Result<usize, WebhookError> {
        let (timestamp, signature) = headers.signed()?;
        self.check(now, timestamp, signature)?;
        match headers.content_length()? {
            Some(declared) if declared > self.body_limit => Err(self.too_large()),
            declared => Ok(declared.unwrap_or(self.body_limit)),
        }
    }

    pub(super) fn verify_headers(
        &self,
        now: SystemTime,
        headers: &Headers<'_>,
        body: Bytes,
    ) -> Result<Verified, WebhookError> {
        let (timestamp, signature) = headers.signed()?;
        let checked = self.check(now, timestamp, signature)?;
        let mut verified = self.verify_body(&checked, timestamp, body)?;
        verified.facts.read(headers);
        Ok(verified)
    }

    /// Checks what needs no body.
    fn check(&self, now: SystemTime, timestamp: &str, signature: &str) -> Result<Checked, WebhookError> {
        let sent_at = timestamp_moment(timestamp).ok_or(WebhookError::MalformedHeader(TIMESTAMP))?;
        let signature = signature::decode(signature).ok_or(WebhookError::MalformedHeader(SIGNATURE))?;
        if let Some(tolerance) = self.tolerance {
            match now.duration_since(sent_at) {
                Ok(age) if age > tolerance => return Err(WebhookError::TooOld { age }),
                Err(ahead) if ahead.duration() > tolerance => {
                    return Err(WebhookError::FromTheFuture { by: ahead.duration() });
                }
                _ => {}
            }
        }
        Ok(Checked { sent_at, signature })
    }

    fn verify_body(&self, checked: &Checked, timestamp: &str, body: Bytes) -> Result<Verified, WebhookError> {
        if body.len() > self.body_limit {
            return Err(self.too_large());
        }
        if !begins_like_json(&body) {
            return Err(WebhookError::MalformedBody);
        }
        let signed_by = self
            .keys
            .iter()
            .position(|key| signature::signed(key, timestamp, &body).verify_slice(&checked.signature).is_ok())
            .ok_or(WebhookError::WrongSignature)?;
        Ok(Verified { facts: Facts::new(timestamp, Some(checked.sent_at)), signed_by: Some(signed_by), body })
    }

    fn too_large(&self) -> WebhookError {
        WebhookError::BodyTooLarge { limit: self.body_limit }
    }
}

/// What the headers say, in a valid form.
struct Checked {
    sent_at: SystemTime,
    signature: [u8; 32],
}

/// Returns whether a body begins as an object or a list.
///
/// Nothing separates timestamp and body under the signature. If a body could begin with digits, the last digits of
/// a timestamp could be moved into it, and the older timestamp would verify.
fn begins_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let first = body.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    matches!(first, Some(b'{' | b'['))
}

/// Shows the number of secrets, not the secrets.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .field("body_limit", &self.body_limit)
            .field("body_timeout", &self.body_timeout)
            .finish()
    }
}
