//! `trigger`: sends the sample of an event to a receiver.

use std::process::ExitCode;

use anyhow::{Context, Result};
use cashfree_sandbox::{Trigger, WebhookOutcome, webhook_samples};
use clap::Args;

/// As for arguments that are none.
const NOTHING_SENT: u8 = 2;

#[derive(Debug, Args)]
pub(crate) struct TriggerArguments {
    /// The type of the event, as PAYMENT_SUCCESS_WEBHOOK.
    #[arg(required_unless_present = "list")]
    event_type: Option<String>,
    /// Lists the types of events and their samples.
    #[arg(long)]
    list: bool,
    /// Where to: http, on this machine.
    #[arg(long, required_unless_present = "list")]
    to: Option<String>,
    /// Host beside this machine that it may go to; may be repeated.
    #[arg(long, value_name = "HOST")]
    allow_webhook_host: Vec<String>,
    /// The client secret that the receiver verifies with.
    #[arg(long, required_unless_present = "list")]
    secret: Option<String>,
    /// Which sample; the first if it isn't given.
    #[arg(long)]
    sample: Option<String>,
    /// Changes a field, as data.order.order_id=o_1; may be repeated.
    #[arg(long)]
    set: Vec<String>,
    /// x-webhook-attempt, in place of 1.
    #[arg(long)]
    attempt: Option<u32>,
    /// x-webhook-timestamp, in place of now.
    #[arg(long)]
    timestamp: Option<String>,
    /// Sends it again, as the next attempt.
    #[arg(long)]
    twice: bool,
}

/// Lists the events, or sends one.
pub(crate) async fn run(arguments: TriggerArguments) -> Result<ExitCode> {
    if arguments.list { list() } else { send(arguments).await }
}

/// One paragraph per type: its name, its description, its samples.
fn list() -> Result<ExitCode> {
    let samples = webhook_samples()?;
    for of_type in samples.chunk_by(|one, other| one.event_type == other.event_type) {
        let names: Vec<&str> = of_type.iter().map(|sample| sample.name.as_str()).collect();
        if let Some(sample) = of_type.first() {
            println!("{}\n    {}\n    samples: {}", sample.event_type, sample.about, names.join(", "));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn send(event: TriggerArguments) -> Result<ExitCode> {
    let trigger = Trigger {
        event_type: event.event_type.context("which event?")?,
        sample: event.sample,
        url: event.to.context("--to is needed")?,
        allowed_hosts: event.allow_webhook_host,
        secret: event.secret.context("--secret is needed")?,
        set: event.set,
        attempt: event.attempt,
        timestamp: event.timestamp,
        twice: event.twice,
    };
    let outcomes = match trigger.send().await {
        Ok(outcomes) => outcomes,
        Err(error) => {
            eprintln!("error: {error:#}");
            return Ok(ExitCode::from(NOTHING_SENT));
        }
    };
    for outcome in &outcomes {
        match outcome {
            WebhookOutcome::Responded(401) => {
                println!("401: does the receiver verify with the secret that was given by --secret?");
            }
            WebhookOutcome::Responded(status) => println!("status {status}"),
            WebhookOutcome::Failed(reason) => println!("no response from {}: {reason}", trigger.url),
            WebhookOutcome::Refused(reason) => println!("not sent: {reason}"),
            other => println!("{other:?}"),
        }
    }
    let acknowledged = outcomes.iter().all(|outcome| *outcome == WebhookOutcome::Responded(200));
    Ok(if acknowledged { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
