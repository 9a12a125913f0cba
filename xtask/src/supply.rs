//! How many crates of others a program gets with `cashfree`, counted by cargo and told in the README.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

/// Where they are counted: the same number on every machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The words of the README around the number.
const BEFORE: &str = "brings in ";
const AFTER: &str = " crates of others";

/// The crates that `cashfree` is built of with its default features, without its own two; macros that run while
/// it is built are among them, build scripts and what they need are not.
///
/// # Errors
/// When cargo can't tell, for instance since the lock file is stale.
pub fn crates(root: &Path) -> Result<BTreeSet<String>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--locked", "--package", "cashfree", "--edges", "normal"])
        .args(["--target", TARGET, "--prefix", "none", "--no-dedupe", "--format", "{p}"])
        .current_dir(root)
        .output()
        .context("cargo tree")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr).trim());
    let text = String::from_utf8(output.stdout)?;
    // `name v1.2.3 (where)`; the workspace's own have a path there.
    let named = text.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    let crates: BTreeSet<String> = named.filter(|name| !name.is_empty() && !is_own(name)).collect();
    ensure!(!crates.is_empty(), "cargo tree lists nothing");
    Ok(crates)
}

fn is_own(name: &str) -> bool {
    matches!(name.split(' ').next(), Some("cashfree" | "cashfree-gen"))
}

/// A README with this number in its sentence.
///
/// # Errors
/// When the sentence is not there once.
pub fn told(readme: &str, crates: usize) -> Result<String> {
    let Some((before, rest)) = readme.split_once(BEFORE) else {
        bail!("no `{BEFORE}N{AFTER}` in the README")
    };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (_, after) = rest.split_at(digits);
    ensure!(
        digits > 0 && after.starts_with(AFTER) && !after.contains(BEFORE),
        "`{BEFORE}N{AFTER}` is not in the README once"
    );
    Ok(format!("{before}{BEFORE}{crates}{after}"))
}

/// Writes the number into the README of this checkout, or says that another one stands there.
///
/// # Errors
/// As [`crates`] and [`told`], and when the README can't be read or written.
pub fn run(root: &Path, check: bool) -> Result<ExitCode> {
    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).context("README.md")?;
    let crates = crates(root)?;
    let current = told(&readme, crates.len())?;
    if current == readme {
        println!("the README tells of {} crates, and that is so", crates.len());
    } else if check {
        println!(
            "there are {} crates, and the README tells another number: run `cargo xtask crates`",
            crates.len()
        );
        return Ok(ExitCode::FAILURE);
    } else {
        fs::write(&path, current).context("README.md")?;
        println!("the README tells of {} crates", crates.len());
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_put_into_its_sentence() -> Result<()> {
        let readme = "# A\n\nIt brings in 7 crates of others.\n";
        assert_eq!(told(readme, 12)?, "# A\n\nIt brings in 12 crates of others.\n");
        for broken in ["", "It brings in crates of others.", "It brings in 7 boxes.", &readme.repeat(2)] {
            assert!(told(broken, 12).is_err(), "{broken}");
        }
        Ok(())
    }
}
