//! `cargo xtask vendor FILE`: takes in an edition of the API document.
//!
//! The report compares the normalised models of the current document and of the edition, so it shows what a
//! caller of the generated crate sees; [`mod@compare`] states who is broken by what. Without `--dry-run` the
//! edition is then put in place: its facts as the document, its wording from this project ([`crate::wording`]),
//! the corrections that still apply ([`corrections`]), and on request the operations that it lacks ([`merge`]).
//! What an edition only writes otherwise is written as before ([`mod@align`]).
//! When the generator stops, every file stays as it was.

pub mod align;
mod before;
pub mod compare;
pub mod corrections;
pub mod merge;
pub mod obsolete;
pub mod placeholders;
pub mod report;
pub mod servers;
pub mod words;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use similar::TextDiff;
use tempfile::NamedTempFile;

use self::before::Before;
use self::compare::{Change, compare};
use self::corrections::Judged;
use self::report::{Compared, Report};
use crate::document;
use crate::model::Model;
use crate::outline;
use crate::overlay::{self, Applied};
use crate::pages;
use crate::recode;
use crate::regen::{self, OUT, Read, Regen};
use crate::sandbox;
use crate::versions::{self, Files, Versions};
use crate::wording::{self, Wording};

/// How many times names are kept before the rest is left to the reviewer.
const ROUNDS: usize = 3;

/// What to take in, and how.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// The edition, YAML or JSON.
    pub file: PathBuf,
    /// Replace nothing.
    pub dry_run: bool,
    /// Where to write the report too; the raw differences go beside it.
    pub report: Option<PathBuf>,
    /// The root of the workspace.
    pub root: PathBuf,
    /// The version of a sibling to make; the current one if not given.
    pub version: Option<String>,
    /// Keep the operations that the edition lacks.
    pub merge: bool,
    /// Leave out corrections that do nothing in the edition.
    pub drop_corrections: bool,
    /// Add corrections that keep the old names of renamed types and operations.
    pub keep_names: bool,
    /// An overlay with corrections for the edition.
    pub corrections: Option<PathBuf>,
}

/// What is about to be written.
struct Edition {
    document: Value,
    overlay: String,
    wording: Wording,
    judged: Vec<Judged>,
    lacking: Vec<String>,
    /// Events that only the edition has.
    events: Vec<String>,
    moved: Vec<(String, String)>,
    /// How many examples are left out.
    placeholders: usize,
    /// Hosts and base paths that the edition changes.
    servers: Vec<Change>,
    /// Corrections for the edition, and names that are kept.
    added: String,
    /// The corrections that keep names.
    kept: Vec<String>,
}

