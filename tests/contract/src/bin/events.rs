//! `cargo run -p contract --bin events -- FILE_OR_FOLDER…`: reads each file, and each JSON
//! file of a folder, as the body of an event.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Reads files, and each JSON file of folders, as bodies of events.
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
    let report = contract::events::check(&paths);
    print!("{report}");
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
