//! What a program gets with `cashfree`: the crates that it depends on and how much `unsafe` code they hold, counted
//! from the lock file and written into the README.

mod crates;
mod unsafe_code;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

pub use crates::{Dependency, crates};
pub use unsafe_code::unsafe_counts;

/// The README's lines between these two are written by this task.
const START: &str = "<!-- supply: written by `cargo xtask crates` -->\n";
const END: &str = "<!-- supply: end -->\n";

/// Returns the README with the given paragraph between the two markers.
///
/// # Errors
/// Returns an error when the README does not have both markers exactly once, in this order.
pub fn with_paragraph(readme: &str, paragraph: &str) -> Result<String> {
    let markers = [START, END].map(|marker| readme.matches(marker).count());
    ensure!(markers == [1, 1], "README.md needs the lines `{}` and `{}` once", START.trim(), END.trim());
    let (before, rest) = readme.split_once(START).context("start marker")?;
    let (_, after) = rest.split_once(END).context("the end marker comes before the start marker")?;
    Ok(format!("{before}{START}{paragraph}{END}{after}"))
}

/// Renders the paragraph: the number of crates, and a table of those with the most `unsafe` code.
///
/// # Errors
/// As [`crates`] and [`unsafe_counts`].
pub fn paragraph(root: &Path) -> Result<String> {
    let crates = crates(root)?;
    let mut counts = unsafe_counts(root, &crates)?;
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let without = counts.iter().filter(|(_, count)| *count == 0).count();
    counts.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.cmp(other)));
    let most: Vec<String> =
        counts.iter().take(6).map(|(name, count)| format!("`{}` {count}", name.name)).collect();
    Ok(format!(
        "With its default features, `cashfree` depends on {} crates. Their Rust sources have {total} uses of `unsafe`\n\
         (blocks, functions, traits and implementations; tests and platform code included); {without} of the crates\n\
         hold none. Most are in {}.\n",
        crates.len(),
        most.join(", "),
    ))
}

/// Writes the paragraph into the README of this checkout, or with `check` fails when it is stale.
///
/// # Errors
/// As [`paragraph`] and [`with_paragraph`], and when the README can't be read or written.
pub fn run(root: &Path, check: bool) -> Result<ExitCode> {
    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).context("README.md")?;
    let paragraph = paragraph(root)?;
    let current = with_paragraph(&readme, &paragraph)?;
    print!("{paragraph}");
    if current == readme {
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        println!("README.md says something else: run `cargo xtask crates`");
        return Ok(ExitCode::FAILURE);
    }
    fs::write(&path, current).context("README.md")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paragraph_replaces_what_stands_between_the_markers() -> Result<()> {
        let readme = format!("# A\n\n{START}old\n{END}\n## B\n");
        assert_eq!(with_paragraph(&readme, "new\n")?, format!("# A\n\n{START}new\n{END}\n## B\n"));
        for broken in [String::new(), START.to_owned(), format!("{END}{START}"), readme.repeat(2)] {
            assert!(with_paragraph(&broken, "new\n").is_err(), "{broken}");
        }
        Ok(())
    }
}