/// Reports, puts the edition in place and generates.
///
/// # Errors
/// When a file can't be read or written, when the edition describes another version than the one asked for, and
/// when corrections do nothing and are not to be dropped. The report and the exit code say when
/// nothing can be generated from an edition.
pub fn run(task: &Vendor) -> Result<ExitCode> {
    let versions = Versions::read(&task.root)?;
    let progress = |stage: &str| eprintln!("{stage}");
    progress("reading the documents");
    let new = document::load(&task.file)?;
    let version = checked_version(&new, task, &versions)?;
    let files = Files::of(&version);
    // A sibling that is listed has corrections and wording of its own.
    let source = if versions.versions.contains(&version) { files.clone() } else { versions.current() };
    let trial = Trial { folder: tempfile::tempdir()? };
    progress("holding the corrections against the edition");
    let mut edition = Edition::prepare(task, &source, new, &trial)?;

    if let Some(corrections) = &task.corrections {
        edition.add(corrections)?;
    }

    progress("generating from both");
    let [document, overlay, wording] = source.below(&task.root);
    let before = Regen::vendored(&task.root)?.with_files(document, overlay, wording);
    let before = before.model().with_context(|| source.document.clone())?;
    trial.write(&edition)?;
    let mut after = trial.read(&task.root);
    if let Ok(read) = &after
        && edition.drop_unused(&trial, &read.model)?
    {
        trial.write(&edition)?;
        after = trial.read(&task.root);
    }
    // A name that is kept can free another one.
    for _ in 0..ROUNDS {
        let Ok(read) = &after else { break };
        if !task.keep_names || !edition.keep_names(&before.model, &read.model) {
            break;
        }
        trial.write(&edition)?;
        after = trial.read(&task.root);
    }
    // What only the renderers refuse is refused by a dry run too.
    let after = after.and_then(|read| trial.regen(&task.root)?.outcome().map(|_| read));
    let hints = match &after {
        Ok(_) => Vec::new(),
        Err(error) => corrections::named_in(&format!("{error:#}"), &trial.source(), &edition.document)?,
    };
    let compared = after.as_ref().map_err(|error| trial.anonymous(error)).map(|after| Compared {
        comparison: compare(&before.model, &after.model).with(edition.servers.clone()),
        counts: (after.model.operations.len(), after.model.types.len()),
        without_wording: after.without_wording.len(),
        decisions: new_lines(&before.log.decisions(), &after.log.decisions()),
    });
    let markdown = Report {
        before: &source.document,
        edition: &task.file.file_name().unwrap_or_default().to_string_lossy(),
        version: &version,
        lacking: &edition.lacking,
        events: &edition.events,
        moved: &edition.moved,
        placeholders: edition.placeholders,
        merged: task.merge,
        judged: &edition.judged,
        kept: &edition.kept,
        compared: compared.as_ref().map_err(Clone::clone),
        hints: (&source.overlay, &hints),
    }
    .to_markdown();
    print!("{markdown}");
    if let Some(path) = &task.report {
        fs::write(path, &markdown).with_context(|| format!("cannot write {}", path.display()))?;
        if let Ok(after) = &after {
            let appendix = path.with_extension("diff");
            fs::write(&appendix, differences(&before.model, &after.model))
                .with_context(|| format!("cannot write {}", appendix.display()))?;
            progress(&format!("raw differences: {}", appendix.display()));
        }
    }
    if compared.is_err() {
        eprintln!("error: {} can't be generated from; nothing is replaced", task.file.display());
        return Ok(ExitCode::FAILURE);
    }
    if task.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let idle = edition.judged.iter().filter(|action| !matches!(action.applied, Applied::Changed(_))).count();
    ensure!(
        idle == 0 || task.drop_corrections,
        "{idle} corrections do nothing in this edition; point them elsewhere in {}, or leave them out with \
         --drop-corrections. Nothing is replaced",
        source.overlay
    );
    place(task, &versions, &version, &files, &edition)
}

/// The names of the events that the repository describes.
fn known_events(root: &Path) -> Result<BTreeSet<String>> {
    let path = root.join(Versions::read(root)?.events());
    if !path.is_file() {
        return Ok(BTreeSet::new());
    }
    Ok(merge::events(&document::load(&path)?))
}

/// The version that the edition describes, if it is the one asked for.
fn checked_version(new: &Value, task: &Vendor, versions: &Versions) -> Result<String> {
    ensure!(
        ["openapi", "swagger"].iter().any(|word| new.get(word).is_some()),
        "{} is no OpenAPI document: it has no `openapi` field",
        task.file.display()
    );
    ensure!(document::operations(new).next().is_some(), "{} has no operation", task.file.display());
    let version = new.pointer("/info/version").and_then(Value::as_str).unwrap_or_default().to_owned();
    ensure!(
        versions::is_version(&version),
        "{}: info.version `{version}` is no version of the API; it is a date such as {}",
        task.file.display(),
        versions.current
    );
    match &task.version {
        None if version != versions.current => bail!(
            "{} describes version {version}, and the current one is {}; `--version {version}` makes a sibling of it",
            task.file.display(),
            versions.current
        ),
        Some(asked) if *asked != version => {
            bail!("{} describes version {version}, not {asked}", task.file.display())
        }
        _ => Ok(version),
    }
}

