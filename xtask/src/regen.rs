//! `cargo xtask regen`: the whole way from the document to the files, stage by stage, and the check
//! that the committed files are what it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use sha2::{Digest, Sha256};
use similar::TextDiff;

use crate::document::{self, Correction};
use crate::model::Model;
use crate::normalize::{self, Log};
use crate::refuse;
use crate::render::{self, File, Provenance};

const DOCUMENT: &str = "openapi/payments/v2025-01-01.yaml";
const OVERLAY: &str = "openapi/payments/v2025-01-01.overlay.yaml";
const OUT: &str = "cashfree-gen/src/generated";

/// From which document to which folder.
#[derive(Debug, Clone)]
pub struct Regen {
    document: PathBuf,
    overlay: Option<PathBuf>,
    out: PathBuf,
    vendored: bool,
}

/// What a run made, before anything is written.
#[derive(Debug)]
pub struct Outcome {
    /// The applied corrections of the overlay.
    pub corrections: Vec<Correction>,
    /// What the passes changed.
    pub log: Log,
    /// The normalised document.
    pub document: Value,
    /// The model of it.
    pub model: Model,
    /// The files.
    pub files: Vec<File>,
    /// How long each stage took.
    pub stages: Vec<(&'static str, Duration)>,
}

impl Regen {
    /// Paths default to the vendored document, its overlay and the generated folder.
    ///
    /// # Errors
    /// When the workspace can't be found.
    pub fn new(document: Option<PathBuf>, overlay: Option<PathBuf>, out: Option<PathBuf>) -> Result<Self> {
        let root = root()?;
        let vendored = document.is_none();
        Ok(Self {
            overlay: overlay.or_else(|| vendored.then(|| root.join(OVERLAY))),
            document: document.unwrap_or_else(|| root.join(DOCUMENT)),
            out: out.unwrap_or_else(|| root.join(OUT)),
            vendored,
        })
    }

    /// The vendored document and its overlay.
    pub(crate) fn vendored() -> Result<(PathBuf, PathBuf)> {
        let root = root()?;
        Ok((root.join(DOCUMENT), root.join(OVERLAY)))
    }

    /// Runs all stages without writing.
    ///
    /// # Errors
    /// Names the stage and the place in the document.
    pub fn outcome(&self) -> Result<Outcome> {
        let mut stages = Vec::new();
        let mut clock = Instant::now();
        let mut stage = |name| {
            stages.push((name, clock.elapsed()));
            clock = Instant::now();
        };

        let mut document = document::load(&self.document)?;
        document::check(&document).with_context(|| self.document.display().to_string())?;
        stage("load");
        let corrections = match &self.overlay {
            Some(overlay) => document::apply_overlay(&mut document, overlay)?,
            None => Vec::new(),
        };
        document::check(&document).context("after the overlay")?;
        stage("overlay");
        let log = normalize::run(&mut document)?;
        refuse::check(&document)?;
        stage("normalise");
        let model = Model::read(&document)?;
        let generated = render::generate(&document, &model)?;
        stage("progenitor");
        let files = render::render(&generated, &model, &self.provenance()?)?;
        stage("render");
        Ok(Outcome { corrections, log, document, model, files, stages })
    }

    /// The digest covers contents only, so that it is the same on any machine.
    fn provenance(&self) -> Result<Provenance> {
        let mut digest = Sha256::new();
        for path in std::iter::once(&self.document).chain(&self.overlay) {
            digest.update(fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
        }
        let name = if self.vendored { DOCUMENT } else { "a document" };
        let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Provenance { document: name.to_owned(), digest })
    }
}

/// Runs and writes, or runs and compares.
///
/// # Errors
/// As [`Regen::outcome`], and when a file can't be read or written.
pub fn run(task: &Regen, check: bool, verbose: bool) -> Result<ExitCode> {
    let outcome = task.outcome()?;
    report(&outcome, verbose);
    let clock = Instant::now();
    let stale = if check { compare(&outcome.files, &task.out)? } else { write(&outcome.files, &task.out)? };
    let lines: usize = outcome.files.iter().map(|file| file.text.lines().count()).sum();
    println!("{:>12}  {:>6} ms", if check { "compare" } else { "write" }, clock.elapsed().as_millis());
    println!(
        "{} operations, {} types, {lines} lines",
        outcome.model.operations.len(),
        outcome.model.types.len()
    );
    if check && stale > 0 {
        eprintln!("\n{stale} of {} files are stale. Mend it with: cargo xtask regen", outcome.files.len());
        return Ok(ExitCode::FAILURE);
    }
    if !check {
        println!("{stale} of {} files changed in {}", outcome.files.len(), task.out.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn report(outcome: &Outcome, verbose: bool) {
    println!("overlay: {} corrections", outcome.corrections.len());
    if verbose {
        for correction in &outcome.corrections {
            println!("  {} ({} places)", correction.target, correction.places);
        }
        print!("{}", outcome.log.to_text());
    } else {
        for (pass, changes) in &outcome.log.passes {
            println!("pass: {pass}: {}", changes.len());
        }
    }
    for (name, time) in &outcome.stages {
        println!("{name:>12}  {:>6} ms", time.as_millis());
    }
}

/// Writes what differs; an unchanged file keeps its time, so that nothing is built again for it.
fn write(files: &[File], out: &Path) -> Result<usize> {
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut changed = 0;
    for file in files {
        let path = out.join(file.name);
        if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))?;
        changed += 1;
    }
    Ok(changed)
}

fn compare(files: &[File], out: &Path) -> Result<usize> {
    let mut stale = 0;
    for file in files {
        let path = out.join(file.name);
        let committed = match fs::read_to_string(&path) {
            Ok(text) => text.replace("\r\n", "\n"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        if committed != file.text {
            stale += 1;
            eprint!("{}", difference(file.name, &committed, &file.text));
        }
    }
    Ok(stale)
}

/// A unified difference, cut where it gets long: the first places say what happened.
fn difference(name: &str, committed: &str, generated: &str) -> String {
    const LINES: usize = 80;
    let diff = TextDiff::from_lines(committed, generated);
    let text = diff
        .unified_diff()
        .context_radius(2)
        .header(&format!("{name} (committed)"), &format!("{name} (generated)"))
        .to_string();
    let total = text.lines().count();
    let mut shown: String = text.lines().take(LINES).map(|line| format!("{line}\n")).collect();
    if total > LINES {
        shown.push_str(&format!("… {} more lines of difference in {name}\n", total - LINES));
    }
    shown
}

/// The workspace that this program was built in, or the one that it runs in.
pub(crate) fn root() -> Result<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    match built {
        Some(root) if root.join(DOCUMENT).is_file() => Ok(root.to_owned()),
        _ => std::env::current_dir().context("no current directory"),
    }
}
