//! A document with every fault that is known of others (`fixtures/faults.yaml`): what is decided about
//! it stands in a snapshot, and what is written compiles in the place of the committed code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xtask::outline;
use xtask::regen::{Outcome, Regen};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/faults.yaml");

fn outcome() -> Result<Outcome> {
    Regen::new(Some(FIXTURE.into()), None, None)?.outcome()
}

#[test]
fn what_is_decided() -> Result<()> {
    insta::assert_snapshot!(outcome()?.log.to_text());
    Ok(())
}

#[test]
fn what_comes_of_it() -> Result<()> {
    let model = outcome()?.model;
    let types: String = outline::types(&model).into_values().collect();
    insta::assert_snapshot!(format!("{}\n{types}", outline::operations(&model)));
    Ok(())
}

/// The hand-written part of the crate, in a workspace of its own, around what was written for the
/// fixture. It is checked with the versions of this workspace, most of which are at hand when its tests run,
/// and the build is kept beside theirs, so that only the first run takes its time.
#[test]
fn what_is_written_compiles() -> Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let bench = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults");
    let package = bench.join("cashfree-gen");
    copy(&workspace.join("cashfree-gen/src"), &package.join("src"))?;
    fs::copy(workspace.join("cashfree-gen/README.md"), package.join("README.md"))?;
    // Crates for its tests are not copied.
    let manifest = fs::read_to_string(workspace.join("cashfree-gen/Cargo.toml"))?;
    fs::write(package.join("Cargo.toml"), manifest.replace("recode.workspace = true\n", ""))?;
    fs::copy(workspace.join("Cargo.lock"), bench.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(workspace.join("Cargo.toml"))?;
    let lines = manifest.lines().map(|line| match line.split_once(" = ") {
        Some(("members" | "default-members", _)) => "members = [\"cashfree-gen\"]\n".to_owned(),
        _ => format!("{line}\n"),
    });
    let mut lines: Vec<String> = lines.collect();
    lines.dedup();
    fs::write(bench.join("Cargo.toml"), lines.concat())?;

    let generated = package.join("src/generated");
    for file in outcome()?.files {
        fs::write(generated.join(file.name), file.text)?;
    }
    for task in [["check", "--lib"], ["doc", "--no-deps"]] {
        let run = Command::new(env!("CARGO"))
            .args(task)
            .arg("--package=cashfree-gen")
            .current_dir(&bench)
            .env("CARGO_TARGET_DIR", bench.join("target"))
            .env("RUSTDOCFLAGS", "-D warnings")
            .output()?;
        let stderr = String::from_utf8_lossy(&run.stderr);
        ensure!(run.status.success() && !stderr.contains("warning"), "cargo {}:\n{stderr}", task.join(" "));
    }
    Ok(())
}

/// Copies a folder; a file that is the same keeps its time, and what is not in the original goes.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !from.join(entry.file_name()).exists() && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            let text = fs::read(entry.path())?;
            if fs::read(&target).ok().as_ref() != Some(&text) {
                fs::write(&target, text)?;
            }
        }
    }
    Ok(())
}
