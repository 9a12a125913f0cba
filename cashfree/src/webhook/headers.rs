//! The headers of a delivery. Two are needed to verify it; the others tell of it and are not signed.

use http::{HeaderMap, HeaderValue};

use super::WebhookError;

pub(crate) const TIMESTAMP: &str = "x-webhook-timestamp";
pub(crate) const SIGNATURE: &str = "x-webhook-signature";
pub(crate) const VERSION: &str = "x-webhook-version";
pub(crate) const ATTEMPT: &str = "x-webhook-attempt";
pub(crate) const IDEMPOTENCY_KEY: &str = "x-idempotency-key";

/// What a request has of each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Headers<'a> {
    timestamp: Header<'a>,
    signature: Header<'a>,
    version: Header<'a>,
    attempt: Header<'a>,
    idempotency_key: Header<'a>,
}

#[derive(Clone, Copy, Default)]
enum Header<'a> {
    #[default]
    Missing,
    One(&'a HeaderValue),
    Several,
}

impl<'a> Headers<'a> {
    /// Goes over them once, which takes less than to look for five.
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let header = match name.as_str() {
                TIMESTAMP => &mut found.timestamp,
                SIGNATURE => &mut found.signature,
                VERSION => &mut found.version,
                ATTEMPT => &mut found.attempt,
                IDEMPOTENCY_KEY => &mut found.idempotency_key,
                _ => continue,
            };
            *header = match header {
                Header::Missing => Header::One(value),
                _ => Header::Several,
            };
        }
        found
    }

    /// The timestamp and the signature.
    pub(crate) fn signed(&self) -> Result<(&'a str, &'a str), WebhookError> {
        Ok((self.timestamp.needed(TIMESTAMP)?, self.signature.needed(SIGNATURE)?))
    }

    pub(super) fn version(&self) -> Option<&'a str> {
        self.version.told()
    }

    pub(super) fn attempt(&self) -> Option<u32> {
        self.attempt.told()?.parse().ok()
    }

    pub(super) fn idempotency_key(&self) -> Option<&'a str> {
        self.idempotency_key.told()
    }
}

impl<'a> Header<'a> {
    fn needed(self, name: &'static str) -> Result<&'a str, WebhookError> {
        match self {
            Self::Missing => Err(WebhookError::MissingHeader(name)),
            Self::One(value) => value.to_str().map_err(|_| WebhookError::MalformedHeader(name)),
            Self::Several => Err(WebhookError::RepeatedHeader(name)),
        }
    }

    /// An odd one counts as absent.
    fn told(self) -> Option<&'a str> {
        let Self::One(value) = self else { return None };
        value.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
    }
}
