//! `cargo xtask vendor FILE`: takes in a new edition of the API document.
//!
//! First it tells a reviewer, in Markdown, what changed against the vendored document and whom each
//! change can break ([`change`] states the rules), which corrections of the overlay lost their place or
//! are made by the new edition ([`overlay`]), and what the generator makes of it. Then it puts the new
//! edition in place of the vendored one and generates. It is all or nothing: when the generator stops,
//! every file stays as it was, and the report says why.
//!
//! The comparison works on plain JSON values and is this project's own. Libraries that compare OpenAPI
//! documents read them into typed models first and give up at the first fault, and documents of this
//! API have faults; and they judge the wire alone, by rules where a new enum value breaks a client.
//! The question here is what becomes of callers of the generated crate, whose enums are open and whose
//! answers require nothing.

pub mod change;
pub mod diff;
mod operations;
pub mod overlay;
mod renamed;
pub mod report;
mod schema;
mod travels;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use roas_overlay::v1_0::Overlay;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use tempfile::NamedTempFile;

use self::report::{Generated, Made, Report};
use crate::document;
use crate::regen::{self, DOCUMENT, OUT, OVERLAY, Outcome, Regen};

/// What to take in, and how.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// The new edition, YAML or JSON.
    pub file: PathBuf,
    /// Replace nothing.
    pub dry_run: bool,
    /// Where to write the report too.
    pub report: Option<PathBuf>,
    /// The root of the workspace.
    pub root: PathBuf,
}

/// Reports, replaces the document and generates.
///
/// # Errors
/// When a file can't be read or written, or either document is neither YAML nor JSON. A new edition
/// that can't be generated from is told in the report, and by the exit code.
pub fn run(task: &Vendor) -> Result<ExitCode> {
    let vendored = task.root.join(DOCUMENT);
    let old = document::load(&vendored)?;
    let new = document::load(&task.file)?;
    let text = as_yaml(&task.file, &new)?;

    let difference = diff::compare(&old, &new);
    let corrections = overlay::read(&task.root.join(OVERLAY))?;
    let judged = overlay::judge(&corrections, &new);
    let trial = Trial::new(&task.root, &text)?;
    let out = task.root.join(OUT);
    let generated = match trial.generate(None) {
        Ok(outcome) => Generated::Made(made(&outcome, &out)),
        Err(error) => {
            let without = judged.iter().any(overlay::Judged::is_lost).then(|| {
                let rest = overlay::without_stale(&corrections, &judged);
                let outcome = trial.generate(Some(&rest));
                outcome.map(|outcome| made(&outcome, &out)).map_err(|error| trial.anonymous(&error))
            });
            Generated::Stopped(trial.anonymous(&error), without)
        }
    };
    let is_made = matches!(generated, Generated::Made(_));

    let version =
        |document: &Value| document.pointer("/info/version").and_then(Value::as_str).map(str::to_owned);
    let report = Report {
        vendored: DOCUMENT,
        edition: task.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        versions: (version(&old), version(&new)),
        difference: &difference,
        overlay: &judged,
        generated,
    };
    let markdown = report.to_markdown();
    print!("{markdown}");
    if let Some(path) = &task.report {
        fs::write(path, &markdown).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !is_made {
        eprintln!("error: {} can't be generated from; nothing is replaced", task.file.display());
        return Ok(ExitCode::FAILURE);
    }
    if task.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    println!();
    replace(&task.root, &vendored, &text)
}

/// The text to vendor: YAML as it is, JSON as YAML that holds the same.
fn as_yaml(file: &Path, document: &Value) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    if !text.trim_start().starts_with(['{', '[']) {
        return Ok(text);
    }
    let yaml = serde_saphyr::to_string(document).context("cannot write the document as YAML")?;
    let mut written = NamedTempFile::new()?;
    written.write_all(yaml.as_bytes())?;
    let read = document::load(written.path())?;
    ensure!(read == *document, "{} does not survive the conversion to YAML", file.display());
    Ok(yaml)
}

/// A run of the generator on files aside.
struct Trial {
    root: PathBuf,
    folder: tempfile::TempDir,
}

impl Trial {
    fn new(root: &Path, text: &str) -> Result<Self> {
        let trial = Self { root: root.to_owned(), folder: tempfile::tempdir()? };
        fs::write(trial.document(), text)?;
        Ok(trial)
    }

    fn document(&self) -> PathBuf {
        self.folder.path().join("document.yaml")
    }

    /// Generates, with the vendored overlay or this one.
    fn generate(&self, overlay: Option<&Overlay>) -> Result<Outcome> {
        let path = self.folder.path().join("overlay.json");
        if let Some(overlay) = overlay {
            fs::write(&path, serde_json::to_string(overlay)?)?;
        }
        Regen::vendored(&self.root, Some(self.document()), overlay.map(|_| path)).outcome()
    }

    /// A message without the folders of this machine.
    fn anonymous(&self, error: &anyhow::Error) -> String {
        let text = format!("{error:#}").replace(&format!("{}: ", self.document().display()), "");
        let folders = [self.folder.path(), self.root.as_path()];
        folders.iter().fold(text, |text, folder| text.replace(&format!("{}/", folder.display()), ""))
    }
}

/// The outcome against what is committed.
fn made(outcome: &Outcome, out: &Path) -> Made {
    let mut files = Vec::new();
    for file in &outcome.files {
        let committed = fs::read_to_string(out.join(file.name)).unwrap_or_default().replace("\r\n", "\n");
        if committed == file.text {
            continue;
        }
        let diff = TextDiff::from_lines(&committed, &file.text);
        let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
        files.push((file.name.to_owned(), count(ChangeTag::Insert), count(ChangeTag::Delete)));
    }
    Made { operations: outcome.model.operations.len(), types: outcome.model.types.len(), files }
}

/// Replaces the document in one step and generates; puts everything back when that fails.
fn replace(root: &Path, vendored: &Path, text: &str) -> Result<ExitCode> {
    let before = Before::take(vendored, &root.join(OUT))?;
    let result = write_whole(vendored, text)
        .and_then(|()| regen::run(&Regen::vendored(root, None, None), false, false));
    if result.is_err() {
        before.restore().context("cannot put the files back as they were")?;
    }
    result
}

fn write_whole(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file =
        NamedTempFile::new_in(folder).with_context(|| format!("cannot write to {}", folder.display()))?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.persist(path).with_context(|| format!("cannot replace {}", path.display()))?;
    Ok(())
}

/// The files of a folder and of those in it; none if there is no such folder.
///
/// # Errors
/// When a folder can't be read to its end.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The files that are about to change.
struct Before {
    files: Vec<(PathBuf, Vec<u8>)>,
    out: PathBuf,
}

impl Before {
    fn take(vendored: &Path, out: &Path) -> Result<Self> {
        let read = |path: PathBuf| -> Result<(PathBuf, Vec<u8>)> {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok((path, bytes))
        };
        let mut files = vec![read(vendored.to_owned())?];
        for path in files_below(out)? {
            files.push(read(path)?);
        }
        Ok(Self { files, out: out.to_owned() })
    }

    fn restore(&self) -> Result<()> {
        for path in files_below(&self.out)? {
            if !self.files.iter().any(|(known, _)| *known == path) {
                fs::remove_file(path)?;
            }
        }
        for (path, bytes) in &self.files {
            if fs::read(path).ok().as_ref() != Some(bytes) {
                fs::write(path, bytes)?;
            }
        }
        Ok(())
    }
}
