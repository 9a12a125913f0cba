//! What a failure of reqwest means for the call: whether the request may have been sent, and whether time ran
//! out.

use tokio::time::error::Elapsed;

use super::{Sent, TransportError};

/// The time limit of the attempt ran out.
pub(super) fn expired(elapsed: Elapsed) -> TransportError {
    TransportError::new(Sent::Maybe, elapsed).timed_out()
}

/// There is no response, or its body broke off. The URL is dropped from the error: it holds identifiers.
pub(super) fn broken(error: reqwest::Error) -> TransportError {
    let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Maybe };
    let timed_out = error.is_timeout();
    let failure = TransportError::new(sent, error.without_url());
    if timed_out { failure.timed_out() } else { failure }
}
