//! The loader that front ends install from npm, on a page that includes the sandbox's script first.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use libtest_mimic::Trial;
use serde_json::json;

use crate::Suite;
use crate::browser::on_path;
use crate::shop::Visit;

/// The package and the version that is tried.
const PACKAGE: &str = "@cashfreepayments/cashfree-js@1.0.7";

pub(crate) fn trials(suite: &Suite) -> Vec<Trial> {
    let trial = suite.trial("the_npm_loader_takes_the_sandbox_s_script", loads);
    let fetched = script();
    if suite.driver.is_some()
        && let Err(error) = &fetched
    {
        eprintln!("the test of the npm loader is skipped: {error:#}");
    }
    let is_required = std::env::var_os("SANDBOX_BROWSER").is_some_and(|value| value == "required");
    vec![trial.with_ignored_flag(suite.driver.is_none() || (fetched.is_err() && !is_required))]
}

/// The loader as a module, fetched once.
pub(crate) fn script() -> Result<&'static str> {
    static SCRIPT: OnceLock<Result<String>> = OnceLock::new();
    let fetched = SCRIPT.get_or_init(fetch);
    fetched.as_deref().map_err(|error| anyhow::anyhow!("{error:#}"))
}

fn fetch() -> Result<String> {
    let npm = on_path("npm").context("there is no npm on the PATH")?;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cashfree-js");
    let file = folder.join("node_modules/@cashfreepayments/cashfree-js/dist/script.esm.js");
    if !file.is_file() {
        std::fs::create_dir_all(&folder)?;
        let output = Command::new(npm)
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix"])
            .arg(&folder)
            .arg(PACKAGE)
            .output()?;
        ensure!(output.status.success(), "npm: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    std::fs::read_to_string(&file).with_context(|| file.display().to_string())
}

async fn loads(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let script = "return import('/loader.js').then((module) => module.load({ mode: 'sandbox' }))\
                  .then((loaded) => loaded.checkout(options));";
    visit.start(script, json!({ "paymentSessionId": session, "redirectTarget": "_modal" })).await?;
    visit.find("dialog iframe").await?.enter_frame().await?;
    visit.click("[data-fill^='upi_id=testsuccess']").await?;
    visit.click("#pay-upi").await?;
    visit.click("#succeed").await?;
    visit.browser.enter_default_frame().await?;
    let result = visit.result().await?;
    ensure!(result["paymentDetails"].is_object(), "{result}");
    assert_eq!(visit.order_status("order_1").await?, "PAID");
    Ok(())
}