impl Edition {
    /// The edition without its sentences, under our wording and the corrections that apply.
    fn prepare(task: &Vendor, source: &Files, mut document: Value, trial: &Trial) -> Result<Self> {
        let [old, overlay, words] = source.below(&task.root);
        let old = document::load(&old)?;
        wording::strip(&mut document);
        let placeholders = placeholders::remove(&mut document);
        let mut known = merge::events(&old);
        known.extend(known_events(&task.root)?);
        let events = merge::events(&document).into_iter().filter(|event| !known.contains(event)).collect();
        align::align(&old, &mut document);
        let servers = servers::changes(&old, &document);
        let moved = merge::moved(&old, &document);
        let lacking = if task.merge {
            merge::merge(&old, &mut document, &source.document)
        } else {
            merge::lacking(&old, &document)
        };
        let wording = words::carried(&old, &document, &wording::read(&words)?, &moved);
        let mut text =
            fs::read_to_string(&overlay).with_context(|| format!("cannot read {}", overlay.display()))?;
        for (old, new) in &moved {
            text = text.replace(&format!("paths['{old}']"), &format!("paths['{new}']"));
        }
        let overlay = trial.source();
        fs::write(&overlay, text)?;
        let mut worded = document.clone();
        wording::apply(&mut worded, &wording);
        let mut judged = corrections::judge(&mut worded, &overlay)?;
        obsolete::mark(&mut judged, &overlay, &old, &document)?;
        let overlay = corrections::carried(&overlay, &judged)?;
        let mut edition = Self {
            document,
            overlay,
            wording,
            judged,
            lacking,
            events,
            moved,
            placeholders,
            servers,
            added: String::new(),
            kept: Vec::new(),
        };
        if task.keep_names {
            edition.keep(&merge::kept_ids(&old, &edition.document));
        }
        Ok(edition)
    }

    /// Leaves out corrections that ask for names which the output does not have; whether there is one.
    fn drop_unused(&mut self, trial: &Trial, model: &Model) -> Result<bool> {
        let is_unused = corrections::mark_unused(&mut self.judged, |name| model.find(name).is_some());
        if is_unused {
            self.overlay = corrections::carried(&trial.source(), &self.judged)?;
        }
        Ok(is_unused)
    }

    /// Adds the actions of another overlay.
    fn add(&mut self, corrections: &Path) -> Result<()> {
        let actions = overlay::read(corrections)?.actions;
        let text = serde_saphyr::to_string(&actions)
            .with_context(|| format!("cannot write the actions of {}", corrections.display()))?;
        self.added.push_str(&format!("\n{}\n", text.trim()));
        Ok(())
    }

    /// The overlay of the edition: what it takes over, and what is added.
    fn overlay(&self) -> String {
        format!("{}{}", self.overlay, self.added)
    }

    /// Adds corrections that give renamed types their names of before; whether there is one.
    fn keep_names(&mut self, before: &Model, after: &Model) -> bool {
        let renamed = compare(before, after).renamed;
        let mut lines: Vec<String> = renamed.iter().filter_map(compare::Pair::correction).collect();
        lines.retain(|line| !self.added.contains(line));
        self.keep(&lines);
        !lines.is_empty()
    }

    /// Adds corrections that keep names.
    fn keep(&mut self, lines: &[String]) {
        const HEAD: &str = "\n# Names that the edition of this document changed.\n\n";
        if !lines.is_empty() {
            let head = if self.added.contains(HEAD) { "" } else { HEAD };
            self.added.push_str(&format!("{head}{}\n", lines.join("\n")));
            self.kept.extend(lines.iter().cloned());
        }
    }

