//! `cargo run -p servers --bin deduplication -- --store redis`: eight receivers of webhooks share a
//! deduplication store, and are killed while 20,000 events are delivered 100,000 times. Fails if a promise of the
//! store is broken.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use servers::deduplication::{self, Options, receiver};

/// Kills receivers of webhooks that share a deduplication store, and checks what was handled how often.
#[derive(Debug, Parser)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    options: Option<Options>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// The process that is killed.
    #[command(hide = true)]
    Receiver(receiver::Arguments),
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(Role::Receiver(arguments)) = arguments.role {
        receiver::run(arguments).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(options) = arguments.options else { return Ok(ExitCode::FAILURE) };
    println!("{options:?}");
    let Some(report) = deduplication::run(&std::env::current_exe()?, &options).await? else {
        return Ok(ExitCode::FAILURE);
    };
    println!("{report}");
    Ok(if report.broken() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
