//! Whether it was Cashfree who sent it, and lately.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hmac::Mac;
use http::HeaderMap;

use super::headers::{Headers, SIGNATURE, TIMESTAMP};
use super::signature::{self, Key};
use super::verified::{Facts, Verified};
use super::{InvalidSecret, WebhookError};
use crate::Secret;
use crate::headers::is_printable;

/// Tells deliveries of Cashfree from anybody else's. Cheap to clone.
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
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<Vec<Key>>,
    tolerance: Option<Duration>,
    body_limit: usize,
}

impl Verifier {
    /// How far the time of a delivery may be from now, either way, unless set otherwise: five minutes.
    pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

    /// How long a body may be unless set otherwise: 1 MiB. Known events have a few KiB.
    pub const BODY_LIMIT: usize = 1024 * 1024;

    /// Accepts what this secret signed.
    ///
    /// # Errors
    /// [`InvalidSecret`] when it is empty, or can't be a secret of Cashfree's, for instance since a line break of
    /// the file that it was read from is still behind it.
    pub fn new(secret: impl Into<Secret>) -> Result<Self, InvalidSecret> {
        let none =
            Self { keys: Arc::default(), tolerance: Some(Self::TOLERANCE), body_limit: Self::BODY_LIMIT };
        none.also_accept(secret)
    }

    /// Accepts what this secret signed, too. [`Verified::signed_by`] tells which one it was, so that a
    /// rotation can be seen to be over.
    ///
    /// # Errors
    /// [`InvalidSecret`] when it is empty, or can't be a secret of Cashfree's, for instance since a line break of
    /// the file that it was read from is still behind it.
    pub fn also_accept(mut self, secret: impl Into<Secret>) -> Result<Self, InvalidSecret> {
        let secret = secret.into();
        if secret.expose().is_empty() || !is_printable(secret.expose()) {
            return Err(InvalidSecret);
        }
        Arc::make_mut(&mut self.keys).push(signature::key(&secret).ok_or(InvalidSecret)?);
        Ok(self)
    }

    /// Accepts a delivery whose timestamp is at most this far from now, in the past or the future.
    ///
    /// A delivery that was captured can be sent again for so long. Whether Cashfree stamps a redelivery
    /// anew is not published; redeliveries come after 2, 10 and 30 minutes unless the endpoint has a policy
    /// of its own. Should those be refused with [`WebhookError::TooOld`], set more than the longest of
    /// them here, and rely on [`Seen`](super::Seen).
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// Accepts a delivery of any age, for stored ones that are read again. The timestamp is then a text that
    /// is signed, and need not be a time.
    #[must_use]
    pub fn any_age(mut self) -> Self {
        self.tolerance = None;
        self
    }

    /// Refuses a body of more bytes than this.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Verifies a request by its headers and the bytes of its body, just as they came.
    ///
    /// # Errors
    /// [`WebhookError`]: answer with its [status](WebhookError::status). In this order: a header that is
    /// missing or repeated, the length of the body, a malformed header, the signature, the age.
    pub fn verify(&self, headers: &HeaderMap, body: impl Into<Bytes>) -> Result<Verified, WebhookError> {
        self.verify_at(SystemTime::now(), headers, body)
    }

    /// The same, at a given time: for tests, and for deliveries that waited in a queue since then.
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
        let (timestamp, signature) = headers.signed()?;
        let mut verified = self.check(now, timestamp, signature, body.into())?;
        verified.facts.read(&headers);
        Ok(verified)
    }

    /// Verifies by the texts of `x-webhook-timestamp` and `x-webhook-signature`, for frameworks with other
    /// types of headers. The facts of the other headers are then not known, nor is the event's own key; see
    /// [`dedupe_key`](Verified::dedupe_key).
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

    /// The same, at a given time.
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
        self.check(now, timestamp, signature, body.into())
    }

    /// How many bytes a body may have, for servers that stop reading there.
    pub fn max_body(&self) -> usize {
        self.body_limit
    }

    fn check(
        &self,
        now: SystemTime,
        timestamp: &str,
        signature: &str,
        body: Bytes,
    ) -> Result<Verified, WebhookError> {
        if body.len() > self.body_limit {
            return Err(WebhookError::BodyTooLarge { limit: self.body_limit });
        }
        let sent_at = moment(timestamp);
        if self.tolerance.is_some() && sent_at.is_none() {
            return Err(WebhookError::MalformedHeader(TIMESTAMP));
        }
        let signature = signature::decode(signature).ok_or(WebhookError::MalformedHeader(SIGNATURE))?;
        let signed_by = self
            .keys
            .iter()
            .position(|key| signature::signed(key, timestamp, &body).verify_slice(&signature).is_ok())
            .ok_or(WebhookError::WrongSignature)?;
        if let (Some(tolerance), Some(sent_at)) = (self.tolerance, sent_at) {
            match now.duration_since(sent_at) {
                Ok(age) if age > tolerance => return Err(WebhookError::TooOld { age }),
                Err(ahead) if ahead.duration() > tolerance => {
                    return Err(WebhookError::FromTheFuture { by: ahead.duration() });
                }
                _ => {}
            }
        }
        Ok(Verified { facts: Facts::new(timestamp, sent_at), signed_by: Some(signed_by), body })
    }
}

/// Ten digits are seconds, thirteen milliseconds.
fn moment(timestamp: &str) -> Option<SystemTime> {
    if !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = timestamp.parse().ok()?;
    let since = match timestamp.len() {
        10 => Duration::from_secs(count),
        13 => Duration::from_millis(count),
        _ => return None,
    };
    UNIX_EPOCH.checked_add(since)
}

/// Shows how many secrets there are, none of them.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .field("body_limit", &self.body_limit)
            .finish()
    }
}
