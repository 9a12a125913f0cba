//! Circuit breaker: stops sending to a service that does not respond.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Circuit breaker: stops sending to a service that does not respond. Default: none. Set by
/// [`ClientBuilder::circuit_breaker`](crate::ClientBuilder::circuit_breaker).
///
/// Retry budgets bound what an outage costs the service. A circuit breaker bounds what the outage costs the program:
/// calls fail at once instead of each waiting for its timeout.
///
/// - A failure is an attempt without a connection or a response, or with 502, 503 or 504. Every other response ends the
///   row of failures, and so does a [bank failure](crate::Error::is_bank_failure), since the service works. Failures
///   that would recur, such as an untrusted certificate, are not counted.
/// - After [`failures`](Self::failures) in a row, the circuit is open for [`open_for`](Self::open_for). A new call fails
///   at once ([`Error::is_circuit_open`](crate::Error::is_circuit_open)): nothing is sent. A call that was sent before
///   waits within its time limit, since its outcome may be ambiguous.
/// - After that time, one attempt is sent. A response closes the circuit. Otherwise one more attempt is sent each time
///   that `open_for` has passed.
///
/// There is one circuit for the origin of a client. Clones of the client and clients with other credentials share it, so
/// the failures of one merchant open it for all. It does not concern the fetching of documents from other origins.
///
/// ```
/// use std::time::Duration;
/// use cashfree::{CircuitBreaker, Client, Credentials, Environment};
///
/// let client = Client::builder(Environment::Sandbox, Credentials::client_secret("TEST123", "cfsk_ma_test_456"))
///     .circuit_breaker(CircuitBreaker::standard().open_for(Duration::from_secs(2)))
///     .build()?;
/// # Ok::<(), cashfree::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    failures: NonZeroU32,
    open_for: Duration,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::standard()
    }
}

impl CircuitBreaker {
    /// Creates a circuit breaker that opens for 5 seconds after 20 failures in a row.
    pub const fn standard() -> Self {
        Self { failures: NonZeroU32::MIN.saturating_add(19), open_for: Duration::from_secs(5) }
    }

    /// Sets how many failures in a row open the circuit. Default: 20.
    #[must_use]
    pub const fn failures(mut self, in_a_row: NonZeroU32) -> Self {
        self.failures = in_a_row;
        self
    }

    /// Sets how long nothing is sent. Default: 5 seconds.
    #[must_use]
    pub const fn open_for(mut self, time: Duration) -> Self {
        self.open_for = time;
        self
    }
}

/// The state of a circuit.
#[derive(Debug)]
pub(crate) struct Circuit {
    settings: CircuitBreaker,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// When the next attempt may be sent; `None` while the circuit is closed.
    open_until: Option<Instant>,
}

impl Circuit {
    pub(crate) fn new(settings: CircuitBreaker) -> Self {
        Self { settings, state: Mutex::default() }
    }

    /// Admits an attempt.
    ///
    /// # Errors
    /// Returns how long the circuit stays open, if it is.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state();
        match state.open_until {
            Some(until) if now < until => Err(until.saturating_duration_since(now)),
            // This attempt finds out whether the service responds; the others wait for it.
            Some(_) => {
                state.open_until = self.end(now);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Records the outcome of an attempt.
    pub(crate) fn record(&self, now: Instant, failed: bool) {
        let mut state = self.state();
        if !failed {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        // Attempts that were in flight when it opened do not keep it open.
        if state.open_until.is_none() && state.failures >= self.settings.failures.get() {
            state.open_until = self.end(now);
        }
    }

    /// The failures in a row so far.
    pub(crate) fn failures(&self) -> u32 {
        self.state().failures
    }

    /// When it closes. A time beyond the range of the clock never opens it.
    fn end(&self, now: Instant) -> Option<Instant> {
        now.checked_add(self.settings.open_for)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn circuit() -> Circuit {
        let three = NonZeroU32::MIN.saturating_add(2);
        Circuit::new(CircuitBreaker::standard().failures(three).open_for(4 * SECOND))
    }

    #[test]
    fn rule_7_failures_in_a_row_open_the_circuit_and_one_attempt_tries_it() {
        let (circuit, now) = (circuit(), Instant::now());
        circuit.record(now, true);
        circuit.record(now, true);
        circuit.record(now, false);
        circuit.record(now, true);
        circuit.record(now, true);
        assert_eq!(circuit.admit(now), Ok(()), "a response ends the row");
        circuit.record(now, true);
        assert_eq!(circuit.admit(now + SECOND), Err(3 * SECOND));
        circuit.record(now + 2 * SECOND, true);
        assert_eq!(circuit.admit(now + 3 * SECOND), Err(SECOND), "a straggler does not keep it open");

        let later = now + 4 * SECOND;
        assert_eq!(circuit.admit(later), Ok(()));
        assert_eq!(circuit.admit(later), Err(4 * SECOND), "one attempt at a time");
        circuit.record(later + SECOND, true);
        assert_eq!(circuit.admit(later + SECOND), Err(3 * SECOND));
        // The attempt that was admitted may never end: its call was dropped.
        assert_eq!(circuit.admit(later + 4 * SECOND), Ok(()));
        circuit.record(later + 5 * SECOND, false);
        assert_eq!(circuit.admit(later + 5 * SECOND), Ok(()));
        assert_eq!(circuit.failures(), 0);
    }

    #[test]
    fn a_time_beyond_the_clock_is_no_panic() {
        let circuit =
            Circuit::new(CircuitBreaker::standard().failures(NonZeroU32::MIN).open_for(Duration::MAX));
        circuit.record(Instant::now(), true);
        assert_eq!(circuit.admit(Instant::now()), Ok(()));
    }
}
