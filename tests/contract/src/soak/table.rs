//! The tallies side by side, as Markdown.

use std::fmt;

use super::Tally;

/// Shows tallies as the columns of a Markdown table.
#[derive(Debug)]
pub struct Table<'a>(pub &'a [Tally]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |title: &str, cell: &dyn Fn(&Tally) -> String| {
            write!(f, "| {title} |")?;
            self.0.iter().try_for_each(|tally| write!(f, " {} |", cell(tally)))?;
            writeln!(f)
        };
        row("", &|t| t.caller.title().to_owned())?;
        row("---", &|_| "---:".to_owned())?;
        row("calls", &|t| t.calls.to_string())?;
        row("of these, writes", &|t| t.writes.to_string())?;
        row("reported as done", &|t| t.done.to_string())?;
        row("reported as not done", &|t| t.nothing.to_string())?;
        row("reported as applied, response unreadable", &|t| t.applied.to_string())?;
        row("reported as ambiguous, and done", &|t| t.unknown_done.to_string())?;
        row("reported as ambiguous, and not done", &|t| t.unknown_not.to_string())?;
        row("**done twice**", &|t| format!("**{}**", t.doubles))?;
        row("**reported as done, and was not**", &|t| format!("**{}**", t.losses))?;
        row("**reported as done with another response**", &|t| format!("**{}**", t.foreign))?;
        row("**reported as the contrary of what happened**", &|t| format!("**{}**", t.wrong))?;
        row("ambiguous when the caller stops", &|t| t.unresolved.to_string())?;
        row("concluded wrongly by the caller", &|t| t.misled.to_string())?;
        row("calls resent by the caller", &|t| t.resent.to_string())?;
        row("reads that failed", &|t| t.failed_reads.to_string())?;
        row("attempts a call, mean", &|t| format!("{:.2}", t.attempts as f64 / t.calls.max(1) as f64))?;
        row("attempts a call, most", &|t| t.most_attempts.to_string())?;
        row("latency, p50", &|t| format!("{:.1} ms", t.p50))?;
        row("latency, p99", &|t| format!("{:.1} ms", t.p99))?;
        row("seconds", &|t| format!("{:.1}", t.seconds))?;
        row("calls a second", &|t| format!("{:.0}", t.calls as f64 / t.seconds.max(0.001)))?;
        row("peak memory", &|t| match t.peak {
            Some(bytes) => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            None => "not known here".to_owned(),
        })
    }
}
