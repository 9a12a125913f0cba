//! Webhook rows of the benchmark: verifying a delivery and decoding its event.

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
        &["step", "bytes", "µs", "a second", "÷ bare HMAC", "÷ HMAC and structs by hand", "allocations"],
    );
    let rows = timed.as_array().into_iter().flatten().zip(counted.as_array().into_iter().flatten());
    for (time, count) in rows {
        let step = time.get("step").and_then(Value::as_str).unwrap_or_default();
        if step == "verify and read" {
            let goal = "verify + read an event ÷ HMAC + serde_json into hand-written structs";
            goals.add(goal, number(time, "by_hand"), 0.9, 0.75);
        }
        let allocations = count.get("allocations").map_or(f64::NAN, |found| number(found, "count"));
        table.row(&[
            step.to_owned(),
            format!("{:.0}", number(time, "bytes")),
            format!("{:.2}", number(time, "us")),
            format!("{:.0}", number(time, "a_second")),
            format!("{:.2}", number(time, "ratio")),
            format!("{:.2}", number(time, "by_hand")),
            format!("{allocations:.0}"),
        ]);
    }
    Ok(table.finish())
}
