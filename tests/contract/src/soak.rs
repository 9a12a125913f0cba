//! Many calls at a time through a service that fails, and afterwards the tally: what each call returned, compared
//! with what the service did.
//!
//! Two services: the local sandbox, with random faults, and the adversary, whose profiles take back what the client
//! would like to rely on. Each call has a request id of its own, which both services keep with what they do, so
//! every effect is traced to the call that caused it.

mod calls;
mod look;
mod naive;
mod plan;
mod requests;
mod sdk;
mod service;
mod table;
mod tally;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cashfree::RetryPolicy;
use cashfree_sandbox::{Chaos, Sandbox};

pub use service::serve;
pub use table::Table;
pub use tally::Tally;

use naive::Naive;
use plan::{Flow, Flows, Planner};
use sdk::Sdk;
use service::Service;
use tally::Statements;

/// How long the callers wait for a response; requests that hang cost this much.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long slow work of the sandbox takes: longer than a caller waits.
const SLOW: Duration = Duration::from_millis(400);

/// What to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service.
    pub against: Against,
    /// Logical calls, repeats not counted; flows that have begun then are played to their end.
    pub calls: u64,
    /// Seed of the flows and the faults.
    pub seed: u64,
    /// Flows at a time.
    pub concurrency: usize,
    /// How much load repeats may add, instead of what the client allows them by default.
    pub budget: Option<f32>,
    /// Runs the sandbox in a process of its own, so that its memory is not counted. The program must have
    /// [`serve`] behind `--serve`.
    pub apart: bool,
}

/// The service of a soak.
#[derive(Clone, Debug)]
pub enum Against {
    /// The local sandbox.
    Sandbox {
        /// Share of requests that go wrong.
        faults: f64,
        /// Whether idempotency keys are forgotten at once.
        forgets_keys: bool,
    },
    /// The adversary.
    Adversary {
        /// Name of the profile.
        profile: String,
    },
}

impl Against {
    fn flows(&self) -> Flows {
        match self {
            Self::Sandbox { .. } => Flows::Sandbox,
            Self::Adversary { .. } => Flows::Adversary,
        }
    }
}

/// Who makes the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The client with its standard policy; each statement is taken as it is.
    Sdk,
    /// The client with its standard policy; its caller follows the advice of errors.
    Following,
    /// The client with one attempt a call; its caller follows the advice of errors.
    Once,
    /// A plain HTTP client: up to three repeats after everything that is no success, and no keys.
    Naive,
}

impl Caller {
    /// The callers of the table for the sandbox.
    pub const SANDBOX: [Self; 3] = [Self::Following, Self::Once, Self::Naive];
    /// The callers of the table for the adversary.
    pub const ADVERSARY: [Self; 3] = [Self::Sdk, Self::Following, Self::Naive];

    /// Returns the heading of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sdk => "this client",
            Self::Following => "this client, advice followed",
            Self::Once => "this client, retries off, advice followed",
            Self::Naive => "plain HTTP, 3 retries, no key",
        }
    }
}

/// The sandbox of a soak: its faults by seed, and no call limits to speak of.
fn sandbox(seed: u64, faults: f64, forgets_keys: bool) -> cashfree_sandbox::Builder {
    let chaos = Chaos::new(seed, faults).stalls().slowness(SLOW);
    Sandbox::builder().rate_window(Duration::from_millis(1)).forgets_keys(forgets_keys).chaos(chaos)
}

/// The standard policy. Its budget is used up by so many faults, and which calls may repeat then depends on their
/// order; a budget of one repeat for each call makes a run repeatable.
fn policy(caller: Caller, budget: Option<f32>) -> RetryPolicy {
    let policy = if caller == Caller::Once { RetryPolicy::none() } else { RetryPolicy::standard() };
    match budget {
        Some(extra_load) => policy.budget(extra_load),
        None => policy,
    }
}

/// Runs one caller to the end and returns the tally.
///
/// # Errors
/// Returns an error if the service can't be started or stopped, or the work stops for any reason but a fault.
pub fn run(settings: &Settings, caller: Caller) -> Result<Tally> {
    service::reset_peak();
    let service = Service::start(settings)?;
    let flows = settings.against.flows();
    let statements = Arc::new(Statements::default());
    let planner = Arc::new(Mutex::new(Planner::new(flows, settings.seed)));
    let callers = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let started = Instant::now();
    let player = Arc::new(match caller {
        Caller::Naive => Player::Naive(Naive::new(service.access(), Arc::clone(&statements))?),
        _ => {
            let policy = policy(caller, settings.budget);
            let follows = caller != Caller::Sdk;
            Player::Sdk(Sdk::new(service.access(), policy, follows, Arc::clone(&statements))?)
        }
    });
    let taken = callers.block_on(async {
        let workers: Vec<_> = (0..settings.concurrency.max(1))
            .map(|_| {
                let (planner, player) = (Arc::clone(&planner), Arc::clone(&player));
                let (statements, calls) = (Arc::clone(&statements), settings.calls);
                tokio::spawn(async move {
                    // A flow that fails is over, so the calls that were made count, not those that were planned.
                    while statements.calls() < calls {
                        let flow = planner.lock().unwrap_or_else(PoisonError::into_inner).next();
                        player.play(flow).await?;
                    }
                    anyhow::Ok(())
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
    })?;
    let peak = service::peak();
    drop(player);
    let statements = Arc::into_inner(statements).context("statements are still recorded")?;
    let tally = statements.judge(caller, flows, settings.seed, &service.commits()?);
    Ok(Tally { seconds: taken.as_secs_f64(), peak, ..tally })
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
