//! The checkout in a real browser, from the page of a shop on another origin: every way to open it, every method,
//! every outcome, the return to the shop, and the webhook that follows.
//!
//! Needs Debian's `chromium` and `chromium-driver`. Without them each test is listed as ignored and a line says
//! why; with `SANDBOX_BROWSER=required` that is a failure.

mod browser;
mod checkout;
mod components;
mod dashboard;
mod loader;
mod pages;
mod shop;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};

use browser::Driver;
use shop::Visit;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let driver = match Driver::find() {
        Ok(driver) => Some(Arc::new(driver)),
        Err(missing) => {
            eprintln!(
                "browser tests are skipped: {missing}. `apt-get install chromium chromium-driver` installs them."
            );
            if std::env::var_os("SANDBOX_BROWSER").is_some_and(|value| value == "required") {
                return ExitCode::FAILURE;
            }
            None
        }
    };
    let suite = Suite { driver };
    let mut trials = Vec::new();
    trials.extend(checkout::trials(&suite));
    trials.extend(components::trials(&suite));
    trials.extend(dashboard::trials(&suite));
    trials.extend(pages::trials(&suite));
    trials.extend(loader::trials(&suite));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What every test starts from.
struct Suite {
    driver: Option<Arc<Driver>>,
}

impl Suite {
    /// A test with a shop, a sandbox and a browser of its own.
    fn trial<F, R>(&self, name: impl Into<String>, test: F) -> Trial
    where
        F: FnOnce(Visit) -> R + Send + 'static,
        R: Future<Output = Result<()>>,
    {
        let driver = self.driver.clone();
        let is_skipped = driver.is_none();
        let run = move || -> Result<(), Failed> {
            let Some(driver) = driver else { return Ok(()) };
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            runtime.block_on(async {
                let visit = Visit::begin(&driver).await?;
                let browser = visit.browser.clone();
                let outcome = test(visit).await;
                let _ = browser.quit().await;
                outcome
            })?;
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(is_skipped)
    }
}
