//! Faults at random, the same ones for the same seed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::Fault;

/// Which requests go wrong, and how.
///
/// Whether a request goes wrong is drawn from the seed, its operation, what it is about (the address and
/// the body, with sessions and payment ids traced to their order), and how many requests like it came
/// before. So a seed strikes the same attempts of the same calls in every run, in whatever order concurrent
/// calls arrive. Idempotency keys and request ids play no part.
#[derive(Clone, Debug)]
pub struct Chaos {
    seed: u64,
    rate: f64,
    mixture: Vec<(Fault, u32)>,
    seen: Arc<Mutex<HashMap<u64, u64>>>,
}

impl Chaos {
    /// This share of all requests goes wrong, from 0.0 to 1.0, by any kind of fault but the slow ones, which
    /// depend on the patience of the client: [`Chaos::stalls`], [`Chaos::slowness`].
    #[must_use]
    pub fn new(seed: u64, rate: f64) -> Self {
        let unheard_of = json!({
            "order_status": "HALF_PAID", "payment_status": "IN_ORBIT", "refund_status": "LOST_AND_FOUND",
            "payment_group": "barter", "newcomer": { "since": 2031 },
        });
        let mixture = [
            Fault::DropBeforeRead,
            Fault::ClosePort(Duration::from_millis(3)),
            Fault::Html502,
            Fault::Json502,
            Fault::RateLimited { retry: None },
            Fault::Status(503, "busy".to_owned(), "text/plain".to_owned()),
            Fault::ServerError500,
            Fault::DropAfterCommit,
            Fault::GatewayTimeout,
            Fault::TruncatedJson,
            Fault::CutShort,
            Fault::EmptyBody,
            Fault::GarbageJson,
            Fault::WrongContentType,
            Fault::Gzip,
            Fault::MissingHeaders,
            Fault::DuplicateHeaders,
            Fault::Altered(unheard_of),
        ];
        let mixture = mixture.into_iter().map(|fault| (fault, 2)).collect();
        Self { seed, rate: rate.clamp(0.0, 1.0), mixture, seen: Arc::default() }
    }

    /// Adds the faults in which no response comes at all.
    #[must_use]
    pub fn stalls(self) -> Self {
        self.with(Fault::Stall, 1).with(Fault::StallAfterCommit, 1)
    }

    /// Adds work that takes this long, and responses that drip for as long.
    #[must_use]
    pub fn slowness(self, time: Duration) -> Self {
        self.with(Fault::Delay(time), 1).with(Fault::Dripped(time), 1)
    }

    /// Adds a fault, as often as its weight says; those of [`Chaos::new`] weigh 2 each.
    #[must_use]
    pub fn with(mut self, fault: Fault, weight: u32) -> Self {
        self.mixture.push((fault, weight));
        self
    }

    /// Leaves all the faults out that were there so far.
    #[must_use]
    pub fn only(mut self, fault: Fault) -> Self {
        self.mixture = vec![(fault, 1)];
        self
    }

    /// What happens to the next request about this.
    pub(crate) fn draw(&self, operation: &str, about: &str) -> Option<Fault> {
        let name = [operation, about].into_iter().fold(mix(self.seed), |hash, text| {
            mix(text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
        });
        let attempt = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let count = seen.entry(name).or_default();
            *count += 1;
            *count
        };
        let drawn = mix(name.wrapping_add(mix(attempt)));
        // The top 53 bits, as a number from zero to one.
        if (drawn >> 11) as f64 / (1_u64 << 53) as f64 >= self.rate {
            return None;
        }
        let total: u64 = self.mixture.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = mix(drawn).checked_rem(total)?;
        for (fault, weight) in &self.mixture {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return Some(fault.clone()),
            }
        }
        None
    }
}

/// The finalizer of SplitMix64: each bit of the input changes about half of those that come out.
fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_strikes_the_same_attempts_whatever_their_order() {
        let drawn = |seed, reversed: bool| {
            let chaos = Chaos::new(seed, 0.3);
            let mut faults: Vec<(usize, Option<Fault>)> = Vec::new();
            let mut orders: Vec<usize> = (0..500).collect();
            if reversed {
                orders.reverse();
            }
            for order in orders {
                let about = format!("order_{order}");
                faults.extend((0..3).map(|_| (order, chaos.draw("PGFetchOrder", &about))));
            }
            faults.sort_by_key(|(order, _)| *order);
            faults
        };
        assert_eq!(drawn(1, false), drawn(1, true));
        assert_ne!(drawn(1, false), drawn(2, false));
        let struck = drawn(1, false).iter().filter(|(_, fault)| fault.is_some()).count();
        assert!((375..525).contains(&struck), "{struck} of 1500");
    }

    #[test]
    fn each_kind_of_fault_comes_up() {
        let chaos = Chaos::new(7, 1.0).stalls().slowness(Duration::from_secs(1));
        for (fault, _) in &chaos.mixture {
            let found = (0..1000).any(|nth| chaos.draw("X", &nth.to_string()).as_ref() == Some(fault));
            assert!(found, "{fault:?}");
        }
        assert_eq!(Chaos::new(7, 0.0).draw("X", ""), None);
    }
}
