//! The wait before another attempt: for the retry policy, for the retry budget, and for the circuit.

use std::time::Duration;

use super::delivery::Delivery;
use super::protection::{is_protected, needs};
use crate::{Cause, Decision, Failure, RetryClass};

/// The shortest wait for a retry budget that is empty.
const BUDGET_POLL: Duration = Duration::from_millis(50);

impl Delivery {
    /// Waits before the next attempt of the call. Returns `false` if none follows.
    pub(super) async fn wait_for_retry(&self, cause: Cause) -> bool {
        let attempt = self.progress().attempts;
        let failure = Failure {
            keyed: self.key.is_some(),
            protected: self.request.get().is_some_and(is_protected),
            attempt,
            ..Failure::new(self.operation.retry_class, cause)
        };
        let Some(waited) = self.pause(failure).await else { return false };
        let Some(closed) = self.wait_for_circuit().await else {
            // Nothing was sent.
            self.budget.give_back();
            return false;
        };
        let waited = waited + closed;
        self.update(|progress| progress.waited = waited);
        true
    }

    /// Waits as the policy says, and then for the retry budget. Returns the wait, or `None` if no attempt follows.
    pub(super) async fn pause(&self, failure: Failure) -> Option<Duration> {
        let needs = match failure.retry_class {
            RetryClass::Safe => Duration::ZERO,
            _ => needs(self.operation, self.timeout, self.policy.time_limit()),
        };
        let failure = Failure { elapsed: self.elapsed(), needs, jitter: fastrand::f64(), ..failure };
        let Decision::Retry { after } = self.policy.decide(&failure) else { return None };
        let (mut wait, mut waited) = (after, Duration::ZERO);
        loop {
            if !self.sleep(wait).await {
                return None;
            }
            waited += wait;
            // A wait may last longer than requested.
            if self.time_left() <= needs {
                return None;
            }
            if self.budget.spend(self.client.clock().now(), self.policy.extra_load()) {
                return Some(waited);
            }
            // The budget is earned by time, and by retries of others that succeed.
            wait = self.policy.wait(failure.attempt, fastrand::f64()).max(BUDGET_POLL);
            if !self.policy.earns() || self.time_left() <= wait + needs {
                return None;
            }
        }
    }
}
