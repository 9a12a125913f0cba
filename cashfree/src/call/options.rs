//! The settings of one call.

use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::{Credentials, IdempotencyKey, RetryPolicy};

/// What a call sets for itself; the rest are settings of the client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) key: Option<IdempotencyKey>,
    /// The key was made for this call alone, so no other call has been sent with it.
    pub(crate) key_is_new: bool,
    pub(crate) request_id: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}
