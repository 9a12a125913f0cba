//! Programs whose other crates use rustls work as before when `cashfree` is added, used or not; and what the
//! features of `cashfree` turn on in the crates that a program may share with it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace()).env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs a program of `tests/hosts`, without `cashfree` in use and with it.
fn works(host: &str) -> Result<()> {
    for mode in ["unused", "used"] {
        let mut command = cargo();
        command.args(["run", "--quiet", "--manifest-path", "tests/hosts/Cargo.toml", "--package", host]);
        // Most of the dependencies have been built there already.
        command.arg("--target-dir").arg(workspace().join("target")).args(["--", mode]);
        let output = command.output().context("cannot start cargo")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{host} with cashfree {mode}: {stderr}");
        ensure!(!stderr.contains("panicked"), "{host} with cashfree {mode}: {stderr}");
    }
    Ok(())
}

#[test]
fn rustls_chooses_its_provider() -> Result<()> {
    works("host-rustls")
}

#[test]
fn axum_server_starts() -> Result<()> {
    works("host-axum-server")
}

#[test]
fn redis_connects_over_tls() -> Result<()> {
    works("host-redis")
}

/// The crates and features that `cashfree` brings in, one a line.
fn tree(features: &[&str]) -> Result<String> {
    let output = cargo()
        .args(["tree", "--locked", "--package", "cashfree", "--edges", "normal,features", "--prefix", "none"])
        .args(features)
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// With one provider compiled in, rustls chooses it. With two it panics until the program installs one.
#[test]
fn no_feature_brings_in_a_second_crypto_provider() -> Result<()> {
    let lines = |features: &[&str]| -> Result<(bool, bool)> {
        let tree = tree(features)?;
        let has = |name: &str| tree.lines().any(|line| line.starts_with(name));
        Ok((has("aws-lc-rs v"), has("ring v")))
    };
    ensure!(lines(&[])? == (true, false), "by default: aws-lc-rs, which is rustls's own default");
    ensure!(lines(&["--no-default-features", "--features", "rustls-no-provider"])? == (false, false));
    ensure!(lines(&["--no-default-features", "--features", "native-tls"])? == (false, false));
    ensure!(lines(&["--no-default-features", "--features", "webhook,blocking"])? == (false, false));
    let all = "axum,blocking,chrono,jiff,reqwest,rust_decimal,schemars,testing,time,tracing";
    ensure!(lines(&["--features", all])? == (true, false));
    Ok(())
}

/// The client is built on reqwest and leaves TLS and HTTP to it.
#[test]
fn no_crate_of_the_stack_below_reqwest_is_a_direct_dependency() -> Result<()> {
    let manifest = std::fs::read_to_string(workspace().join("cashfree/Cargo.toml"))?;
    let own = manifest.split("[dependencies]").nth(1).context("dependencies")?;
    let own = own.split("[dev-dependencies]").next().context("dependencies")?;
    for name in [
        "rustls",
        "ring",
        "aws-lc-rs",
        "hyper",
        "hyper-rustls",
        "hyper-tls",
        "hyper-util",
        "native-tls",
        "tower-service",
    ] {
        ensure!(
            !own.lines().any(|line| line.starts_with(&format!("{name} "))),
            "{name} is a direct dependency"
        );
    }
    Ok(())
}
