//! How many repeats a client may make: what keeps an outage from being multiplied.

use std::sync::atomic::{AtomicU32, Ordering};

/// Repeats that a client may still make, shared by its clones: each call earns a fraction of one, each
/// repeat costs one.
#[derive(Debug)]
pub(crate) struct Budget {
    thousandths: AtomicU32,
}

impl Budget {
    const FULL: u32 = 10 * Self::REPEAT;
    const REPEAT: u32 = 1_000;

    pub(crate) const fn new() -> Self {
        Self { thousandths: AtomicU32::new(Self::FULL) }
    }

    pub(crate) fn earn(&self, extra_load: f32) {
        self.add((extra_load.clamp(0.0, 10.0) * Self::REPEAT as f32) as u32);
    }

    fn add(&self, earned: u32) {
        let _ = self.thousandths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            Some(held.saturating_add(earned).min(Self::FULL))
        });
    }

    /// Takes one repeat, if there is one.
    pub(crate) fn spend(&self) -> Option<Paid<'_>> {
        self.thousandths
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| held.checked_sub(Self::REPEAT))
            .ok()
            .map(|_| Paid(Some(self)))
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> u32 {
        self.thousandths.load(Ordering::Relaxed)
    }
}

/// A repeat that is paid for, and not made yet. One that is given up while it waits costs nothing.
#[derive(Debug)]
#[must_use = "dropped, it goes back to the budget"]
pub(crate) struct Paid<'a>(Option<&'a Budget>);

impl Paid<'_> {
    /// The repeat is made.
    pub(crate) fn used(mut self) {
        self.0 = None;
    }
}

impl Drop for Paid<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.0 {
            budget.add(Budget::REPEAT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_runs_out_and_is_earned_again() {
        let budget = Budget::new();
        let repeat = || budget.spend().map(Paid::used).is_some();
        assert_eq!((0..50).filter(|_| repeat()).count(), 10);
        for _ in 0..5 {
            budget.earn(0.2);
        }
        drop(budget.spend());
        assert!(repeat(), "one that was given up is still there");
        assert!(!repeat());
    }
}
