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
}
