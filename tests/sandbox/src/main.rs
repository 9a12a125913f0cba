//! The sandbox from the command line: `cashfree-sandbox` serves until Ctrl-C, `trigger` sends a sample event, and the
//! other commands talk to a sandbox that runs already.

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = cli::run(cli::Arguments::parse()).await;
    // One line, whatever the environment asks for: a backtrace does not help with a port that is taken.
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
