//! The record of what receivers did, kept outside of them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Run, lock};

/// Step of a handler. A receiver goes on when the ledger has recorded the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The event is about to be claimed.
    Claiming,
    /// The event was claimed, and the handler begins.
    Begun,
    /// The lease is about to be renewed.
    Renewing,
    /// The lease was renewed.
    Renewed,
    /// The effect happened; in a transaction: was written.
    Ended,
    /// The handler failed without an effect.
    Failed,
    /// The event was confirmed; in a transaction: committed.
    Handled,
    /// The event was handled, and another handler has taken it.
    LeaseLost,
    /// The event was handled, and the store failed.
    Unconfirmed,
    /// The delivery was skipped: the event was handled before.
    Before,
    /// The delivery was refused: the event is being handled.
    InProgress,
    /// The store failed.
    StoreFailed,
}

impl Step {
    const ALL: [(&str, Self); 12] = [
        ("claiming", Self::Claiming),
        ("begun", Self::Begun),
        ("renewing", Self::Renewing),
        ("renewed", Self::Renewed),
        ("ended", Self::Ended),
        ("failed", Self::Failed),
        ("handled", Self::Handled),
        ("lease_lost", Self::LeaseLost),
        ("unconfirmed", Self::Unconfirmed),
        ("before", Self::Before),
        ("in_progress", Self::InProgress),
        ("store_failed", Self::StoreFailed),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, step)| *step)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, step)| step == self).map(|(name, _)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

/// What a receiver is killed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// The claim.
    Claim,
    /// The effect, after the claim.
    Effect,
    /// The confirmation or the commit, after the effect.
    Confirmation,
    /// The response, after the confirmation or commit.
    Response,
}

impl Point {
    pub(super) const ALL: [Self; 4] = [Self::Claim, Self::Effect, Self::Confirmation, Self::Response];

    fn of(step: Step) -> Option<Self> {
        Some(match step {
            Step::Claiming => Self::Claim,
            Step::Begun => Self::Effect,
            Step::Ended => Self::Confirmation,
            Step::Handled => Self::Response,
            _ => return None,
        })
    }
}

/// What a handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Takes a few milliseconds.
    Go,
    /// Fails before its effect.
    Fail,
    /// Takes longer than its lease.
    Outlive,
    /// Takes longer than its lease, and renews it.
    Renew,
}

impl Order {
    const ALL: [(&str, Self); 4] =
        [("go", Self::Go), ("fail", Self::Fail), ("outlive", Self::Outlive), ("renew", Self::Renew)];
}

/// One step of one handling of an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) at: Instant,
    pub(super) process: u32,
    /// Number of the handling in its process.
    pub(super) handling: u64,
    pub(super) event: u32,
    pub(super) step: Step,
    /// Whether the process was killed at this step.
    pub(super) killed: bool,
}

/// Kills by point.
pub(super) type Kills = BTreeMap<&'static str, u32>;

pub(super) struct Ledger {
    state: Mutex<State>,
}

struct State {
    records: Vec<Record>,
    dice: fastrand::Rng,
    kill_at: Vec<Point>,
    kills: Kills,
}

impl Ledger {
    pub(super) fn new(seed: u64) -> Self {
        let dice = fastrand::Rng::with_seed(seed ^ 0x1ed6e4);
        Self {
            state: Mutex::new(State { records: Vec::new(), dice, kill_at: Vec::new(), kills: Kills::new() }),
        }
    }

    /// Kills the next process that comes to this point.
    pub(super) fn kill_at(&self, point: Point) {
        lock(&self.state).kill_at.push(point);
    }

    pub(super) fn killed_at_random(&self) {
        *lock(&self.state).kills.entry("at random").or_default() += 1;
    }

    pub(super) fn records(&self) -> Vec<Record> {
        lock(&self.state).records.clone()
    }

    pub(super) fn kills(&self) -> Kills {
        lock(&self.state).kills.clone()
    }

    /// Records a step. Returns what the handler does, or `None` if its process is to be killed.
    fn record(&self, process: u32, handling: u64, event: u32, step: Step) -> Option<Order> {
        let mut state = lock(&self.state);
        let point = Point::of(step);
        let due = point.and_then(|point| state.kill_at.iter().position(|due| *due == point));
        if let Some(at) = due {
            state.kill_at.swap_remove(at);
            let name = match point {
                Some(Point::Claim) | None => "before the claim",
                Some(Point::Effect) => "before the effect",
                Some(Point::Confirmation) => "before the confirmation",
                Some(Point::Response) => "before the response",
            };
            *state.kills.entry(name).or_default() += 1;
        }
        let killed = due.is_some();
        state.records.push(Record { at: Instant::now(), process, handling, event, step, killed });
        if killed {
            return None;
        }
        Some(match state.dice.u32(..200) {
            0..6 => Order::Fail,
            6..8 => Order::Outlive,
            8..10 => Order::Renew,
            _ => Order::Go,
        })
    }
}

/// Serves receivers.
pub(super) async fn serve(listener: TcpListener, run: Arc<Run>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let run = Arc::clone(&run);
        tokio::spawn(async move {
            if let Err(error) = record(stream, &run).await {
                eprintln!("ledger: {error:#}");
            }
        });
    }
}

async fn record(stream: TcpStream, run: &Arc<Run>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        // The end of a line or connection is that of a killed process.
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 || !line.ends_with('\n') {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let mut word = || words.next().context("a word is missing");
        let (process, handling, event) = (word()?.parse()?, word()?.parse()?, word()?.parse()?);
        let step = Step::named(word()?).context("an unknown step")?;
        let Some(order) = run.ledger.record(process, handling, event, step) else {
            let place = run.place_of(process).await.context("an unknown process")?;
            run.kill(place, Some(process)).await?;
            return Ok(());
        };
        let word = Order::ALL.iter().find(|(_, known)| *known == order).map(|(name, _)| *name);
        let response = format!("{}\n", word.unwrap_or_default());
        if stream.get_mut().write_all(response.as_bytes()).await.is_err() {
            return Ok(());
        }
    }
}

/// Connections of a receiver to the ledger.
#[derive(Debug)]
pub(super) struct Reporter {
    address: SocketAddr,
    idle: Mutex<Vec<BufReader<TcpStream>>>,
    handlings: AtomicU64,
}

impl Reporter {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::default(), handlings: AtomicU64::new(0) }
    }

    /// Returns the number of a new handling.
    pub(super) fn handling(&self) -> u64 {
        self.handlings.fetch_add(1, Ordering::Relaxed)
    }

    /// Reports a step to the ledger, and waits until it is recorded.
    pub(super) async fn report(&self, handling: u64, event: u32, step: Step) -> Result<Order> {
        let idle = lock(&self.idle).pop();
        let mut stream = match idle {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        let line = format!("{} {handling} {event} {step}\n", std::process::id());
        stream.get_mut().write_all(line.as_bytes()).await?;
        let mut response = String::new();
        ensure!(stream.read_line(&mut response).await? > 0, "the ledger is gone");
        lock(&self.idle).push(stream);
        let Some((_, order)) = Order::ALL.iter().find(|(name, _)| *name == response.trim()) else {
            bail!("the ledger says {response:?}")
        };
        Ok(*order)
    }
}
