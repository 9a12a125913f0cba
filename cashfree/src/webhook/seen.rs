//! Deduplication stores.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::DedupeKey;
use crate::{BoxError, BoxFuture};

/// Deduplication store: remembers which events were handled. [`SeenInMemory`](super::SeenInMemory) does so for one
/// process; several processes, or one that restarts, share a store.
///
/// An event is first *claimed* for a limited time (its lease), then *confirmed* when it was handled, or *released*
/// when that failed. A failure is handled again when the event is delivered again, and so is a crash, once the lease
/// has ended. Choose a lease longer than a handler takes, and shorter than the two minutes until the first
/// redelivery. [`once`](super::once) takes the steps in order.
///
/// Leases are fenced by their token: after a lease has ended and another handler has claimed the event, the first
/// one can neither renew nor confirm. Two handlers never both confirm one event.
///
/// Only keys of verified deliveries may enter a store: [`DedupeKey`] comes from a
/// [`Verified`](super::Verified) delivery alone. Bound a store by time, as below, and let a full one fail rather than
/// forget.
///
/// # Redis
///
/// One entry per event: the token while it is claimed, then the token and `done`. The connection is left open here;
/// any Redis client fits.
///
/// ```
/// use cashfree::webhook::{Claim, ClaimToken, DedupeKey, LeaseState, Seen};
/// use cashfree::{BoxError, BoxFuture};
///
/// trait Redis: std::fmt::Debug + Send + Sync + 'static {
///     /// Runs a script with one key; `None` is Redis' nil.
///     fn eval<'a>(&'a self, script: &'a str, key: String, args: Vec<String>)
///         -> BoxFuture<'a, Result<Option<String>, BoxError>>;
/// }
///
/// /// Returns who holds the event: this token, another one, or `done`.
/// const CLAIM: &str = "
///     if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 90) then return ARGV[1] end
///     return redis.call('GET', KEYS[1])";
/// /// Extends the lease, or remembers the event for three days; nil if another handler took over.
/// const RENEW: &str = "
///     local held = redis.call('GET', KEYS[1])
///     if held and held ~= ARGV[1] then return nil end
///     redis.call('SET', KEYS[1], ARGV[1], 'EX', 90) return ARGV[1]";
/// const CONFIRM: &str = "
///     local held, done = redis.call('GET', KEYS[1]), 'done ' .. ARGV[1]
///     if held and held ~= ARGV[1] and held ~= done then return nil end
///     redis.call('SET', KEYS[1], done, 'EX', 259200) return done";
/// const RELEASE: &str = "
///     if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";
///
/// #[derive(Debug)]
/// struct SeenInRedis<R>(R);
///
/// impl<R: Redis> SeenInRedis<R> {
///     async fn run(&self, script: &str, key: &DedupeKey, token: &ClaimToken) -> Result<Option<String>, BoxError> {
///         self.0.eval(script, format!("cashfree:{key}"), vec![token.to_string()]).await
///     }
/// }
///
/// fn lease(held: Option<String>) -> LeaseState {
///     if held.is_some() { LeaseState::Held } else { LeaseState::Lost }
/// }
///
/// impl<R: Redis> Seen for SeenInRedis<R> {
///     fn claim<'a>(&'a self, key: &'a DedupeKey, token: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
///         Box::pin(async move {
///             let held = self.run(CLAIM, key, token).await?.unwrap_or_default();
///             Ok(if held == token.to_string() {
///                 Claim::New
///             } else if held.starts_with("done ") {
///                 Claim::Done
///             } else {
///                 Claim::InProgress
///             })
///         })
///     }
///
///     fn renew<'a>(&'a self, key: &'a DedupeKey, token: &'a ClaimToken) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
///         Box::pin(async move { Ok(lease(self.run(RENEW, key, token).await?)) })
///     }
///
///     fn confirm<'a>(&'a self, key: &'a DedupeKey, token: &'a ClaimToken) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
///         Box::pin(async move { Ok(lease(self.run(CONFIRM, key, token).await?)) })
///     }
///
///     fn release<'a>(&'a self, key: &'a DedupeKey, token: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
///         Box::pin(async move { self.run(RELEASE, key, token).await.map(drop) })
///     }
/// }
/// ```
///
/// # Postgres
///
/// If the handler writes to the same database only, it needs no lease. Begin a transaction with
///
/// ```sql
/// INSERT INTO cashfree_event (key) VALUES ($1) ON CONFLICT DO NOTHING
/// ```
///
/// on a table whose primary key is the text of [`DedupeKey`]. No row inserted: the event was handled, respond
/// with 200. One row: handle the event in this transaction and commit. A failure or crash rolls the row back, and
/// another receiver waits at its insert until then.
///
/// A handler with other effects needs leases, in a table
/// `(key text primary key, token text, done boolean, until timestamptz)`. Each statement affects one row, or none:
///
/// ```sql
/// -- claim: one row is New; none: read the row, which is Done (if done) or InProgress
/// INSERT INTO cashfree_seen VALUES ($1, $2, false, now() + interval '90 seconds')
///   ON CONFLICT (key) DO UPDATE SET token = excluded.token, done = false, until = excluded.until
///   WHERE cashfree_seen.until < now() RETURNING key;
/// -- renew: one row is Held, none is Lost
/// UPDATE cashfree_seen SET until = now() + interval '90 seconds' WHERE key = $1 AND token = $2 AND NOT done;
/// -- confirm: one row is Held, none is Lost
/// UPDATE cashfree_seen SET done = true, until = now() + interval '3 days' WHERE key = $1 AND token = $2;
/// -- release
/// DELETE FROM cashfree_seen WHERE key = $1 AND token = $2 AND NOT done;
/// ```
pub trait Seen: fmt::Debug + Send + Sync + 'static {
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
    /// Remember it for longer than it can still be delivered: payments can be sent again by hand for 24 hours.
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

impl<S: Seen + ?Sized> Seen for Arc<S> {
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

/// Whether a handler still holds the lease of its event.
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
