//! `pay`: lets the customer of an order pay it, without a browser.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::json;

use super::client::Running;

#[derive(Debug, Args)]
pub(crate) struct PayArguments {
    /// The `order_id`.
    order: String,
    /// Payment method.
    #[arg(long, value_enum, default_value_t)]
    method: PayMethod,
    /// What the payer does.
    #[arg(long, value_enum, default_value_t)]
    outcome: Outcome,
    #[command(flatten)]
    sandbox: Running,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PayMethod {
    #[default]
    Upi,
    Card,
    Netbanking,
    Wallet,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Outcome {
    /// Pays.
    #[default]
    Success,
    /// Is declined.
    Failed,
    /// Leaves the page.
    UserDropped,
    /// Has not decided yet.
    Pending,
}

/// Pays, and prints what became of the payment and the order.
pub(crate) async fn run(arguments: PayArguments) -> Result<ExitCode> {
    let name = |value: Option<clap::builder::PossibleValue>| {
        value.map(|value| value.get_name().replace('-', "_")).unwrap_or_default()
    };
    let body = json!({
        "method": name(arguments.method.to_possible_value()),
        "outcome": name(arguments.outcome.to_possible_value()),
    });
    let path = format!("/orders/{}/pay", utf8_percent_encode(&arguments.order, NON_ALPHANUMERIC));
    let paid = arguments.sandbox.ask(Method::POST, &path, Some(&body)).await?;
    println!(
        "payment {} {}, order {}",
        paid["cf_payment_id"].as_str().unwrap_or_default(),
        paid["payment_status"].as_str().unwrap_or_default(),
        paid["order_status"].as_str().unwrap_or_default(),
    );
    Ok(ExitCode::SUCCESS)
}
