//! Receiving an event, next to the bare signature of the same bytes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::goals::Goals;
use super::{cargo, output};

pub(super) fn run(root: &Path, goals: &mut Goals) -> Result<String> {
    eprintln!("webhooks");
    let mut command = Command::new(cargo());
    command.current_dir(root).args(["run", "--quiet", "--release", "--locked"]);
    let told = output(command.args(["--package", "contract", "--bin", "webhook_bench"]))?;
    let whole = told.lines().find(|line| line.trim_start().starts_with("verify and read"));
    let ratio = whole.and_then(|line| line.split(',').nth(1)?.split_whitespace().next()?.parse().ok());
    let ratio = ratio.context("webhook_bench does not tell what verifying and reading take")?;
    goals.add("verify + decode a payment event ÷ bare HMAC", ratio, 2.0, 1.5);
    let story =
        "Verifying, and verifying and reading, a payment event, next to HMAC-SHA256 of the same bytes.";
    Ok(format!("\n## Webhooks\n\n{story}\n\n```text\n{}\n```\n", told.trim_end()))
}
