//! `cargo run -p contract --bin payloads -- DIR`: decodes every payload of a folder as the response that its
//! name says, writes it again, and says what was lost.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

fn main() -> ExitCode {
    contract::ended(check())
}

fn check() -> Result<ExitCode> {
    let folder: PathBuf = std::env::args_os().nth(1).context("usage: payloads DIR")?.into();
    let report = contract::payloads::check(&folder)?;
    print!("{report}");
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
