//! The report on another edition, in Markdown: one page, what breaks callers first. The same input gives the same
//! text.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::compare::{Breaks, Change, Comparison, Part};
use super::corrections::Judged;
use crate::model::RetryClass;
use crate::outline;
use crate::overlay::Applied;

/// How many subjects a line names before it counts.
const NAMED: usize = 6;

/// Contents of the report.
#[derive(Debug)]
pub struct Report<'a> {
    /// The file of the version that is compared with, from the root of the workspace.
    pub before: &'a str,
    /// The name of the edition's file.
    pub edition: &'a str,
    /// `info.version` of the edition.
    pub version: &'a str,
    /// The operations that the edition lacks.
    pub lacking: &'a [String],
    /// The events that only the edition has.
    pub events: &'a [String],
    /// The paths that the edition writes otherwise, with those of the edition.
    pub moved: &'a [(String, String)],
    /// How many examples of the edition a tool made up; they are left out.
    pub placeholders: usize,
    /// Whether the operations that the edition lacks are kept.
    pub merged: bool,
    /// The corrections.
    pub judged: &'a [Judged],
    /// The corrections that keep names.
    pub kept: &'a [String],
    /// The difference, or why the edition can't be generated from.
    pub compared: Result<&'a Compared, String>,
    /// The overlay, and its corrections of operations that the reason names.
    pub hints: (&'a str, &'a [String]),
}

/// What was made of the edition.
#[derive(Debug)]
pub struct Compared {
    /// The difference of the models.
    pub comparison: Comparison,
    /// Operations and types now.
    pub counts: (usize, usize),
    /// Places without wording.
    pub without_wording: usize,
    /// What the passes decide about the edition, and not about the current document.
    pub decisions: Vec<String>,
}

