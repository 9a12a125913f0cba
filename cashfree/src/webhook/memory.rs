//! What one process remembers of the events that it handled.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Claim, ClaimToken, DedupeKey, Seen};
use crate::{BoxError, BoxFuture};

/// Remembers in this process' memory, bounded in time and size. A restart forgets everything, and no other
/// process knows of it; see [`Seen`] for stores that are shared.
///
/// When it is full, the event that was handled longest ago is forgotten. When it is full of claims, it
/// refuses another one, and to remember an event whose own claim ran out.
pub struct SeenInMemory {
    state: Mutex<State>,
    now: fn() -> Instant,
    claim: Duration,
    keep: Duration,
    capacity: usize,
}

#[derive(Default)]
struct State {
    claims: HashMap<DedupeKey, (ClaimToken, Instant)>,
    done: HashSet<DedupeKey>,
    /// When each is to be forgotten, oldest first.
    order: VecDeque<(Instant, DedupeKey)>,
}

impl SeenInMemory {
    /// Claims for 90 seconds, remembers for three days, and at most 100,000 events (about 15 MB).
    pub fn new() -> Self {
        Self {
            state: Mutex::default(),
            now: Instant::now,
            claim: Duration::from_secs(90),
            keep: Duration::from_secs(3 * 24 * 60 * 60),
            capacity: 100_000,
        }
    }

    /// How long a claim lasts that is neither confirmed nor released: longer than a handler takes.
    #[must_use]
    pub fn claim_for(mut self, time: Duration) -> Self {
        self.claim = time;
        self
    }

    /// How long a handled event is remembered.
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// How many events are held at most, claimed and handled together; at least one.
    #[must_use]
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }

    /// How many events it holds, claimed and handled.
    pub fn len(&self) -> usize {
        self.state().len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A handler that panicked leaves nothing half-done in here.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_claim(&self, key: &DedupeKey, token: &ClaimToken) -> Result<Claim, BoxError> {
        let now = (self.now)();
        let mut state = self.state();
        state.forget_until(now);
        if state.done.contains(key) {
            return Ok(Claim::Done);
        }
        if state.claims.get(key).is_some_and(|(_, until)| *until > now) {
            return Ok(Claim::InProgress);
        }
        state.claims.remove(key);
        if state.len() >= self.capacity {
            state.claims.retain(|_, (_, until)| *until > now);
        }
        if state.len() >= self.capacity && !state.forget_oldest() {
            return Err("no room for another claim".into());
        }
        state.claims.insert(*key, (*token, later(now, self.claim)));
        Ok(Claim::New)
    }

    fn do_confirm(&self, key: &DedupeKey) -> Result<(), BoxError> {
        let now = (self.now)();
        let mut state = self.state();
        state.forget_until(now);
        state.claims.remove(key);
        if state.done.contains(key) {
            return Ok(());
        }
        // The claim may have run out and its place been taken.
        if state.len() >= self.capacity && !state.forget_oldest() {
            return Err("no room to remember that it was handled".into());
        }
        state.done.insert(*key);
        state.order.push_back((later(now, self.keep), *key));
        Ok(())
    }

    fn do_release(&self, key: &DedupeKey, token: &ClaimToken) {
        let mut state = self.state();
        if state.claims.get(key).is_some_and(|(owner, _)| owner == token) {
            state.claims.remove(key);
        }
    }
}

/// A time that no clock reaches counts as a century.
fn later(now: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(time.min(CENTURY)).unwrap_or(now)
}

impl State {
    fn len(&self) -> usize {
        self.claims.len() + self.done.len()
    }

    fn forget_until(&mut self, now: Instant) {
        while self.order.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) -> bool {
        self.order.pop_front().is_some_and(|(_, key)| self.done.remove(&key))
    }
}

impl Seen for SeenInMemory {
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(ready(self.try_claim(key, token)))
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        _token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(ready(self.do_confirm(key)))
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

impl Default for SeenInMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SeenInMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenInMemory")
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

    fn store(capacity: usize) -> SeenInMemory {
        let store = SeenInMemory::new().capacity(capacity).claim_for(Duration::from_secs(90));
        SeenInMemory { now: clock, ..store.keep_for(Duration::from_secs(1000)) }
    }

    fn key(number: usize) -> DedupeKey {
        DedupeKey::of_header(&number.to_string())
    }

    fn claim(store: &SeenInMemory, number: usize) -> (Claim, ClaimToken) {
        let token = ClaimToken::random();
        (store.try_claim(&key(number), &token).unwrap(), token)
    }

    #[test]
    fn an_event_is_claimed_then_done_then_forgotten() {
        let store = store(10);
        assert_eq!(claim(&store, 1).0, Claim::New);
        assert_eq!(claim(&store, 1).0, Claim::InProgress);
        assert_eq!(claim(&store, 2).0, Claim::New);
        store.do_confirm(&key(1)).unwrap();
        pass(999);
        assert_eq!(claim(&store, 1).0, Claim::Done);
        pass(1);
        assert_eq!(claim(&store, 1).0, Claim::New);
    }

    #[test]
    fn a_claim_is_given_back_by_its_owner_or_runs_out() {
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
    fn the_oldest_makes_room_and_claims_do_not() {
        let store = store(3);
        for number in 0..100 {
            assert_eq!(claim(&store, number).0, Claim::New);
            store.do_confirm(&key(number)).unwrap();
            store.do_confirm(&key(number)).unwrap();
            assert!(store.len() <= 3);
        }
        let held = |number| claim(&store, number).0;
        assert_eq!([held(97), held(98), held(99)], [Claim::Done; 3]);
        assert_eq!([held(0), held(1), held(2)], [Claim::New; 3]);
        assert!(store.try_claim(&key(3), &ClaimToken::random()).is_err());
        pass(90);
        assert_eq!(claim(&store, 3).0, Claim::New);
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn what_can_not_be_remembered_is_said() {
        let store = store(1);
        assert_eq!(claim(&store, 1).0, Claim::New);
        pass(90);
        assert_eq!(claim(&store, 2).0, Claim::New);
        assert!(store.do_confirm(&key(1)).is_err());
        store.do_confirm(&key(2)).unwrap();
        assert_eq!(claim(&store, 2).0, Claim::Done);
    }

    #[test]
    fn no_time_is_too_long() {
        let store = SeenInMemory::new().claim_for(Duration::MAX).keep_for(Duration::MAX);
        assert_eq!(claim(&store, 1).0, Claim::New);
        store.do_confirm(&key(1)).unwrap();
        assert_eq!(claim(&store, 1).0, Claim::Done);
    }
}
