//! The overlay: the corrections of a document, in OpenAPI Overlay 1.0.
//!
//! A target is followed through references and into the parts of an `allOf`, so that a correction survives an edition
//! that moves a schema into a component. An action that changes nothing is a fault; all faults are reported at once.

mod target;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use enumset::EnumSet;
use roas_overlay::v1_0::{Action, Overlay};
use roas_overlay::validation::Validate;
use serde_json::Value;

use crate::document::load;
use crate::extensions;

/// One applied action of an overlay.
#[derive(Debug, Clone)]
pub struct Correction {
    /// Where it applied, as JSONPath.
    pub target: String,
    /// The reason, as the overlay gives it.
    pub reason: String,
    /// How many places it changed.
    pub places: usize,
    /// The line of the overlay on which it begins.
    pub line: usize,
    /// The Rust names that it asks for.
    pub names: Vec<String>,
    /// The words that it sets; none if it removes what it targets.
    pub words: Vec<String>,
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It changed so many places.
    Changed(usize),
    /// Its target matches nothing.
    Lost,
    /// The document says so already.
    Obsolete,
    /// It applies, and the Rust name that it asks for is absent from the output.
    Unused,
}

/// Reads an overlay file.
///
/// # Errors
/// When the file can't be read, is no Overlay 1.0 document, or has an action without a reason.
pub fn read(path: &Path) -> Result<Overlay> {
    let overlay: Overlay = serde_json::from_value(load(path)?)
        .with_context(|| format!("{} is not an OpenAPI Overlay 1.0 document", path.display()))?;
    overlay.validate(EnumSet::empty()).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    for (index, action) in overlay.actions.iter().enumerate() {
        ensure!(
            action.description.as_deref().is_some_and(|reason| !reason.trim().is_empty()),
            "{}: action {index} ({}) has no description; each correction states its reason and evidence",
            path.display(),
            action.target,
        );
    }
    Ok(overlay)
}

/// Applies the overlay at `path`.
///
/// # Errors
/// As [`read`], and when actions match nothing or change nothing. The error lists all of them with their
/// lines.
pub fn apply(document: &mut Value, path: &Path) -> Result<Vec<Correction>> {
    let overlay = read(path)?;
    let lines = lines(path)?;
    let mut corrections = Vec::new();
    let mut faults = Vec::new();
    for (index, action) in overlay.actions.iter().enumerate() {
        let line = lines.get(index).copied().unwrap_or_default();
        let fault = match apply_action(document, action)? {
            Applied::Changed(places) => {
                let mut names = Vec::new();
                requested_names(action.update.as_ref(), &mut names);
                let words = action.update.as_ref().and_then(Value::as_object);
                corrections.push(Correction {
                    words: words.into_iter().flat_map(|words| words.keys().cloned()).collect(),
                    target: action.target.clone(),
                    reason: action.description.clone().unwrap_or_default(),
                    places,
                    line,
                    names,
                });
                continue;
            }
            Applied::Lost => "matches nothing",
            Applied::Obsolete | Applied::Unused => "changes nothing; the document says so already",
        };
        faults.push(format!("line {line}: action {index} ({}) {fault}", action.target));
    }
    ensure!(
        faults.is_empty(),
        "{}: {} corrections take no effect:\n  {}",
        path.display(),
        faults.len(),
        faults.join("\n  ")
    );
    Ok(corrections)
}

/// Applies one action.
///
/// # Errors
/// When the target is no JSONPath.
pub fn apply_action(document: &mut Value, action: &Action) -> Result<Applied> {
    let places = target::find(document, &action.target)?;
    if places.is_empty() {
        return Ok(Applied::Lost);
    }
    let mut changed = 0;
    if action.remove == Some(true) {
        // From the end, so that the indexes of a list stay valid.
        for place in places.iter().rev() {
            changed += usize::from(target::remove(document, place));
        }
    } else if let Some(update) = &action.update {
        for place in places {
            changed += usize::from(target::update(document, &place, update));
        }
    }
    Ok(if changed == 0 { Applied::Obsolete } else { Applied::Changed(changed) })
}

/// The places that a target selects, as JSON pointers.
///
/// # Errors
/// When the target is no JSONPath.
pub fn places(document: &Value, path: &str) -> Result<Vec<String>> {
    target::find(document, path)
}

/// The places whose fields or items a target selects, as JSON pointers.
///
/// # Errors
/// When the target is no JSONPath.
pub fn holders(document: &Value, path: &str) -> Result<Vec<String>> {
    let places = target::find(document, path)?.into_iter();
    let mut holders: Vec<String> =
        places.filter_map(|place| Some(place.rsplit_once('/')?.0.to_owned())).collect();
    holders.dedup();
    Ok(holders)
}

/// Checks that every Rust name that the corrections ask for is in the output.
///
/// # Errors
/// Lists the names that are not, with their lines.
pub fn check_names(corrections: &[Correction], is_generated: impl Fn(&str) -> bool) -> Result<()> {
    let mut faults = Vec::new();
    for correction in corrections {
        for name in correction.names.iter().filter(|name| !is_generated(name)) {
            faults.push(format!(
                "line {}: {} {name} ({}) is no type of the output",
                correction.line,
                extensions::RUST_NAME,
                correction.target
            ));
        }
    }
    ensure!(
        faults.is_empty(),
        "{} requested names are absent from the output; the place is read otherwise or by no operation:\n  {}",
        faults.len(),
        faults.join("\n  ")
    );
    Ok(())
}

/// Collects the Rust names that an update asks for.
pub(crate) fn requested_names(update: Option<&Value>, names: &mut Vec<String>) {
    match update {
        Some(Value::Object(fields)) => {
            for (word, field) in fields {
                match field {
                    Value::String(name) if word == extensions::RUST_NAME => names.push(name.clone()),
                    field => requested_names(Some(field), names),
                }
            }
        }
        Some(Value::Array(items)) => items.iter().for_each(|item| requested_names(Some(item), names)),
        _ => {}
    }
}

/// The line on which each action begins: in YAML that of its item, whatever field stands first.
///
/// # Errors
/// When the file can't be read or is no overlay.
pub fn lines(path: &Path) -> Result<Vec<usize>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let items: Vec<(&str, usize)> = text
        .lines()
        .zip(1..)
        .skip_while(|(line, _)| !line.starts_with("actions:"))
        .filter(|(line, _)| line.trim_start().starts_with("- "))
        .collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let first = items.first().map_or(0, |(line, _)| depth(line));
    let starts: Vec<usize> =
        items.iter().filter(|(line, _)| depth(line) == first).map(|(_, number)| *number).collect();
    if starts.len() == read(path)?.actions.len() {
        return Ok(starts);
    }
    let is_target =
        |line: &str| line.trim_start().trim_start_matches(['-', ' ', '{', '"']).starts_with("target");
    Ok(text.lines().zip(1..).filter(|(line, _)| is_target(line)).map(|(_, number)| number).collect())
}
