//! Kills the workers of a [`shop`](crate::shop) again and again, restarts its database, and counts what the service
//! did in the end.
//!
//! The service is the adversary, which shares no code with the client and keeps its own ledger; what was ordered is
//! counted by the customers, not read from the database. Nothing stops while a worker dies: the other workers, the
//! customers and the faults go on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use adversary::{Adversary, Change, Ledger, MERCHANTS, Profile};
use anyhow::{Context, Result, bail, ensure};
use cashfree::{Client, ClientBuilder, Credentials, Environment, RetryPolicy};
use servers::{Postgres, Server, start};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgPool, Row};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, watch};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::calls::{self, Recovery};
use crate::customer;
use crate::flaws::{Flaw, FlawedTransport};
use crate::shop::{Capture, Creation, Discount, Shop};

/// Customers who order at the same time.
const CUSTOMERS: usize = 24;
/// For how long the database or a worker may take before the run fails.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);
/// Variable that names the flaw of a worker.
const FLAW: &str = "FLAW";
/// Secret of the merchant. A dump of the database is searched for it.
const SECRET: &str = "secret_marked_Q7xT2";

/// What is done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Workers that run at the same time, each a process.
    pub workers: usize,
    /// Workers that are killed with SIGKILL.
    pub kills: u32,
    /// Crashes of the database.
    pub restarts: u32,
    /// Profile of the adversary.
    pub profile: String,
    /// The moments and the faults follow from it.
    pub seed: u64,
    /// For how long a customer waits for the next step of an order, which is counted as it is then.
    pub patience: Duration,
    /// What is wrong with the shop, to show that the count finds it.
    pub flaw: Option<Flaw>,
}

impl Plan {
    /// A plan with the defaults of the program, without restarts of the database and without a flaw.
    pub fn new(kills: u32) -> Self {
        let (profile, patience) = ("documented".to_owned(), Duration::from_secs(300));
        Self { workers: 4, kills, restarts: 0, profile, seed: 1, patience, flaw: None }
    }
}

/// The result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Processes killed.
    pub kills: u32,
    /// Jobs that these were running.
    pub cut_off: u64,
    /// Crashes of the database.
    pub restarts: u32,
    /// Orders, each with a creation, a capture and a refund.
    pub orders: u64,
    /// Runs of calls after their first one.
    pub reruns: u64,
    /// Dead letters that were run again.
    pub revived: u64,
    /// Orders whose transaction was rolled back.
    pub rolled_back: u64,
    /// Creations, captures and refunds that happened more than once.
    pub twice: u64,
    /// Those that did not happen.
    pub missing: u64,
    /// Changes for orders that were rolled back.
    pub sent_after_rollback: u64,
    /// Calls that are not marked as done, orders that are not refunded, jobs that are left, and calls that are missing
    /// in the table or have no order.
    pub unfinished: u64,
    /// Secrets found in a dump of the database.
    pub leaked: u64,
    /// The whole run.
    pub taken: Duration,
}

impl Report {
    /// Whether everything happened exactly once, and no secret is stored.
    pub fn is_balanced(&self) -> bool {
        self.twice + self.missing + self.sent_after_rollback + self.unfinished + self.leaked == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("workers killed", u64::from(self.kills)),
            ("jobs cut off by that", self.cut_off),
            ("crashes of the database", u64::from(self.restarts)),
            ("orders", self.orders),
            ("runs after the first", self.reruns),
            ("dead letters run again", self.revived),
            ("orders rolled back", self.rolled_back),
            ("happened twice", self.twice),
            ("missing", self.missing),
            ("happened, but rolled back", self.sent_after_rollback),
            ("left unfinished", self.unfinished),
            ("secrets in the dump", self.leaked),
        ];
        rows.iter().try_for_each(|(name, count)| writeln!(f, "{name:<27}{count}"))?;
        writeln!(f, "{:<27}{:.1}", "seconds", self.taken.as_secs_f64())
    }
}

/// Account of a worker, from the environment.
#[derive(Clone, Debug)]
pub struct Account {
    database: String,
    service: String,
    flaw: Option<Flaw>,
}

impl Account {
    /// Reads what [`run`] gives to its workers.
    ///
    /// # Errors
    /// If a variable is missing.
    pub fn from_env() -> Result<Self> {
        let text = |name: &str| std::env::var(name).with_context(|| name.to_owned());
        let flaw = std::env::var(FLAW).ok().map(|name| Flaw::named(&name)).transpose()?;
        Ok(Self { database: text("DATABASE_URL")?, service: text("CASHFREE_ENVIRONMENT")?, flaw })
    }

