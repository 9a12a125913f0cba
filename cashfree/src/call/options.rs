//! The settings of one call.

use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::{Credentials, IdempotencyKey, RetryPolicy};

/// Settings of a call that replace those of the client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) key: Option<IdempotencyKey>,
    /// The key was made for this call alone, so no other call uses it.
    pub(crate) key_is_new: bool,
    /// The call was stored, and may have been sent before.
    pub(crate) resumed: bool,
    pub(crate) request_id: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}
