//! Retry policy: a pure decision.

mod failure;
pub(crate) mod stored;

use std::num::NonZeroU32;
use std::time::Duration;

use crate::RetryClass;
pub use failure::{Cause, Decision, Failure, RetryAfter, Stop};

/// The wait after a 429 that does not say how long to wait: the window of the rate limit.
const RATE_LIMIT_WINDOW: Duration = Duration::from_secs(60);

/// Retry policy: whether and when a failed attempt is followed by another.
///
/// An attempt is retried only if a second one cannot act twice:
///
/// - the request was not sent, or the service refused it with 429;
/// - the operation only reads;
/// - the write is protected twice: by its idempotency key, and by a rule that the service enforces without it (an
///   identifier of the caller's, or the state of the object). See [`Operation::protected_by`](crate::Operation).
///
/// A write that only its key protects is not retried once it may have arrived, unless the policy
/// [trusts keys](Self::trust_keys). Operations with [`RetryClass::Never`](crate::RetryClass::Never) are never retried after that.
///
/// Waits:
///
/// - They double from attempt to attempt. Each is drawn from the upper half of its range.
/// - A wait that the service asks for (`retry-after`, `x-ratelimit-retry`, with a 429 also `x-ratelimit-reset`) is kept,
///   and up to half of it added at random, so that many callers do not return at once. A wait that cannot be parsed, or
///   is longer than [`max_server_delay`](Self::max_server_delay), ends the retries.
/// - A 429 that does not say how long is followed by a minute, the window of the rate limits, so that the default limit
///   of 60 s ends the call.
/// - No attempt starts that would have too little time left.
///
/// A 5xx that is marked as replayed is a stored failure, which a retry would only receive again.
///
/// ```
/// use cashfree::{Cause, Decision, Failure, RetryClass, RetryPolicy};
/// let policy = RetryPolicy::standard();
/// let timeout = Failure::new(RetryClass::Keyed, Cause::NoResponse);
/// assert!(matches!(policy.decide(&timeout.clone().keyed()), Decision::Stop(_)), "only a key protects it");
/// assert!(matches!(policy.decide(&timeout.protected()), Decision::Retry { .. }));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    max_attempts: NonZeroU32,
    max_elapsed: Duration,
    first: Duration,
    cap: Duration,
    max_server_delay: Duration,
    budget: f32,
    trust_keys: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