    /// The client of a worker, with the flaw of its transport.
    fn worker_client(&self) -> Result<Client> {
        let Some(flaw) = self.flaw else { return self.client() };
        Ok(self.builder()?.transport(FlawedTransport::new(flaw, self.pool(1)?)).build()?)
    }

    fn client(&self) -> Result<Client> {
        Ok(self.builder()?.build()?)
    }

    fn builder(&self) -> Result<ClientBuilder> {
        let credentials = Credentials::client_secret(MERCHANTS[0], SECRET);
        let environment = Environment::custom(&self.service)?;
        // The adversary's delays are made for callers with half a second.
        let policy = RetryPolicy::standard().max_elapsed(Duration::from_secs(5));
        Ok(Client::builder(environment, credentials).timeout(PAUSE * 5).retry(policy))
    }

    fn pool(&self, size: u32) -> Result<PgPool> {
        let options = PgPoolOptions::new().max_connections(size).acquire_timeout(Duration::from_secs(5));
        Ok(options.connect_lazy(&self.database)?)
    }
}

/// A worker of the shop, until it is killed or gets SIGTERM.
///
/// # Errors
/// If the account is of no use.
pub async fn work(account: &Account) -> Result<()> {
    let shop = Shop::new(account.pool(8)?, account.worker_client()?);
    let (stop, stopped) = watch::channel(false);
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        signal.recv().await;
        stop.send(true)
    });
    let recovery = Recovery { heartbeat: PAUSE * 3, silence: Duration::from_secs(1) };
    calls::run(shop.calls().clone(), options, recovery, Duration::from_secs(30), stopped).await;
    Ok(())
}

fn options(options: graphile_worker::WorkerOptions) -> graphile_worker::WorkerOptions {
    Shop::jobs(options).concurrency(4).poll_interval(PAUSE)
}

/// Retries what fails while the database is down.
async fn persist<T>(what: impl AsyncFn() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match what().await {
            Err(error) if start.elapsed() > PATIENCE => return Err(error),
            Err(_) => sleep(PAUSE).await,
            Ok(value) => return Ok(value),
        }
    }
}

/// The shop with its customers and its operator, who share it.
struct Simulation {
    shop: Shop,
    pool: PgPool,
    otp: String,
    patience: Duration,
    flaw: Option<Flaw>,
    next: AtomicU64,
    rolled_back: AtomicU64,
    closing: AtomicBool,
    served: AtomicBool,
}

impl Simulation {
    /// Orders again and again until the shop closes. Returns the ids of the orders.
    async fn customer(self: Arc<Self>) -> Result<Vec<String>> {
        let mut mine = Vec::new();
        while !self.closing.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number.is_multiple_of(5) {
                persist(async || self.change_mind(number).await).await?;
                self.rolled_back.fetch_add(1, Ordering::Relaxed);
            }
            let id = format!("order_{number}");
            persist(async || {
                let mut transaction = self.pool.begin().await?;
                self.shop.place(&mut transaction, &id).await?;
                // If the commit is cut off, the next attempt shows whether it took place.
                Ok(transaction.commit().await?)
            })
            .await?;
            mine.push(id.clone());
            if !self.reaches(&id, "created").await? {
                eprintln!("{id} is not created");
                continue;
            }
            customer::pay(self.shop.calls().client(), &id, &self.otp).await?;
            persist(async || self.shop.capture(&id).await).await?;
            if !self.reaches(&id, "refunded").await? {
                eprintln!("{id} is left as it is: {:?}", self.shop.state(&id).await?);
            }
        }
        Ok(mine)
    }

    /// Stores an order and its call, and rolls back.
    async fn change_mind(&self, number: u64) -> Result<()> {
        let id = format!("dropped_{number}");
        let mut connection = self.pool.acquire().await?;
        if self.flaw == Some(Flaw::OutsideTransaction) {
            self.shop.place(&mut connection, &id).await?;
            let row = sqlx::query("DELETE FROM orders WHERE order_id = $1").bind(id);
            row.execute(&mut *connection).await?;
            return Ok(());
        }
        let mut transaction = connection.begin().await?;
        self.shop.place(&mut transaction, &id).await?;
        Ok(transaction.rollback().await?)
    }

    /// Waits for a state of an order. Returns whether it came.
    async fn reaches(&self, id: &str, state: &str) -> Result<bool> {
        let start = Instant::now();
        while persist(async || self.shop.state(id).await).await?.as_deref() != Some(state) {
            if start.elapsed() > self.patience {
                return Ok(false);
            }
            sleep(PAUSE).await;
        }
        Ok(true)
    }

    /// Runs waiting jobs at once, and dead letters again, as a person does after looking at them.
    /// Returns the number of dead letters.
    async fn operator(self: Arc<Self>) -> Result<u64> {
        const NOW: &str = "UPDATE graphile_worker._private_jobs SET run_at = now()
            WHERE run_at > now() AND locked_at IS NULL";
        let mut revived = 0;
        while !self.served.load(Ordering::Relaxed) {
            sleep(PAUSE * 3).await;
            persist(async || Ok(self.pool.execute(NOW).await?)).await?;
            let calls = self.shop.calls();
            for letter in persist(async || calls.dead_letters().await).await? {
                let again = persist(async || match letter.job.as_str() {
                    "create_order" => calls.revive::<Creation>(letter.id).await,
                    "capture" => calls.revive::<Capture>(letter.id).await,
                    _ => calls.revive::<Discount>(letter.id).await,
                });
                revived += u64::from(again.await?);
            }
        }
        Ok(revived)
    }
}

