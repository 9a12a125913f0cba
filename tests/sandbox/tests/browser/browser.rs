//! Chromium and its driver.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

/// A running driver, stopped when dropped.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    chromium: PathBuf,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    /// Starts the machine's driver on a free port.
    pub(crate) fn find() -> Result<Self> {
        let chromium = on_path("chromium").context("there is no chromium on the PATH")?;
        let driver = on_path("chromedriver").context("there is no chromedriver on the PATH")?;
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting chromedriver")?;
        let output = process.stdout.take().context("chromedriver has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            let port = line.rsplit_once("on port ").map(|(_, rest)| rest.trim_end_matches('.'));
            if let Some(port) = port.and_then(|port| port.parse().ok()).filter(|port| *port != 0) {
                return Ok(Self { process, port, chromium });
            }
        }
        bail!("chromedriver does not start")
    }

    /// A new browser without a window.
    pub(crate) async fn open(&self, settings: Settings) -> Result<WebDriver> {
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(&self.chromium.to_string_lossy())?;
        let size = format!("--window-size={},900", settings.width);
        for flag in
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", size.as_str()]
        {
            capabilities.add_arg(flag)?;
        }
        if !settings.javascript {
            let off = serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
            capabilities.add_experimental_option("prefs", off)?;
        }
        let browser = WebDriver::new(format!("http://127.0.0.1:{}", self.port), capabilities).await?;
        browser.set_script_timeout(Duration::from_secs(30)).await?;
        Ok(browser)
    }
}

/// How a browser is set up.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) width: u32,
    pub(crate) javascript: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { width: 1000, javascript: true }
    }
}

/// The first program of this name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| Path::is_file(file))
}
