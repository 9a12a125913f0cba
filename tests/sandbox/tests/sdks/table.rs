//! What became of the operations, in a form to read and to compare.

use std::fmt::Write as _;

use serde::Deserialize;

/// What a flow prints of one step.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    operation: String,
    outcome: Outcome,
    status: Option<u16>,
    code: Option<String>,
    reason: Option<String>,
    /// `x-api-version` of the response.
    version: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Works,
    /// The sandbox responded with an error.
    Refused,
    /// The SDK failed on a successful response.
    Undecodable,
    /// The SDK, or a step before, kept the request from being sent.
    Unsent,
    /// The flow has no step for an operation of the SDK.
    Uncalled,
}

impl Line {
    fn text(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or_default();
        match self.outcome {
            Outcome::Works => "works".to_owned(),
            Outcome::Refused => {
                let code = self.code.as_deref().unwrap_or_default();
                format!("refused: {} {code}: {reason}", self.status.unwrap_or_default())
            }
            Outcome::Undecodable => format!("not decodable by the SDK: {reason}"),
            Outcome::Unsent => format!("not sent: {reason}"),
            Outcome::Uncalled => "not in the flow".to_owned(),
        }
    }
}

/// A summary, and a line for each operation: its first step that did not work, if any.
pub(crate) fn render(lines: &[Line]) -> String {
    let mut operations: Vec<&Line> = Vec::new();
    let mut versions: Vec<&str> = lines.iter().filter_map(|line| line.version.as_deref()).collect();
    for line in lines {
        match operations.iter_mut().find(|known| known.operation == line.operation) {
            None => operations.push(line),
            Some(known) if known.outcome == Outcome::Works => *known = line,
            Some(_) => {}
        }
    }
    versions.sort_unstable();
    versions.dedup();
    let count = |outcome| operations.iter().filter(|line| line.outcome == outcome).count();
    let mut table = format!(
        "{} operations: {} work, {} refused, {} not decodable, {} not sent, {} not in the flow\n",
        operations.len(),
        count(Outcome::Works),
        count(Outcome::Refused),
        count(Outcome::Undecodable),
        count(Outcome::Unsent),
        count(Outcome::Uncalled),
    );
    let _ = writeln!(table, "x-api-version of the responses: {}\n", versions.join(", "));
    for line in operations {
        let _ = writeln!(table, "{:<36}  {}", line.operation, line.text());
    }
    table
}