/// The processes.
struct Workers {
    program: PathBuf,
    account: Account,
    running: Vec<Child>,
}

impl Workers {
    fn start(&self) -> Result<Child> {
        let mut command = Command::new(&self.program);
        command.arg("worker").env_clear().kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::null());
        command
            .env("DATABASE_URL", &self.account.database)
            .env("CASHFREE_ENVIRONMENT", &self.account.service)
            .envs(self.account.flaw.map(|flaw| (FLAW, flaw.name())));
        command.spawn().with_context(|| format!("starting {}", self.program.display()))
    }

    /// Kills one of them and starts another. Returns the number of jobs that it was running.
    async fn kill(&mut self, index: usize, pool: &PgPool) -> Result<u64> {
        const RUNNING: &str = "SELECT count(*) FROM graphile_worker._private_jobs AS jobs
            JOIN graphile_worker._private_workers AS workers ON workers.id = jobs.locked_by
            WHERE workers.metadata->>'pid' = $1";
        let another = self.start()?;
        let child = self.running.get_mut(index).context("no such worker")?;
        if let Some(status) = child.try_wait()? {
            bail!("a worker ended by itself: {status}");
        }
        let pid = child.id().context("a worker without a process")?.to_string();
        let running = sqlx::query(RUNNING).bind(pid).fetch_one(pool).await;
        child.kill().await?;
        *child = another;
        // The count is left out while the database is down.
        let running: i64 = running.and_then(|row| row.try_get(0)).unwrap_or_default();
        Ok(running.unsigned_abs())
    }

    /// Stops all as an operator does, who expects them to end by themselves.
    async fn stop(self) -> Result<()> {
        for mut child in self.running {
            let pid = child.id().context("a worker ended by itself")?;
            let sent = Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
            ensure!(sent.success(), "the signal was not sent");
            let status = tokio::time::timeout(PATIENCE, child.wait()).await.context("it does not stop")??;
            ensure!(status.success(), "a worker failed: {status}");
        }
        Ok(())
    }
}

/// Carries out the plan with workers that are called as `PROGRAM worker`. Returns `None` if Postgres is not installed.
///
/// # Errors
/// If something fails that was not made to.
pub async fn run(program: &Path, plan: &Plan) -> Result<Option<Report>> {
    LocalSet::new().run_until(carry_out(program, plan)).await
}

