//! `cargo xtask`: the tasks of this workspace.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::bench::{self, Bench, Part};
use xtask::regen::{self, Regen};
use xtask::supply;
use xtask::vendor::{self, Vendor};

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
    /// Counts the crates that `cashfree` depends on and their `unsafe` code, and writes both into the README.
    Crates {
        /// Writes nothing; fails when the README is stale.
        #[arg(long)]
        check: bool,
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
    /// Take in an edition of the OpenAPI document: report whom its changes break, then put it in place and
    /// regenerate. Replaces nothing when the edition can't be generated from.
    Vendor {
        /// The edition, YAML or JSON.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Only report; replace nothing.
        #[arg(long)]
        dry_run: bool,
        /// Write the report, Markdown, to this file too, and the raw differences beside it.
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
        /// Make a sibling of the current version, which stays as it is.
        #[arg(long, value_name = "DATE")]
        version: Option<String>,
        /// Keep the operations that the edition lacks.
        #[arg(long)]
        merge: bool,
        /// Leave out the corrections that do nothing in the edition.
        #[arg(long)]
        drop_corrections: bool,
        /// Add corrections that keep the old names of renamed types and operations.
        #[arg(long)]
        keep_names: bool,
        /// Corrections for the edition, an overlay, to add to those that it takes over.
        #[arg(long, value_name = "FILE")]
        corrections: Option<PathBuf>,
        /// Root of another checkout of this workspace.
        #[arg(long, value_name = "DIR")]
        workspace: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let Cli { task } = Cli::parse();
    let result = match task {
        Task::Bench { quick, only, out } => bench::run(&Bench { quick, only, out }),
        Task::Crates { check } => regen::root().and_then(|root| supply::run(&root, check)),
        Task::Regen { check, spec, overlay, out, verbose } => {
            Regen::new(spec, overlay, out).and_then(|task| regen::run(&task, check, verbose))
        }
        Task::Vendor {
            file,
            dry_run,
            report,
            version,
            merge,
            drop_corrections,
            keep_names,
            corrections,
            workspace,
        } => workspace.map_or_else(regen::root, Ok).and_then(|root| {
            vendor::run(&Vendor {
                file,
                corrections,
                dry_run,
                report,
                root,
                version,
                merge,
                drop_corrections,
                keep_names,
            })
        }),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
