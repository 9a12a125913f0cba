//! Retry budgets: they limit the load that retries add to an outage. One per set of credentials, so that no merchant uses
//! up the retries of another, and one for the client.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Thousandths of a retry.
const RETRY: u32 = 1_000;

/// Reserve of a set of credentials: its maximum without what calls in flight have earned.
const RESERVE: u32 = 10 * RETRY;

/// Reserve of the client: that of ten sets of credentials.
const CLIENT_RESERVE: u32 = 100 * RETRY;

/// How long earnings of ended calls remain.
const FADING: Duration = Duration::from_secs(30);

/// Maximum number of sets of credentials with their own budget. Beyond it, sets with a full reserve are dropped; a new
/// budget is full, too.
const MOST_SETS: usize = 1_024;

/// Balance of retries. Each call earns a fraction of one, each second earns one, a failed retry costs one.
#[derive(Debug)]
struct Bucket {
    reserve: u32,
    state: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    held: u32,
    /// Earnings of calls in flight. Without them, a thousand concurrent calls would share a reserve for fifty.
    under_way: u32,
    refilled: Option<Instant>,
    faded: Option<Instant>,
}

impl Level {
    fn most(&self, reserve: u32) -> u32 {
        reserve.saturating_add(self.under_way)
    }

    fn add(&mut self, earned: u32, reserve: u32) {
        self.held = self.held.max(self.held.saturating_add(earned).min(self.most(reserve)));
    }

    /// Removes, over half a minute, the earnings of ended calls. Until then calls that retry can use them.
    fn fade(&mut self, now: Instant, reserve: u32) {
        let since = self.faded.replace(now).map(|then| now.saturating_duration_since(then));
        let excess = self.held.saturating_sub(self.most(reserve));
        let share = since.unwrap_or_default().as_secs_f32() / FADING.as_secs_f32();
        self.held = self.held.saturating_sub((excess as f32 * share.min(1.0)) as u32);
    }
}

impl Bucket {
    fn new(reserve: u32) -> Self {
        Self {
            reserve,
            state: Mutex::new(Level { held: reserve, under_way: 0, refilled: None, faded: None }),
        }
    }

    fn level(&self) -> MutexGuard<'_, Level> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, now: Instant, earned: u32) {
        let mut level = self.level();
        level.fade(now, self.reserve);
        level.under_way = level.under_way.saturating_add(earned);
        level.add(earned, self.reserve);
    }

    fn end(&self, earned: u32) {
        let mut level = self.level();
        level.under_way = level.under_way.saturating_sub(earned);
    }

    /// Returns a retry to the balance.
    fn give_back(&self) {
        let mut level = self.level();
        level.held = level.held.saturating_add(RETRY);
    }

    /// Whether the budget equals a new one.
    fn is_in_use(&self) -> bool {
        let level = self.level();
        level.under_way > 0 || level.held < self.reserve
    }

    /// Adds the earnings of elapsed time, and takes a retry if there is one.
    fn take(&self, now: Instant, refills: bool) -> bool {
        let mut level = self.level();
        level.fade(now, self.reserve);
        let since = level.refilled.replace(now).map(|then| now.saturating_duration_since(then));
        let earned = since.filter(|_| refills).map_or(0, |since| since.as_millis());
        level.add(u32::try_from(earned).unwrap_or(u32::MAX), self.reserve);
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
    /// By the name of a set of credentials.
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

    /// Returns the budget of the credentials with this name.
    pub(crate) fn of(&self, name: &(impl std::hash::Hash + ?Sized)) -> Budget {
        let name = self.hasher.hash_one(name);
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= MOST_SETS && !sets.contains_key(&name) {
            sets.retain(|_, bucket| bucket.is_in_use());
        }
        let own = match sets.len() < MOST_SETS {
            true => Arc::clone(sets.entry(name).or_insert_with(|| Arc::new(Bucket::new(RESERVE)))),
            // Too many sets with used budgets: further ones share the budget of the client.
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
    /// Counts a call at its first attempt.
    pub(crate) fn begin(&self, now: Instant, extra_load: f32) {
        self.each(|bucket| bucket.begin(now, earned(extra_load)));
    }

    /// Counts the end of a call that [began](Self::begin).
    pub(crate) fn end(&self, extra_load: f32) {
        self.each(|bucket| bucket.end(earned(extra_load)));
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
        self.own.give_back();
        false
    }

    /// Counts a successful retry, which costs nothing.
    pub(crate) fn give_back(&self) {
        self.each(Bucket::give_back);
    }

    fn each(&self, change: impl Fn(&Bucket)) {
        change(&self.own);
        if !Arc::ptr_eq(&self.own, &self.client) {
            change(&self.client);
        }
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> u32 {
        self.own.level().held
    }
}

/// Earnings of a call.
fn earned(extra_load: f32) -> u32 {
    (extra_load.clamp(0.0, 10.0) * RETRY as f32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &Budget, now: Instant) -> usize {
        (0..1_000).take_while(|_| budget.spend(now, 0.2)).count()
    }

    #[test]
    fn the_budget_runs_out_and_recovers() {
        let (budgets, now) = (Budgets::new(), Instant::now());
        let budget = budgets.of("a");
        assert_eq!(spent(&budget, now), 10);
        (0..5).for_each(|_| budget.begin(now, 0.2));
        (0..5).for_each(|_| budget.end(0.2));
        assert_eq!(spent(&budget, now), 1, "five calls earn one");
        budget.give_back();
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
    fn rule_7_calls_under_way_raise_what_is_held() {
        let (budgets, now) = (Budgets::new(), Instant::now());
        let budget = budgets.of("a");
        (0..1_000).for_each(|_| budget.begin(now, 0.2));
        assert_eq!(spent(&budget, now), 210, "a fifth of a thousand calls, and the reserve");
        (0..210).for_each(|_| budget.give_back());
        (0..700).for_each(|_| budget.end(0.2));
        assert_eq!(spent(&budget, now), 210, "calls that have ended leave it to the others");
        (0..210).for_each(|_| budget.give_back());
        (0..300).for_each(|_| budget.end(0.2));
        budget.begin(now + FADING / 2, 0.0);
        assert_eq!(budget.held() / RETRY, 110, "for a while");
        assert_eq!(spent(&budget, now + 10 * FADING), 10, "the reserve stays");
        let other = budgets.of("b");
        (0..1_000).for_each(|_| other.begin(now, 0.0));
        assert_eq!(spent(&other, now), 10, "a budget of zero earns nothing");
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
