//! The programs that check payloads and events, called with files and folders.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use tempfile::TempDir;

const PAYLOADS: &str = env!("CARGO_BIN_EXE_payloads");
const EVENTS: &str = env!("CARGO_BIN_EXE_events");

const ORDER: &str = r#"{"order_id":"o","cf_order_id":"1","order_amount":1,"order_currency":"INR"}"#;
const EVENT: &str = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{"order_id":"o_1"}}}"#;

/// Runs a program in a folder. Returns what it printed, and whether it succeeded.
fn run(program: &str, folder: &Path, arguments: &[&str]) -> Result<(String, bool)> {
    let output = Command::new(program).current_dir(folder).args(arguments).output()?;
    let printed = [output.stdout, output.stderr].concat();
    Ok((String::from_utf8(printed)?, output.status.success()))
}

fn folder(files: &[(&str, &str)]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, text)?;
    }
    Ok(folder)
}

#[test]
fn payloads_takes_files_and_folders_and_names_what_failed() -> Result<()> {
    let folder = folder(&[
        ("a/1.PGFetchOrder.200.json", ORDER),
        ("a/notes.txt", ""),
        ("b/1.PGFetchOrder.200.json", "{"),
        ("2.PGFetchOrder.200.json", ORDER),
        ("order.json", ORDER),
    ])?;
    let run = |arguments: &[&str]| run(PAYLOADS, folder.path(), arguments);
    let (printed, good) = run(&["2.PGFetchOrder.200.json", "a"])?;
    ensure!(
        good && printed.contains("1 files skipped") && printed.contains("2 passed, 0 failed"),
        "{printed}"
    );

    let (printed, good) = run(&["a", "b", "nowhere", "order.json", "2.PGFetchOrder.200.json"])?;
    ensure!(!good && printed.contains("2 passed, 3 failed"), "{printed}");
    for line in [
        "b/1.PGFetchOrder.200.json: no JSON",
        "nowhere: cannot be read: No such file",
        "order.json: not checked, because it is not named OPERATION.response.STATUS.*.json",
    ] {
        ensure!(printed.lines().any(|found| found.starts_with(line)), "{line} is not in {printed}");
    }
    let (printed, good) = run(&[])?;
    ensure!(!good && printed.contains("Usage: payloads <FILE_OR_FOLDER>..."), "{printed}");
    Ok(())
}

#[test]
fn events_takes_files_and_folders_and_names_what_failed() -> Result<()> {
    let folder = folder(&[
        ("a/1.json", EVENT),
        ("a/notes.txt", ""),
        ("b/1.json", r#"{"type":"REFUND_STATUS_WEBHOOK","data":{"refund":{"refund_amount":{"S3CRET":1}}}}"#),
        ("event.txt", EVENT),
    ])?;
    let run = |arguments: &[&str]| run(EVENTS, folder.path(), arguments);
    // A file that is named is an event, whatever its ending.
    let (printed, good) = run(&["event.txt", "a"])?;
    ensure!(good && printed.ends_with("2 passed, 0 failed\n"), "{printed}");
    ensure!(printed.starts_with("event.txt: PAYMENT_SUCCESS_WEBHOOK order_id=o_1\na/1.json: "), "{printed}");

    let (printed, good) = run(&["b", "nowhere", "a/1.json"])?;
    ensure!(!good && printed.ends_with("1 passed, 2 failed\n") && !printed.contains("S3CRET"), "{printed}");
    for line in
        ["b/1.json: FAILED at data.refund.refund_amount: ", "nowhere: FAILED cannot be read: No such file"]
    {
        ensure!(printed.lines().any(|found| found.starts_with(line)), "{line} is not in {printed}");
    }
    let (printed, good) = run(&[])?;
    ensure!(!good && printed.contains("Usage: events <FILE_OR_FOLDER>..."), "{printed}");
    Ok(())
}
