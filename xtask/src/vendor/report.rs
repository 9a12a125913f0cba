//! The report for the reviewer, in Markdown: counts first, then what breaks callers, then the rest,
//! then what becomes of the overlay, and what the generator says. The same input gives the same text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::change::{Change, Class, Difference, Part, code, listed};
use super::overlay::{Judged, Standing};

/// All that the report tells.
#[derive(Debug)]
pub struct Report<'a> {
    /// The vendored path, from the root of the workspace.
    pub vendored: &'a str,
    /// The name of the new edition's file, without its folder.
    pub edition: String,
    /// `info.version` of the vendored and the new document.
    pub versions: (Option<String>, Option<String>),
    /// What differs.
    pub difference: &'a Difference,
    /// The actions of the overlay.
    pub overlay: &'a [Judged],
    /// What the generator makes of the new edition.
    pub generated: Generated,
}

/// What the generator made, or why it did not.
#[derive(Debug)]
pub enum Generated {
    /// It made code.
    Made(Made),
    /// It stopped with this message; the second is what it makes when stale corrections are left out.
    Stopped(String, Option<Result<Made, String>>),
}

/// What was generated, against what is committed.
#[derive(Debug)]
pub struct Made {
    /// How many operations.
    pub operations: usize,
    /// How many types.
    pub types: usize,
    /// Changed files, with added and removed lines.
    pub files: Vec<(String, usize, usize)>,
}

impl Report<'_> {
    /// The whole text.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# `{}` against {}\n", self.vendored, code(&self.edition))?;
        self.versions(out)?;
        self.summary(out)?;
        self.changes(out)?;
        self.examples(out)?;
        self.overlay(out)?;
        self.generated(out)
    }

    fn versions(&self, out: &mut String) -> std::fmt::Result {
        let word = |version: &Option<String>| version.as_deref().map_or("none".to_owned(), code);
        let (old, new) = &self.versions;
        if old == new {
            return writeln!(out, "Version {}, as before.\n", word(new));
        }
        writeln!(
            out,
            "**Version {}, where the vendored document has {}.** The file keeps its path. A new version of the \
             API is a sibling file, not a new edition of this one.\n",
            word(new),
            word(old)
        )
    }

    fn summary(&self, out: &mut String) -> std::fmt::Result {
        let Difference { changes, descriptions, .. } = self.difference;
        let texts = match descriptions {
            0 => String::new(),
            1 => "One description, summary or title differs; it is not shown.".to_owned(),
            count => format!("{count} descriptions, summaries and titles differ; they are not shown."),
        };
        if changes.is_empty() {
            writeln!(out, "No changes.{}{texts}\n", if texts.is_empty() { "" } else { " " })?;
            return Ok(());
        }
        let parts: Vec<Part> = Part::ALL
            .into_iter()
            .filter(|part| changes.iter().any(|change| change.place.part == *part))
            .collect();
        let heads: Vec<&str> = parts.iter().map(|part| part.word()).collect();
        writeln!(out, "| breaks at | {} | all |", heads.join(" | "))?;
        writeln!(out, "|---|{}--:|", "--:|".repeat(parts.len()))?;
        for class in Class::ALL {
            let counts: Vec<usize> = parts.iter().map(|part| self.difference.count(class, *part)).collect();
            let cells: Vec<String> = counts.iter().map(|count| cell(*count)).collect();
            let word = if class.breaks() { format!("**{}**", class.word()) } else { class.word().to_owned() };
            writeln!(out, "| {word} | {} | {} |", cells.join(" | "), cell(counts.iter().sum()))?;
        }
        writeln!(
            out,
            "\n*compile*: code written for the generated crate has to change. *wire*: a program built before \
             it may be refused, or may misread an answer. *additive*: nobody has to do anything. The documents \
             are compared as published; what a correction had changed already is told under Overlay.\n"
        )?;
        if !texts.is_empty() {
            writeln!(out, "{texts}\n")?;
        }
        Ok(())
    }

    fn changes(&self, out: &mut String) -> std::fmt::Result {
        let breaking: Vec<Class> = Class::ALL.into_iter().filter(|class| class.breaks()).collect();
        self.table(out, "What breaks callers", &breaking)?;
        self.table(out, "Additions", &[Class::Additive])?;
        self.table(out, "Without effect on callers", &[Class::None])
    }

    fn table(&self, out: &mut String, title: &str, classes: &[Class]) -> std::fmt::Result {
        let is_in = |change: &&Change| classes.contains(&change.effect.class());
        let changes: Vec<&Change> = self.difference.changes.iter().filter(is_in).collect();
        if changes.is_empty() {
            return Ok(());
        }
        writeln!(out, "## {title}")?;
        for part in Part::ALL {
            let rows: Vec<&Change> =
                changes.iter().copied().filter(|change| change.place.part == part).collect();
            if rows.is_empty() {
                continue;
            }
            let mut head = vec!["where", "what"];
            if part == Part::Schema {
                head.push("used");
            }
            if classes.len() > 1 {
                head.insert(0, "breaks at");
            }
            let heading = part.word();
            writeln!(out, "\n### {}{}\n", heading[..1].to_uppercase(), &heading[1..])?;
            writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()))?;
            for (place, what, change) in folded(&rows) {
                let mut cells = vec![code(&place), what];
                if part == Part::Schema {
                    cells.push(self.difference.uses.get(&change.place.root).cloned().unwrap_or_default());
                }
                if classes.len() > 1 {
                    cells.insert(0, change.effect.class().word().to_owned());
                }
                let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
                writeln!(out, "| {} |", cells.join(" | "))?;
            }
        }
        writeln!(out)
    }

    fn examples(&self, out: &mut String) -> std::fmt::Result {
        if self.difference.examples.is_empty() {
            return Ok(());
        }
        writeln!(out, "## Examples\n\n| where | added | removed | changed |\n|---|--:|--:|--:|")?;
        for ((_, root), count) in &self.difference.examples {
            let (added, removed, changed) = (cell(count.added), cell(count.removed), cell(count.changed));
            writeln!(out, "| {} | {added} | {removed} | {changed} |", code(root).replace('|', "\\|"))?;
        }
        writeln!(out)
    }

    fn overlay(&self, out: &mut String) -> std::fmt::Result {
        let of = |is_in: fn(&Standing) -> bool| -> Vec<&Judged> {
            self.overlay.iter().filter(|action| is_in(&action.standing)).collect()
        };
        let lost = of(|standing| matches!(standing, Standing::Stale | Standing::Fails(_)));
        let upstream = of(|standing| *standing == Standing::Upstream);
        let partly = of(|standing| matches!(standing, Standing::Partly(_)));
        writeln!(out, "## Overlay\n")?;
        let rest = self.overlay.len() - lost.len() - upstream.len() - partly.len();
        writeln!(out, "{rest} of {} corrections apply as before.", self.overlay.len())?;
        for (title, actions) in [
            ("No longer apply: point them elsewhere, or remove them", lost),
            ("Made by the new edition already: remove them", upstream),
            ("Made by the new edition in part: leave out what is there", partly),
        ] {
            if actions.is_empty() {
                continue;
            }
            writeln!(out, "\n### {title}\n")?;
            for action in actions {
                let detail = match &action.standing {
                    Standing::Fails(reason) => format!(" ({reason})"),
                    Standing::Partly(items) => {
                        let items: Vec<String> = items.iter().map(|item| code(item)).collect();
                        format!(" (there already: {})", items.join(", "))
                    }
                    _ => String::new(),
                };
                writeln!(out, "- action {}, {}{detail}:", action.number, code(&action.target))?;
                writeln!(out, "  {}", action.reason.trim().replace('\n', "\n  "))?;
            }
            if title.starts_with("No longer") {
                writeln!(out, "\nActions count from 0, as in the generator's messages.")?;
            }
        }
        writeln!(out)
    }

    fn generated(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "## Generated code\n")?;
        match &self.generated {
            Generated::Made(made) => made.write(out),
            Generated::Stopped(message, without) => {
                writeln!(out, "**The generator stops; nothing is replaced.**\n")?;
                writeln!(out, "```text\n{}\n```", message.trim_end())?;
                match without {
                    None => Ok(()),
                    Some(Ok(made)) => {
                        writeln!(out, "\nWith the corrections left out that no longer apply:\n")?;
                        made.write(out)
                    }
                    Some(Err(later)) if later == message => {
                        writeln!(
                            out,
                            "\nIt stops there too with the corrections left out that no longer apply."
                        )
                    }
                    Some(Err(message)) => {
                        writeln!(
                            out,
                            "\nWith the corrections left out that no longer apply it stops later:\n"
                        )?;
                        writeln!(out, "```text\n{}\n```", message.trim_end())
                    }
                }
            }
        }
    }
}

