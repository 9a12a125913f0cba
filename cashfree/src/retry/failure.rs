//! What the retry decision looks at, and what it says.

use std::time::Duration;

use crate::{Repeat, Sent};

/// A failed attempt, as the retry decision sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What sending the operation a second time may do.
    pub repeat: Repeat,
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
    /// Why the attempt failed.
    pub cause: Cause,
    /// Random number from 0 to 1 that scales the wait.
    pub jitter: f64,
}

impl Failure {
    /// Creates a first attempt that failed at once, without a key or other protection, with the longest wait ahead.
    pub fn new(repeat: Repeat, cause: Cause) -> Self {
        Self {
            repeat,
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

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No connection: nothing was sent.
    NotSent,
    /// The request may have been sent, and no complete response came.
    NoAnswer,
    /// A response that is no success.
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
            Sent::Maybe => Self::NoAnswer,
        }
    }
}

/// The wait that a response asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// No header asks for a wait.
    #[default]
    Absent,
    /// At least this long.
    Wait(Duration),
    /// A header asks for a wait, and its value can not be read. Retries stop.
    Unreadable,
}

impl RetryAfter {
    /// Returns the wait, if one was asked for that can be read.
    pub const fn wait(self) -> Option<Duration> {
        match self {
            Self::Wait(wait) => Some(wait),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

/// What follows a failed attempt.
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

/// Why no attempt follows.
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
    /// The service asks for a longer wait than is allowed, or for one that can not be read.
    ServerDelay,
}
