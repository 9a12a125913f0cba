//! The committed code is what the generator writes: today, twice alike, and from the same document in
//! another place and another notation.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use xtask::document;
use xtask::regen::Regen;
use xtask::render::File;
use xtask::supply;

use crate::{files, outcome, workspace};

const GENERATED: &str = "cashfree-gen/src/generated";

#[test]
fn is_what_the_generator_writes() -> Result<()> {
    for file in &outcome()?.files {
        let path = workspace(GENERATED).join(file.name);
        let committed = fs::read_to_string(&path).with_context(|| format!("{GENERATED}/{}", file.name))?;
        same(file.name, &committed.replace("\r\n", "\n"), &file.text)?;
    }
    Ok(())
}

/// `unsafe` is forbidden by the lints of the workspace, so to whoever follows them.
#[test]
fn every_crate_follows_the_lints_of_the_workspace() -> Result<()> {
    let root = fs::read_to_string(workspace("Cargo.toml"))?;
    ensure!(
        root.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\""),
        "unsafe code is not forbidden"
    );
    let (_, members) = root.split_once("members = [").context("members")?;
    let (members, _) = members.split_once(']').context("an end")?;
    let members: Vec<&str> = members.split('"').skip(1).step_by(2).collect();
    ensure!(members.len() >= 7, "{members:?}");
    for member in members {
        let manifest = fs::read_to_string(workspace(member).join("Cargo.toml"))?;
        ensure!(manifest.contains("[lints]\nworkspace = true"), "{member} has lints of its own");
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
        readme.contains(&format!("`cashfree` brings in {crates} crates.")),
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

/// Only the first comment, which names the document, and the digest in `mod.rs` may tell them apart.
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