impl RetryPolicy {
    /// Creates the default policy.
    ///
    /// | | |
    /// |---|---|
    /// | attempts | up to 8 |
    /// | time limit | 60 s |
    /// | waits | up to 250 ms, 500 ms … 8 s |
    /// | waits that the service asks for | up to 30 s |
    /// | retry budget | a fifth more load |
    /// | keys | not trusted alone |
    pub const fn standard() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN.saturating_add(7),
            max_elapsed: Duration::from_secs(60),
            first: Duration::from_millis(250),
            cap: Duration::from_secs(8),
            max_server_delay: Duration::from_secs(30),
            budget: 0.2,
            trust_keys: false,
        }
    }

    /// Creates a policy of one attempt.
    pub const fn none() -> Self {
        let mut policy = Self::standard();
        policy.max_attempts = NonZeroU32::MIN;
        policy
    }

    /// Sets the number of attempts, the first one included.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the time limit for the whole call, waits included. It also cuts the last attempt short.
    ///
    /// A write is not retried with less time left than the shortest of its timeout, 2 seconds and a quarter of this
    /// limit, so that a call that was refused does not end as ambiguous because its last attempt was cut off.
    #[must_use]
    pub const fn max_elapsed(mut self, limit: Duration) -> Self {
        self.max_elapsed = limit;
        self
    }

    /// Sets the longest wait after the first attempt, which doubles with each further one up to `cap`. The wait is
    /// drawn evenly from the upper half.
    #[must_use]
    pub const fn backoff(mut self, first: Duration, cap: Duration) -> Self {
        self.first = first;
        self.cap = cap;
        self
    }

    /// Sets the longest wait that the service may ask for. A longer one ends the call with the response that asked.
    #[must_use]
    pub const fn max_server_delay(mut self, limit: Duration) -> Self {
        self.max_server_delay = limit;
        self
    }

    /// Sets how much load retries may add: 0.2 is one failed retry for five calls. Values below 0 and NaN
    /// count as 0, values above 10 as 10.
    ///
    /// - Each set of credentials has a budget of its own, so that an outage of one merchant does not take the retries
    ///   of another. The client has one for all of them.
    /// - A budget holds 10 retries (that of the client 100) and what calls in flight have earned, so that it grows
    ///   with the number of concurrent calls. Above 0 it earns one more each second.
    /// - A retry that succeeds costs nothing: only failing retries add load to an outage.
    /// - A call that finds the budget empty waits for it, within its time limit.
    #[must_use]
    pub const fn budget(mut self, extra_load: f32) -> Self {
        self.budget = extra_load;
        self
    }

    /// Retries a write that may have arrived and has no protection but its idempotency key. Default: no.
    ///
    /// What is known of keys: they are documented for `POST` with client id and secret; the service stores the response
    /// of the first request and returns it for a second one. Not documented: how long a key lives, whether two
    /// attempts in flight are serialised, whether keys hold for `PATCH`, `PUT` and `DELETE`, and whether they hold for
    /// partner credentials and signatures. Set it if Cashfree has confirmed this to you, or if a second write does no harm.
    ///
    /// It concerns operations that are [protected](crate::Operation::protected_by) by their key only, such as orders
    /// without an `order_id`, vendor adjustments and transfers, splits and uploads.
    #[must_use]
    pub const fn trust_keys(mut self) -> Self {
        self.trust_keys = true;
        self
    }

    pub(crate) const fn trusts_keys(&self) -> bool {
        self.trust_keys
    }

    pub(crate) const fn time_limit(&self) -> Duration {
        self.max_elapsed
    }

    /// Whether the budget earns anything.
    pub(crate) fn earns(&self) -> bool {
        self.budget > 0.0
    }

    pub(crate) const fn extra_load(&self) -> f32 {
        self.budget
    }

    /// Decides what follows a failed attempt. Pure: the same failure gives the same decision.
    pub fn decide(&self, failure: &Failure) -> Decision {
        let legal = match (failure.retry_class, &failure.cause) {
            (_, Cause::NotSent) | (_, Cause::Status { status: 429, .. }) => true,
            (_, Cause::Status { status, .. }) if !is_transient(*status) => {
                return Decision::Stop(Stop::Final);
            }
            (_, Cause::Status { replayed: true, .. }) => return Decision::Stop(Stop::Stored),
            (RetryClass::Safe, _) => true,
            (RetryClass::Keyed, _) => failure.keyed && (failure.protected || self.trust_keys),
            _ => false,
        };
        if !legal {
            return Decision::Stop(Stop::Unsafe);
        }
        if failure.attempt >= self.max_attempts.get() {
            return Decision::Stop(Stop::Attempts);
        }
        let room = self.max_elapsed.saturating_sub(failure.elapsed).saturating_sub(failure.needs);
        let after = match failure.cause {
            Cause::Status { retry_after: RetryAfter::Unreadable, .. } => {
                return Decision::Stop(Stop::ServerDelay);
            }
            Cause::Status { retry_after: RetryAfter::Wait(asked), .. } if asked > self.max_server_delay => {
                return Decision::Stop(Stop::ServerDelay);
            }
            Cause::Status { retry_after: RetryAfter::Wait(asked), .. } if !asked.is_zero() => {
                self.spread(asked, failure.jitter, room)
            }
            Cause::Status { status: 429, .. } => self.spread(RATE_LIMIT_WINDOW, failure.jitter, room),
            _ => self.wait(failure.attempt, failure.jitter),
        };
        if after >= room {
            return Decision::Stop(Stop::Time);
        }
        Decision::Retry { after }
    }

    /// Returns the wait after an attempt: from half of its range to the whole.
    pub(crate) fn wait(&self, attempt: u32, jitter: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        let longest = self.first.saturating_mul(1 << doublings).min(self.cap);
        longest / 2 + part(longest - longest / 2, jitter)
    }

    /// Adds to the wait that the service asks for, as far as there is room: everybody was asked for the same.
    fn spread(&self, asked: Duration, jitter: f64, room: Duration) -> Duration {
        let most = (asked / 2).max(self.cap / 8).min(self.cap);
        let fitting = room.saturating_sub(asked).saturating_sub(Duration::from_millis(1));
        asked.saturating_add(part(most.min(fitting), jitter))
    }
}

