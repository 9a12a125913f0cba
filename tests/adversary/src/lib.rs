//! A payment service that behaves badly on purpose, on a free loopback port, with a ledger of its own.
//!
//! It judges the statements of a client: what calls returned is compared with the [`Ledger`] once every
//! delayed effect has taken place. It shares no code and no assumptions with the SDK or the sandbox. What it
//! assumes instead, and why, is a table in `README.md`.
//!
//! ```no_run
//! # async fn run() -> anyhow::Result<()> {
//! use adversary::{Adversary, Change, Commit, Fault, Profile};
//!
//! let service = Adversary::start(Profile::calm(1)).await?;
//! service.script("POST", "orders", Fault::Close(Commit::Now), 1);
//! // … call `service.url()` …
//! let ledger = service.settled().await;
//! assert!(ledger.count(Change::OrderCreated, "order_1") <= 1);
//! # Ok(())
//! # }
//! ```

mod draw;
mod engine;
mod fault;
mod keys;
mod ledger;
mod presets;
mod profile;
mod server;
mod service;
mod view;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinHandle;

pub use engine::Arrival;
pub use fault::{Commit, Failure, Fault, Foreign, Wait};
pub use ledger::{Change, Entry, Ledger};
pub use presets::MERCHANTS;
pub use profile::{
    InFlight, KeyRules, Lifetime, Outage, Outages, Profile, ReadRules, Requests, Scheme, Scope, ValueRules,
};
pub use wire::Response;

use engine::{Engine, Scripted};

/// The service. It stops when it is dropped.
pub struct Adversary {
    url: String,
    engine: Arc<Engine>,
    listening: JoinHandle<std::io::Result<()>>,
}

impl Adversary {
    /// Starts the service on a free loopback port of the current Tokio runtime. It accepts any credentials; the
    /// client id or the partner's merchant id names the account.
    ///
    /// # Errors
    /// Returns an error if no port can be bound.
    pub async fn start(profile: Profile) -> Result<Self> {
        let engine = Arc::new(Engine::new(profile));
        let listener = server::bind_free()?;
        let url = format!("http://{}/pg", listener.local_addr()?);
        let listening = tokio::spawn(server::accept(Arc::clone(&engine), listener));
        Ok(Self { url, engine, listening })
    }

    /// Returns the base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the one-time password that every payment accepts.
    pub fn otp(&self) -> &'static str {
        service::OTP
    }

    /// Makes the next requests with this method, whose path ends with this segment, fail. An empty segment
    /// matches every path. Scripted faults come before those of the profile.
    pub fn script(&self, method: &str, last: &str, fault: Fault, times: usize) {
        let (method, last) = (method.to_owned(), last.to_owned());
        self.engine.script(Scripted { method, last, fault, left: times });
    }

    /// Removes all scripted faults; returns how many requests they have not struck.
    pub fn clear_script(&self) -> usize {
        self.engine.clear_script()
    }

    /// Returns all requests that arrived so far, oldest first.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.engine.arrivals()
    }

    /// Returns the ledger as it is, without waiting for delayed effects.
    pub fn ledger(&self) -> Ledger {
        Ledger(self.engine.state().ledger.clone())
    }

    /// Waits until every delayed effect has taken place; returns the ledger.
    pub async fn settled(&self) -> Ledger {
        while !self.engine.is_settled() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.ledger()
    }
}

impl Drop for Adversary {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
