//! A policy as it is stored with a call.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::RetryPolicy;

/// Times are in milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    max_attempts: NonZeroU32,
    max_elapsed: u64,
    first: u64,
    cap: u64,
    max_server_delay: u64,
    budget: f32,
    trust_keys: bool,
}

pub(crate) fn serialize<S: Serializer>(policy: &Option<RetryPolicy>, to: S) -> Result<S::Ok, S::Error> {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    policy
        .as_ref()
        .map(|policy| Stored {
            max_attempts: policy.max_attempts,
            max_elapsed: millis(policy.max_elapsed),
            first: millis(policy.first),
            cap: millis(policy.cap),
            max_server_delay: millis(policy.max_server_delay),
            // JSON has no number for the others; both ends of the range mean the same.
            budget: if policy.budget.is_nan() { 0.0 } else { policy.budget.clamp(0.0, 10.0) },
            trust_keys: policy.trust_keys,
        })
        .serialize(to)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<RetryPolicy>, D::Error> {
    let stored = Option::<Stored>::deserialize(from)?;
    Ok(stored.map(|stored| RetryPolicy {
        max_attempts: stored.max_attempts,
        max_elapsed: Duration::from_millis(stored.max_elapsed),
        first: Duration::from_millis(stored.first),
        cap: Duration::from_millis(stored.cap),
        max_server_delay: Duration::from_millis(stored.max_server_delay),
        budget: stored.budget,
        trust_keys: stored.trust_keys,
    }))
}