impl Report<'_> {
    /// The whole text.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "# `{}` against `{}`\n\nVersion `{}`.", self.before, self.edition, self.version)?;
        if self.placeholders > 0 {
            writeln!(out, "{} examples are made up by a tool and left out.", self.placeholders)?;
        }
        match &self.compared {
            Ok(compared) => self.compared(out, compared)?,
            Err(error) => {
                writeln!(out, "\n## The generator stops\n\n```text\n{error}\n```")?;
                let (overlay, hints) = self.hints;
                if !hints.is_empty() {
                    writeln!(
                        out,
                        "\n`{overlay}` corrects these operations. Where it no longer holds, change it there.\n"
                    )?;
                }
                hints.iter().try_for_each(|hint| writeln!(out, "- {hint}"))?;
            }
        }
        if !self.kept.is_empty() {
            writeln!(
                out,
                "\n## Kept names\n\nTypes are paired by their shape. Remove a pair that is none from the overlay.\n\n```yaml\n{}\n```",
                self.kept.join("\n")
            )?;
        }
        self.lacking(out)?;
        self.events(out)?;
        self.corrections(out)
    }

    fn compared(&self, out: &mut String, compared: &Compared) -> fmt::Result {
        let Compared { comparison, counts, without_wording, decisions } = compared;
        let count = |breaks: &[Breaks]| {
            comparison.changes.iter().filter(|change| breaks.contains(&change.breaks)).count()
        };
        writeln!(
            out,
            "{} operations, {} types. {} changes break code that calls the crate, {} a program built before it, {} \
             break nobody.",
            counts.0,
            counts.1,
            count(&[Breaks::Both, Breaks::Compile]),
            count(&[Breaks::Both, Breaks::Wire]),
            count(&[Breaks::Nobody]),
        )?;
        if *without_wording > 0 {
            writeln!(
                out,
                "{without_wording} places have no wording; `cargo xtask regen --verbose` lists them."
            )?;
        }
        if !comparison.new_writes.is_empty() {
            writeln!(out, "\n## New writes\n")?;
            for (write, retry_class) in &comparison.new_writes {
                let suffix = match retry_class {
                    RetryClass::Keyed => " under its idempotency key",
                    RetryClass::Safe | RetryClass::Never => "",
                };
                writeln!(out, "- {write}: repeated {}{suffix}", outline::retry_class(*retry_class))?;
            }
        }
        if !comparison.new_texts.is_empty() {
            writeln!(
                out,
                "\n## New texts and whole numbers of requests\n\nThey print in plain. Mark a secret or private field with `x-cashfree-sensitive`.\n\n{}",
                listed(&comparison.new_texts)
            )?;
        }
        if !comparison.renamed.is_empty() {
            writeln!(
                out,
                "\n## Renamed types\n\n`--keep-names` keeps the old names; so does each line in the overlay.\n\n```yaml"
            )?;
            for pair in &comparison.renamed {
                match pair.correction() {
                    Some(line) => writeln!(out, "{line} # {}", pair.new)?,
                    None => writeln!(out, "# {} is now {}, which is written in place", pair.old, pair.new)?,
                }
            }
            writeln!(out, "```")?;
        }
        self.changes(out, "What breaks callers", &comparison.changes, |breaks| breaks != Breaks::Nobody)?;
        self.changes(out, "Additions", &comparison.changes, |breaks| breaks == Breaks::Nobody)?;
        if !decisions.is_empty() {
            writeln!(out, "\n## Decisions of the passes\n\nWhat the edition says here is read by a rule.\n")?;
            decisions.iter().try_for_each(|decision| writeln!(out, "- {decision}"))?;
        }
        Ok(())
    }

    fn changes(
        &self,
        out: &mut String,
        title: &str,
        changes: &[Change],
        wanted: impl Fn(Breaks) -> bool,
    ) -> fmt::Result {
        // Renamed types have a section of their own.
        let is_shown = |change: &&Change| {
            wanted(change.breaks) && !(change.part == Part::Types && change.what.starts_with("is called"))
        };
        let shown: Vec<&Change> = changes.iter().filter(is_shown).collect();
        if shown.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## {title}")?;
        for (part, name) in [
            (Part::Operations, "Operations"),
            (Part::Types, "Types"),
            (Part::Fields, "Fields"),
            (Part::Values, "Enum values"),
        ] {
            let rows = folded(shown.iter().copied().filter(|change| change.part == part));
            if rows.is_empty() {
                continue;
            }
            writeln!(out, "\n### {name}\n")?;
            for (breaks, subjects, what) in rows {
                let suffix =
                    if breaks == Breaks::Nobody { String::new() } else { format!(" ({})", breaks.word()) };
                writeln!(out, "- {subjects}: {what}{suffix}")?;
            }
        }
        Ok(())
    }

    fn lacking(&self, out: &mut String) -> fmt::Result {
        if self.lacking.is_empty() {
            return Ok(());
        }
        let intro = if self.merged {
            "They are kept, with their schemas, and marked."
        } else {
            "They vanish; `--merge` keeps them."
        };
        writeln!(out, "\n## Operations that the edition lacks\n\n{intro}\n\n{}", listed(self.lacking))
    }

    fn events(&self, out: &mut String) -> fmt::Result {
        if self.events.is_empty() {
            return Ok(());
        }
        let intro = "They are not taken in. `openapi/webhooks/` describes what is posted.";
        writeln!(out, "\n## Events that the edition adds\n\n{intro}\n\n{}", listed(self.events))
    }

    fn corrections(&self, out: &mut String) -> fmt::Result {
        let of = |applied: &Applied| -> Vec<&Judged> {
            self.judged.iter().filter(|action| action.applied == *applied).collect()
        };
        let (lost, obsolete, unused) = (of(&Applied::Lost), of(&Applied::Obsolete), of(&Applied::Unused));
        let rest = self.judged.len() - lost.len() - obsolete.len() - unused.len();
        writeln!(out, "\n## Corrections\n\n{rest} of {} apply.", self.judged.len())?;
        for (old, new) in self.moved {
            writeln!(out, "\nThose of `{old}` apply to `{new}`.")?;
        }
        for (title, actions) in [
            ("Lost: what they target or refer to does not exist", lost),
            ("Obsolete: the edition says so already, in these or other words", obsolete),
            ("Unused: the Rust name that they ask for is no type of the output", unused),
        ] {
            if !actions.is_empty() {
                writeln!(out, "\n{title}.\n")?;
            }
            for action in actions {
                writeln!(out, "- line {}: `{}`", action.line, action.target)?;
            }
        }
        Ok(())
    }
}

/// Changes that say the same of several subjects in one line, and those of one subject in one line.
fn folded<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<(Breaks, String, String)> {
    let mut by_what: BTreeMap<(Breaks, &str), Vec<String>> = BTreeMap::new();
    for change in changes {
        by_what.entry((change.breaks, &change.what)).or_default().push(change.subject.clone());
    }
    let mut by_subject: BTreeMap<(Breaks, String), Vec<&str>> = BTreeMap::new();
    for ((breaks, what), subjects) in by_what {
        by_subject.entry((breaks, quoted(&subjects))).or_default().push(what);
    }
    by_subject.into_iter().map(|((breaks, subjects), what)| (breaks, subjects, what.join("; "))).collect()
}

/// Names in code, cut where they get many.
fn quoted(names: &[String]) -> String {
    let shown = listed(names.get(..NAMED).unwrap_or(names));
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Names in code, all of them.
fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
