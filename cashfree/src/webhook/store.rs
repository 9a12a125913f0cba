//! Deduplication stores.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::DedupeKey;
use crate::{BoxError, BoxFuture};

/// Default lease of a claim.
pub(super) const CLAIM_FOR: Duration = Duration::from_secs(90);

/// Default time for which a handled event is remembered.
pub(super) const KEEP_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Limits a duration to a century, which every clock reaches.
pub(super) fn bounded(time: Duration) -> Duration {
    time.min(Duration::from_secs(100 * 365 * 24 * 60 * 60))
}

/// Deduplication store: remembers which events were handled. [`MemoryStore`](super::MemoryStore) does so for one
/// process; several processes, or one that restarts, share a store in Postgres or Redis.
///
/// An event is first *claimed* for a limited time (its lease), then *confirmed* when it was handled, or *released*
/// when that failed. A failure is handled again when the event is delivered again, and so is a crash, once the lease
/// has ended. Choose a lease longer than a handler takes, and shorter than the two minutes until the first
/// redelivery. [`deduplicate`](super::deduplicate) takes the steps in order.
///
/// Leases are fenced by their token: after a lease has ended and another handler has claimed the event, the first
/// one can neither renew nor confirm. Two handlers never both confirm one event.
///
/// Only keys of verified deliveries may enter a store: [`DedupeKey`] comes from a
/// [`Verified`](super::Verified) delivery alone. Bound a store by time, as below, and let a full one fail rather than
/// forget.
///
/// The feature `sqlx-postgres` has `PostgresStore`, and the feature `redis` has `RedisStore`. Other stores
/// implement this trait: `renew`, `confirm` and `release` compare the token and write in one atomic step, and time is
/// measured by one clock, that of the store's server.
pub trait DedupeStore: fmt::Debug + Send + Sync + 'static {
    /// Claims an event for the holder of this token, for the time of a lease, unless it is claimed or handled. Only
    /// one of several concurrent claims succeeds.
    ///
    /// # Errors
    /// If the store fails or is full. The event must not be handled then.
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>>;

    /// Extends the lease by its full time, unless another handler claimed the event after the lease had ended.
    ///
    /// # Errors
    /// If the store fails. The lease may end then.
    fn renew<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>>;

    /// Remembers the event as handled by the holder of this token, unless another handler claimed it after the lease
    /// had ended. The check and the write are one atomic step. A repeated confirmation by one token succeeds.
    ///
    /// Remember it for longer than it can still be delivered: payments can be resent by hand for 24 hours.
    ///
    /// # Errors
    /// If the store fails. The event may be handled again then.
    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>>;

    /// Ends the lease, if this token still holds it.
    ///
    /// # Errors
    /// If the store fails. The lease then ends by itself.
    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<S: DedupeStore + ?Sized> DedupeStore for Arc<S> {
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        self.as_ref().claim(key, token)
    }

    fn renew<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        self.as_ref().renew(key, token)
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        self.as_ref().confirm(key, token)
    }

    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        self.as_ref().release(key, token)
    }
}

/// Result of claiming an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// The caller handles the event.
    New,
    /// Another handler holds the lease; it may have crashed.
    InProgress,
    /// The event was handled.
    Done,
}

/// State of the lease of a handler on its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaseState {
    /// The lease is held.
    Held,
    /// The lease ended, and another handler has claimed or handled the event.
    Lost,
}

/// Fencing token of one claim. `Display` is the text to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimToken(Uuid);

impl ClaimToken {
    /// Creates a random token.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
