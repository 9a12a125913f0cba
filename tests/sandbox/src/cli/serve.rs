//! The server: prints where it is and with which credentials, then the log, until Ctrl-C.

use std::process::ExitCode;

use anyhow::{Context, Result};
use cashfree_sandbox::Sandbox;

use super::log;
use super::settings::{LogForm, Settings};

/// Serves until Ctrl-C.
pub(crate) async fn run(settings: Settings) -> Result<ExitCode> {
    let sandbox = settings.builder()?.start().await?;
    // Before the address is printed: a request may follow at once.
    let feed = sandbox.subscribe();
    if let (Some(file), Some(certificate)) = (settings.certificate_file(), sandbox.certificate()) {
        std::fs::write(file, certificate).with_context(|| format!("writing {}", file.display()))?;
    }
    let form = settings.log();
    match form {
        None => {}
        Some(LogForm::Text) => banner(&sandbox, &settings),
        Some(LogForm::Json) => println!("{}", log::started(&sandbox)),
    }
    tokio::select! {
        () = log::write(feed, form) => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(ExitCode::SUCCESS)
}

fn banner(sandbox: &Sandbox, settings: &Settings) {
    println!("Cashfree sandbox {} at {}", env!("CARGO_PKG_VERSION"), sandbox.base_url());
    println!();
    println!("dashboard         {}", sandbox.origin());
    println!("API version       {}", sandbox.api_version());
    println!("client id         {}", sandbox.client_id());
    println!("client secret     {}", sandbox.client_secret());
    println!("client signature  {}", sandbox.client_signature());
    println!("partner API key   {}", sandbox.partner_api_key());
    println!("merchant id       {}", sandbox.merchant_id());
    println!("card              4706131211212123, expiry 03/28, CVV 123, OTP {}", sandbox.otp());
    println!("UPI id            testsuccess@gocash");
    if let Some(file) = settings.certificate_file() {
        println!("certificate       {}", file.display());
    }
    println!("call limits       {}", settings.limits());
    for url in settings.webhook_urls() {
        println!("webhooks to       {url}");
    }
    println!();
    println!("CASHFREE_ENVIRONMENT={}", sandbox.base_url());
    println!("CASHFREE_CLIENT_ID={}", sandbox.client_id());
    println!("CASHFREE_CLIENT_SECRET={}", sandbox.client_secret());
    println!();
}
