//! `cargo xtask regen`: the whole way from the document to the files, stage by stage, and the check
//! that the committed files are what it writes.
//!
//! The vendored document is held to more than a foreign one (`--spec`): an operation id that is missing
//! or repeated stops the run, since it is the name of a method and the overlay can correct it. In a foreign
//! document a rule decides, and the report says what was decided. The vendored overlay belongs to the
//! vendored document: with `--spec`, no overlay is applied unless `--overlay` names one, and then each of
//! its actions must find its place.

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use sha2::{Digest, Sha256};
use similar::TextDiff;

use crate::document;
use crate::identity::{self, Identity};
use crate::model::Model;
use crate::normalize::{self, Log};
use crate::overlay::{self, Correction};
use crate::pages;
use crate::recode;
use crate::refuse;
use crate::render::{self, File, Provenance};
use crate::sandbox;
use crate::versions::{self, Versions};
use crate::wording;

/// The generated folder.
pub const OUT: &str = "cashfree-gen/src/generated";

/// From which document to which folder.
#[derive(Debug, Clone)]
pub struct Regen {
    document: PathBuf,
    overlay: Option<PathBuf>,
    wording: Option<PathBuf>,
    out: PathBuf,
    events: PathBuf,
    versions: Versions,
    /// The workspace whose sandbox documents and pages are written too.
    root: Option<PathBuf>,
    /// The path of the document from the root, if it is the vendored one.
    vendored: Option<String>,
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
    /// The events, unless the workspace describes none.
    pub events: Option<Events>,
    /// The generated files.
    pub files: Vec<File>,
    /// The documents of the sandbox; none of a foreign document.
    pub documents: Vec<File>,
    /// The pages with figures of the document, and the table of the tests; none of a foreign document.
    pub pages: Vec<File>,
    /// How long each stage took; `the rest` is the wait for what was done beside them.
    pub stages: Vec<(&'static str, Duration)>,
    /// Places without a description, as JSON pointers.
    pub without_wording: Vec<String>,
    /// Descriptions whose places do not exist.
    pub unused_wording: Vec<String>,
}

/// What was made of the document of the events.
#[derive(Debug)]
pub struct Events {
    /// What the passes changed.
    pub log: Log,
    /// The model: an operation stands for an event, and its response for the data.
    pub model: Model,
    /// The samples of each event, by its type.
    pub samples: Value,
    /// Fields that identify an occurrence, by event.
    pub identities: Vec<Identity>,
    /// The document as it was read.
    source: Value,
    /// The normalised document.
    document: Value,
}

/// The document of the API as far as its model.
#[derive(Debug)]
pub struct Read {
    /// The applied corrections.
    pub corrections: Vec<Correction>,
    /// What the passes changed.
    pub log: Log,
    /// The corrected document.
    pub corrected: Value,
    /// The normalised document.
    pub document: Value,
    /// The model of it.
    pub model: Model,
    /// Places without a description, as JSON pointers.
    pub without_wording: Vec<String>,
    /// Descriptions whose places do not exist.
    pub unused_wording: Vec<String>,
}

impl Events {
    /// By the same renderers; enums are those of the API where they can be.
    fn render(&mut self, api: &Model, name: &str) -> Result<Vec<File>> {
        let generated = render::generate(&self.document, &self.model)?;
        self.model.share_enums(api);
        let provenance = Provenance { document: name.to_owned(), digest: String::new() };
        render::render_events(&generated, &self.model, api, &self.samples, &self.identities, &provenance)
    }
}

/// Does two things at once, the other one on a thread of its own.
fn at_once<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        (one, other.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

impl Regen {
    /// Paths default to those of the current version and the generated folder.
    ///
    /// # Errors
    /// When the workspace can't be found or `openapi/versions.toml` can't be read.
    pub fn new(document: Option<PathBuf>, overlay: Option<PathBuf>, out: Option<PathBuf>) -> Result<Self> {
        let root = root()?;
        let mut task = Self::vendored(&root)?;
        if let Some(document) = document {
            task = Self { document, overlay: None, wording: None, vendored: None, root: None, ..task };
        }
        if out.is_some() {
            task.root = None;
        }
        task.overlay = overlay.or(task.overlay);
        task.out = out.unwrap_or(task.out);
        Ok(task)
    }

    /// The current version of the workspace at `root`.
    ///
    /// # Errors
    /// When `openapi/versions.toml` can't be read.
    pub fn vendored(root: &Path) -> Result<Self> {
        let versions = Versions::read(root)?;
        let files = versions.current();
        let [document, overlay, wording] = files.below(root);
        Ok(Self {
            document,
            overlay: Some(overlay),
            wording: Some(wording),
            out: root.join(OUT),
            events: root.join(versions.events()),
            versions,
            root: Some(root.to_owned()),
            vendored: Some(files.document),
        })
    }

    /// The same with other files, which are held to what the vendored ones are held to.
    #[must_use]
    pub fn with_files(self, document: PathBuf, overlay: PathBuf, wording: PathBuf) -> Self {
        Self { document, overlay: Some(overlay), wording: Some(wording), ..self }
    }

    /// Reads the document as far as its model, and writes nothing.
    ///
    /// # Errors
    /// Names the stage and the place in the document.
    pub fn model(&self) -> Result<Read> {
        self.read(&mut |_| {})
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

        let (api, events) = at_once(|| self.read(&mut stage), || self.read_events());
        let (api, mut events) = (api?, events?);
        if self.vendored.is_some() {
            overlay::check_names(&api.corrections, |name| api.model.find(name).is_some())?;
        }
        let (document, model) = (&api.document, &api.model);
        let provenance = self.provenance()?;
        let (written, others) = at_once(
            || {
                let generated = render::generate(document, model)?;
                stage("progenitor");
                let files = render::render_generated(&generated, model, &provenance);
                stage("render");
                files
            },
            || {
                let mut files = render::render_model(model, &provenance, events.is_some())?;
                if let Some(events) = &mut events {
                    let file = self.events.file_name().unwrap_or_default().to_string_lossy();
                    let name = format!("openapi/webhooks/{file}");
                    files.extend(self.in_events(|| events.render(model, &name))?);
                }
                anyhow::Ok((files, self.documents(&api.corrected, events.as_ref())?))
            },
        );
        let mut files = written?;
        let (others, documents) = others?;
        let mut pages = Vec::new();
        if let Some(root) = &self.root {
            pages = pages::filled(root, model)?;
            let table = recode::table(model, events.as_ref().map(|events| &events.model));
            pages.extend(root.join(table.name).is_file().then_some(table));
        }
        files.extend(others);
        stage("the rest");
        let Read { corrections, log, document, model, without_wording, unused_wording, .. } = api;
        Ok(Outcome {
            corrections,
            log,
            document,
            model,
            events,
            files,
            documents,
            pages,
            stages,
            without_wording,
            unused_wording,
        })
    }

    /// The document, corrected, in its normal form and as a model.
    fn read(&self, stage: &mut impl FnMut(&'static str)) -> Result<Read> {
        let mut document = document::load(&self.document)?;
        document::check(&document).with_context(|| self.document.display().to_string())?;
        let (mut without_wording, mut unused_wording) = (Vec::new(), Vec::new());
        if let Some(path) = &self.wording {
            let wording = wording::read(path)?;
            unused_wording.extend(wording::apply(&mut document, &wording).into_iter().map(str::to_owned));
            without_wording = wording::missing(&document);
        }
        stage("load");
        let corrections = match &self.overlay {
            Some(path) => overlay::apply(&mut document, path)?,
            None => Vec::new(),
        };
        document::check(&document).context("after the overlay")?;
        if self.vendored.is_some() {
            document::check_operation_ids(&document)?;
        }
        stage("overlay");
        let corrected = document.clone();
        let log = normalize::run(&mut document)?;
        refuse::check(&document)?;
        let model = Model::read(&document)?;
        stage("normalise");
        Ok(Read { corrections, log, corrected, document, model, without_wording, unused_wording })
    }

    /// The documents of the sandbox.
    fn documents(&self, corrected: &Value, events: Option<&Events>) -> Result<Vec<File>> {
        if self.root.is_none() {
            return Ok(Vec::new());
        }
        let mut files = vec![sandbox::payments(corrected, &self.versions)?];
        if let Some(events) = events {
            files.push(sandbox::events(&events.source)?);
        }
        Ok(files)
    }

    /// The events, by the same passes.
    fn read_events(&self) -> Result<Option<Events>> {
        let read = || {
            let mut document = document::load(&self.events)?;
            let source = document.clone();
            let samples = normalize::samples(&document);
            let identities = identity::read(&document)?;
            let log = normalize::run_events(&mut document)?;
            refuse::check(&document)?;
            let model = Model::read(&document)?;
            anyhow::Ok(Events { log, model, samples, identities, source, document })
        };
        self.events.is_file().then(|| self.in_events(read)).transpose()
    }

    /// Says of what goes wrong that it is in the document of the events.
    fn in_events<T>(&self, done: impl FnOnce() -> Result<T>) -> Result<T> {
        done().with_context(|| self.events.display().to_string())
    }

    /// The digest covers contents only, so that it is the same on any machine.
    fn provenance(&self) -> Result<Provenance> {
        let mut digest = Sha256::new();
        let wording = self.wording.iter().filter(|path| path.is_file());
        for path in std::iter::once(&self.document).chain(&self.overlay).chain(wording) {
            digest.update(fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
        }
        let name = self.vendored.as_deref().unwrap_or("a document");
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
    report(task, &outcome, verbose);
    let clock = Instant::now();
    let mut folders = vec![(&outcome.files, task.out.clone())];
    if let Some(root) = &task.root {
        folders.push((&outcome.documents, root.join(sandbox::OUT)));
        folders.push((&outcome.pages, root.clone()));
    }
    let (mut stale, mut total) = (0, 0);
    for (files, folder) in folders {
        total += files.len();
        stale += if check { compare(files, &folder)? } else { write(files, &folder)? };
    }
    let lines: usize = outcome.files.iter().map(|file| file.text.lines().count()).sum();
    println!("{:>12}  {:>6} ms", if check { "compare" } else { "write" }, clock.elapsed().as_millis());
    println!(
        "{} operations, {} types, {lines} lines",
        outcome.model.operations.len(),
        outcome.model.types.len()
    );
    if let Some(events) = &outcome.events {
        println!("{} events, {} types", events.model.operations.len(), events.model.types.len());
    }
    if check && stale > 0 {
        eprintln!("\n{stale} of {total} files are stale. Fix it with: cargo xtask regen");
        return Ok(ExitCode::FAILURE);
    }
    if !check {
        println!("{stale} of {total} files changed");
    }
    Ok(ExitCode::SUCCESS)
}

fn report(task: &Regen, outcome: &Outcome, verbose: bool) {
    match &task.overlay {
        Some(_) => println!("overlay: {} corrections", outcome.corrections.len()),
        None => println!("overlay: none"),
    }
    if let Some(first) = outcome.without_wording.first() {
        println!("wording: {} places have none, the first at {first}", outcome.without_wording.len());
    }
    if !outcome.unused_wording.is_empty() {
        println!("wording: {} texts have no place", outcome.unused_wording.len());
    }
    if verbose {
        for place in &outcome.without_wording {
            println!("  without wording: {place}");
        }
        for place in &outcome.unused_wording {
            println!("  without a place: {place}");
        }
        for correction in &outcome.corrections {
            println!("  {} ({} places)", correction.target, correction.places);
        }
        print!("{}", outcome.log.to_text());
        if let Some(events) = &outcome.events {
            print!("events\n{}", events.log.to_text());
        }
    } else {
        for (pass, changes) in &outcome.log.passes {
            println!("pass: {pass}: {}", changes.len());
            // What was decided for a document that nobody here corrects is said in full.
            for change in
                changes.iter().filter(|change| task.vendored.is_none() && normalize::decides(pass, change))
            {
                println!("  {change}");
            }
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
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
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
///
/// # Errors
/// When there is neither.
pub fn root() -> Result<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    match built {
        Some(root) if root.join(versions::FILE).is_file() => Ok(root.to_owned()),
        _ => std::env::current_dir().context("no current directory"),
    }
}
