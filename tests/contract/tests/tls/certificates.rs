//! A machine without certificates, as a minimal container image is.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use cashfree::{Client, Credentials, Environment};

/// Set in the process that has no certificates.
const CHILD: &str = "CASHFREE_TEST_WITHOUT_CERTIFICATES";

fn build(environment: Environment) -> Result<Client, cashfree::ConfigError> {
    Client::new(environment, Credentials::client_secret("id", "secret"))
}

/// The variables of a process can't be changed safely once it has threads, so the test runs itself again.
#[test]
fn plain_http_needs_no_certificates_and_https_says_how_to_get_some() -> Result<()> {
    if std::env::var_os(CHILD).is_some() {
        build(Environment::custom("http://127.0.0.1:9")?).context("plain http")?;
        let error = build(Environment::Sandbox).err().context("https was set up without certificates")?;
        let text = error.to_string();
        for hint in ["ca-certificates", "SSL_CERT_FILE", "root_certificates"] {
            ensure!(text.contains(hint), "{text}");
        }
        return Ok(());
    }
    let empty = tempfile::NamedTempFile::new()?;
    let output = Command::new(std::env::current_exe()?)
        .args(["plain_http_needs_no_certificates", "--nocapture"])
        .env("SSL_CERT_FILE", empty.path())
        .env_remove("SSL_CERT_DIR")
        .env(CHILD, "1")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && text.contains("1 passed"), "{text}");
    Ok(())
}
