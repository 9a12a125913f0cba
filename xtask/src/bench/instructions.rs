//! Instructions by valgrind, which do not depend on what else the machine does.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::output;

/// Whether valgrind is installed; without it nothing is counted.
pub(super) fn countable() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|done| done.status.success())
}

/// Instructions of one more time: what many times take, less what a few take, which is mostly the start.
pub(super) fn each(
    program: &Path,
    few: u32,
    many: u32,
    arguments: impl Fn(u32) -> Vec<String>,
) -> Result<f64> {
    let collected = |times: u32| -> Result<f64> {
        let log = std::env::temp_dir().join(format!("cashfree-bench-{}.log", std::process::id()));
        output(
            Command::new("valgrind")
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(format!("--log-file={}", log.display()))
                .arg(program)
                .args(arguments(times)),
        )?;
        let text = std::fs::read_to_string(&log).context("valgrind wrote no log")?;
        let _ = std::fs::remove_file(&log);
        let line = text.lines().find_map(|line| line.split_once("Collected : "));
        line.and_then(|(_, count)| count.trim().parse().ok()).context("valgrind counted nothing")
    };
    Ok((collected(many)? - collected(few)?) / f64::from(many - few))
}
