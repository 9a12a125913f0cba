//! Stored responses: the first request under a key is carried out, its repeats get the same response.
//!
//! Failures are stored like successes, a 500 included: that is what the service's older
//! documentation says, and the harder case for a client. Responses given before a key is looked at
//! (credentials, limits, validation) are not stored.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;

use crate::data::{Content, Rows};
use crate::domain::kept::Packed;
use crate::http::auth::Caller;
use crate::http::errors::{JsonResponse, Refusal};

/// A key means something per caller and operation only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) caller: Caller,
    pub(crate) operation: String,
    pub(crate) key: String,
}

impl Scope {
    fn digest(&self) -> Digest {
        digest(&[self.caller.scope(), &self.operation, &self.key].map(str::as_bytes))
    }
}

type Digest = [u8; 16];

/// In the data file.
const TABLE: &str = "keys";

/// A hash of texts, whose lengths count. Half of SHA-256 is enough: nobody gains by a collision.
fn digest(texts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let mut half = Digest::default();
    half.iter_mut().zip(hash.finalize()).for_each(|(to, byte)| *to = byte);
    half
}

/// A hash of the bytes that make two requests the same: address and body, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint(Digest);

impl Fingerprint {
    pub(crate) fn of(target: &str, body: &[u8]) -> Self {
        Self(digest(&[target.as_bytes(), body]))
    }
}

/// A response, packed: with a key for each, they are much of what the sandbox keeps.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    scope: Digest,
    fingerprint: Fingerprint,
    status: u16,
    text: Packed,
}

impl Stored {
    fn new(claim: &Claim, response: &JsonResponse) -> Self {
        let text = Packed::new(&response.body.to_string());
        Self { scope: claim.scope, fingerprint: claim.fingerprint, status: response.status, text }
    }

    fn response(&self) -> JsonResponse {
        // It was packed from JSON.
        let body = serde_json::from_str(&self.text.text()).unwrap_or_default();
        JsonResponse { status: self.status, body }
    }
}

/// What waits for a request at work. It guards nothing.
type Turnstile = Arc<tokio::sync::Mutex<()>>;

/// What is known of a key.
#[derive(Debug)]
enum Slot {
    /// A request is at work, or has left without a response to keep.
    Taken(Turnstile),
    Done(Box<Stored>),
}

/// All keys seen so far, by a hash of their scope.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    slots: Mutex<HashMap<Digest, Slot>>,
    /// How many rows were written. A row is named by its number: new ones stand together in the file.
    written: AtomicU64,
}

/// What a key says about a request.
pub(crate) enum Turn {
    /// Nothing is stored: carry the request out, then [`Claim::store`] its response.
    First(Claim),
    /// It was carried out before: this was the response.
    Replay(JsonResponse),
}

/// The right to carry out a request; a repeat waits until it is used or dropped.
pub(crate) struct Claim {
    turn: OwnedMutexGuard<()>,
    scope: Digest,
    fingerprint: Fingerprint,
}

impl Claim {
    /// Keeps the response, and puts it among the rows that are to be written.
    pub(crate) fn store(self, keys: &Keys, response: &JsonResponse, rows: Option<&mut Rows>) {
        let stored = Box::new(Stored::new(&self, response));
        if let Some(rows) = rows {
            let number = keys.written.fetch_add(1, Ordering::Relaxed) + 1;
            rows.put(TABLE, &format!("{number:012}"), &*stored);
        }
        let mut slots = keys.slots();
        // Keys may have been forgotten meanwhile.
        if let Some(slot @ Slot::Taken(_)) = slots.get_mut(&self.scope)
            && matches!(slot, Slot::Taken(turn) if Arc::ptr_eq(turn, OwnedMutexGuard::mutex(&self.turn)))
        {
            *slot = Slot::Done(stored);
        }
    }
}

impl Keys {
    fn slots(&self) -> MutexGuard<'_, HashMap<Digest, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every key. A request at work keeps its turn.
    pub(crate) fn clear(&self) {
        self.slots().clear();
    }

    /// Takes in what a data file held.
    pub(crate) fn restore(&self, content: &Content) -> anyhow::Result<()> {
        let mut slots = self.slots();
        for (number, stored) in content.table::<Stored>(TABLE)? {
            // They are in the order of their numbers.
            self.written.store(number.parse().context("reading the number of a key")?, Ordering::Relaxed);
            slots.insert(stored.scope, Slot::Done(Box::new(stored)));
        }
        Ok(())
    }

    /// Waits for a request under the same key to finish, then says whose turn it is.
    pub(crate) async fn turn(&self, scope: &Scope, fingerprint: Fingerprint) -> Result<Turn, Refusal> {
        let scope = scope.digest();
        let mut turn = None;
        loop {
            let current = match self.slots().entry(scope).or_insert_with(|| Slot::Taken(Turnstile::default()))
            {
                Slot::Done(stored) if stored.fingerprint == fingerprint => {
                    return Ok(Turn::Replay(stored.response()));
                }
                Slot::Done(_) => return Err(Refusal::key_reused()),
                Slot::Taken(current) => Arc::clone(current),
            };
            match turn.take() {
                Some(turn) if Arc::ptr_eq(&current, OwnedMutexGuard::mutex(&turn)) => {
                    return Ok(Turn::First(Claim { turn, scope, fingerprint }));
                }
                _ => turn = Some(current.lock_owned().await),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;
    use serde_json::json;

    fn scope() -> Scope {
        Scope { caller: Caller::Account, operation: "Op".into(), key: "k".into() }
    }

    fn fingerprint(body: &str) -> Fingerprint {
        Fingerprint::of("/pg/x", body.as_bytes())
    }

    #[tokio::test]
    async fn a_repeat_waits_for_the_first() -> anyhow::Result<()> {
        let keys = Arc::new(Keys::default());
        let Ok(Turn::First(claim)) = keys.turn(&scope(), fingerprint("a")).await else {
            anyhow::bail!("the first request must be carried out");
        };
        let waiting = tokio::spawn({
            let keys = Arc::clone(&keys);
            async move { keys.turn(&scope(), fingerprint("a")).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        claim.store(&keys, &JsonResponse::ok(json!(1)), None);
        let Ok(Ok(Turn::Replay(response))) = waiting.await else {
            anyhow::bail!("the second request must get the first one's response");
        };
        assert_eq!(response, JsonResponse::ok(json!(1)));
        assert!(keys.turn(&scope(), fingerprint("b")).await.is_err());
        Ok(())
    }

    #[tokio::test]
    async fn keys_of_several_runs_stand_beside_each_other() -> anyhow::Result<()> {
        let path = std::env::temp_dir().join(format!("cashfree-sandbox-{}-keys.redb", std::process::id()));
        for run in 0..3 {
            // The thread of the last run closes the file.
            let mut opened = Data::open(&path);
            while opened.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                opened = Data::open(&path);
            }
            let (data, content) = opened?;
            let keys = Keys::default();
            keys.restore(&content)?;
            for number in 0..=run {
                let scope = Scope { key: format!("k_{number}"), ..scope() };
                match keys.turn(&scope, fingerprint("a")).await {
                    Ok(Turn::Replay(response)) if number < run => {
                        assert_eq!(response, JsonResponse::ok(json!(number)));
                    }
                    Ok(Turn::First(claim)) if number == run => {
                        let mut rows = Rows::default();
                        claim.store(&keys, &JsonResponse::ok(json!(number)), Some(&mut rows));
                        data.write(rows);
                    }
                    _ => anyhow::bail!("the key {number} in run {run}"),
                }
            }
            data.written().await?;
        }
        Ok(std::fs::remove_file(path)?)
    }
}
