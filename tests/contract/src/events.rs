//! Bodies of events in files: each is read as the event that its type says.

use std::fmt;
use std::path::Path;

use cashfree::webhook::{Event, EventError};
use cashfree_gen::SENSITIVE_FIELDS;

use crate::files;

/// What became of the events.
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
            writeln!(f, "no file of the folder ends with .json")?;
        }
        writeln!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads files, and every `.json` file of folders. A file or folder that can't be read is a failure.
pub fn check(paths: &[impl AsRef<Path>]) -> Report {
    let is_json = |path: &Path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let mut report = Report::default();
    for file in files::list(paths).into_iter().filter(|file| file.is_named || is_json(&file.path)) {
        let described = file.read().and_then(|body| {
            describe(&body).map_err(|error| format!("at {}: {}", error.path(), error.reason()))
        });
        match described {
            Ok(line) => {
                report.passed += 1;
                report.lines.push(format!("{file}: {line}"));
            }
            Err(reason) => {
                report.failed += 1;
                report.lines.push(format!("{file}: FAILED {reason}"));
            }
        }
    }
    report
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
        Value::String(text) if !text.is_empty() && is_printable(name) => {
            found.push((name.to_owned(), text.clone()));
        }
        _ => {}
    }
}

fn is_printable(name: &str) -> bool {
    (name == "id" || name.ends_with("_id") || name.ends_with("status")) && !SENSITIVE_FIELDS.contains(&name)
}
