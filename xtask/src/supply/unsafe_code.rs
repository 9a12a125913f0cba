//! How much `unsafe` code a crate holds, counted in its Rust sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use syn::visit::{self, Visit};

use super::Dependency;

/// Counts the uses of `unsafe` in the `src` folder of each crate, as cargo has it on this machine. C and assembly
/// do not count.
///
/// # Errors
/// Returns an error when `cargo metadata` fails, or the source of a crate is not there.
pub fn unsafe_counts(root: &Path, crates: &BTreeSet<Dependency>) -> Result<Vec<(Dependency, usize)>> {
    let folders = source_folders(root)?;
    crates
        .iter()
        .map(|dependency| {
            let folder = folders
                .get(dependency)
                .with_context(|| format!("no source of {} {}", dependency.name, dependency.version))?;
            let mut count = 0;
            for file in rust_files(&folder.join("src"))? {
                count += unsafe_in(&fs::read_to_string(&file).with_context(|| file.display().to_string())?);
            }
            Ok((dependency.clone(), count))
        })
        .collect()
}

/// The folder of each package of the lock file.
fn source_folders(root: &Path) -> Result<BTreeMap<Dependency, PathBuf>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--locked", "--format-version", "1", "--all-features"])
        .current_dir(root)
        .output()
        .context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("no packages")?;
    let mut folders = BTreeMap::new();
    for package in packages {
        let text = |name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(name), Some(version), Some(manifest)) =
            (text("name"), text("version"), text("manifest_path"))
            && let Some(folder) = Path::new(&manifest).parent()
        {
            folders.insert(Dependency { name, version }, folder.to_owned());
        }
    }
    Ok(folders)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Counts the uses of `unsafe` in a file; one that is no Rust of this edition, such as a template, has none.
fn unsafe_in(source: &str) -> usize {
    let mut counter = Counter::default();
    if source.contains("unsafe")
        && let Ok(file) = syn::parse_file(source)
    {
        counter.visit_file(&file);
    }
    counter.0
}

#[derive(Default)]
struct Counter(usize);

impl<'ast> Visit<'ast> for Counter {
    fn visit_expr_unsafe(&mut self, node: &'ast syn::ExprUnsafe) {
        self.0 += 1;
        visit::visit_expr_unsafe(self, node);
    }

    fn visit_signature(&mut self, node: &'ast syn::Signature) {
        self.0 += usize::from(node.unsafety.is_some());
        visit::visit_signature(self, node);
    }

    fn visit_item_impl(&mut self, node: &'ast syn::ItemImpl) {
        self.0 += usize::from(node.unsafety.is_some());
        visit::visit_item_impl(self, node);
    }

    fn visit_item_trait(&mut self, node: &'ast syn::ItemTrait) {
        self.0 += usize::from(node.unsafety.is_some());
        visit::visit_item_trait(self, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_use_counts_once() {
        let source = "unsafe trait T { fn a(); } unsafe impl T for u8 { fn a() { unsafe { b() } } }\n\
                      unsafe fn b() {} // unsafe\nfn c() { let _ = \"unsafe\"; }";
        assert_eq!(unsafe_in(source), 4);
        assert_eq!(unsafe_in("no rust, unsafe"), 0);
    }
}
