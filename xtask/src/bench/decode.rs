//! Reading answers: the client's types next to structs written by hand.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::table::Table;
use super::{Programs, json, number, output};

pub(super) fn run(programs: &Programs, quick: bool) -> Result<String> {
    eprintln!("decoding");
    let rounds = if quick { "5" } else { "15" };
    let timed = json(Command::new(&programs.timed).args(["decode", "--rounds", rounds]))?;
    let counted = json(Command::new(&programs.counted).args(["decode", "--rounds", "1"]))?;
    let instructions = valgrind();
    let mut table = Table::new(
        "Decoding",
        "The same bytes into the client's types and into structs written by hand (floats, closed forms), each \
         in its own way. Instructions are valgrind's, where it is installed: they do not \
         depend on what else the machine does.",
        &[
            "answer",
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
        let answer = time.get("answer").and_then(Value::as_str).unwrap_or_default();
        let (bytes, types) = (number(time, "bytes"), number(time, "types_us"));
        let counted = |name: &str| {
            count.get(name).map_or_else(|| "?".to_owned(), |found| format!("{:.0}", number(found, "count")))
        };
        let instructions = if instructions && !(quick && bytes > 10_000.0) {
            let of = |reader| each(&programs.timed, answer, reader, if bytes > 10_000.0 { 3 } else { 300 });
            format!("{:.2}", of("types")? / of("structs")?)
        } else {
            "–".to_owned()
        };
        table.row(&[
            answer.to_owned(),
            format!("{bytes:.0}"),
            format!("{types:.2}"),
            format!("{:.2}", number(time, "structs_us")),
            format!("{:.0}", bytes / types),
            format!("{:.2}", number(time, "ratio")),
            instructions,
            counted("types_allocations"),
            counted("structs_allocations"),
        ]);
    }
    Ok(table.finish())
}

fn valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|done| done.status.success())
}

/// Instructions of one more decode: what many take, less what one takes.
fn each(program: &Path, answer: &str, reader: &str, times: u32) -> Result<f64> {
    let collected = |times: u32| -> Result<f64> {
        let log = std::env::temp_dir().join(format!("cashfree-bench-{}.log", std::process::id()));
        output(
            Command::new("valgrind")
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(format!("--log-file={}", log.display()))
                .arg(program)
                .args(["repeat", answer, reader, &times.to_string()]),
        )?;
        let text = std::fs::read_to_string(&log).context("valgrind wrote no log")?;
        let _ = std::fs::remove_file(&log);
        let line = text.lines().find_map(|line| line.split_once("Collected : "));
        line.and_then(|(_, count)| count.trim().parse().ok()).context("valgrind counted nothing")
    };
    Ok((collected(times + 1)? - collected(1)?) / f64::from(times))
}
