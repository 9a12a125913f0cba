//! Bodies of events by the folder: each is read as the event that its type says.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use cashfree::webhook::{Event, EventError};
use cashfree_gen::SENSITIVE_FIELDS;

/// What became of the events of a folder.
#[derive(Debug, Default)]
pub struct Report {
    /// A line for each file: type, ids and status, or the path that failed.
    pub lines: Vec<String>,
    /// How many were read; one of an unknown type is.
    pub passed: usize,
    /// How many were not.
    pub failed: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        if self.lines.is_empty() {
            writeln!(f, "no file ends with .json")?;
        }
        writeln!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads every `.json` file of a folder.
///
/// # Errors
/// When the folder can't be read. A file that can't is a failure.
pub fn check(folder: &Path) -> Result<Report> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
            files.push(path);
        }
    }
    files.sort();
    let mut report = Report::default();
    for path in files {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let body = match fs::read(&path) {
            Ok(body) => body,
            Err(error) => {
                report.failed += 1;
                report.lines.push(format!("{name}: FAILED: cannot be read: {error}"));
                continue;
            }
        };
        match describe(&body) {
            Ok(line) => {
                report.passed += 1;
                report.lines.push(format!("{name}: {line}"));
            }
            Err(error) => {
                report.failed += 1;
                report.lines.push(format!("{name}: FAILED at {}: {}", error.path(), error.reason()));
            }
        }
    }
    Ok(report)
}

/// Type, ids and statuses of an event.
///
/// # Errors
/// Where it can't be read.
pub fn describe(body: &[u8]) -> Result<String, EventError> {
    let event = Event::read(body)?;
    if let Event::Other(raw) = &event {
        return Ok(format!("{} (unknown)", raw.kind().as_str()));
    }
    let mut line = event.kind().as_str().to_owned();
    let mut found = Vec::new();
    collect("", &event.data().unwrap_or_default(), &mut found);
    for (name, value) in found {
        line.push_str(&format!(" {name}={value}"));
    }
    Ok(line)
}

/// The identifiers and statuses of the typed data, by the names of their fields; a payer's address is called
/// an identifier too, and is none to print.
fn collect(name: &str, value: &serde_json::Value, found: &mut Vec<(String, String)>) {
    use serde_json::Value;
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(name, value, found)),
        Value::String(text) if !text.is_empty() && is_told(name) => {
            found.push((name.to_owned(), text.clone()));
        }
        _ => {}
    }
}

fn is_told(name: &str) -> bool {
    (name == "id" || name.ends_with("_id") || name.ends_with("status")) && !SENSITIVE_FIELDS.contains(&name)
}
