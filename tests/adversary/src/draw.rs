//! Seeded choices that depend on what is chosen for, not on the order in which requests arrive.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// A number that follows from the seed and a subject.
pub(crate) fn number(seed: u64, subject: impl Hash) -> u64 {
    // The default hasher has fixed keys; the mixing below evens out short inputs.
    let mut hasher = DefaultHasher::new();
    (seed, subject).hash(&mut hasher);
    let mut bits = hasher.finish().wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ (bits >> 27)
}

/// A number from 0 up to 1.
pub(crate) fn fraction(seed: u64, subject: impl Hash) -> f64 {
    (number(seed, subject) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Whether a share of all subjects includes this one.
pub(crate) fn hits(share: f64, seed: u64, subject: impl Hash) -> bool {
    fraction(seed, subject) < share
}

/// A duration from zero up to `longest`.
pub(crate) fn wait(longest: Duration, seed: u64, subject: impl Hash) -> Duration {
    longest.mul_f64(fraction(seed, subject))
}
