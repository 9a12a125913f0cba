//! In-memory deduplication store.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::store::{CLAIM_FOR, KEEP_FOR, bounded};
use super::{Claim, ClaimToken, DedupeKey, DedupeStore, LeaseState};
use crate::{BoxError, BoxFuture};

/// In-memory deduplication store of one process, bounded in time and size.
///
/// A restart forgets everything, and other processes do not see it; see [`DedupeStore`] for stores that are shared.
///
/// Unverified requests cannot evict entries: only keys of verified deliveries are stored, and a key is removed only when
/// its [time](MemoryStore::keep_for) is over. A full store refuses new events with an error instead of forgetting
/// handled ones; respond with 500 and the event is delivered again.
pub struct MemoryStore {
    state: Mutex<State>,
    now: fn() -> Instant,
    claim: Duration,
    keep: Duration,
    capacity: usize,
}

#[derive(Default)]
struct State {
    /// Events that are being handled, with the end of their lease.
    claims: HashMap<DedupeKey, (ClaimToken, Instant)>,
    /// Events that were handled, with the token that confirmed them.
    done: HashMap<DedupeKey, ClaimToken>,
    /// When each handled event is forgotten, oldest first.
    order: VecDeque<(Instant, DedupeKey)>,
}

impl MemoryStore {
    /// Creates a store with leases of 90 seconds that remembers at most 1,000,000 events (about 200 MB) for three
    /// days.
    pub fn new() -> Self {
        Self {
            state: Mutex::default(),
            now: Instant::now,
            claim: CLAIM_FOR,
            keep: KEEP_FOR,
            capacity: 1_000_000,
        }
    }

    /// Sets how long a claim is leased. Choose more time than a handler takes. Default: 90 seconds.
    #[must_use]
    pub fn claim_for(mut self, time: Duration) -> Self {
        self.claim = time;
        self
    }

    /// Sets how long a handled event is remembered. Default: three days.
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// Sets the maximum number of events, claimed and handled together; at least one. Default: 1,000,000.
    ///
    /// Choose more than arrive during [`keep_for`](MemoryStore::keep_for): a full store refuses events.
    #[must_use]
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }

    /// Returns the number of events, claimed and handled.
    pub fn len(&self) -> usize {
        self.state().len()
    }

    /// Returns whether the store is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No step can panic half-way, so a poisoned lock is usable.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_claim(&self, key: &DedupeKey, token: &ClaimToken) -> Result<Claim, BoxError> {
        let now = (self.now)();
        let mut state = self.state();
        state.forget_until(now);
        if state.done.contains_key(key) {
            return Ok(Claim::Done);
        }
        if state.claims.get(key).is_some_and(|(_, until)| *until > now) {
            return Ok(Claim::InProgress);
        }
        state.claims.remove(key);
        self.make_room(&mut state, now)?;
        state.claims.insert(*key, (*token, later(now, self.claim)));
        Ok(Claim::New)
    }

    fn try_renew(&self, key: &DedupeKey, token: &ClaimToken) -> Result<LeaseState, BoxError> {
        let now = (self.now)();
        let mut state = self.state();
        state.forget_until(now);
        if state.is_lost(key, token, now) || state.done.contains_key(key) {
            return Ok(LeaseState::Lost);
        }
        if state.claims.remove(key).is_none() {
            self.make_room(&mut state, now)?;
        }
        state.claims.insert(*key, (*token, later(now, self.claim)));
        Ok(LeaseState::Held)
    }

    fn try_confirm(&self, key: &DedupeKey, token: &ClaimToken) -> Result<LeaseState, BoxError> {
        let now = (self.now)();
        let mut state = self.state();
        state.forget_until(now);
        if state.is_lost(key, token, now) {
            return Ok(LeaseState::Lost);
        }
        if state.done.contains_key(key) {
            return Ok(LeaseState::Held);
        }
        // The lease may have ended and another event have taken its room.
        if state.claims.remove(key).is_none() {
            self.make_room(&mut state, now)?;
        }
        state.done.insert(*key, *token);
        state.order.push_back((later(now, self.keep), *key));
        Ok(LeaseState::Held)
    }

    fn do_release(&self, key: &DedupeKey, token: &ClaimToken) {
        let mut state = self.state();
        if state.claims.get(key).is_some_and(|(owner, _)| owner == token) {
            state.claims.remove(key);
        }
    }

    /// Makes room for one more event by dropping claims whose lease has ended.
    fn make_room(&self, state: &mut State, now: Instant) -> Result<(), BoxError> {
        if state.len() >= self.capacity {
            state.claims.retain(|_, (_, until)| *until > now);
        }
        if state.len() >= self.capacity {
            return Err(format!("the store is full: it holds {} events", self.capacity).into());
        }
        Ok(())
    }
}

