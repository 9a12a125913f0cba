//! Connection pools by Tokio runtime.
//!
//! A connection is driven by the runtime that opened it. On another runtime a request would wait until that
//! one is idle, or for ever where it has ended. So each runtime has a pool of its own.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;

use super::{Permanent, Sent, TransportError};
use crate::ConfigError;

/// The most pools that are kept. Beyond it, a runtime takes over the pool that has been assigned longest.
const MAX_POOLS: usize = 64;

/// The pools of a transport, in the order in which they were assigned.
#[derive(Default)]
pub(super) struct Pools(Mutex<Vec<Pool>>);

struct Pool {
    client: reqwest::Client,
    owner: Option<Owner>,
}

/// The runtime that a pool belongs to.
struct Owner {
    id: Id,
    /// Its other end is dropped with the runtime; an id may be given to another runtime then.
    alive: oneshot::Sender<()>,
}

impl Pools {
    /// Starts with a pool for the first runtime that asks.
    pub(super) fn new(client: reqwest::Client) -> Self {
        Self(Mutex::new(vec![Pool { client, owner: None }]))
    }

    /// The client whose connections belong to the current runtime.
    pub(super) fn client(
        &self,
        build: impl FnOnce() -> Result<reqwest::Client, ConfigError>,
    ) -> Result<reqwest::Client, TransportError> {
        let runtime = Handle::try_current().map_err(|error| TransportError::new(Sent::No, error))?;
        let id = runtime.id();
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.iter().find(|pool| pool.belongs_to(id)) {
            return Ok(pool.client.clone());
        }
        let unused = pools.iter().position(Pool::is_unused);
        let client = match unused.or((pools.len() >= MAX_POOLS).then_some(0)) {
            Some(place) => pools.remove(place).client,
            None => build().map_err(unusable)?,
        };
        let (alive, ended) = oneshot::channel::<()>();
        runtime.spawn(ended);
        pools.push(Pool { client: client.clone(), owner: Some(Owner { id, alive }) });
        Ok(client)
    }

    /// Drops the pool of the current runtime. Its idle connections are closed, and those in use when their
    /// requests end.
    pub(super) fn discard(&self) {
        if let Ok(runtime) = Handle::try_current() {
            let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            pools.retain(|pool| !pool.belongs_to(runtime.id()));
        }
    }
}

/// The settings worked for the first pool, so that an error here is not one of the call.
fn unusable(error: ConfigError) -> TransportError {
    let cause = error.to_string();
    TransportError::new(Sent::No, error).permanent(Some(Permanent::Configuration)).because(cause)
}

impl Pool {
    fn belongs_to(&self, id: Id) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.id == id && !owner.alive.is_closed())
    }

    /// Whether no runtime needs the pool any more.
    fn is_unused(&self) -> bool {
        self.owner.as_ref().is_none_or(|owner| owner.alive.is_closed())
    }
}
