//! `cargo run --release -p contract --bin soak -- --calls 10000 --seed 1`, or with
//! `--against adversary --profile NAME`: calls through a service that fails, and afterwards what the callers were
//! returned compared with what was done, as a table. Fails if a statement of the client was wrong.

use std::process::ExitCode;

use adversary::Profile;
use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};
use contract::soak::{self, Against, Caller, Settings, Table, Tally};

/// Makes calls through a service that fails, and compares what they returned with what was done.
#[derive(Debug, Parser)]
struct Arguments {
    /// The service.
    #[arg(long, value_enum, default_value_t = Service::Sandbox)]
    against: Service,
    /// Profile of the adversary, or `all`.
    #[arg(long, default_value = "all")]
    profile: String,
    /// Logical calls of each caller.
    #[arg(long, default_value_t = 10_000)]
    calls: u64,
    /// Share of requests that go wrong in the sandbox, from 0 to 1.
    #[arg(long, default_value_t = 0.3)]
    faults: f64,
    /// Makes the sandbox forget idempotency keys at once.
    #[arg(long)]
    forgets_keys: bool,
    /// Seeds of the flows and the faults; one run for each.
    #[arg(long, value_delimiter = ',', default_value = "1")]
    seed: Vec<u64>,
    /// Flows at a time.
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// How much load repeats may add (1 is one repeat for each call), instead of the client's default.
    #[arg(long)]
    budget: Option<f32>,
    /// Runs the sandbox in a process of its own: the memory shown is then that of the callers.
    #[arg(long)]
    apart: bool,
    /// Leaves out the plain HTTP client and, for the sandbox, the client without retries.
    #[arg(long)]
    alone: bool,
    /// Runs that process.
    #[arg(long, hide = true)]
    serve: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
enum Service {
    Sandbox,
    Adversary,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.serve {
        soak::serve(arguments.seed.first().copied().unwrap_or(1), arguments.faults)?;
        return Ok(ExitCode::SUCCESS);
    }
    let services = match arguments.against {
        Service::Sandbox => {
            vec![Against::Sandbox { faults: arguments.faults, forgets_keys: arguments.forgets_keys }]
        }
        Service::Adversary => {
            let all = arguments.profile == "all";
            let chosen = Profile::NAMES.into_iter().filter(|name| all || *name == arguments.profile);
            chosen.map(|name| Against::Adversary { profile: name.to_owned() }).collect()
        }
    };
    ensure!(!services.is_empty(), "no profile {:?}, but {}", arguments.profile, Profile::NAMES.join(", "));
    let mut balanced = true;
    for against in services {
        for seed in &arguments.seed {
            balanced &= run(&arguments, &against, *seed)?;
        }
    }
    Ok(if balanced { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all callers against one service; returns whether the client's tallies balance.
fn run(arguments: &Arguments, against: &Against, seed: u64) -> Result<bool> {
    let Arguments { calls, concurrency, budget, apart, alone, .. } = *arguments;
    let settings = Settings { against: against.clone(), calls, seed, concurrency, budget, apart };
    let callers: &[Caller] = match (against, alone) {
        (Against::Sandbox { .. }, false) => &Caller::SANDBOX,
        (Against::Sandbox { .. }, true) => &Caller::SANDBOX[..1],
        (Against::Adversary { .. }, false) => &Caller::ADVERSARY,
        (Against::Adversary { .. }, true) => &Caller::ADVERSARY[..2],
    };
    let tallies =
        callers.iter().map(|caller| soak::run(&settings, *caller)).collect::<Result<Vec<Tally>>>()?;
    let service = match against {
        Against::Sandbox { faults, forgets_keys } => {
            let keys = if *forgets_keys { ", keys forgotten" } else { "" };
            format!("sandbox, faults in {:.0} % of requests{keys}", faults * 100.0)
        }
        Against::Adversary { profile } => format!("adversary, profile {profile}"),
    };
    println!("{service}: {calls} calls, {concurrency} flows at a time, seed {seed}\n");
    println!("{}", Table(&tallies));
    if let Some(first) = tallies.first() {
        println!("reported as ambiguous by {}, by what the write changes:", first.caller.title());
        for (change, (writes, ambiguous)) in &first.by_change {
            println!("- {change}: {ambiguous} of {writes}");
        }
        println!();
    }
    let mut balanced = true;
    // The plain client is expected to fail.
    for tally in tallies.iter().filter(|tally| tally.caller != Caller::Naive) {
        balanced &= tally.balances();
        for example in &tally.examples {
            println!("{:?}: {example}", tally.caller);
        }
    }
    Ok(balanced)
}
