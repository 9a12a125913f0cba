//! Reading responses: the client's types next to structs written by hand.

use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use super::goals::Goals;
use super::instructions::{countable, each};
use super::table::Table;
use super::{Programs, json, number};

pub(super) fn run(programs: &Programs, quick: bool, goals: &mut Goals) -> Result<String> {
    eprintln!("decoding");
    let rounds = if quick { "5" } else { "15" };
    let timed = json(Command::new(&programs.timed).args(["decode", "--rounds", rounds]))?;
    let counted = json(Command::new(&programs.counted).args(["decode", "--rounds", "1"]))?;
    let countable = countable();
    let mut table = Table::new(
        "Decoding",
        "The same bytes into the client's types and into structs written by hand (floats, closed forms), each \
         in its own way. Instructions are valgrind's, where it is installed: they do not \
         depend on what else the machine does.",
        &[
            "response",
            "bytes",
            "types µs",
            "structs µs",
            "MB/s",
            "ratio of time",
            "ratio of instructions",
            "allocations",
            "of structs",
        ],
    );
    let rows = timed.as_array().into_iter().flatten().zip(counted.as_array().into_iter().flatten());
    for (time, count) in rows {
        let response = time.get("response").and_then(Value::as_str).unwrap_or_default();
        let (bytes, types) = (number(time, "bytes"), number(time, "types_us"));
        let counted = |name: &str| {
            count.get(name).map_or_else(|| "?".to_owned(), |found| format!("{:.0}", number(found, "count")))
        };
        let instructions = if countable && !(quick && bytes > 10_000.0) {
            let times = if bytes > 10_000.0 { 4 } else { 301 };
            let of = |reader: &str| {
                each(&programs.timed, 1, times, |times| {
                    ["repeat", response, reader, &times.to_string()].map(str::to_owned).to_vec()
                })
            };
            Some(of("types")? / of("structs")?)
        } else {
            None
        };
        let ratio = instructions.unwrap_or_else(|| number(time, "ratio"));
        goals.add(format!("decode ÷ hand-written structs, {response}"), ratio, 0.9, 0.75);
        table.row(&[
            response.to_owned(),
            format!("{bytes:.0}"),
            format!("{types:.2}"),
            format!("{:.2}", number(time, "structs_us")),
            format!("{:.0}", bytes / types),
            format!("{:.2}", number(time, "ratio")),
            instructions.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")),
            counted("types_allocations"),
            counted("structs_allocations"),
        ]);
    }
    Ok(table.finish())
}
