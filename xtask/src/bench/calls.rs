//! One call over loopback, client by client, each run in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::goals::Goals;
use super::instructions::{countable, each};
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
/// The place of the client that goals are about.
const OURS: usize = 4;
const OPERATIONS: [&str; 4] = ["get-payment", "get-order", "list-payments", "create-order"];

pub(super) fn run(programs: &Programs, quick: bool, goals: &mut Goals) -> Result<String> {
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
            let case = Case { operation, in_flight: *in_flight, rounds: if quick { 3 } else { 5 } };
            case.measure(programs, &server, &mut table, goals)?;
        }
    }
    let counted = counted(programs, &server)?;
    Ok(table.finish() + &counted + &memory(programs, &server, quick, goals)?)
}

/// One call, so many at a time.
struct Case<'a> {
    operation: &'a str,
    in_flight: u32,
    rounds: usize,
}

impl Case<'_> {
    fn measure(
        &self,
        programs: &Programs,
        server: &Server,
        table: &mut Table,
        goals: &mut Goals,
    ) -> Result<()> {
        let Self { operation, in_flight, rounds } = *self;
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
        let allocations =
            |client: usize| counts.get(client).map_or(f64::NAN, |count| number(count, "allocations"));
        let (base, by_hand) = (allocations(1), allocations(2));
        for (at, ((_, name), count)) in CLIENTS.iter().zip(&counts).enumerate() {
            let cpu = column(at, "cpu_us");
            let allocations = number(count, "allocations");
            if at == OURS && operation == "get-payment" && in_flight <= 32 {
                let of = |what: &str| format!("{what}, get payment, {in_flight} in flight");
                goals.add(of("CPU ÷ reqwest + hand-written structs"), ratio(&cpu, &structs), 1.1, 1.0);
                goals.add(
                    of("allocations ÷ reqwest + hand-written structs"),
                    allocations / by_hand,
                    1.05,
                    0.9,
                );
            }
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
}

/// Instructions of a call in user mode.
fn counted(programs: &Programs, server: &Server) -> Result<String> {
    if !countable() {
        return Ok(String::new());
    }
    eprintln!("calls: instructions");
    let mut table = Table::new(
        "Instructions of a call",
        "valgrind's, in user mode, get-payment, one in flight: what the kernel does for a call, most of its time, \
         is not in them.",
        &["client", "instructions", "÷ reqwest", "÷ structs"],
    );
    let mut counts = Vec::new();
    for (client, _) in CLIENTS {
        counts.push(each(&programs.timed, 200, 1_200, |calls| {
            server.arguments(client, "get-payment", 1, calls)
        })?);
    }
    let base = |at: usize| counts.get(at).copied().unwrap_or(f64::NAN);
    for ((_, name), count) in CLIENTS.iter().zip(&counts) {
        table.row(&[
            (*name).to_owned(),
            format!("{count:.0}"),
            format!("{:.2}", count / base(1)),
            format!("{:.2}", count / base(2)),
        ]);
    }
    Ok(table.finish())
}

fn memory(programs: &Programs, server: &Server, quick: bool, goals: &mut Goals) -> Result<String> {
    let calls = if quick { 20_000 } else { 100_000 };
    eprintln!("memory: {calls} calls");
    let mut table = Table::new(
        "Memory",
        &format!(
            "The most that the process ever held (`VmHWM`), {calls} calls of get-payment, 32 in flight. Most of it \
             are pages of the program and the C library. The program of all clients holds more of those than \
             any of them needs, so `cashfree` is also measured in a program of its own."
        ),
        &["client", "peak MB"],
    );
    let mut row = |name: &str, run: &Value| {
        let peak = number(run, "peak_kb") / 1_024.0;
        table.row(&[name.to_owned(), format!("{peak:.1}")]);
        peak
    };
    for (client, name) in CLIENTS {
        row(name, &server.call(&programs.timed, client, "get-payment", 32, calls)?);
    }
    let alone = json(Command::new(&programs.alone).args([&server.address, "32", &calls.to_string()]))?;
    let peak = row("**cashfree**, in a program of its own", &alone);
    goals.add(format!("peak MB over {calls} calls, 32 in flight"), peak, 10.0, 8.0);
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
        program: &Path,
        client: &str,
        operation: &str,
        in_flight: u32,
        calls: u32,
    ) -> Result<Value> {
        json(Command::new(program).args(self.arguments(client, operation, in_flight, calls)))
    }

    fn arguments(&self, client: &str, operation: &str, in_flight: u32, calls: u32) -> Vec<String> {
        let (in_flight, calls) = (in_flight.to_string(), calls.to_string());
        [
            "call",
            "--client",
            client,
            "--operation",
            operation,
            "--in-flight",
            &in_flight,
            "--calls",
            &calls,
            "--address",
            &self.address,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is a child of this process; nothing is left to do where it has gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