fn later(now: Instant, time: Duration) -> Instant {
    now.checked_add(bounded(time)).unwrap_or(now)
}

impl State {
    fn len(&self) -> usize {
        self.claims.len() + self.done.len()
    }

    fn forget_until(&mut self, now: Instant) {
        while let Some((until, key)) = self.order.front()
            && *until <= now
        {
            self.done.remove(key);
            self.order.pop_front();
        }
    }

    /// Whether another handler holds the lease or has confirmed.
    fn is_lost(&self, key: &DedupeKey, token: &ClaimToken, now: Instant) -> bool {
        match self.done.get(key) {
            Some(owner) => owner != token,
            None => self.claims.get(key).is_some_and(|(owner, until)| owner != token && *until > now),
        }
    }
}

impl DedupeStore for MemoryStore {
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(ready(self.try_claim(key, token)))
    }

    fn renew<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(ready(self.try_renew(key, token)))
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(ready(self.try_confirm(key, token)))
    }

    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        self.do_release(key, token);
        Box::pin(ready(Ok(())))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("len", &self.len())
            .field("claim", &self.claim)
            .field("keep", &self.keep)
            .field("capacity", &self.capacity)
            .finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static START: Instant = Instant::now();
        static PASSED: Cell<u64> = const { Cell::new(0) };
    }

    fn clock() -> Instant {
        START.with(|start| *start) + Duration::from_secs(PASSED.get())
    }

    fn pass(seconds: u64) {
        PASSED.set(PASSED.get() + seconds);
    }

    fn store(capacity: usize) -> MemoryStore {
        let store = MemoryStore::new().capacity(capacity).claim_for(Duration::from_secs(90));
        MemoryStore { now: clock, ..store.keep_for(Duration::from_secs(1000)) }
    }

    fn key(number: usize) -> DedupeKey {
        DedupeKey::of_body(number.to_string().as_bytes())
    }

    fn claim(store: &MemoryStore, number: usize) -> (Claim, ClaimToken) {
        let token = ClaimToken::random();
        (store.try_claim(&key(number), &token).unwrap(), token)
    }

    #[test]
    fn an_event_is_claimed_then_done_then_forgotten() {
        let store = store(10);
        let (new, token) = claim(&store, 1);
        assert_eq!(
            (new, claim(&store, 1).0, claim(&store, 2).0),
            (Claim::New, Claim::InProgress, Claim::New)
        );
        // A store may repeat a confirmation whose response was lost.
        for _ in 0..2 {
            assert_eq!(store.try_confirm(&key(1), &token).unwrap(), LeaseState::Held);
        }
        pass(999);
        assert_eq!(claim(&store, 1).0, Claim::Done);
        pass(1);
        assert_eq!(claim(&store, 1).0, Claim::New);
    }

    #[test]
    fn a_claim_is_released_by_its_owner_or_ends() {
        let store = store(10);
        let (_, first) = claim(&store, 1);
        store.do_release(&key(1), &first);
        let (again, second) = claim(&store, 1);
        assert_eq!(again, Claim::New);
        store.do_release(&key(1), &first);
        assert_eq!(claim(&store, 1).0, Claim::InProgress);
        pass(89);
        assert_eq!(claim(&store, 1).0, Claim::InProgress);
        pass(1);
        let (over, third) = claim(&store, 1);
        assert_eq!(over, Claim::New);
        store.do_release(&key(1), &second);
        assert_eq!(claim(&store, 1).0, Claim::InProgress);
        store.do_release(&key(1), &third);
        assert!(store.is_empty());
    }

    #[test]
    fn a_handler_that_outlives_its_lease_cannot_confirm() {
        let store = store(10);
        let (_, slow) = claim(&store, 1);
        pass(90);
        let (taken, quick) = claim(&store, 1);
        assert_eq!(taken, Claim::New);
        assert_eq!(store.try_renew(&key(1), &slow).unwrap(), LeaseState::Lost);
        assert_eq!(store.try_confirm(&key(1), &slow).unwrap(), LeaseState::Lost);
        assert_eq!(store.try_confirm(&key(1), &quick).unwrap(), LeaseState::Held);
        for _ in 0..2 {
            assert_eq!(store.try_confirm(&key(1), &slow).unwrap(), LeaseState::Lost);
            assert_eq!(store.try_renew(&key(1), &quick).unwrap(), LeaseState::Lost);
        }
    }

    #[test]
    fn of_two_handlers_whose_leases_ended_only_the_first_confirms() {
        let store = store(10);
        let (_, one) = claim(&store, 1);
        pass(90);
        let (_, other) = claim(&store, 1);
        pass(90);
        assert_eq!(store.try_confirm(&key(1), &one).unwrap(), LeaseState::Held);
        assert_eq!(store.try_confirm(&key(1), &other).unwrap(), LeaseState::Lost);
    }

    #[test]
    fn a_renewed_lease_does_not_end() {
        let store = store(1);
        let (_, token) = claim(&store, 1);
        for _ in 0..5 {
            pass(60);
            assert_eq!(store.try_renew(&key(1), &token).unwrap(), LeaseState::Held);
            assert_eq!(claim(&store, 1).0, Claim::InProgress);
        }
        // It ended, and nobody took it: it can be renewed until another event has its room.
        pass(91);
        assert_eq!(store.try_renew(&key(1), &token).unwrap(), LeaseState::Held);
        pass(91);
        assert_eq!(claim(&store, 2).0, Claim::New);
        assert!(store.try_renew(&key(1), &token).is_err());
        assert!(store.try_confirm(&key(1), &token).is_err());
    }

    #[test]
    fn a_full_store_refuses_and_forgets_nothing_before_its_time() {
        let store = store(3);
        let tokens: Vec<ClaimToken> = (0..3).map(|number| claim(&store, number).1).collect();
        assert!(store.try_claim(&key(3), &ClaimToken::random()).is_err());
        for (number, token) in tokens.iter().enumerate() {
            store.try_confirm(&key(number), token).unwrap();
        }
        for number in 3..1_000 {
            assert!(store.try_claim(&key(number), &ClaimToken::random()).is_err());
        }
        for number in 0..3 {
            assert_eq!(claim(&store, number).0, Claim::Done);
        }
        pass(1_000);
        assert_eq!(claim(&store, 3).0, Claim::New);
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn ended_claims_make_room() {
        let store = store(1);
        assert_eq!(claim(&store, 1).0, Claim::New);
        pass(90);
        let (new, token) = claim(&store, 2);
        assert_eq!(new, Claim::New);
        assert_eq!(store.try_confirm(&key(2), &token).unwrap(), LeaseState::Held);
    }

    #[test]
    fn no_time_is_too_long() {
        let store = MemoryStore::new().claim_for(Duration::MAX).keep_for(Duration::MAX);
        let (_, token) = claim(&store, 1);
        store.try_confirm(&key(1), &token).unwrap();
        assert_eq!(claim(&store, 1).0, Claim::Done);
    }
}
