//! `cargo run -p contract --bin kills -- --kills 1000 --seed 1`, or with `--profile NAME` against the adversary: a
//! program that takes money is killed again and again, and its successors finish its work. Fails if anything
//! happened twice, or not at all.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use adversary::Profile;
use anyhow::{Context, Result};
use cashfree::{Client, Credentials, Environment};
use clap::{Parser, Subcommand};
use contract::kills::{self, Against};
use contract::survivor;

/// Kills a program that takes money, and counts what its successors make of it.
#[derive(Debug, Parser)]
struct Arguments {
    /// Processes to kill.
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// The moments follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Profile of the adversary, or `all` of them, instead of the sandbox.
    #[arg(long)]
    profile: Option<String>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// The program that is killed; the account is taken from the environment.
    #[command(hide = true)]
    Survivor {
        #[arg(long)]
        journal: PathBuf,
        #[arg(long)]
        prefix: String,
        #[arg(long)]
        orders: usize,
        #[arg(long)]
        otp: String,
    },
}

/// How long a survivor waits for a response, so that it does not wait long for one that never arrives.
const PATIENCE: Duration = Duration::from_millis(500);

/// The client of a survivor, as [`Client::from_env`] makes it, with another timeout.
fn client() -> Result<Client> {
    let text = |name: &str| std::env::var(name).with_context(|| name.to_owned());
    let credentials = match text("CASHFREE_CLIENT_ID") {
        Ok(id) => Credentials::client_secret(id, text("CASHFREE_CLIENT_SECRET")?),
        Err(_) => {
            let key = text("CASHFREE_PARTNER_API_KEY")?;
            Credentials::partner_for_merchant(key, text("CASHFREE_PARTNER_MERCHANT_ID")?)
        }
    };
    let environment = Environment::custom(&text("CASHFREE_ENVIRONMENT")?)?;
    Ok(Client::builder(environment, credentials).timeout(PATIENCE).build()?)
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(Role::Survivor { journal, prefix, orders, otp }) = arguments.role {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = client()?;
        runtime.block_on(survivor::work(&client, &journal, &prefix, orders, &otp))?;
        return Ok(ExitCode::SUCCESS);
    }
    let services = match arguments.profile.as_deref() {
        None => vec![Against::Sandbox],
        Some("all") => Profile::NAMES.iter().map(|name| Against::Adversary((*name).to_owned())).collect(),
        Some(name) => vec![Against::Adversary(name.to_owned())],
    };
    let mut balanced = true;
    for against in services {
        let report = kills::run(&std::env::current_exe()?, &against, arguments.kills, arguments.seed)?;
        println!("{against:?}, seed {}", arguments.seed);
        println!("{report}");
        balanced &= report.twice + report.missing == 0;
    }
    Ok(if balanced { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
