//! The crates that `cashfree` is built from.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The platform that they are counted for: the same number on every machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A crate of the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// The name of its package.
    pub name: String,
    /// Its version, without a leading `v`.
    pub version: String,
}

/// Returns the crates that `cashfree` needs with its default features, without the crates of this workspace.
/// Procedural macros count, build dependencies do not.
///
/// # Errors
/// Returns an error when `cargo tree` fails, for instance because the lock file is stale.
pub fn crates(root: &Path) -> Result<BTreeSet<Dependency>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--locked", "--package", "cashfree", "--edges", "normal"])
        .args(["--target", TARGET, "--prefix", "none", "--no-dedupe", "--format", "{p}"])
        .current_dir(root)
        .output()
        .context("cargo tree")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr).trim());
    let text = String::from_utf8(output.stdout)?;
    let crates: BTreeSet<Dependency> = text.lines().filter_map(dependency).collect();
    ensure!(!crates.is_empty(), "cargo tree lists nothing");
    Ok(crates)
}

/// Parses `name v1.2.3`; a crate of the workspace has its path behind that, a procedural macro says so.
fn dependency(line: &str) -> Option<Dependency> {
    let (name, rest) = line.split_once(" v")?;
    let (version, note) = rest.split_once(' ').unwrap_or((rest, ""));
    let in_workspace = !note.is_empty() && note != "(proc-macro)";
    (!in_workspace).then(|| Dependency { name: name.to_owned(), version: version.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crates_of_the_registry_count() {
        let bytes = Dependency { name: "bytes".to_owned(), version: "1.9.0".to_owned() };
        assert_eq!(dependency("bytes v1.9.0"), Some(bytes));
        assert!(dependency("serde_derive v1.0.0 (proc-macro)").is_some());
        assert_eq!(dependency("cashfree v0.1.0 (path/to/cashfree)"), None);
        assert_eq!(dependency(""), None);
    }
}
