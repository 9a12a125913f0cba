//! The committed code is what the generator writes: today, twice alike, and from the same document in
//! another place and another notation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask::document;
use xtask::pages::PAGES;
use xtask::regen::Regen;
use xtask::render::File;
use xtask::versions::{self, Versions};
use xtask::{sandbox, supply};

use crate::{files, outcome, workspace};

const GENERATED: &str = "cashfree-gen/src/generated";

/// Folders that are not written by hand, and that of the documents, whose files are named by their versions.
const NOT_BY_HAND: [&str; 6] = [".git", "target", "generated", "documents", "openapi", "snapshots"];

#[test]
fn is_what_the_generator_writes() -> Result<()> {
    for file in &outcome()?.files {
        let path = workspace(GENERATED).join(file.name);
        let committed = fs::read_to_string(&path).with_context(|| format!("{GENERATED}/{}", file.name))?;
        same(file.name, &committed.replace("\r\n", "\n"), &file.text)?;
    }
    Ok(())
}

#[test]
fn the_pages_and_documents_are_what_the_generator_writes() -> Result<()> {
    for (folder, files, count) in [(".", &outcome()?.pages, 4), (sandbox::OUT, &outcome()?.documents, 2)] {
        ensure!(files.len() == count, "{} files in {folder}", files.len());
        for file in files {
            let committed = fs::read_to_string(workspace(folder).join(file.name))?;
            same(file.name, &committed.replace("\r\n", "\n"), &file.text)?;
        }
    }
    Ok(())
}

/// Files that name a version for good: the history, and the sandbox, which imitates one beside that of its document.
const NAMES_A_VERSION: [&str; 2] = ["CHANGELOG.md", "tests/sandbox/src/document.rs"];

/// Otherwise the next version would be written into a part of them.
#[test]
fn no_version_of_the_api_is_written_by_hand() -> Result<()> {
    let versions = Versions::read(&workspace("."))?.versions;
    let mut files = Vec::new();
    written_by_hand(&workspace("."), &mut files)?;
    ensure!(files.len() > 300, "only {} files were read", files.len());
    let mut faults = Vec::new();
    files.retain(|path| NAMES_A_VERSION.iter().all(|name| *path != workspace(".").join(name)));
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (line, number) in text.lines().zip(1..) {
            for version in &versions {
                // A time on that day is no version.
                let mut rest = line.replace(&format!("{version}T"), "");
                if PAGES.iter().any(|page| path == workspace(".").join(page)) {
                    for filled in
                        [format!("<!-- api version -->{version}"), format!("x-api-version: {version}")]
                    {
                        rest = rest.replace(&filled, "");
                    }
                }
                if rest.contains(version.as_str()) {
                    faults.push(format!("{}:{number}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    ensure!(
        faults.is_empty(),
        "the version is in {}; elsewhere use a constant, or a mark that regen fills:\n{}",
        versions::FILE,
        faults.join("\n")
    );
    Ok(())
}

fn written_by_hand(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            if !NOT_BY_HAND.iter().any(|name| entry.file_name() == *name) {
                written_by_hand(&entry.path(), found)?;
            }
        } else {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// `unsafe` is forbidden by the lints of the workspace, for all who follow them.
#[test]
fn every_crate_follows_the_lints_of_the_workspace() -> Result<()> {
    let root = fs::read_to_string(workspace("Cargo.toml"))?;
    ensure!(
        root.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\""),
        "unsafe code is not forbidden"
    );
    let (_, packages) = root.split_once("members = [").context("packages")?;
    let (packages, _) = packages.split_once(']').context("an end")?;
    let packages: Vec<&str> = packages.split('"').skip(1).step_by(2).collect();
    ensure!(packages.len() >= 7, "{packages:?}");
    for package in packages {
        let manifest = fs::read_to_string(workspace(package).join("Cargo.toml"))?;
        ensure!(manifest.contains("[lints]\nworkspace = true"), "{package} has lints of its own");
    }
    Ok(())
}

/// The `unsafe` counts beside it are checked by `cargo xtask crates --check`, which takes longer.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn the_readme_has_the_number_of_crates() -> Result<()> {
    let crates = supply::crates(&workspace("."))?.len();
    let readme = fs::read_to_string(workspace("README.md"))?;
    ensure!(
        readme.contains(&format!("`cashfree` depends on {crates} crates.")),
        "there are {crates} crates and README.md has another number: run `cargo xtask crates`"
    );
    Ok(())
}

#[test]
fn holds_no_file_that_the_generator_does_not_write() -> Result<()> {
    let written: BTreeSet<String> = outcome()?.files.iter().map(|file| file.name.to_owned()).collect();
    let folders = [("", workspace(GENERATED)), ("webhooks/", workspace(GENERATED).join("webhooks"))];
    for (folder, path) in folders {
        for entry in fs::read_dir(path)? {
            let name = format!("{folder}{}", entry?.file_name().to_string_lossy());
            ensure!(
                name == "webhooks" || written.contains(&name),
                "{GENERATED}/{name} is left over; nothing writes it any more"
            );
        }
    }
    Ok(())
}

#[test]
fn two_runs_write_the_same_bytes() -> Result<()> {
    let again = Regen::new(None, None, None)?.outcome()?;
    let first = &outcome()?.files;
    ensure!(first.len() == again.files.len(), "{} files, then {}", first.len(), again.files.len());
    for (one, other) in first.iter().zip(&again.files) {
        ensure!(one.name == other.name, "{} became {}", one.name, other.name);
        same(one.name, &one.text, &other.text)?;
    }
    Ok(())
}

/// Only the first comment, which names the document, and the digest in `mod.rs` may distinguish them.
#[test]
fn place_and_notation_make_no_difference() -> Result<()> {
    let elsewhere = tempfile::tempdir()?;
    let files = files()?;
    let json = elsewhere.path().join("document.json");
    let overlay = elsewhere.path().join("overlay.yaml");
    fs::write(&json, serde_json::to_string_pretty(&document::load(&workspace(&files.document))?)?)?;
    fs::copy(workspace(&files.overlay), &overlay)?;

    let task = Regen::vendored(&workspace("."))?;
    let moved = task.with_files(json, overlay, workspace(&files.wording)).outcome()?;
    for name in ["types.rs", "client.rs", "enums.rs", "unions.rs", "operations.rs", "schema.rs"] {
        same(name, code(find(&outcome()?.files, name)?)?, code(find(&moved.files, name)?)?)?;
    }
    Ok(())
}

fn find<'a>(files: &'a [File], name: &str) -> Result<&'a File> {
    files.iter().find(|file| file.name == name).with_context(|| format!("no {name} is written"))
}

/// What follows the first comment.
fn code(file: &File) -> Result<&str> {
    let (_, code) = file.text.split_once("\n\n").with_context(|| format!("{} has no header", file.name))?;
    ensure!(!code.is_empty(), "{} holds nothing", file.name);
    Ok(code)
}

/// Names the first line that differs; the whole difference is for `cargo xtask regen --check`.
fn same(name: &str, committed: &str, generated: &str) -> Result<()> {
    if committed == generated {
        return Ok(());
    }
    let lines = committed.lines().zip(generated.lines());
    let at = lines.clone().take_while(|(one, other)| one == other).count();
    let (one, other) = lines.clone().nth(at).unwrap_or(("(ends)", "(goes on, or ends)"));
    anyhow::bail!("{name}:{}: `{one}` and `{other}`; see `cargo xtask regen --check`", at + 1)
}
