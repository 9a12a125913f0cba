//! Signed deliveries.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::webhook::{self, ATTEMPT, IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, VERSION};
use crate::{IdempotencyKey, Secret};

/// Returns the headers of a first delivery of this body, signed at this time (rounded down to the millisecond; a time before
/// 1970 counts as 1970).
///
/// ```
/// use std::time::SystemTime;
/// use cashfree::testing::sign_webhook;
/// use cashfree::webhook::Verifier;
///
/// let body = r#"{"type":"HEALTH_ALERT","data":{}}"#;
/// let headers = sign_webhook("a_secret", SystemTime::now(), body.as_bytes());
/// assert!(Verifier::new("a_secret")?.verify(&headers, body).is_ok());
/// # Ok::<(), cashfree::webhook::InvalidSecret>(())
/// ```
pub fn sign_webhook(secret: &str, timestamp: SystemTime, body: &[u8]) -> HeaderMap {
    WebhookRequest::new(secret, Bytes::copy_from_slice(body)).timestamp(timestamp).headers()
}

/// Returns the signature of a body and a timestamp, which may be any text.
pub fn webhook_signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    sign(&secret.into(), timestamp, body)
}

fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    let key = webhook::key(secret);
    key.map(|key| webhook::encode(webhook::signed(&key, timestamp, body))).unwrap_or_default()
}

/// Delivery as Cashfree would send it. Default: the first attempt, signed now, of the webhook version of the types.
///
/// ```
/// use cashfree::testing::WebhookRequest;
/// use cashfree::webhook::Verifier;
///
/// let (headers, body) = WebhookRequest::new("a_secret", r#"{"type":"HEALTH_ALERT","data":{}}"#).attempt(2).into_parts();
/// let delivery = Verifier::new("a_secret")?.verify(&headers, body)?;
/// assert_eq!(delivery.attempt(), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct WebhookRequest {
    secret: Secret,
    body: Bytes,
    timestamp: SystemTime,
    seconds: bool,
    attempt: u32,
    version: String,
    idempotency_key: Option<IdempotencyKey>,
}

impl WebhookRequest {
    /// Creates a delivery of this body, signed with this secret.
    pub fn new(secret: impl Into<Secret>, body: impl Into<Bytes>) -> Self {
        Self {
            secret: secret.into(),
            body: body.into(),
            timestamp: SystemTime::now(),
            seconds: false,
            attempt: 1,
            version: cashfree_gen::webhooks::WEBHOOK_VERSION.to_owned(),
            idempotency_key: None,
        }
    }

    /// Sets the time of the signature, rounded down to the millisecond. Default: now.
    #[must_use]
    pub fn timestamp(mut self, timestamp: SystemTime) -> Self {
        self.timestamp = timestamp;
        self
    }

    /// Uses a timestamp of ten digits: seconds. Default: milliseconds.
    #[must_use]
    pub fn in_seconds(mut self) -> Self {
        self.seconds = true;
        self
    }

    /// Sets the number of the attempt: 2 for the first redelivery. Default: 1.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Sets the webhook version, such as `2023-08-01`. Text that is not a valid header value is left out of the headers.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Sets the `x-idempotency-key` of the event. Default: none.
    #[must_use]
    pub fn idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// Returns the headers.
    pub fn headers(&self) -> HeaderMap {
        let since = self.timestamp.duration_since(UNIX_EPOCH).unwrap_or_default();
        let timestamp = if self.seconds {
            format!("{:010}", since.as_secs())
        } else {
            format!("{:013}", since.as_millis())
        };
        let signature = sign(&self.secret, &timestamp, &self.body);
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: &str| {
            // Digits, base64 and a checked key fit; a version may be any text.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        add("content-type", "application/json");
        add(TIMESTAMP, &timestamp);
        add(SIGNATURE, &signature);
        add(ATTEMPT, &self.attempt.to_string());
        add(VERSION, &self.version);
        if let Some(key) = &self.idempotency_key {
            add(IDEMPOTENCY_KEY, key.as_str());
        }
        headers
    }

    /// Returns the headers and the body.
    pub fn into_parts(self) -> (HeaderMap, Bytes) {
        (self.headers(), self.body)
    }

    /// Returns a `POST` request to this address, for a service or router that is called without a network.
    ///
    /// # Errors
    /// If the address is not a URI.
    pub fn into_request(self, uri: &str) -> Result<http::Request<Bytes>, http::Error> {
        let (headers, body) = self.into_parts();
        let mut request = http::Request::post(uri).body(body)?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest")
            .field("timestamp", &self.timestamp)
            .field("attempt", &self.attempt)
            .field("version", &self.version)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
