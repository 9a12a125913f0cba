//! What can go wrong with a delivery.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A fault of a delivery's first attempt: see [`Sandbox::script_webhooks`](crate::Sandbox::script_webhooks).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WebhookFault {
    /// Redelivered after it was acknowledged, as the next attempt, whichever attempt that was.
    Duplicate,
    /// Sent so much later, whatever the time scale; what comes after it is not kept waiting.
    Delay(Duration),
    /// Sent after the event that follows it at the same endpoint.
    OutOfOrder,
    /// One digit of the body is another one than was signed.
    TamperedBody,
    /// Signed with a secret that nobody has.
    WrongSignature,
}

/// Changes the first digit, which leaves JSON what it is.
pub(crate) fn tamper(body: &mut [u8]) {
    if let Some(digit) = body.iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
    }
}
