//! `cargo xtask`: the tasks of this workspace.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::bench::{self, Bench, Part};
use xtask::regen::{self, Regen};

/// Tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure what the client costs, next to what the same work costs without it.
    Bench {
        /// Fewer rounds, fewer cases, and no release build: a few minutes.
        #[arg(long)]
        quick: bool,
        /// Only this part; may be given several times.
        #[arg(long, value_name = "PART")]
        only: Vec<Part>,
        /// Where the table goes; `target/bench.md` if not given.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Turn the OpenAPI document and its overlay into `cashfree-gen/src/generated/`.
    Regen {
        /// Write nothing; fail, with the difference, when the committed code is stale.
        #[arg(long)]
        check: bool,
        /// Another document, YAML or JSON, instead of the vendored one (no overlay unless given).
        #[arg(long, value_name = "FILE")]
        spec: Option<PathBuf>,
        /// Overlay to apply to the document.
        #[arg(long, value_name = "FILE")]
        overlay: Option<PathBuf>,
        /// Folder to write to, instead of `cashfree-gen/src/generated/`.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Print everything that the passes changed, not only how much.
        #[arg(short, long)]
        verbose: bool,
    },
}

fn main() -> ExitCode {
    let Cli { task } = Cli::parse();
    let result = match task {
        Task::Bench { quick, only, out } => bench::run(&Bench { quick, only, out }),
        Task::Regen { check, spec, overlay, out, verbose } => {
            Regen::new(spec, overlay, out).and_then(|task| regen::run(&task, check, verbose))
        }
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
