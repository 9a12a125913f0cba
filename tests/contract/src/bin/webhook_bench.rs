//! `cargo run --release -p contract --bin webhook_bench`: what verifying and reading an event costs, against
//! the bare HMAC of the same bytes. `cargo xtask bench --only webhook` puts the same into its table.

use anyhow::Result;
use bench::webhook::measure;

const ROUNDS: u32 = 41;

fn main() -> Result<()> {
    let figures = measure(ROUNDS, |work| {
        work();
        None
    })?;
    for step in figures {
        println!(
            "{:>16} {:>9.0} a second on one core, {:.2} of the bare HMAC of {} bytes",
            step.step, step.a_second, step.ratio, step.bytes
        );
    }
    Ok(())
}
