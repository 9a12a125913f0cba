//! Call limits: a sliding window for each operation, and what the `x-ratelimit-*` headers say.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::http::auth::Caller;

/// For operations without a documented limit.
const DEFAULT_LIMIT: u32 = 1000;

/// Documented calls per minute in production.
fn documented(operation: &str) -> Option<u32> {
    match operation {
        "PGCreateOrder" => Some(200),
        "PGFetchOrder" => Some(400),
        "PGOrderFetchPayment" => Some(130),
        "PGPayOrder" | "PGOrderFetchPayments" | "PGOrderCreateRefund" => Some(100),
        "PGOrderFetchSettlement" | "PGOrderFetchRefund" => Some(30),
        subscriptions if subscriptions.starts_with("Subs") => Some(60),
        _ => None,
    }
}

/// What the headers of one response say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Seconds to wait; 0 inside the limit.
    pub(crate) retry: u64,
}

impl Standing {
    pub(crate) fn is_breached(&self) -> bool {
        self.retry > 0
    }
}

/// The calls of the last window, by caller and operation.
#[derive(Debug)]
pub(crate) struct Limits {
    window: Duration,
    /// In place of the documented ones.
    general: Option<u32>,
    overrides: HashMap<String, u32>,
    /// Whether calls are counted at all.
    pub(crate) enforced: bool,
    calls: Mutex<HashMap<(Caller, String), VecDeque<Instant>>>,
}

impl Limits {
    pub(crate) fn new(window: Duration, general: Option<u32>, overrides: HashMap<String, u32>) -> Self {
        Self { window, general, overrides, enforced: true, calls: Mutex::default() }
    }

    /// Forgets the calls so far.
    pub(crate) fn clear(&self) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts one call. A call beyond the limit is not counted, so waiting for the time in the header is enough.
    pub(crate) fn count(&self, caller: &Caller, operation: &str) -> Standing {
        self.look(caller, operation, true)
    }

    /// The standing without counting: for responses given before the caller is known.
    pub(crate) fn peek(&self, caller: &Caller, operation: &str) -> Standing {
        Standing { retry: 0, ..self.look(caller, operation, false) }
    }

    fn look(&self, caller: &Caller, operation: &str, count: bool) -> Standing {
        let limit = self.overrides.get(operation).copied().or(self.general).or_else(|| documented(operation));
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !self.enforced {
            return Standing { limit, remaining: limit, retry: 0 };
        }
        let now = Instant::now();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = calls.entry((caller.clone(), operation.to_owned())).or_default();
        while calls.front().is_some_and(|&at| now.duration_since(at) >= self.window) {
            calls.pop_front();
        }
        let used = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        if used >= limit {
            let oldest = calls.front().map_or(Duration::ZERO, |&at| now.duration_since(at));
            let wait = self.window.saturating_sub(oldest);
            let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            return Standing { limit, remaining: 0, retry: whole.max(1) };
        }
        if count {
            calls.push_back(now);
        }
        Standing { limit, remaining: limit - used - u32::from(count), retry: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides() {
        let overrides = HashMap::from([("Op".to_owned(), 2)]);
        let limits = Limits::new(Duration::from_millis(400), None, overrides);
        let count = || limits.count(&Caller::Account, "Op");
        assert_eq!(count(), Standing { limit: 2, remaining: 1, retry: 0 });
        assert_eq!(count(), Standing { limit: 2, remaining: 0, retry: 0 });
        assert_eq!(count(), Standing { limit: 2, remaining: 0, retry: 1 });
        assert!(!limits.count(&Caller::Address, "Op").is_breached());
        std::thread::sleep(Duration::from_millis(420));
        assert!(!count().is_breached());
    }

    #[test]
    fn documented_limits_apply() {
        let limits = Limits::new(Duration::from_secs(60), None, HashMap::new());
        assert_eq!(limits.peek(&Caller::Account, "PGCreateOrder").limit, 200);
        assert_eq!(limits.peek(&Caller::Account, "SubsFetchPlan").limit, 60);
        assert_eq!(limits.peek(&Caller::Account, "PGFetchLink").limit, DEFAULT_LIMIT);
        let overrides = HashMap::from([("PGCreateOrder".to_owned(), 2)]);
        let limits = Limits::new(Duration::from_secs(60), Some(7), overrides);
        assert_eq!(limits.peek(&Caller::Account, "PGCreateOrder").limit, 2);
        assert_eq!(limits.peek(&Caller::Account, "SubsFetchPlan").limit, 7);
    }
}
