//! Receiving a webhook: verifying and reading it, next to the bare HMAC of the same bytes.

use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use super::goals::Goals;
use super::table::Table;
use super::{Programs, json, number};

pub(super) fn run(programs: &Programs, quick: bool, goals: &mut Goals) -> Result<String> {
    eprintln!("receiving webhooks");
    let rounds = if quick { "7" } else { "41" };
    let timed = json(Command::new(&programs.timed).args(["webhook", "--rounds", rounds]))?;
    let counted = json(Command::new(&programs.counted).args(["webhook", "--rounds", "1"]))?;
    let mut table = Table::new(
        "Webhooks",
        "A payment that went through, by card, on one core. `read` is the event without its verification. The \
         hash is the same on both sides of the ratio; with a processor that has instructions for it, it is the \
         smaller part.",
        &["step", "bytes", "µs", "a second", "ratio to the bare HMAC", "allocations"],
    );
    let rows = timed.as_array().into_iter().flatten().zip(counted.as_array().into_iter().flatten());
    for (time, count) in rows {
        let step = time.get("step").and_then(Value::as_str).unwrap_or_default();
        if step == "verify and read" {
            goals.add("verify + decode a payment event ÷ bare HMAC", number(time, "ratio"), 2.0, 1.5);
        }
        let allocations = count.get("allocations").map_or(f64::NAN, |found| number(found, "count"));
        table.row(&[
            step.to_owned(),
            format!("{:.0}", number(time, "bytes")),
            format!("{:.2}", number(time, "us")),
            format!("{:.0}", number(time, "a_second")),
            format!("{:.2}", number(time, "ratio")),
            format!("{allocations:.0}"),
        ]);
    }
    Ok(table.finish())
}
