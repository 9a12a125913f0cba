//! `cargo run -p contract --bin events -- DIR`: reads each JSON file of a folder as the body of an event.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

fn main() -> ExitCode {
    contract::ended(check())
}

fn check() -> Result<ExitCode> {
    let folder: PathBuf = std::env::args_os().nth(1).context("usage: events DIR")?.into();
    let report = contract::events::check(&folder)?;
    print!("{report}");
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
