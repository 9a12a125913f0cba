//! Several receivers of webhooks over one deduplication store: killed, restarted and delivered to again and again.
//!
//! A sender delivers each event several times, in a random order and often to two receivers at once, and again until
//! the response is 200. Receivers are processes that run the crate's own receiving path. They report to a ledger in the
//! sender's process what they do, before they do the next thing. The ledger kills them at chosen points, and the
//! check compares what it recorded with the promises of the store. Nothing of the check is read from the store,
//! and events are distinguished by a number in their body, not by the crate's deduplication key.
//!
//! What both sides assume: the machine has one clock that does not jump, and a receiver reports truly what its
//! handlers do. The stores without a promise ([`Store::Nothing`] and the following) show that the check can fail.

mod broken;
mod check;
mod ledger;
pub mod receiver;
mod sender;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use cashfree::webhook::PostgresStore;
use sqlx::{Executor, PgPool, postgres::PgPoolOptions};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{Postgres, Redis, Server, start};

use check::Promise;
pub use check::Report;
use ledger::{Ledger, Point};

/// Secret that deliveries are signed with.
const SECRET: &str = "secret_of_the_receivers";

/// What receivers deduplicate with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Store {
    /// `PostgresStore::claim_in`, in the handler's transaction.
    PostgresTransaction,
    /// `deduplicate` with `PostgresStore`.
    Postgres,
    /// `deduplicate` with `RedisStore`.
    Redis,
    /// No store: every delivery is handled.
    Nothing,
    /// `deduplicate` with `MemoryStore`, one in each process.
    Memory,
    /// `deduplicate` with a store that reads whether the event is claimed, and then writes its claim.
    ReadThenWrite,
    /// `deduplicate` with a store that takes a claimed event for a handled one.
    ClaimedIsHandled,
}

impl Store {
    fn promise(self) -> Promise {
        if self == Self::PostgresTransaction { Promise::ExactlyOnce } else { Promise::OneAtATime }
    }

    fn name(self) -> Result<String> {
        let value = clap::ValueEnum::to_possible_value(&self).context("a store without a name")?;
        Ok(value.get_name().to_owned())
    }
}

/// Size of a run.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// What receivers deduplicate with.
    #[arg(long, value_enum)]
    pub store: Store,
    /// Number of events.
    #[arg(long, default_value_t = 20_000)]
    pub events: u32,
    /// Deliveries of each event, besides those that follow another response than 200.
    #[arg(long, default_value_t = 5)]
    pub deliveries: u32,
    /// Receiver processes.
    #[arg(long, default_value_t = 8)]
    pub receivers: usize,
    /// How often a receiver is killed.
    #[arg(long, default_value_t = 400)]
    pub kills: u32,
    /// How often the store's server is killed and started again.
    #[arg(long, default_value_t = 5)]
    pub restarts: u32,
    /// Lease of a claim, in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    pub lease: u64,
    /// Seed of the order, the points of the kills and the behaviour of handlers.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl Options {
    fn lease(&self) -> Duration {
        Duration::from_millis(self.lease)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Server of the store.
enum Backend {
    Postgres(Postgres),
    Redis(Redis),
}

impl Backend {
    async fn start(store: Store) -> Result<Option<Self>> {
        let what = "deduplication by several processes";
        if store == Store::Redis {
            return Ok(start::<Redis>(what)?.map(Self::Redis));
        }
        let Some(server) = start::<Postgres>(what)? else { return Ok(None) };
        let pool = PgPool::connect(&server.url()).await?;
        PostgresStore::new(pool.clone()).migrate().await?;
        // Nothing but the store keeps an event from having two effects.
        pool.execute("CREATE TABLE effects (event bigint NOT NULL)").await?;
        pool.execute(broken::TABLE).await?;
        pool.close().await;
        Ok(Some(Self::Postgres(server)))
    }

    fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::Redis(server) => server.url(),
        }
    }

    fn restart(&mut self) -> Result<()> {
        let server: &mut dyn Restart = match self {
            Self::Postgres(server) => server,
            Self::Redis(server) => server,
        };
        server.kill_and_restart()
    }

    /// Returns how many effects of each event were committed.
    async fn effects(&self) -> Result<Vec<(u32, u32)>> {
        let pool = PgPoolOptions::new().connect(&self.url()).await?;
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT event, count(*) FROM effects GROUP BY event").fetch_all(&pool).await?;
        rows.into_iter().map(|(event, count)| Ok((event.try_into()?, count.try_into()?))).collect()
    }
}

trait Restart {
    fn kill_and_restart(&mut self) -> Result<()>;
}

impl<S: Server> Restart for S {
    fn kill_and_restart(&mut self) -> Result<()> {
        self.kill()?;
        self.restart()
    }
}

/// Receiver processes, each in its place. A killed one is followed by another.
struct Receivers {
    program: Command,
    places: Vec<Option<(Child, SocketAddr)>>,
}

