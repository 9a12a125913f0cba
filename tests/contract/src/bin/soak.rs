//! `cargo run --release -p contract --bin soak -- --calls 10000 --faults 0.3 --seed 1`: calls through a
//! service that fails at random, and the books afterwards, as a table. Fails if the client's do not balance.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use contract::soak::{self, Caller, Settings, Table};

/// Makes calls through a service that fails at random, and holds what it was told against what was done.
#[derive(Debug, Parser)]
struct Arguments {
    /// Logical calls of each caller.
    #[arg(long, default_value_t = 10_000)]
    calls: u64,
    /// The share of requests that go wrong, from 0 to 1.
    #[arg(long, default_value_t = 0.3)]
    faults: f64,
    /// What the flows and the faults follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Flows at a time.
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// How much load repeats may add (1 is one repeat for each call), instead of the client's default.
    #[arg(long)]
    budget: Option<f32>,
    /// The service in a process of its own: the memory told is then that of the callers.
    #[arg(long)]
    apart: bool,
    /// Without the callers that it is compared with.
    #[arg(long)]
    alone: bool,
    /// Be that process.
    #[arg(long, hide = true)]
    serve: bool,
}

fn main() -> Result<ExitCode> {
    let Arguments { calls, faults, seed, concurrency, budget, apart, alone, serve } = Arguments::parse();
    if serve {
        soak::serve(seed, faults)?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = Settings { calls, faults, seed, concurrency, budget, apart };
    let callers = if alone { &Caller::ALL[..1] } else { &Caller::ALL[..] };
    let books = callers.iter().map(|caller| soak::run(&settings, *caller)).collect::<Result<Vec<_>>>()?;
    println!(
        "{calls} calls, {concurrency} flows at a time, faults in {:.0} % of requests, seed {seed}",
        faults * 100.0
    );
    println!();
    print!("{}", Table(&books));
    // The comparison is expected to fail where it has no keys; the client never.
    let balanced = books.iter().filter(|books| books.caller != Caller::Naive).all(soak::Books::balance);
    Ok(if balanced { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
