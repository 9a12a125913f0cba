//! When a call is sent again: a pure decision.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::{Repeat, Sent};

/// Whether and when a failed attempt is followed by another.
///
/// A repeat is legal when the request never left, when the service turned it away for want of capacity
/// (429), when the operation only reads, or when the same idempotency key goes with it. Nothing else is
/// ever repeated, whatever the policy says. Waits grow from attempt to attempt, with full jitter; after a 429
/// or 503 that asks for a wait they are as long as that. A 5xx that is marked as replayed is a stored
/// failure, and stays what it is.
///
/// ```
/// use cashfree::{Cause, Decision, Failure, Repeat, RetryPolicy};
/// let policy = RetryPolicy::standard();
/// let timeout = Failure::new(Repeat::Keyed, Cause::NoAnswer);
/// assert!(matches!(policy.decide(&timeout), Decision::Stop(_)), "a write without a key");
/// assert!(matches!(policy.decide(&timeout.keyed()), Decision::Retry { .. }));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    max_attempts: NonZeroU32,
    max_elapsed: Duration,
    first: Duration,
    cap: Duration,
    max_server_delay: Duration,
    budget: f32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

impl RetryPolicy {
    /// Up to three attempts within 60 seconds, waits of up to 250 ms, 500 ms … 8 s, server delays of up to
    /// 30 seconds, at most a fifth more load.
    pub const fn standard() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN.saturating_add(2),
            max_elapsed: Duration::from_secs(60),
            first: Duration::from_millis(250),
            cap: Duration::from_secs(8),
            max_server_delay: Duration::from_secs(30),
            budget: 0.2,
        }
    }

    /// One attempt.
    pub const fn none() -> Self {
        let mut policy = Self::standard();
        policy.max_attempts = NonZeroU32::MIN;
        policy
    }

    /// At most this many attempts, the first one included.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The time limit for the whole call, waits included. It also cuts the last attempt short.
    #[must_use]
    pub const fn max_elapsed(mut self, limit: Duration) -> Self {
        self.max_elapsed = limit;
        self
    }

    /// The longest wait after the first attempt, doubled with each further one, up to the cap. The wait
    /// itself is drawn evenly from zero to that.
    #[must_use]
    pub const fn backoff(mut self, first: Duration, cap: Duration) -> Self {
        self.first = first;
        self.cap = cap;
        self
    }

    /// The longest wait that the service may ask for; a longer one ends the call with the 429 or 503 that asked.
    #[must_use]
    pub const fn max_server_delay(mut self, limit: Duration) -> Self {
        self.max_server_delay = limit;
        self
    }

    /// How much load repeats may add to a client's calls, shared by its clones: 0.2 is one repeat for five
    /// calls, above a reserve of ten, which is also the most repeats that a call can make in a row. Below 0,
    /// and what is no number, counts as 0; above 10 as 10.
    #[must_use]
    pub const fn budget(mut self, extra_load: f32) -> Self {
        self.budget = extra_load;
        self
    }

    pub(crate) const fn time_limit(&self) -> Duration {
        self.max_elapsed
    }

    pub(crate) const fn extra_load(&self) -> f32 {
        self.budget
    }

    /// Decides on what follows a failed attempt. Pure: the same failure gives the same answer.
    pub fn decide(&self, failure: &Failure) -> Decision {
        let legal = match (failure.repeat, &failure.cause) {
            (_, Cause::NotSent) | (_, Cause::Status { status: 429, .. }) => true,
            (_, Cause::Status { status, .. }) if !is_transient(*status) => {
                return Decision::Stop(Stop::Final);
            }
            (_, Cause::Status { replayed: true, .. }) => return Decision::Stop(Stop::Stored),
            (Repeat::Safe, _) => true,
            (Repeat::Keyed, _) => failure.keyed,
            _ => false,
        };
        if !legal {
            return Decision::Stop(Stop::Unsafe);
        }
        if failure.attempt >= self.max_attempts.get() {
            return Decision::Stop(Stop::Attempts);
        }
        let after = match failure.cause {
            Cause::Status { status: 429 | 503, retry_after: Some(asked), .. } => {
                if asked > self.max_server_delay {
                    return Decision::Stop(Stop::ServerDelay);
                }
                asked
            }
            _ => self.wait(failure.attempt, failure.jitter),
        };
        if failure.elapsed.saturating_add(after) >= self.max_elapsed {
            return Decision::Stop(Stop::Time);
        }
        Decision::Retry { after }
    }

    fn wait(&self, attempt: u32, jitter: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        let longest = self.first.saturating_mul(1 << doublings).min(self.cap);
        // Neither what is no number nor what no duration can hold may end in a panic.
        let part = Duration::try_from_secs_f64(longest.as_secs_f64() * jitter.clamp(0.0, 1.0));
        part.map_or(longest, |part| part.min(longest))
    }
}

/// Statuses that may pass by themselves.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// A failed attempt, as the decision needs to know it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What a repeat of the operation may do.
    pub repeat: Repeat,
    /// Whether an idempotency key goes with it.
    pub keyed: bool,
    /// Which attempt failed, counted from one.
    pub attempt: u32,
    /// How long the call has taken so far.
    pub elapsed: Duration,
    /// Why it failed.
    pub cause: Cause,
    /// Chance, from zero to one; it scales the wait.
    pub jitter: f64,
}