async fn carry_out(program: &Path, plan: &Plan) -> Result<Option<Report>> {
    let Some(server) = start::<Postgres>("kills over the job engine")? else { return Ok(None) };
    let begun = Instant::now();
    let profile = Profile::named(&plan.profile, plan.seed).context("there is no such profile")?;
    // Every order is to be finished: none is created by another system under the same id.
    let service = Adversary::start(Profile { taken_ids: 0.0, ..profile }).await?;
    let account = Account { database: server.url(), service: service.url().to_owned(), flaw: plan.flaw };
    let pool = account.pool(32)?;
    let shop = Shop::new(pool.clone(), account.client()?);
    shop.migrate().await?;
    for statement in plan.flaw.map_or(&[][..], Flaw::statements) {
        pool.execute(*statement).await?;
    }
    let simulation = Arc::new(Simulation {
        shop,
        pool: pool.clone(),
        otp: service.otp().to_owned(),
        patience: plan.patience,
        flaw: plan.flaw,
        next: AtomicU64::new(0),
        rolled_back: AtomicU64::new(0),
        closing: AtomicBool::new(false),
        served: AtomicBool::new(false),
    });
    let mut workers = Workers { program: program.to_owned(), account, running: Vec::new() };
    for _ in 0..plan.workers {
        let worker = workers.start()?;
        workers.running.push(worker);
    }
    let operator = spawn_local(Arc::clone(&simulation).operator());
    let customers: Vec<_> = (0..CUSTOMERS).map(|_| spawn_local(Arc::clone(&simulation).customer())).collect();

    let server = Arc::new(Mutex::new(server));
    let mut report = Report { kills: plan.kills, ..Report::default() };
    let mut chance = fastrand::Rng::with_seed(plan.seed);
    let between = plan.kills.checked_div(plan.restarts).unwrap_or(u32::MAX).max(1);
    for kill in 1..=plan.kills {
        sleep(Duration::from_millis(chance.u64(50..400))).await;
        report.cut_off += workers.kill(chance.usize(..plan.workers), &pool).await?;
        if kill.is_multiple_of(between) && report.restarts < plan.restarts {
            let down = Duration::from_millis(chance.u64(..500));
            crash(Arc::clone(&server), down).await?;
            if plan.flaw == Some(Flaw::VolatileQueue) {
                persist(async || Ok(pool.execute("DELETE FROM graphile_worker._private_jobs").await?))
                    .await?;
            }
            report.restarts += 1;
        }
    }
    simulation.closing.store(true, Ordering::Relaxed);
    let mut orders = Vec::new();
    for customer in customers {
        orders.extend(customer.await??);
    }
    simulation.served.store(true, Ordering::Relaxed);
    report.revived = operator.await??;
    workers.stop().await?;

    report.rolled_back = simulation.rolled_back.load(Ordering::Relaxed);
    count(&mut report, &orders, &service.settled().await);
    (report.unfinished, report.reruns) = remaining(&pool, orders.len()).await?;
    report.leaked = leaked(&server.lock().await.dump()?)?;
    report.taken = begun.elapsed();
    Ok(Some(report))
}

/// Crashes the database and starts it again.
async fn crash(server: Arc<Mutex<Postgres>>, down: Duration) -> Result<()> {
    let mut server = server.lock_owned().await;
    let crash = move || -> Result<()> {
        server.kill()?;
        std::thread::sleep(down);
        server.restart()
    };
    tokio::task::spawn_blocking(crash).await?
}

fn count(report: &mut Report, orders: &[String], ledger: &Ledger) {
    let stored = [Change::OrderCreated, Change::Captured, Change::RefundCreated];
    let changes = ledger.entries().iter().filter(|entry| stored.contains(&entry.change));
    let mut times = std::collections::HashMap::<(Change, &str), u64>::new();
    for entry in changes {
        // A refund is named by its order and its own id.
        let order = entry.id.split('/').next().unwrap_or_default();
        *times.entry((entry.change, order)).or_default() += 1;
    }
    report.orders = orders.len() as u64;
    for order in orders {
        for change in stored {
            match times.remove(&(change, order.as_str())).unwrap_or_default() {
                0 => report.missing += 1,
                times => report.twice += times - 1,
            }
        }
    }
    report.sent_after_rollback = times.into_values().sum();
}

/// Calls that are not done and jobs that are left; runs after the first ones.
async fn remaining(pool: &PgPool, orders: usize) -> Result<(u64, u64)> {
    let count = async |query: &'static str| -> Result<u64> {
        let number: i64 = sqlx::query(query).fetch_one(pool).await?.try_get(0)?;
        Ok(number.unsigned_abs())
    };
    let calls = count("SELECT count(*) FROM stored_calls").await?;
    let odd = calls.abs_diff(3 * orders as u64);
    let waiting = count("SELECT count(*) FROM stored_calls WHERE state <> 'done'").await?;
    let open = count("SELECT count(*) FROM orders WHERE state <> 'refunded'").await?;
    let jobs = count("SELECT count(*) FROM graphile_worker._private_jobs").await?;
    let reruns = count("SELECT coalesce(sum(run - 1), 0)::bigint FROM stored_calls").await?;
    Ok((waiting + open + jobs + odd, reruns))
}

/// Searches a dump for the secrets of the merchant and of the customers.
fn leaked(dump: &str) -> Result<u64> {
    // A dump without the orders would prove nothing.
    ensure!(dump.contains("order_1") && dump.contains("cust_42"), "the dump holds no calls");
    // A session ends with the merchant's id.
    let marks = [SECRET, customer::CARD_NUMBER, MERCHANTS[0]];
    Ok(marks.into_iter().map(|mark| dump.matches(mark).count() as u64).sum())
}
