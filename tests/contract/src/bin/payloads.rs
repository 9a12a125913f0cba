//! `cargo run -p contract --bin payloads -- FILE_OR_FOLDER…`: decodes every payload, each
//! as the response that its name says, writes it again, and says what was lost.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Decodes payloads as the responses that their names say, writes them again, and says what was lost.
#[derive(Debug, Parser)]
struct Arguments {
    /// Files, and folders whose files are checked.
    #[arg(required = true, value_name = "FILE_OR_FOLDER")]
    paths: Vec<PathBuf>,
}

fn main() -> ExitCode {
    contract::ended(check())
}

fn check() -> Result<ExitCode> {
    let Arguments { paths } = Arguments::parse();
    let report = contract::payloads::check(&paths)?;
    print!("{report}");
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
