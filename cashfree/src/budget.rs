//! Retry budgets, which keep an outage from being multiplied: one for each set of credentials, so that no merchant
//! takes the retries of another, and one for the client.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Thousandths of a retry.
const RETRY: u32 = 1_000;

/// What a set of credentials holds at most: its reserve.
const RESERVE: u32 = 10 * RETRY;

/// What the client holds at most: the reserves of ten sets of credentials.
const CLIENT_RESERVE: u32 = 100 * RETRY;

/// Sets of credentials with a budget of their own. Beyond, sets whose reserve is full are forgotten; they would begin
/// with a full one anyway.
const MOST_SETS: usize = 1_024;

/// Retries that may still be made. Each call earns a fraction of one, each second earns one, a failed retry costs one.
#[derive(Debug)]
struct Bucket {
    most: u32,
    state: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    held: u32,
    refilled: Option<Instant>,
}

impl Bucket {
    fn new(most: u32) -> Self {
        Self { most, state: Mutex::new(Level { held: most, refilled: None }) }
    }

    fn level(&self) -> MutexGuard<'_, Level> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, earned: u32) {
        let mut level = self.level();
        level.held = level.held.saturating_add(earned).min(self.most);
    }

    /// Adds what the time has earned, and takes a retry if there is one.
    fn take(&self, now: Instant, refills: bool) -> bool {
        let mut level = self.level();
        let since = level.refilled.replace(now).map(|then| now.saturating_duration_since(then));
        let earned = since.filter(|_| refills).map_or(0, |since| since.as_millis());
        level.held = level.held.saturating_add(u32::try_from(earned).unwrap_or(u32::MAX)).min(self.most);
        match level.held.checked_sub(RETRY) {
            Some(rest) => {
                level.held = rest;
                true
            }
            None => false,
        }
    }
}

/// The budgets of a client.
#[derive(Debug)]
pub(crate) struct Budgets {
    client: Arc<Bucket>,
    /// By what identifies a set of credentials.
    sets: Mutex<HashMap<u64, Arc<Bucket>>>,
    hasher: RandomState,
}

impl Budgets {
    pub(crate) fn new() -> Self {
        Self {
            client: Arc::new(Bucket::new(CLIENT_RESERVE)),
            sets: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Returns the budget of the credentials with this name: the same one for each name.
    pub(crate) fn of(&self, name: &(impl std::hash::Hash + ?Sized)) -> Budget {
        let name = self.hasher.hash_one(name);
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= MOST_SETS && !sets.contains_key(&name) {
            sets.retain(|_, bucket| bucket.level().held < bucket.most);
        }
        let own = match sets.len() < MOST_SETS {
            true => Arc::clone(sets.entry(name).or_insert_with(|| Arc::new(Bucket::new(RESERVE)))),
            // So many sets run dry at once: they share what the client has.
            false => sets.get(&name).map_or_else(|| Arc::clone(&self.client), Arc::clone),
        };
        Budget { own, client: Arc::clone(&self.client) }
    }
}

/// The budget of a set of credentials, within that of its client.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    own: Arc<Bucket>,
    client: Arc<Bucket>,
}

impl Budget {
    /// A call began.
    pub(crate) fn earn(&self, extra_load: f32) {
        let earned = (extra_load.clamp(0.0, 10.0) * RETRY as f32) as u32;
        self.add(earned);
    }

    /// Takes a retry from both budgets, if both have one.
    pub(crate) fn spend(&self, now: Instant, extra_load: f32) -> bool {
        let refills = extra_load > 0.0;
        if !self.own.take(now, refills) {
            return false;
        }
        if Arc::ptr_eq(&self.own, &self.client) || self.client.take(now, refills) {
            return true;
        }
        self.own.add(RETRY);
        false
    }

    /// A retry succeeded: it added no load to an outage.
    pub(crate) fn refund(&self) {
        self.add(RETRY);
    }

    fn add(&self, earned: u32) {
        self.own.add(earned);
        if !Arc::ptr_eq(&self.own, &self.client) {
            self.client.add(earned);
        }
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> u32 {
        self.own.level().held
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn spent(budget: &Budget, now: Instant) -> usize {
        (0..1_000).take_while(|_| budget.spend(now, 0.2)).count()
    }

    #[test]
    fn the_budget_runs_out_and_is_earned_again() {
        let (budgets, now) = (Budgets::new(), Instant::now());
        let budget = budgets.of("a");
        assert_eq!(spent(&budget, now), 10);
        (0..5).for_each(|_| budget.earn(0.2));
        assert_eq!(spent(&budget, now), 1, "five calls earn one");
        budget.refund();
        assert_eq!(spent(&budget, now), 1, "one that succeeded costs nothing");
        assert_eq!(spent(&budget, now + Duration::from_secs(3)), 3, "each second earns one");
        assert_eq!(spent(&budget, now + Duration::from_secs(3_600)), 10, "up to the reserve");
        assert!(!budget.spend(now + Duration::from_secs(7_200), 0.0), "a budget of zero earns nothing");
    }

    #[test]
    fn rule_7_no_merchant_takes_the_retries_of_another() {
        let (budgets, now) = (Budgets::new(), Instant::now());
        assert_eq!(spent(&budgets.of("a"), now), 10);
        assert_eq!(spent(&budgets.of("a"), now), 0, "the same name, the same budget");
        assert_eq!(spent(&budgets.of("b"), now), 10);
        let of_all: usize = (0..20).map(|name| spent(&budgets.of(&name), now)).sum();
        assert_eq!(of_all, 80, "the client's budget bounds them all");
    }

    #[test]
    fn sets_of_credentials_are_not_kept_for_ever() {
        let (budgets, now) = (Budgets::new(), Instant::now());
        let dry = budgets.of("dry");
        assert_eq!(spent(&dry, now), 10);
        (0..10_000).for_each(|name| drop(budgets.of(&name)));
        assert!(budgets.sets.lock().is_ok_and(|sets| sets.len() <= MOST_SETS));
        assert_eq!(spent(&budgets.of("dry"), now), 0, "one in use is kept");
    }
}