impl Failure {
    /// A first attempt that failed at once, without a key, with the longest wait ahead.
    pub fn new(repeat: Repeat, cause: Cause) -> Self {
        Self { repeat, keyed: false, attempt: 1, elapsed: Duration::ZERO, cause, jitter: 1.0 }
    }

    /// The same with an idempotency key.
    #[must_use]
    pub fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// There was no connection; nothing left.
    NotSent,
    /// It may have left, and no complete answer came.
    NoAnswer,
    /// An answer that is no success.
    Status {
        /// The HTTP status.
        status: u16,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
        /// Whether the answer was stored by an earlier request with the same key.
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

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Another one, after this wait.
    Retry {
        /// How long to wait.
        after: Duration,
    },
    /// None.
    Stop(Stop),
}

/// Why no attempt follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The answer is final.
    Final,
    /// The service has stored this failure under the key.
    Stored,
    /// It may have happened already, and nothing keeps it from happening twice.
    Unsafe,
    /// All attempts are used.
    Attempts,
    /// The time limit would pass first.
    Time,
    /// The service asks for a longer wait than is allowed.
    ServerDelay,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Cause {
        Cause::Status { status, retry_after: None, replayed: false }
    }

    #[test]
    fn what_is_repeated_is_what_is_safe_to_repeat() {
        use Repeat::{Keyed, Never, Safe};
        let policy = RetryPolicy::standard();
        let retries = |failure: &Failure| matches!(policy.decide(failure), Decision::Retry { .. });
        for (repeat, keyed, cause, expected) in [
            (Safe, false, Cause::NotSent, true),
            (Keyed, false, Cause::NotSent, true),
            (Never, false, Cause::NotSent, true),
            (Safe, false, Cause::NoAnswer, true),
            (Keyed, true, Cause::NoAnswer, true),
            (Keyed, false, Cause::NoAnswer, false),
            (Never, true, Cause::NoAnswer, false),
            (Safe, false, status(500), true),
            (Keyed, true, status(502), true),
            (Keyed, false, status(503), false),
            (Never, true, status(504), false),
            (Never, false, status(429), true),
            (Safe, false, status(400), false),
            (Keyed, true, status(409), false),
            (Keyed, true, status(422), false),
            (Safe, false, status(404), false),
            (Safe, false, status(302), false),
            (Keyed, true, status(501), false),
        ] {
            let mut failure = Failure::new(repeat, cause.clone());
            failure.keyed = keyed;
            assert_eq!(retries(&failure), expected, "{repeat:?} keyed: {keyed} {cause:?}");
        }
    }

    #[test]
    fn a_stored_failure_is_not_asked_for_again() {
        let stored = Cause::Status { status: 500, retry_after: None, replayed: true };
        let failure = Failure::new(Repeat::Keyed, stored).keyed();
        assert_eq!(RetryPolicy::standard().decide(&failure), Decision::Stop(Stop::Stored));
    }

    #[test]
    fn the_service_leads_within_limits() {
        let asked = |seconds| {
            let cause = Cause::Status {
                status: 429,
                retry_after: Some(Duration::from_secs(seconds)),
                replayed: false,
            };
            Failure::new(Repeat::Keyed, cause)
        };
        let policy = RetryPolicy::standard();
        assert_eq!(policy.decide(&asked(7)), Decision::Retry { after: Duration::from_secs(7) });
        assert_eq!(policy.decide(&asked(31)), Decision::Stop(Stop::ServerDelay));
        let mut busy = asked(7).keyed();
        if let Cause::Status { status, .. } = &mut busy.cause {
            *status = 503;
        }
        assert_eq!(policy.decide(&busy), Decision::Retry { after: Duration::from_secs(7) });
        let hasty = policy.max_elapsed(Duration::from_secs(5));
        assert_eq!(hasty.decide(&asked(7)), Decision::Stop(Stop::Time));
    }

    #[test]
    fn waits_double_up_to_the_cap_and_attempts_end() {
        let policy = RetryPolicy::standard().max_attempts(NonZeroU32::MAX).max_elapsed(Duration::MAX);
        let wait = |attempt, jitter| {
            let mut failure = Failure::new(Repeat::Safe, Cause::NoAnswer);
            (failure.attempt, failure.jitter) = (attempt, jitter);
            policy.decide(&failure)
        };
        let millis = |after| Decision::Retry { after: Duration::from_millis(after) };
        assert_eq!(wait(1, 1.0), millis(250));
        assert_eq!(wait(3, 1.0), millis(1_000));
        assert_eq!(wait(3, 0.5), millis(500));
        assert_eq!(wait(3, 0.0), millis(0));
        assert_eq!(wait(60, 1.0), millis(8_000));

        let endless = RetryPolicy::standard().backoff(Duration::MAX, Duration::MAX);
        assert_eq!(
            endless.decide(&Failure::new(Repeat::Safe, Cause::NoAnswer)),
            Decision::Stop(Stop::Time),
            "a wait that no duration can hold twice"
        );
        let mut odd = Failure::new(Repeat::Safe, Cause::NoAnswer);
        odd.jitter = f64::NAN;
        assert_eq!(RetryPolicy::standard().decide(&odd), millis(250));

        let mut last = Failure::new(Repeat::Safe, Cause::NoAnswer);
        last.attempt = 3;
        assert_eq!(RetryPolicy::standard().decide(&last), Decision::Stop(Stop::Attempts));
    }
}
