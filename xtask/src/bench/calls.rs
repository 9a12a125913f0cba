//! One call over loopback, client by client, each run in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::table::{Table, best, median, ratio};
use super::{Programs, json, number};

const CLIENTS: [(&str, &str); 6] = [
    ("floor", "hyper-util (floor)"),
    ("reqwest", "reqwest, unparsed"),
    ("structs", "reqwest, hand-written structs"),
    ("gen", "cashfree-gen over reqwest"),
    ("cashfree", "**cashfree**"),
    ("over-floor", "cashfree over hyper-util"),
];
const OPERATIONS: [&str; 4] = ["get-payment", "get-order", "list-payments", "create-order"];

pub(super) fn run(programs: &Programs, quick: bool) -> Result<String> {
    let server = Server::start(programs)?;
    let mut table = Table::new(
        "One call",
        "Plain http over loopback to a server in another process, TLS off, one thread. CPU is the client's, user \
         and kernel, in microseconds a call; the ratios are of CPU, allocations a call are counted in a run apart.",
        &[
            "call, in flight",
            "client",
            "calls/s",
            "CPU µs, best",
            "CPU µs, median",
            "÷ reqwest",
            "÷ structs",
            "p50 µs",
            "p99 µs",
            "allocations",
            "÷ reqwest",
            "bytes",
            "peak MB",
        ],
    );
    let (operations, in_flight): (&[&str], &[u32]) =
        if quick { (&OPERATIONS[..1], &[1, 32]) } else { (&OPERATIONS, &[1, 32, 1_000]) };
    for operation in operations {
        for in_flight in in_flight {
            case(programs, &server, &mut table, operation, *in_flight, if quick { 3 } else { 5 })?;
        }
    }
    Ok(table.finish() + &memory(programs, &server, quick)?)
}

fn case(
    programs: &Programs,
    server: &Server,
    table: &mut Table,
    operation: &str,
    in_flight: u32,
    rounds: usize,
) -> Result<()> {
    eprintln!("calls: {operation}, {in_flight} in flight");
    let mut runs: Vec<Vec<Value>> = vec![Vec::new(); CLIENTS.len()];
    for _ in 0..rounds {
        for ((client, _), runs) in CLIENTS.iter().zip(&mut runs) {
            runs.push(server.call(&programs.timed, client, operation, in_flight, 10_000)?);
        }
    }
    let mut counts = Vec::new();
    for (client, _) in CLIENTS {
        counts.push(server.call(&programs.counted, client, operation, in_flight, 2_000)?);
    }
    let column = |client: usize, name: &str| -> Vec<f64> {
        runs.get(client).into_iter().flatten().map(|run| number(run, name)).collect()
    };
    let (reqwest, structs) = (column(1, "cpu_us"), column(2, "cpu_us"));
    let base = counts.get(1).map_or(f64::NAN, |count| number(count, "allocations"));
    for (at, ((_, name), count)) in CLIENTS.iter().zip(&counts).enumerate() {
        let cpu = column(at, "cpu_us");
        let allocations = number(count, "allocations");
        table.row(&[
            format!("{operation}, {in_flight}"),
            (*name).to_owned(),
            format!("{:.0}", median(&column(at, "rate"))),
            format!("{:.1}", best(&cpu)),
            format!("{:.1}", median(&cpu)),
            format!("{:.2}", ratio(&cpu, &reqwest)),
            format!("{:.2}", ratio(&cpu, &structs)),
            format!("{:.0}", median(&column(at, "p50_us"))),
            format!("{:.0}", median(&column(at, "p99_us"))),
            format!("{allocations:.0}"),
            format!("{:.2}", allocations / base),
            format!("{:.0}", number(count, "allocated")),
            format!("{:.1}", best(&column(at, "peak_kb")) / 1_024.0),
        ]);
    }
    Ok(())
}

fn memory(programs: &Programs, server: &Server, quick: bool) -> Result<String> {
    let calls = if quick { 20_000 } else { 100_000 };
    eprintln!("memory: {calls} calls");
    let mut table = Table::new(
        "Memory",
        &format!(
            "The most that the process ever held (`VmHWM`), {calls} calls of get-payment, 32 in flight."
        ),
        &["client", "peak MB"],
    );
    for (client, name) in CLIENTS {
        let run = server.call(&programs.timed, client, "get-payment", 32, calls)?;
        table.row(&[name.to_owned(), format!("{:.1}", number(&run, "peak_kb") / 1_024.0)]);
    }
    Ok(table.finish())
}

/// The server; gone when this is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(programs: &Programs) -> Result<Self> {
        let mut child = Command::new(&programs.timed)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let mut address = String::new();
        let stdout = child.stdout.take().context("the server has no output")?;
        BufReader::new(stdout).read_line(&mut address).context("the server gave no address")?;
        Ok(Self { child, address: address.trim().to_owned() })
    }

    fn call(
        &self,
        program: &std::path::Path,
        client: &str,
        operation: &str,
        in_flight: u32,
        calls: u32,
    ) -> Result<Value> {
        json(Command::new(program).args([
            "call",
            "--client",
            client,
            "--operation",
            operation,
            "--in-flight",
            &in_flight.to_string(),
            "--calls",
            &calls.to_string(),
            "--address",
            &self.address,
        ]))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is a child of this process; nothing is left to do where it has gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
