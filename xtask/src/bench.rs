//! `cargo xtask bench`: the cost of the client next to the same work without it. Client and baseline run in
//! turns on the same machine. Ratios carry over to other machines; seconds don't.

mod build;
mod calls;
mod decode;
mod generator;
mod goals;
mod instructions;
mod lines;
mod table;
mod webhook;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::regen;
use goals::Goals;

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// One call over loopback, client by client.
    Calls,
    /// Decoding responses.
    Decode,
    /// Verifying and decoding webhooks.
    Webhook,
    /// Building an ordinary backend with the crate and without it.
    Backend,
    /// Building a program of one call.
    Build,
    /// Hand-written lines.
    Lines,
    /// Turning the document into code.
    Generator,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Fewer rounds, fewer cases, and no release build.
    pub quick: bool,
    /// Only these parts.
    pub only: Vec<Part>,
    /// Where the table goes; `target/bench.md` if not given.
    pub out: Option<PathBuf>,
}

/// Runs the parts and writes the table.
///
/// # Errors
/// When something can't be built or fails while it is measured.
pub fn run(task: &Bench) -> Result<ExitCode> {
    let root = regen::root()?;
    let wanted = |part| task.only.is_empty() || task.only.contains(&part);
    let (mut parts, mut goals) = (String::new(), Goals::default());
    if wanted(Part::Decode) || wanted(Part::Webhook) || wanted(Part::Calls) {
        let programs = Programs::build(&root)?;
        if wanted(Part::Calls) {
            parts.push_str(&calls::run(&programs, task.quick, &mut goals)?);
        }
        if wanted(Part::Decode) {
            parts.push_str(&decode::run(&programs, task.quick, &mut goals)?);
        }
        if wanted(Part::Webhook) {
            parts.push_str(&webhook::run(&programs, task.quick, &mut goals)?);
        }
    }
    if wanted(Part::Generator) {
        parts.push_str(&generator::run(task.quick, &mut goals)?);
    }
    if wanted(Part::Backend) {
        parts.push_str(&build::backend(&root, task.quick, &mut goals)?);
    }
    if wanted(Part::Build) {
        parts.push_str(&build::alone(&root, task.quick, &mut goals)?);
    }
    if wanted(Part::Lines) {
        parts.push_str(&lines::run(&root, &mut goals)?);
    }
    let head =
        "# Benchmarks\n\nLower is better, save for calls a second. A ratio is the median over the rounds.\n";
    let text = format!("{head}{}\n{}{parts}", machine(), goals.table());
    let out = task.out.clone().unwrap_or_else(|| root.join("target/bench.md"));
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(&out, &text).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{text}");
    eprintln!("written to {}", out.display());
    Ok(ExitCode::SUCCESS)
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rustc = output(Command::new("rustc").arg("--version")).unwrap_or_default();
    format!("{cores} cores, {}, {}", std::env::consts::ARCH, rustc.trim())
}

/// The programs of `tests/bench`.
struct Programs {
    timed: PathBuf,
    counted: PathBuf,
    /// Of one client only.
    alone: PathBuf,
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

impl Programs {
    fn build(root: &Path) -> Result<Self> {
        eprintln!("building tests/bench in release");
        let mut command = Command::new(cargo());
        command.current_dir(root).args(["build", "--release", "--locked", "--package", "bench"]);
        // Which target folder is in use is cargo's to say.
        let log = output(command.arg("--message-format=json-render-diagnostics"))?;
        let program = |name: &str| {
            log.lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                .filter(|line| line.pointer("/target/name").and_then(Value::as_str) == Some(name))
                .find_map(|line| line.get("executable")?.as_str().map(PathBuf::from))
                .with_context(|| format!("cargo built no program {name}"))
        };
        let (timed, counted, alone) = ("bench", "bench-counted", "bench-alone");
        Ok(Self { timed: program(timed)?, counted: program(counted)?, alone: program(alone)? })
    }
}

/// What a command writes to standard output.
fn output(command: &mut Command) -> Result<String> {
    let done = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !done.status.success() {
        bail!("{command:?} failed: {}", done.status);
    }
    String::from_utf8(done.stdout).context("not text")
}

fn json(command: &mut Command) -> Result<Value> {
    let text = output(command)?;
    serde_json::from_str(&text).with_context(|| format!("{command:?} wrote no JSON"))
}

fn number(value: &Value, name: &str) -> f64 {
    value.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
}
