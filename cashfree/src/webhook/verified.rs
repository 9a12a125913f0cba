//! A verified delivery.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;

use super::headers::Headers;
use super::{DedupeKey, Event, EventError};
use crate::UnparsedField;

/// Delivery with a valid signature. Created by a [`Verifier`](super::Verifier), or by
/// [`trust_without_verification`](Verified::trust_without_verification).
///
/// Contains the exact bytes of the body, so nothing is lost when the [event](Verified::event) can't be read: store the
/// body, respond with 200, and read it with a later version. `Debug` shows nothing of the body, which contains
/// customer data.
#[derive(Clone)]
pub struct Verified {
    pub(super) facts: Facts,
    pub(super) signed_by: Option<usize>,
    pub(super) body: Bytes,
}

/// Facts of the headers.
#[derive(Clone, Default)]
pub(super) struct Facts {
    timestamp: String,
    sent_at: Option<SystemTime>,
    version: Option<String>,
    attempt: Option<u32>,
    idempotency_key: Option<String>,
}

impl Facts {
    pub(super) fn new(timestamp: &str, sent_at: Option<SystemTime>) -> Self {
        Self { timestamp: timestamp.to_owned(), sent_at, ..Self::default() }
    }

    /// Reads the headers that are not signed.
    pub(super) fn read(&mut self, headers: &Headers<'_>) {
        self.version = headers.version().map(str::to_owned);
        self.attempt = headers.attempt();
        self.idempotency_key = headers.idempotency_key().map(str::to_owned);
    }
}

impl Verified {
    /// Accepts a body without checking a signature: for one that was verified when it was stored, and for tests.
    /// Anybody can send such a body, so never call this on a request.
    ///
    /// ```
    /// use cashfree::webhook::{EventKind, Verified};
    /// let stored = r#"{"type":"HEALTH_ALERT","data":{"incident":{"id":"7"}}}"#;
    /// let delivery = Verified::trust_without_verification(&http::HeaderMap::new(), stored);
    /// assert_eq!(delivery.event()?.kind(), &EventKind::HealthAlert);
    /// assert_eq!(delivery.signed_by(), None);
    /// # Ok::<(), cashfree::webhook::EventError>(())
    /// ```
    pub fn trust_without_verification(headers: &HeaderMap, body: impl Into<Bytes>) -> Self {
        let headers = Headers::of(headers);
        let (timestamp, _) = headers.signed().unwrap_or_default();
        let mut facts = Facts::new(timestamp, None);
        facts.read(&headers);
        Self { facts, signed_by: None, body: body.into() }
    }

    /// Returns the exact bytes of the body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the text of `x-webhook-timestamp`.
    pub fn timestamp(&self) -> &str {
        &self.facts.timestamp
    }

    /// Returns the time of the timestamp. `None` if the delivery was not verified.
    pub fn sent_at(&self) -> Option<SystemTime> {
        self.facts.sent_at
    }

    /// Returns `x-webhook-version`, such as `2023-08-01`: a setting of the endpoint in the dashboard. Not signed.
    pub fn version(&self) -> Option<&str> {
        self.facts.version.as_deref()
    }

    /// Returns `x-webhook-attempt`: 1 for the first delivery of an event. Not signed.
    pub fn attempt(&self) -> Option<u32> {
        self.facts.attempt
    }

    /// Returns `x-idempotency-key`, which deliveries of older webhook versions lack.
    ///
    /// Not signed: anyone who captured a delivery can send it under another key. Never deduplicate by it; use
    /// [`dedupe_key`](Verified::dedupe_key).
    pub fn idempotency_key(&self) -> Option<&str> {
        self.facts.idempotency_key.as_deref()
    }

    /// Returns which of the verifier's secrets signed it: 0 for the first. `None` if the delivery was not verified.
    pub fn signed_by(&self) -> Option<usize> {
        self.signed_by
    }

    /// Decodes the event. An unknown type is [`Event::Other`], not an error.
    ///
    /// # Errors
    /// [`EventError`] if the body is not a JSON object or names no type, or if the data of a known type cannot
    /// be decoded; it names the JSON path. The delivery is verified: store its [body](Verified::body) and respond with 200, or
    /// it will be delivered repeatedly.
    #[inline]
    pub fn event(&self) -> Result<Event, EventError> {
        Event::read(&self.body)
    }

    /// Returns the fields of the event that could not be decoded, each as JSON. They are absent in the
    /// [event](Verified::event). Nearly always there are none; a number is never one of them. Decodes the body
    /// again.
    ///
    /// # Errors
    /// As [`event`](Verified::event).
    pub fn unparsed_fields(&self) -> Result<Vec<UnparsedField>, EventError> {
        Event::read_with_unparsed(&self.body).map(|decoded| decoded.unparsed)
    }

    /// Returns the JSON paths of texts of the event that were not valid Unicode: bytes that are not UTF-8, and
    /// halves of surrogate pairs, are U+FFFD in the event. The signature is verified over the bytes as they were
    /// received. Decodes the body again.
    ///
    /// # Errors
    /// As [`event`](Verified::event).
    pub fn replaced_text(&self) -> Result<Vec<String>, EventError> {
        Event::read_with_unparsed(&self.body).map(|decoded| decoded.replaced_text)
    }

    /// Returns the deduplication key: the natural identity of the event, read from the signed body alone.
    ///
    /// Equal for every delivery of one event, whatever its webhook version, headers and spelling, and whichever
    /// function verified it. See [`DedupeKey`].
    pub fn dedupe_key(&self) -> DedupeKey {
        DedupeKey::of_body(&self.body)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("timestamp", &self.facts.timestamp)
            .field("version", &self.facts.version)
            .field("attempt", &self.facts.attempt)
            .field("signed_by", &self.signed_by)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
