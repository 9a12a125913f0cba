//! Stored answers: the first request under a key is carried out, its repeats are told the same.
//!
//! Failures are stored like successes, a 500 included: that is what the service's older
//! documentation says, and the harder case for a client. Answers given before a key is looked at
//! (credentials, limits, validation) are not stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::http::auth::Caller;
use crate::http::errors::{Refusal, Reply};

/// A key means something per caller and operation only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) caller: Caller,
    pub(crate) operation: String,
    pub(crate) key: String,
}

/// The bytes that make two requests the same: address and body, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Stored {
    fingerprint: Fingerprint,
    reply: Reply,
}

/// All keys seen so far.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<HashMap<Scope, Arc<tokio::sync::Mutex<Option<Stored>>>>>);

/// What a key says about a request.
pub(crate) enum Turn {
    /// Nothing is stored: carry the request out, then [`Claim::store`] its answer.
    First(Claim),
    /// It was carried out before: this was the answer.
    Replay(Reply),
}

/// The right to carry out a request; a repeat waits until it is used or dropped.
pub(crate) struct Claim {
    slot: OwnedMutexGuard<Option<Stored>>,
    fingerprint: Fingerprint,
}

impl Claim {
    pub(crate) fn store(mut self, reply: Reply) {
        *self.slot = Some(Stored { fingerprint: self.fingerprint, reply });
    }
}

impl Keys {
    /// Forgets every key. A request at work keeps its turn.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits for a request under the same key to finish, then says whose turn it is.
    pub(crate) async fn turn(&self, scope: Scope, fingerprint: Fingerprint) -> Result<Turn, Refusal> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(scope).or_default())
        };
        let slot = slot.lock_owned().await;
        match slot.as_ref() {
            None => Ok(Turn::First(Claim { slot, fingerprint })),
            Some(stored) if stored.fingerprint == fingerprint => Ok(Turn::Replay(stored.reply.clone())),
            Some(_) => Err(Refusal::key_reused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope() -> Scope {
        Scope { caller: Caller::Account, operation: "Op".into(), key: "k".into() }
    }

    fn fingerprint(body: &str) -> Fingerprint {
        Fingerprint { target: "/pg/x".into(), body: body.into() }
    }

    #[tokio::test]
    async fn a_repeat_waits_for_the_first() -> anyhow::Result<()> {
        let keys = Arc::new(Keys::default());
        let Ok(Turn::First(claim)) = keys.turn(scope(), fingerprint("a")).await else {
            anyhow::bail!("the first request must be carried out");
        };
        let waiting = tokio::spawn({
            let keys = Arc::clone(&keys);
            async move { keys.turn(scope(), fingerprint("a")).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        claim.store(Reply::ok(json!(1)));
        let Ok(Ok(Turn::Replay(reply))) = waiting.await else {
            anyhow::bail!("the second request must be told the first one's answer");
        };
        assert_eq!(reply, Reply::ok(json!(1)));
        assert!(keys.turn(scope(), fingerprint("b")).await.is_err());
        Ok(())
    }
}
