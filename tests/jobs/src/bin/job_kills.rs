//! `cargo run -p jobs --bin job_kills -- --kills 1000 --restarts 50 --seed 1`: workers that send stored calls are
//! killed again and again, and their database crashes. Fails if anything happened twice, or not at all, or if a
//! secret is in the database.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};
use jobs::flaws::Flaw;
use jobs::kills::{Account, Plan, run, work};

/// Kills workers and their database, and counts what the service did.
#[derive(Debug, Parser)]
struct Arguments {
    /// Workers at the same time.
    #[arg(long, default_value_t = 4)]
    workers: usize,
    /// Workers to kill.
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// Crashes of the database.
    #[arg(long, default_value_t = 50)]
    restarts: u32,
    /// Profile of the adversary.
    #[arg(long, default_value = "documented")]
    profile: String,
    /// The moments and the faults follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds that a customer waits for the next step of an order.
    #[arg(long, default_value_t = 300)]
    patience: u64,
    /// What is wrong with the shop: shows that the count finds it.
    #[arg(long, value_enum)]
    flaw: Option<Flaw>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// The program that is killed; its account is in the environment.
    #[command(hide = true)]
    Worker,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let Arguments { workers, kills, restarts, profile, seed, patience, flaw, role } = Arguments::parse();
    if role.is_some() {
        work(&Account::from_env()?).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let patience = Duration::from_secs(patience);
    let plan = Plan { workers, kills, restarts, profile, seed, patience, flaw };
    let Some(report) = run(&std::env::current_exe()?, &plan).await? else { return Ok(ExitCode::FAILURE) };
    println!("{plan:?}");
    println!("{report}");
    Ok(if report.is_balanced() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