/// Shared by the sender, the ledger and the killer.
struct Run {
    receivers: tokio::sync::Mutex<Receivers>,
    /// Addresses of the receivers, as the sender knows them.
    addresses: Mutex<Vec<SocketAddr>>,
    ledger: Ledger,
    /// Deliveries that ended with 200.
    delivered: AtomicU64,
}

impl Run {
    async fn start_receiver(&self, place: usize) -> Result<()> {
        let mut receivers = self.receivers.lock().await;
        let mut child = receivers.program.spawn().context("cannot start a receiver")?;
        let output = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        let address: SocketAddr = line.trim().parse().context("the receiver did not start")?;
        lock(&self.addresses)[place] = address;
        receivers.places[place] = Some((child, address));
        Ok(())
    }

    /// Kills a receiver and starts another one in its place. A process that was killed already is left alone.
    async fn kill(&self, place: usize, process: Option<u32>) -> Result<bool> {
        {
            let mut receivers = self.receivers.lock().await;
            let Some(at) = receivers.places.get_mut(place) else { bail!("no receiver {place}") };
            let killed = at.as_ref().is_some_and(|(child, _)| process.is_none() || child.id() == process);
            if !killed {
                return Ok(false);
            }
            if let Some((mut child, _)) = at.take() {
                child.kill().await?;
            }
        }
        self.start_receiver(place).await?;
        Ok(true)
    }

    async fn place_of(&self, process: u32) -> Option<usize> {
        let receivers = self.receivers.lock().await;
        receivers
            .places
            .iter()
            .position(|place| place.as_ref().is_some_and(|(child, _)| child.id() == Some(process)))
    }
}

/// Runs the sender, the receivers and the ledger, and checks what was recorded. `program` is called as
/// `PROGRAM receiver …`.
///
/// Returns `None` if the store's server is not installed.
///
/// # Errors
/// If a server or receiver can't be started, or an event is not acknowledged within two minutes.
pub async fn run(program: &Path, options: &Options) -> Result<Option<Report>> {
    let started = Instant::now();
    ensure!(options.receivers > 0 && options.deliveries > 0 && options.events > 0, "an empty run");
    let Some(mut backend) = Backend::start(options.store).await? else { return Ok(None) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let mut command = Command::new(program);
    command.args(["receiver", "--store", &options.store.name()?, "--url", &backend.url()]);
    command.args(["--lease", &options.lease.to_string(), "--ledger", &listener.local_addr()?.to_string()]);
    // A receiver ends with its standard input, if this process is gone.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let run = Arc::new(Run {
        receivers: tokio::sync::Mutex::new(Receivers {
            program: command,
            places: (0..options.receivers).map(|_| None).collect(),
        }),
        addresses: Mutex::new(vec![SocketAddr::from(([127, 0, 0, 1], 9)); options.receivers]),
        ledger: Ledger::new(options.seed),
        delivered: AtomicU64::new(0),
    });
    let served = tokio::spawn(ledger::serve(listener, Arc::clone(&run)));
    for place in 0..options.receivers {
        run.start_receiver(place).await?;
    }
    let sending = tokio::spawn(sender::send(Arc::clone(&run), options.clone()));
    let disturbed = disturb(&run, &mut backend, options).await;
    let sent = sending.await??;
    let restarts = disturbed?;
    let effects = match options.store.promise() {
        Promise::ExactlyOnce => Some(backend.effects().await?),
        Promise::OneAtATime => None,
    };
    served.abort();
    let records = run.ledger.records();
    let mut report =
        check::check(&records, options.events, options.lease(), options.store.promise(), effects);
    (report.deliveries, report.acknowledged) = (sent.deliveries, sent.acknowledged);
    (report.hang_ups, report.restarts) = (sent.hang_ups, restarts);
    report.kills = run.ledger.kills();
    report.taken = started.elapsed();
    Ok(Some(report))
}

/// Kills receivers and restarts the server, spread over the deliveries. Returns the number of restarts.
async fn disturb(run: &Run, backend: &mut Backend, options: &Options) -> Result<u32> {
    let all = u64::from(options.events) * u64::from(options.deliveries);
    let mut dice = fastrand::Rng::with_seed(options.seed);
    let (mut kills, mut restarts) = (0_u32, 0_u32);
    loop {
        let delivered = run.delivered.load(Ordering::Relaxed);
        if delivered >= all {
            return Ok(restarts);
        }
        if delivered * u64::from(options.restarts + 1) >= all * u64::from(restarts + 1) {
            backend.restart()?;
            restarts += 1;
        }
        if delivered * u64::from(options.kills + 1) >= all * u64::from(kills + 1) {
            match Point::ALL.get(kills as usize % (Point::ALL.len() + 1)) {
                Some(point) => run.ledger.kill_at(*point),
                None => {
                    run.kill(dice.usize(..options.receivers), None).await?;
                    run.ledger.killed_at_random();
                }
            }
            kills += 1;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
