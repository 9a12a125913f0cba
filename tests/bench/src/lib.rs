//! What a call and a decode cost, next to what they cost without the client. `cargo xtask bench` builds
//! this in release, runs it in rounds, and puts the figures side by side; by hand:
//!
//! ```text
//! cargo run --release -p bench -- serve
//! cargo run --release -p bench -- call --client cashfree --operation get-payment --address 127.0.0.1:PORT
//! cargo run --release -p bench -- decode
//! cargo run --release -p bench -- webhook
//! ```
//!
//! Each client runs in a process of its own, on one thread, against a [`server`] in another process that
//! sends [`responses`] from memory over plain http on loopback: what is measured is the client, not TLS.

pub mod calls;
pub mod clients;
pub mod decode;
pub mod plain;
pub mod process;
pub mod responses;
pub mod server;
pub mod webhook;

use std::net::SocketAddr;

use anyhow::Result;
use clap::Parser;

/// What allocations a piece of work made; `None` without the counting allocator.
pub type Counter = fn(&mut dyn FnMut()) -> Option<Allocations>;

/// Allocations and their bytes, growth of existing ones included.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Allocations {
    /// How many.
    pub count: u64,
    /// How many bytes in all.
    pub bytes: u64,
}

/// What to measure; the figures go to standard output as one line of JSON.
#[derive(Debug, Parser)]
pub enum Task {
    /// Respond to calls until standard input is closed; the first line of the output is the address.
    Serve,
    /// Make calls with one client.
    Call {
        /// Which client makes them.
        #[arg(long)]
        client: clients::Kind,
        /// Which call.
        #[arg(long)]
        operation: responses::Operation,
        /// How many at a time.
        #[arg(long, default_value_t = 1)]
        in_flight: usize,
        /// How many in all.
        #[arg(long, default_value_t = 10_000)]
        calls: u64,
        /// Where the server is.
        #[arg(long)]
        address: SocketAddr,
    },
    /// Decode responses, with the client's types and with structs written by hand.
    Decode {
        /// How many times; the quickest counts.
        #[arg(long, default_value_t = 7)]
        rounds: u32,
        /// Only this response.
        #[arg(long)]
        only: Option<String>,
    },
    /// Verify a delivery and read its event, next to the bare HMAC.
    Webhook {
        /// How many times; the quickest counts.
        #[arg(long, default_value_t = 15)]
        rounds: u32,
    },
    /// Do one step of a delivery over and over and print nothing: for a profiler.
    RepeatWebhook {
        /// Which step, as `webhook` names it.
        step: String,
        /// How many times.
        times: u32,
    },
    /// Read one response over and over and print nothing: for a profiler.
    Repeat {
        /// Which response, as `decode` names it.
        response: String,
        /// `types` or `structs`.
        reader: String,
        /// How many times.
        times: u32,
    },
}

/// Does what the command line says.
///
/// # Errors
/// When a call or a decode fails: then there is nothing to measure.
pub fn run(counter: Counter) -> Result<()> {
    match Task::parse() {
        Task::Serve => server::serve(),
        Task::Call { client, operation, in_flight, calls, address } => {
            let run = calls::Run { operation, in_flight: in_flight.max(1), calls, address };
            let figures = clients::measure(client, &run, counter)?;
            println!("{}", serde_json::to_string(&figures)?);
            Ok(())
        }
        Task::Decode { rounds, only } => {
            let figures = decode::measure(rounds, only.as_deref(), counter)?;
            println!("{}", serde_json::to_string(&figures)?);
            Ok(())
        }
        Task::Webhook { rounds } => {
            println!("{}", serde_json::to_string(&webhook::measure(rounds, counter)?)?);
            Ok(())
        }
        Task::RepeatWebhook { step, times } => webhook::repeat(&step, times),
        Task::Repeat { response, reader, times } => decode::repeat(&response, &reader, times),
    }
}
