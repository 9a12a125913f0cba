//! A delivery that is known to be Cashfree's.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;

use super::headers::Headers;
use super::{DedupeKey, Event, EventError};
use crate::SetAside;

/// A delivery whose signature was checked; only a [`Verifier`](super::Verifier) makes one, save for
/// [`trust_without_verification`](Verified::trust_without_verification).
///
/// It holds the exact bytes that came, so nothing is lost when the [event](Verified::event) can't be read:
/// store the body, answer 200, and read it with a later version. `Debug` shows nothing of the body, which
/// holds what customers told.
#[derive(Clone)]
pub struct Verified {
    pub(super) facts: Facts,
    pub(super) signed_by: Option<usize>,
    pub(super) body: Bytes,
}

/// What the headers tell.
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

    /// Takes the headers that are not signed.
    pub(super) fn read(&mut self, headers: &Headers<'_>) {
        self.version = headers.version().map(str::to_owned);
        self.attempt = headers.attempt();
        self.idempotency_key = headers.idempotency_key().map(str::to_owned);
    }
}

impl Verified {
    /// Takes a body for Cashfree's without looking at a signature: for one that was verified when it was
    /// stored, and for tests. Anybody can send a body like it, so never call it on a request.
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

    /// The body, byte for byte.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// `x-webhook-timestamp` as it came.
    pub fn timestamp(&self) -> &str {
        &self.facts.timestamp
    }

    /// The moment that the timestamp names. `None` when it was not looked at, or is no time and the verifier
    /// takes [any age](super::Verifier::any_age).
    pub fn sent_at(&self) -> Option<SystemTime> {
        self.facts.sent_at
    }

    /// `x-webhook-version`, such as `2025-01-01`: a setting of the endpoint in the dashboard. Not signed.
    pub fn version(&self) -> Option<&str> {
        self.facts.version.as_deref()
    }

    /// `x-webhook-attempt`: 1 for the first delivery of an event. Not signed.
    pub fn attempt(&self) -> Option<u32> {
        self.facts.attempt
    }

    /// `x-idempotency-key`, the event's own name from version 2025-01-01 on. Not signed.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.facts.idempotency_key.as_deref()
    }

    /// Which of the verifier's secrets signed it: 0 for the first. `None` for what was not verified.
    pub fn signed_by(&self) -> Option<usize> {
        self.signed_by
    }

    /// The event. One of a type that is not known yet is [`Event::Other`], not an error.
    ///
    /// # Errors
    /// [`EventError`] when the body is no JSON object or names no type, or when the data of a known type can't
    /// be read; it names the place. The delivery is still Cashfree's and its [body](Verified::body) in hand:
    /// store it and answer 200, or it will be sent again and again.
    #[inline]
    pub fn event(&self) -> Result<Event, EventError> {
        Event::read(&self.body)
    }

    /// Members of the event that came in a shape that nobody foresaw: each is absent in the
    /// [event](Verified::event), and told here as the JSON that came. Nearly always there are none; a number is
    /// never one of them. The body is read again for it.
    ///
    /// # Errors
    /// As [`event`](Verified::event).
    pub fn set_aside(&self) -> Result<Vec<SetAside>, EventError> {
        Event::read_with_set_aside(&self.body).map(|(_, set_aside)| set_aside)
    }

    /// What to recognise the event by when it comes again: from its own key if it has one, else from what
    /// it says. See [`DedupeKey`].
    pub fn dedupe_key(&self) -> DedupeKey {
        match self.idempotency_key() {
            Some(key) => DedupeKey::of_header(key),
            None => self.content_key(),
        }
    }

    /// What to recognise the event by, from the signed body alone. See [`DedupeKey`].
    pub fn content_key(&self) -> DedupeKey {
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
