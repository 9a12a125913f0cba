//! Many calls at a time through a service that fails at random, and afterwards the books: what the caller
//! was told, held against what the service did.
//!
//! Three callers do the same work: the client, the client without retries, and a plain HTTP client that
//! repeats whatever is not a success. Each call has a request id of its own, which the sandbox keeps with
//! what it commits, so every commit is traced to the call that made it.

mod naive;
mod plan;
mod sdk;
mod service;
mod tally;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cashfree::RetryPolicy;
use cashfree_sandbox::{Chaos, Sandbox};

pub use service::serve;
pub use tally::{Books, Table};

use naive::Naive;
use plan::{Flow, Planner};
use sdk::Sdk;
use service::Service;
use tally::Ledger;

/// How long the callers wait for an answer; stalls cost this much.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long slow work takes: longer than a caller waits.
const SLOW: Duration = Duration::from_millis(400);

/// What to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Logical calls, repeats not counted.
    pub calls: u64,
    /// The share of requests that go wrong.
    pub faults: f64,
    /// The flows and the faults follow from it.
    pub seed: u64,
    /// Flows at a time.
    pub concurrency: usize,
    /// How much load repeats may add, instead of what the client allows them by default.
    pub budget: Option<f32>,
    /// The sandbox in a process of its own, so that its memory is not counted. The program must have
    /// [`serve`] behind `--serve`.
    pub apart: bool,
}

/// Who makes the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The client, with its usual policy.
    Sdk,
    /// The client, with one attempt a call.
    Once,
    /// A plain HTTP client: up to three repeats of whatever is not a success, and no keys.
    Naive,
}

impl Caller {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Sdk, Self::Once, Self::Naive];

    fn title(self) -> &'static str {
        match self {
            Self::Sdk => "this client",
            Self::Once => "this client, retries off",
            Self::Naive => "plain HTTP, 3 retries, no key",
        }
    }
}

/// The sandbox of a soak: its faults by seed, and no call limits to speak of.
fn sandbox(seed: u64, faults: f64) -> cashfree_sandbox::Builder {
    let chaos = Chaos::new(seed, faults).stalls().slowness(SLOW);
    Sandbox::builder().rate_window(Duration::from_millis(1)).chaos(chaos)
}

/// The policy that a client has unless it is told otherwise. Its budget is used up by so many faults, and which
/// calls may repeat then depends on their order; a budget of one repeat for each call makes a run repeatable.
fn policy(caller: Caller, budget: Option<f32>) -> RetryPolicy {
    let policy = if caller == Caller::Sdk { RetryPolicy::standard() } else { RetryPolicy::none() };
    match budget {
        Some(extra_load) => policy.budget(extra_load),
        None => policy,
    }
}

/// Runs one caller to the end and makes up the books.
///
/// # Errors
/// When the sandbox can't be started or stopped, or the work stops for any reason but a fault.
pub fn run(settings: &Settings, caller: Caller) -> Result<Books> {
    service::forget_peak();
    let service = Service::start(settings)?;
    let ledger = Arc::new(Ledger::default());
    let planner = Arc::new(Mutex::new(Planner::new(settings.seed, settings.calls)));
    let callers = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let started = Instant::now();
    let player = Arc::new(match caller {
        Caller::Naive => Player::Naive(Naive::new(service.access(), Arc::clone(&ledger))?),
        _ => Player::Sdk(Sdk::new(service.access(), policy(caller, settings.budget), Arc::clone(&ledger))?),
    });
    callers
        .block_on(async {
            let workers: Vec<_> = (0..settings.concurrency.max(1))
                .map(|_| {
                    let (planner, player) = (Arc::clone(&planner), Arc::clone(&player));
                    tokio::spawn(async move {
                        loop {
                            let next = planner.lock().unwrap_or_else(PoisonError::into_inner).next();
                            let Some(flow) = next else { return anyhow::Ok(()) };
                            player.play(flow).await?;
                        }
                    })
                })
                .collect();
            for worker in workers {
                worker.await.context("a worker")??;
            }
            // Work that nobody waits for any more comes to its end first.
            let taken = started.elapsed();
            tokio::time::sleep(SLOW).await;
            anyhow::Ok(taken)
        })
        .and_then(|taken| {
            let peak = service::peak();
            drop(player);
            let ledger = Arc::into_inner(ledger).context("the ledger is still written to")?;
            Ok(ledger.close(caller, settings.seed, &service.commits()?, taken, peak))
        })
}

enum Player {
    Sdk(Sdk),
    Naive(Naive),
}

impl Player {
    async fn play(&self, flow: Flow) -> Result<()> {
        match self {
            Self::Sdk(sdk) => sdk.play(flow).await,
            Self::Naive(naive) => naive.play(flow).await,
        }
    }
}
