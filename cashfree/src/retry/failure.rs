//! Input and result of the retry decision.

use std::time::Duration;

use crate::{RetryClass, Sent};

/// Failed attempt: the input of the retry decision.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What a second request of the operation may do.
    pub retry_class: RetryClass,
    /// Whether the request carries an idempotency key.
    pub keyed: bool,
    /// Whether the write is protected twice: a document says that the service honours its key, and the service refuses
    /// a second one by itself, through an identifier that the request carries or the state of the object. See
    /// [`Operation::protected_by`](crate::Operation::protected_by).
    pub protected: bool,
    /// Number of the failed attempt, counted from 1.
    pub attempt: u32,
    /// Time since the call began.
    pub elapsed: Duration,
    /// Time that the next attempt needs. None is started with less time left.
    pub needs: Duration,
    /// Cause of the failure.
    pub cause: Cause,
    /// Random number from 0 to 1 that scales the wait.
    pub jitter: f64,
}

impl Failure {
    /// Creates a first attempt that failed at once, without a key or other protection, with the longest wait ahead.
    pub fn new(retry_class: RetryClass, cause: Cause) -> Self {
        Self {
            retry_class,
            keyed: false,
            protected: false,
            attempt: 1,
            elapsed: Duration::ZERO,
            needs: Duration::ZERO,
            cause,
            jitter: 1.0,
        }
    }

    /// Returns the failure with an idempotency key.
    #[must_use]
    pub fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    /// Returns the failure of a write that is protected by its key and by something else.
    #[must_use]
    pub fn protected(mut self) -> Self {
        (self.keyed, self.protected) = (true, true);
        self
    }
}

/// Cause of a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No connection: nothing was sent.
    NotSent,
    /// The request may have been sent, and no complete response was received.
    NoResponse,
    /// The response is not a success.
    Status {
        /// The HTTP status.
        status: u16,
        /// How long the service asks to wait.
        retry_after: RetryAfter,
        /// Whether the response was stored by an earlier request with the same key.
        replayed: bool,
    },
}

impl From<Sent> for Cause {
    fn from(sent: Sent) -> Self {
        match sent {
            Sent::No => Self::NotSent,
            Sent::Maybe => Self::NoResponse,
        }
    }
}

/// Wait that a response asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// No header asks for a wait.
    #[default]
    Absent,
    /// At least this long.
    Wait(Duration),
    /// A header asks for a wait, but its value cannot be parsed. Retries stop.
    Unreadable,
}

impl RetryAfter {
    /// Returns the wait, if the response asks for a valid one.
    pub const fn wait(self) -> Option<Duration> {
        match self {
            Self::Wait(wait) => Some(wait),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

/// Decision about a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Another attempt, after this wait.
    Retry {
        /// How long to wait.
        after: Duration,
    },
    /// No further attempt.
    Stop(Stop),
}

/// Reason why no attempt follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The response is final.
    Final,
    /// The service has stored this failure under the key.
    Stored,
    /// The write may have been applied, and it is not protected twice.
    Unsafe,
    /// All attempts are used.
    Attempts,
    /// The time limit would pass first, or leave the next attempt too little time.
    Time,
    /// The service asks for a longer wait than is allowed, or for one that cannot be parsed.
    ServerDelay,
}
