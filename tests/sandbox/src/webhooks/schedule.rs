//! When a delivery that was not acknowledged is retried.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A policy has at most so many repeats.
const MOST: usize = 10;
const MINUTE: u64 = 60;

/// The waits before the second and later attempts of a delivery, at most ten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSchedule(Vec<Duration>);

impl Default for WebhookSchedule {
    fn default() -> Self {
        Self::standard()
    }
}

impl WebhookSchedule {
    /// Three repeats, after 2, 10 and 30 minutes: the default of endpoints, and always the
    /// `notify_url` of an order.
    #[must_use]
    pub fn standard() -> Self {
        Self([2, 10, 30].map(|minutes| Duration::from_secs(minutes * MINUTE)).to_vec())
    }

    /// So many repeats (ten at most), each after the same time.
    #[must_use]
    pub fn fixed(wait: Duration, repeats: usize) -> Self {
        Self::custom(std::iter::repeat_n(wait, repeats))
    }

    /// So many repeats (ten at most), each after twice the time of the one before.
    #[must_use]
    pub fn exponential(first: Duration, repeats: usize) -> Self {
        Self::custom(std::iter::successors(Some(first), |wait| Some(wait.saturating_mul(2))).take(repeats))
    }

    /// A repeat after each of these times; what comes after the tenth is left out.
    #[must_use]
    pub fn custom(waits: impl IntoIterator<Item = Duration>) -> Self {
        Self(waits.into_iter().take(MOST).collect())
    }

    /// The wait after an attempt, which are counted from 1; `None` after the last.
    pub(crate) fn after(&self, attempt: u32) -> Option<Duration> {
        let at = usize::try_from(attempt).ok()?.checked_sub(1)?;
        self.0.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(schedule: &WebhookSchedule) -> Vec<u64> {
        (1..).map_while(|attempt| schedule.after(attempt)).map(|wait| wait.as_secs() / MINUTE).collect()
    }

    #[test]
    fn each_policy_ends() {
        let minute = Duration::from_secs(MINUTE);
        assert_eq!(minutes(&WebhookSchedule::standard()), [2, 10, 30]);
        assert_eq!(minutes(&WebhookSchedule::fixed(minute, 2)), [1, 1]);
        assert_eq!(minutes(&WebhookSchedule::exponential(minute, 4)), [1, 2, 4, 8]);
        assert_eq!(minutes(&WebhookSchedule::exponential(minute, 99)).len(), 10);
        assert_eq!(minutes(&WebhookSchedule::custom([minute; 12])).len(), 10);
        assert_eq!(WebhookSchedule::standard().after(0), None);
    }
}