    fn write(&self, document: &Path, overlay: &Path, wording: &Path) -> Result<()> {
        let yaml = serde_saphyr::to_string(&self.document).context("cannot write the document as YAML")?;
        write_whole(document, &yaml)?;
        ensure!(
            document::load(document)? == self.document,
            "the edition does not survive the conversion to YAML"
        );
        write_whole(overlay, &self.overlay())?;
        write_whole(wording, &serde_saphyr::to_string(&self.wording).context("cannot write the wording")?)
    }
}

/// The edition in files aside.
struct Trial {
    folder: tempfile::TempDir,
}

impl Trial {
    /// The overlay of before, its targets moved with their paths.
    fn source(&self) -> PathBuf {
        self.folder.path().join("before.yaml")
    }

    fn write(&self, edition: &Edition) -> Result<()> {
        let [document, overlay, wording] = self.files();
        edition.write(&document, &overlay, &wording)
    }

    fn files(&self) -> [PathBuf; 3] {
        ["document.yaml", "overlay.yaml", "wording.yaml"].map(|name| self.folder.path().join(name))
    }

    fn regen(&self, root: &Path) -> Result<Regen> {
        let [document, overlay, wording] = self.files();
        Ok(Regen::vendored(root)?.with_files(document, overlay, wording))
    }

    fn read(&self, root: &Path) -> Result<Read> {
        self.regen(root)?.model()
    }

    /// A message without the folder of this machine.
    fn anonymous(&self, error: &anyhow::Error) -> String {
        format!("{error:#}").replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// The lines of a text that another one does not have, with their headings.
fn new_lines(before: &str, after: &str) -> Vec<String> {
    let known: BTreeSet<&str> = before.lines().collect();
    let mut heading = "";
    let mut found = Vec::new();
    for line in after.lines() {
        match line.strip_prefix("  ") {
            None => heading = line,
            // A lone part means what it holds.
            Some(change) if !known.contains(line) && !change.ends_with(" unwrapped") => {
                found.push(format!("{heading}: {change}"))
            }
            Some(_) => {}
        }
    }
    found
}

/// The outlines of both models, line by line.
fn differences(before: &Model, after: &Model) -> String {
    let outline = |model: &Model| {
        let types: String = outline::types(model).into_values().collect();
        format!("{}\n{}\n{types}", outline::operations(model), outline::enums(model))
    };
    let (old, new) = (outline(before), outline(after));
    TextDiff::from_lines(&old, &new).unified_diff().header("before", "edition").to_string()
}

/// Writes the files of the version; generates if it is the current one, and puts everything back when that fails.
fn place(
    task: &Vendor,
    versions: &Versions,
    version: &str,
    files: &Files,
    edition: &Edition,
) -> Result<ExitCode> {
    let [document, overlay, wording] = files.below(&task.root);
    let list = task.root.join(versions::FILE);
    let folders = [task.root.join(OUT), task.root.join(sandbox::OUT)];
    let pages = pages::PAGES.into_iter().chain([recode::TABLE]).map(|page| task.root.join(page));
    let pages: Vec<PathBuf> = pages.collect();
    let mut changed = vec![document.as_path(), &overlay, &wording, &list];
    changed.extend(pages.iter().map(PathBuf::as_path).filter(|page| page.is_file()));
    let before = Before::take(&changed, folders)?;
    let put = || {
        edition.write(&document, &overlay, &wording)?;
        if version == versions.current {
            return regen::run(&Regen::vendored(&task.root)?, false, false);
        }
        let mut listed = versions.clone();
        if !listed.versions.iter().any(|known| known == version) {
            listed.versions.push(version.to_owned());
            listed.versions.sort();
        }
        if !listed.published.iter().any(|known| known == version) {
            listed.published.push(version.to_owned());
            listed.published.sort();
        }
        if listed != *versions {
            write_whole(&list, &listed.to_text()?)?;
        }
        println!(
            "\n{} is beside {}; `current` in {} chooses.",
            files.document,
            versions.current,
            versions::FILE
        );
        Ok(ExitCode::SUCCESS)
    };
    let result = put();
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