/// A fraction of a duration. NaN and overflow must not panic.
fn part(whole: Duration, share: f64) -> Duration {
    let part = Duration::try_from_secs_f64(whole.as_secs_f64() * share.clamp(0.0, 1.0));
    part.map_or(whole, |part| part.min(whole))
}

/// Statuses of temporary failures.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn status(status: u16) -> Cause {
        asking(status, RetryAfter::Absent)
    }

    fn asking(status: u16, retry_after: RetryAfter) -> Cause {
        Cause::Status { status, retry_after, replayed: false }
    }

    #[test]
    fn rule_5_a_write_is_repeated_only_if_it_is_protected_twice() {
        use RetryClass::{Keyed, Never, Safe};
        let policy = RetryPolicy::standard();
        let trusting = RetryPolicy::standard().trust_keys();
        let retries = |policy: &RetryPolicy, failure: &Failure| {
            matches!(policy.decide(failure), Decision::Retry { .. })
        };
        for (retry_class, keyed, protected, cause, expected, trusted) in [
            (Safe, false, false, Cause::NotSent, true, true),
            (Keyed, false, false, Cause::NotSent, true, true),
            (Never, false, false, Cause::NotSent, true, true),
            (Safe, false, false, Cause::NoResponse, true, true),
            (Keyed, true, true, Cause::NoResponse, true, true),
            (Keyed, true, false, Cause::NoResponse, false, true),
            (Keyed, false, true, Cause::NoResponse, false, false),
            (Keyed, false, false, Cause::NoResponse, false, false),
            (Never, true, true, Cause::NoResponse, false, false),
            (Safe, false, false, status(500), true, true),
            (Keyed, true, true, status(502), true, true),
            (Keyed, true, false, status(502), false, true),
            (Keyed, false, true, status(503), false, false),
            (Never, true, true, status(504), false, false),
            (Safe, false, false, status(400), false, false),
            (Keyed, true, true, status(409), false, false),
            (Keyed, true, true, status(422), false, false),
            (Safe, false, false, status(404), false, false),
            (Safe, false, false, status(302), false, false),
            (Keyed, true, true, status(501), false, false),
        ] {
            let mut failure = Failure::new(retry_class, cause.clone());
            (failure.keyed, failure.protected) = (keyed, protected);
            let case = format!("{retry_class:?} keyed: {keyed} protected: {protected} {cause:?}");
            assert_eq!(retries(&policy, &failure), expected, "{case}");
            assert_eq!(retries(&trusting, &failure), trusted, "{case}");
        }
    }

    #[test]
    fn a_stored_failure_is_not_retried() {
        let stored = Cause::Status { status: 500, retry_after: RetryAfter::Absent, replayed: true };
        let failure = Failure::new(RetryClass::Keyed, stored).protected();
        assert_eq!(RetryPolicy::standard().decide(&failure), Decision::Stop(Stop::Stored));
    }

    #[test]
    fn rule_6_a_wait_is_kept_and_spread_or_ends_the_retries() {
        let policy = RetryPolicy::standard();
        let after = |policy: &RetryPolicy, status, wait, jitter| {
            let mut failure = Failure::new(RetryClass::Keyed, asking(status, wait)).protected();
            failure.jitter = jitter;
            policy.decide(&failure)
        };
        let wait = |seconds| RetryAfter::Wait(Duration::from_secs(seconds));
        for status in [429, 500, 502, 503, 504] {
            assert_eq!(
                after(&policy, status, wait(7), 0.0),
                Decision::Retry { after: 7 * SECOND },
                "{status}"
            );
            let spread = Decision::Retry { after: Duration::from_millis(10_500) };
            assert_eq!(after(&policy, status, wait(7), 1.0), spread, "{status}");
            assert_eq!(
                after(&policy, status, wait(1), 1.0),
                Decision::Retry { after: 2 * SECOND },
                "{status}"
            );
            let stop = Decision::Stop(Stop::ServerDelay);
            assert_eq!(after(&policy, status, wait(31), 0.0), stop, "{status}");
            assert_eq!(after(&policy, status, RetryAfter::Unreadable, 0.0), stop, "{status}");
        }
        let hasty = policy.clone().max_elapsed(5 * SECOND);
        assert_eq!(after(&hasty, 429, wait(7), 0.0), Decision::Stop(Stop::Time));
        let close = policy.clone().max_elapsed(8 * SECOND);
        let within = |after: Duration| after >= 7 * SECOND && after < 8 * SECOND;
        let decision = after(&close, 429, wait(7), 1.0);
        assert!(matches!(decision, Decision::Retry { after } if within(after)), "the jitter fills the room");
    }

    #[test]
    fn rule_6_a_429_without_a_hint_waits_a_minute_or_ends() {
        for wait in [RetryAfter::Absent, RetryAfter::Wait(Duration::ZERO)] {
            let failure = Failure { jitter: 0.0, ..Failure::new(RetryClass::Never, asking(429, wait)) };
            assert_eq!(RetryPolicy::standard().decide(&failure), Decision::Stop(Stop::Time));
            let patient = RetryPolicy::standard().max_elapsed(300 * SECOND);
            assert_eq!(patient.decide(&failure), Decision::Retry { after: 60 * SECOND });
        }
    }

    #[test]
    fn rule_6_no_attempt_starts_with_less_time_than_it_needs() {
        let policy = RetryPolicy::standard().max_elapsed(10 * SECOND);
        let mut failure = Failure::new(RetryClass::Keyed, Cause::NotSent).protected();
        (failure.elapsed, failure.needs) = (Duration::from_millis(7_700), 2 * SECOND);
        assert_eq!(policy.decide(&failure), Decision::Retry { after: Duration::from_millis(250) });
        failure.elapsed = Duration::from_millis(7_800);
        assert_eq!(policy.decide(&failure), Decision::Stop(Stop::Time));
    }

    #[test]
    fn waits_double_up_to_the_cap_and_attempts_end() {
        let policy = RetryPolicy::standard().max_attempts(NonZeroU32::MAX).max_elapsed(Duration::MAX);
        let wait = |attempt, jitter| {
            let mut failure = Failure::new(RetryClass::Safe, Cause::NoResponse);
            (failure.attempt, failure.jitter) = (attempt, jitter);
            policy.decide(&failure)
        };
        let millis = |after| Decision::Retry { after: Duration::from_millis(after) };
        assert_eq!(wait(1, 1.0), millis(250));
        assert_eq!(wait(1, 0.0), millis(125), "never at once");
        assert_eq!(wait(3, 1.0), millis(1_000));
        assert_eq!(wait(3, 0.5), millis(750));
        assert_eq!(wait(3, 0.0), millis(500));
        assert_eq!(wait(60, 1.0), millis(8_000));

        let endless = RetryPolicy::standard().backoff(Duration::MAX, Duration::MAX);
        assert_eq!(
            endless.decide(&Failure::new(RetryClass::Safe, Cause::NoResponse)),
            Decision::Stop(Stop::Time),
            "a wait that no duration can hold twice"
        );
        let mut odd = Failure::new(RetryClass::Safe, Cause::NoResponse);
        odd.jitter = f64::NAN;
        assert_eq!(RetryPolicy::standard().decide(&odd), millis(250));

        let mut last = Failure::new(RetryClass::Safe, Cause::NoResponse);
        last.attempt = 8;
        assert_eq!(RetryPolicy::standard().decide(&last), Decision::Stop(Stop::Attempts));
    }
}
