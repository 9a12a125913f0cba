//! `--check` against a fresh, a stale and an empty folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask::vendor::files_below;

use crate::bench::{Bench, Run, named_thing, run, with_thing};

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cashfree-gen/src/generated")
}

/// How many files a run writes.
fn written() -> Result<usize> {
    Ok(files_below(&committed())?.len())
}

/// A copy of the committed folder.
fn copied(bench: &Bench) -> Result<()> {
    for file in files_below(&committed())? {
        let copy = bench.out().join(file.strip_prefix(committed())?);
        fs::create_dir_all(copy.parent().context("a folder")?)?;
        fs::copy(file, copy)?;
    }
    Ok(())
}

fn check(bench: &Bench) -> Result<Run> {
    run(["--check".as_ref(), "--out".as_ref(), bench.out().as_os_str()])
}

/// Every file with its text and its time.
fn state(folder: &Path) -> Result<Vec<(PathBuf, String, std::time::SystemTime)>> {
    let state = files_below(folder)?.into_iter().map(|path| {
        let time = fs::metadata(&path)?.modified()?;
        Ok((path.clone(), fs::read_to_string(path)?, time))
    });
    state.collect()
}

#[test]
fn check_of_a_fresh_folder_is_content_and_writes_nothing() -> Result<()> {
    let bench = Bench::new()?;
    copied(&bench)?;
    let before = state(&bench.out())?;
    check(&bench)?.succeeds()?;
    ensure!(before == state(&bench.out())?, "--check wrote something");
    Ok(())
}

#[test]
fn check_of_a_stale_folder_shows_the_difference_and_writes_nothing() -> Result<()> {
    let bench = Bench::new()?;
    copied(&bench)?;
    let path = bench.out().join("operations.rs");
    let text = fs::read_to_string(&path)?;
    let stale = text.replacen("idempotency_key: true", "idempotency_key: false", 1);
    ensure!(stale != text, "there is nothing to make stale");
    fs::write(&path, stale)?;

    let before = state(&bench.out())?;
    let run = check(&bench)?;
    ensure!(!run.success, "a stale folder passed");
    for part in [
        "--- operations.rs (committed)",
        "+++ operations.rs (generated)",
        "@@ ",
        "\n-    idempotency_key: false,",
        "\n+    idempotency_key: true,",
        &format!("1 of {} files are stale", written()?),
        "cargo xtask regen",
    ] {
        ensure!(run.stderr.contains(part), "does not say `{part}`:\n{}", run.stderr);
    }
    ensure!(before == state(&bench.out())?, "--check wrote something");
    Ok(())
}

#[test]
fn check_of_an_empty_folder_names_every_file() -> Result<()> {
    let bench = Bench::new()?;
    let run = check(&bench)?;
    let all = format!("{0} of {0} files are stale", written()?);
    ensure!(!run.success && run.stderr.contains(&all), "{}", run.stderr);
    ensure!(!bench.out().exists(), "--check made a folder");
    Ok(())
}

#[test]
fn a_second_run_leaves_the_files_alone() -> Result<()> {
    let bench = Bench::new()?;
    let text = with_thing(&named_thing()).to_string();
    bench.generate(&text)?.succeeds()?;
    let before = state(&bench.out())?;
    let again = bench.generate(&text)?;
    let none = format!("0 of {} files changed", written()?);
    ensure!(again.succeeds()?.stdout.contains(&none), "{}", again.stdout);
    ensure!(before == state(&bench.out())?, "unchanged files were written again");
    Ok(())
}