impl Made {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "{} operations, {} types.", self.operations, self.types)?;
        if self.files.is_empty() {
            return writeln!(out, "\nNo file changes.");
        }
        writeln!(out, "\n| file | lines added | lines removed |\n|---|--:|--:|")?;
        for (name, added, removed) in &self.files {
            writeln!(out, "| {} | {} | {} |", code(name), cell(*added), cell(*removed))?;
        }
        Ok(())
    }
}

/// The rows of a table, as place, wording and change. What happens to many operations alike is one row,
/// at the first of them.
fn folded<'a>(changes: &[&'a Change]) -> Vec<(String, String, &'a Change)> {
    const MANY: usize = 4;
    let mut alike: BTreeMap<_, Vec<&Change>> = BTreeMap::new();
    let key = |change: &Change| (change.place.within(), change.what.clone(), change.effect.class());
    for change in changes.iter().filter(|change| change.place.part == Part::Operation) {
        alike.entry(key(change)).or_default().push(*change);
    }
    let mut rows = Vec::new();
    for change in changes {
        match alike.get(&key(change)).filter(|all| all.len() >= MANY) {
            None => rows.push((change.place.to_string(), change.what.clone(), *change)),
            Some(all) if all.first().is_some_and(|first| first.place == change.place) => {
                let names = listed(all.iter().map(|change| &change.place.root));
                let place = format!("{} operations{}", all.len(), change.place.within());
                rows.push((place, format!("{}, in {names}", change.what), *change));
            }
            Some(_) => {}
        }
    }
    rows
}

/// A zero says less than an empty cell.
fn cell(count: usize) -> String {
    if count == 0 { "·".to_owned() } else { count.to_string() }
}
