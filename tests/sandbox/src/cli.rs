//! The commands.

mod client;
mod events;
mod log;
mod pay;
mod serve;
mod settings;
mod trigger;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// A local sandbox for the Cashfree Payments API.
///
/// Without a command it serves the API, the checkout pages and the dashboard until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "cashfree-sandbox", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: settings::Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sends the sample of an event, signed.
    ///
    /// Ends with 0 if the receiver responded 200, with 1 if it responded anything else or nothing, and with 2 if
    /// nothing could be sent.
    Trigger(trigger::TriggerArguments),
    /// Lets the customer of an order pay it, without a browser.
    Pay(pay::PayArguments),
    /// Lists the newest deliveries of webhooks.
    Events(events::EventsArguments),
    /// Sends the event of a delivery again.
    Resend(events::ResendArguments),
    /// Prints deliveries while they happen, and forwards every event to a receiver.
    Listen(events::ListenArguments),
}

/// Carries out a command.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        None => serve::run(arguments.serve.with_file()?).await,
        Some(Command::Trigger(arguments)) => trigger::run(arguments).await,
        Some(Command::Pay(arguments)) => pay::run(arguments).await,
        Some(Command::Events(arguments)) => events::list(arguments).await,
        Some(Command::Resend(arguments)) => events::resend(arguments).await,
        Some(Command::Listen(arguments)) => events::listen(arguments).await,
    }
}
