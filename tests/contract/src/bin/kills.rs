//! `cargo run -p contract --bin kills -- --kills 1000 --seed 1`: a program that takes money is killed again
//! and again, and its successors finish its work. Fails if anything happened twice, or not at all.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use cashfree::Client;
use clap::{Parser, Subcommand};
use contract::{kills, survivor};

/// Kills a program that takes money, and counts what its successors make of it.
#[derive(Debug, Parser)]
struct Arguments {
    /// Processes to kill.
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// The moments follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// The program that is killed; the account is taken from the environment.
    #[command(hide = true)]
    Survivor {
        #[arg(long)]
        journal: PathBuf,
        #[arg(long)]
        prefix: String,
        #[arg(long)]
        orders: usize,
        #[arg(long)]
        otp: String,
    },
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(Role::Survivor { journal, prefix, orders, otp }) = arguments.role {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(survivor::work(&Client::from_env()?, &journal, &prefix, orders, &otp))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = kills::run(&std::env::current_exe()?, arguments.kills, arguments.seed)?;
    print!("{report}");
    Ok(if report.twice + report.missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
