//! The sandbox from the command line: prints where it is and with which credentials, then serves
//! until Ctrl-C. `trigger` sends the sample of an event to a receiver on this machine.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use cashfree_sandbox::{Sandbox, Trigger, WebhookEndpoint, WebhookOutcome, webhook_samples};
use clap::{Args, Parser, Subcommand};

/// A local stand-in for the Cashfree Payments API.
#[derive(Debug, Parser)]
#[command(name = "cashfree-sandbox", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Args)]
struct Serve {
    /// Port of 127.0.0.1 to listen on; 0 takes a free one and tells which.
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Address of this machine that is sent every event; may be repeated.
    #[arg(long)]
    webhook_url: Vec<String>,
    /// What the waits before an event is sent again (2, 10 and 30 minutes) are multiplied by: with 0.01 they
    /// are seconds.
    #[arg(long, default_value_t = 1.0, value_parser = scale)]
    webhook_time_scale: f64,
    /// Calls of each operation that a minute admits, in place of the documented limits.
    #[arg(long)]
    rate_limit: Option<u32>,
    /// Seconds that a standard refund stays pending.
    #[arg(long, default_value_t = 1.0)]
    refund_delay: f64,
    /// Share of all requests that go wrong, from 0.0 to 1.0: lost answers, 502 pages, cut bodies and more.
    #[arg(long, default_value_t = 0.0)]
    faults: f64,
    /// The same seed lets the same requests go wrong.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "no number".to_owned())?;
    if (0.0..=1.0).contains(&scale) { Ok(scale) } else { Err("it is from 0 to 1".to_owned()) }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sends the sample of an event, signed.
    ///
    /// Ends with 0 if the receiver answered 200, with 1 if it answered anything else or nothing, and with 2 if
    /// nothing could be sent.
    Trigger(Event),
}

#[derive(Debug, Args)]
struct Event {
    /// The type of the event, as PAYMENT_SUCCESS_WEBHOOK.
    #[arg(required_unless_present = "list")]
    event_type: Option<String>,
    /// Lists the types of events and their samples.
    #[arg(long)]
    list: bool,
    /// Where to: http, on this machine; the sandbox sends nothing beyond it.
    #[arg(long, required_unless_present = "list")]
    to: Option<String>,
    /// The client secret that the receiver verifies with.
    #[arg(long, required_unless_present = "list")]
    secret: Option<String>,
    /// Which sample; the first if it isn't given.
    #[arg(long)]
    sample: Option<String>,
    /// Changes a member, as data.order.order_id=o_1; may be repeated.
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

/// As for arguments that are none.
const NOTHING_SENT: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        None => serve(arguments.serve).await,
        Some(Command::Trigger(event)) if event.list => list(),
        Some(Command::Trigger(event)) => trigger(event).await,
    };
    // One line, whatever the environment asks for: nobody mends a port that is taken by a backtrace.
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn serve(arguments: Serve) -> Result<ExitCode> {
    let delay = Duration::try_from_secs_f64(arguments.refund_delay).context("--refund-delay")?;
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .refund_delay(delay)
        .webhook_time_scale(arguments.webhook_time_scale);
    if let Some(calls) = arguments.rate_limit {
        builder = builder.rate_limits(calls);
    }
    if arguments.faults > 0.0 {
        builder = builder.random_faults(arguments.seed, arguments.faults);
    }
    for url in &arguments.webhook_url {
        let endpoint = WebhookEndpoint::new(url);
        endpoint.check().context("--webhook-url")?;
        builder = builder.webhooks(endpoint);
    }
    let sandbox = builder.start().await?;
    println!("Cashfree sandbox at {}", sandbox.base_url());
    println!();
    println!("client id         {}", sandbox.client_id());
    println!("client secret     {}", sandbox.client_secret());
    println!("client signature  {}", sandbox.client_signature());
    println!("partner API key   {}", sandbox.partner_api_key());
    println!("merchant id       {}", sandbox.merchant_id());
    println!("card              4706131211212123, expiry 03/28, CVV 123, OTP {}", sandbox.otp());
    println!("UPI id            testsuccess@gocash");
    println!("bank and payer    http://{}/sandbox lists what they can do", sandbox.address());
    for url in arguments.webhook_url {
        println!("events to         {url}");
    }
    println!();
    println!("CASHFREE_ENVIRONMENT={}", sandbox.base_url());
    println!("CASHFREE_CLIENT_ID={}", sandbox.client_id());
    println!("CASHFREE_CLIENT_SECRET={}", sandbox.client_secret());
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}

/// One paragraph per type: its name, what it tells, its samples.
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

async fn trigger(event: Event) -> Result<ExitCode> {
    let trigger = Trigger {
        event_type: event.event_type.context("which event?")?,
        sample: event.sample,
        url: event.to.context("--to is needed")?,
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
            WebhookOutcome::Answered(401) => {
                println!(
                    "answered 401: does the receiver verify with the secret that was given by --secret?"
                );
            }
            WebhookOutcome::Answered(status) => println!("answered {status}"),
            WebhookOutcome::Failed(reason) => println!("no answer from {}: {reason}", trigger.url),
            WebhookOutcome::Refused(reason) => println!("not sent: {reason}"),
            other => println!("{other:?}"),
        }
    }
    let acknowledged = outcomes.iter().all(|outcome| *outcome == WebhookOutcome::Answered(200));
    Ok(if acknowledged { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
