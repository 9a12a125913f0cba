//! The report of the passes.

/// What the passes changed.
#[derive(Debug, Default)]
pub struct Log {
    /// Each pass with its changes, in order.
    pub passes: Vec<(&'static str, Vec<String>)>,
}

impl Log {
    /// Notes one change of the pass that runs.
    pub(super) fn note(&mut self, change: impl Into<String>) {
        if let Some((_, changes)) = self.passes.last_mut() {
            changes.push(change.into());
        }
    }

    /// The log as text: pass by pass, change by change.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (pass, changes) in &self.passes {
            text.push_str(&format!("{pass}: {}\n", changes.len()));
            for change in changes {
                text.push_str(&format!("  {change}\n"));
            }
        }
        text
    }

    /// What a reviewer decides about: the changes that another person might have made otherwise, sorted. Counts are
    /// left out: they change with every edition and decide nothing.
    pub fn decisions(&self) -> String {
        let mut text = String::new();
        for (pass, changes) in &self.passes {
            let is_count = |change: &String| change.starts_with(|c: char| c.is_ascii_digit());
            let mut deciding: Vec<&String> =
                changes.iter().filter(|change| decides(pass, change) && !is_count(change)).collect();
            if deciding.is_empty() {
                continue;
            }
            text.push_str(&format!("{pass}\n"));
            deciding.sort();
            for change in deciding {
                text.push_str(&format!("  {change}\n"));
            }
        }
        text
    }
}

/// Whether a change is a decision that another person might have made otherwise, so that a run on a foreign
/// document says it.
pub(crate) fn decides(pass: &str, change: &str) -> bool {
    DECIDING.contains(&pass) || change.ends_with("free JSON")
}

const DECIDING: [&str; 13] = [
    "schemas within others that are referred to",
    "words that the generator reads",
    "references in one form",
    "paths without a query string",
    "an id for each operation",
    "one success response an operation",
    "each parameter once",
    "uploads as raw bodies",
    "schemas in one form",
    "merge allOf, unwrap lone alternatives",
    "names of fields",
    "required lists name properties",
    "one word in a path or header",
];
