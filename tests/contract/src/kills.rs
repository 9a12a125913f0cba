//! Kills a [survivor] again and again, and counts what was done in the end.

use std::fmt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use adversary::{Adversary, MERCHANTS, Profile};
use anyhow::{Context, Result, ensure};
use cashfree_sandbox::Sandbox;

use crate::survivor;

/// Kills for each journal; then its work is finished and counted.
const SHIFT: u32 = 20;
/// New orders that a survivor carries out if it lives.
const ORDERS: usize = 3;

/// The result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Processes killed.
    pub kills: u32,
    /// Orders that were begun, and finished in the end.
    pub orders: u64,
    /// Steps that were announced and not known to have happened when the process was killed.
    pub in_the_air: u64,
    /// Orders, payments made, captures and refunds that happened more than once.
    pub twice: u64,
    /// Those that did not happen.
    pub missing: u64,
    /// How long a survivor takes that is left alone.
    pub usual: Duration,
    /// The whole run.
    pub taken: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, orders, in_the_air, twice, missing, usual, taken } = self;
        writeln!(f, "kills                     {kills}")?;
        writeln!(f, "steps left in the air     {in_the_air}")?;
        writeln!(f, "orders, all finished      {orders}")?;
        writeln!(f, "happened twice            {twice}")?;
        writeln!(f, "missing                   {missing}")?;
        writeln!(f, "a life, undisturbed       {:.0} ms", usual.as_secs_f64() * 1000.0)?;
        writeln!(f, "seconds                   {:.1}", taken.as_secs_f64())
    }
}

/// The service whose customers are killed.
#[derive(Clone, Debug)]
pub enum Against {
    /// The local sandbox, without faults.
    Sandbox,
    /// The adversary with this profile. No id is taken by another system, since every order is to be finished.
    Adversary(String),
}

/// A running service.
enum Service {
    Sandbox(Box<Sandbox>),
    Adversary(Adversary),
}

impl Service {
    async fn start(against: &Against, seed: u64) -> Result<Self> {
        Ok(match against {
            Against::Sandbox => {
                let unlimited = Sandbox::builder().rate_window(Duration::from_millis(1));
                Self::Sandbox(Box::new(unlimited.start().await?))
            }
            Against::Adversary(name) => {
                let profile = Profile::named(name, seed).with_context(|| format!("no profile {name:?}"))?;
                Self::Adversary(Adversary::start(Profile { taken_ids: 0.0, ..profile }).await?)
            }
        })
    }

    /// The environment variables and the one-time password of a survivor.
    fn access(&self, against: &Against) -> ([(&'static str, String); 3], &str) {
        match self {
            Self::Sandbox(sandbox) => {
                let id = ("CASHFREE_CLIENT_ID", sandbox.client_id().to_owned());
                let secret = ("CASHFREE_CLIENT_SECRET", sandbox.client_secret().to_owned());
                ([("CASHFREE_ENVIRONMENT", sandbox.base_url().to_owned()), id, secret], sandbox.otp())
            }
            Self::Adversary(adversary) => {
                let partner = matches!(against, Against::Adversary(name) if name == "partner");
                let names = match partner {
                    true => ["CASHFREE_PARTNER_MERCHANT_ID", "CASHFREE_PARTNER_API_KEY"],
                    false => ["CASHFREE_CLIENT_ID", "CASHFREE_CLIENT_SECRET"],
                };
                let id = (names[0], MERCHANTS[0].to_owned());
                let secret = (names[1], "secret_of_the_survivor".to_owned());
                ([("CASHFREE_ENVIRONMENT", adversary.url().to_owned()), id, secret], adversary.otp())
            }
        }
    }

    /// The orders whose names begin with a prefix, each as often as it underwent a change.
    async fn changed(&self, change: &str, prefix: &str) -> Vec<String> {
        let all: Vec<(String, String)> = match self {
            Self::Sandbox(sandbox) => {
                let committed = sandbox.committed().into_iter();
                committed.map(|entry| (format!("{:?}", entry.change), entry.order_id)).collect()
            }
            Self::Adversary(adversary) => {
                let ledger = adversary.settled().await;
                let entries = ledger.entries().iter();
                entries.map(|entry| (format!("{:?}", entry.change), entry.id.clone())).collect()
            }
        };
        let mine = all.into_iter().filter(|(made, id)| made == change && id.starts_with(prefix));
        // A refund is named by its order and its own id.
        mine.map(|(_, id)| id.split('/').next().unwrap_or_default().to_owned()).collect()
    }
}

/// Kills so many processes of a program, which is called as `PROGRAM survivor --journal FILE …`, each at a
/// moment that the seed draws from its usual life, and lets the last one of each journal finish.
///
/// # Errors
/// Returns an error if a process can't be started, or fails without having been killed.
pub fn run(program: &Path, against: &Against, kills: u32, seed: u64) -> Result<Report> {
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let service = runtime.block_on(Service::start(against, seed))?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    let mut chance = seed;
    for shift in 0..kills.div_ceil(SHIFT) {
        let journal = folder.path().join(format!("journal_{shift}"));
        let prefix = format!("shift_{shift}");
        let start = |orders| start(program, service.access(against), &journal, &prefix, orders);
        if report.usual.is_zero() {
            let born = Instant::now();
            finish(start(ORDERS)?)?;
            report.usual = born.elapsed();
        }
        let mut left = SHIFT.min(kills - report.kills);
        while left > 0 {
            let mut child = start(ORDERS)?;
            std::thread::sleep(report.usual.mul_f64(draw(&mut chance)));
            if let Some(status) = child.try_wait()? {
                ensure!(status.success(), "the survivor failed by itself: {status}");
                continue;
            }
            child.kill()?;
            child.wait()?;
            (report.kills, left) = (report.kills + 1, left - 1);
            report.in_the_air += survivor::standing(&journal)?.in_the_air as u64;
        }
        finish(start(0)?)?;
        let standing = survivor::standing(&journal)?;
        ensure!(standing.unfinished == 0, "{standing:?}");
        report.orders += standing.orders.len() as u64;
        for change in ["OrderCreated", "PaymentMade", "Captured", "RefundCreated"] {
            let mut mine = runtime.block_on(service.changed(change, &format!("{prefix}_")));
            let all = mine.len();
            mine.sort_unstable();
            mine.dedup();
            report.twice += (all - mine.len()) as u64;
            report.missing += standing.orders.iter().filter(|id| !mine.contains(id)).count() as u64;
        }
    }
    drop(service);
    runtime.shutdown_background();
    report.taken = started.elapsed();
    Ok(report)
}

fn start(
    program: &Path,
    (environment, otp): ([(&'static str, String); 3], &str),
    journal: &Path,
    prefix: &str,
    orders: usize,
) -> Result<Child> {
    Command::new(program)
        .args(["survivor", "--prefix", prefix, "--orders", &orders.to_string(), "--otp", otp])
        .arg("--journal")
        .arg(journal)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {}", program.display()))
}

fn finish(mut child: Child) -> Result<()> {
    let status = child.wait()?;
    ensure!(status.success(), "the survivor failed by itself: {status}");
    Ok(())
}

/// A number from zero to one (xorshift).
fn draw(state: &mut u64) -> f64 {
    *state |= u64::from(*state == 0);
    for (left, shift) in [(true, 13), (false, 7), (true, 17)] {
        *state ^= if left { *state << shift } else { *state >> shift };
    }
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}
