//! The sandbox beside the callers: on a runtime of its own, or in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use cashfree_sandbox::Sandbox;
use tokio::runtime::Runtime;

use super::{Settings, sandbox};

/// Where the service is, and as whom to call it.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) url: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) otp: String,
}

impl Access {
    fn of(sandbox: &Sandbox) -> Self {
        Self {
            url: sandbox.base_url().to_owned(),
            client_id: sandbox.client_id().to_owned(),
            client_secret: sandbox.client_secret().to_owned(),
            otp: sandbox.otp().to_owned(),
        }
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some(Self {
            url: words.next()?,
            client_id: words.next()?,
            client_secret: words.next()?,
            otp: words.next()?,
        })
    }
}

/// One entry of the sandbox's log: what changed, and the request that did it.
pub(super) type Commit = (String, String);

enum Place {
    Here(Runtime, Box<Sandbox>),
    Apart(Child, BufReader<ChildStdout>),
}

pub(super) struct Service {
    access: Access,
    place: Place,
}

impl Service {
    pub(super) fn start(settings: &Settings) -> Result<Self> {
        if settings.apart {
            let mut child = Command::new(std::env::current_exe()?)
                .args(["--serve", "--faults", &settings.faults.to_string()])
                .args(["--seed", &settings.seed.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let mut lines = BufReader::new(child.stdout.take().context("the child's output")?);
            let mut first = String::new();
            lines.read_line(&mut first)?;
            let access = Access::read(&first).context("the child did not say where it is")?;
            return Ok(Self { access, place: Place::Apart(child, lines) });
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let sandbox = runtime.block_on(sandbox(settings.seed, settings.faults).start())?;
        Ok(Self { access: Access::of(&sandbox), place: Place::Here(runtime, Box::new(sandbox)) })
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// Ends the service; what it committed.
    pub(super) fn commits(self) -> Result<Vec<Commit>> {
        match self.place {
            Place::Here(runtime, sandbox) => {
                let commits = log(&sandbox);
                drop(sandbox);
                runtime.shutdown_background();
                Ok(commits)
            }
            Place::Apart(mut child, lines) => {
                drop(child.stdin.take());
                let commits = lines.lines().map(|line| {
                    let line = line?;
                    let (change, request) = line.split_once(' ').context("a line of the log")?;
                    Ok((change.to_owned(), request.to_owned()))
                });
                let commits = commits.collect::<Result<_>>()?;
                ensure!(child.wait()?.success(), "the sandbox failed");
                Ok(commits)
            }
        }
    }
}

fn log(sandbox: &Sandbox) -> Vec<Commit> {
    let entries = sandbox.committed().into_iter();
    entries.map(|entry| (format!("{:?}", entry.change), entry.request_id.unwrap_or_default())).collect()
}

/// The sandbox as a process: says where it is, serves until its input ends, and then tells its log.
///
/// # Errors
/// When it can't be started.
pub fn serve(seed: u64, faults: f64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sandbox = runtime.block_on(sandbox(seed, faults).start())?;
    let Access { url, client_id, client_secret, otp } = Access::of(&sandbox);
    println!("{url} {client_id} {client_secret} {otp}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for (change, request) in log(&sandbox) {
        println!("{change} {request}");
    }
    drop(sandbox);
    runtime.shutdown_background();
    Ok(())
}

/// The most memory that this process has had, in bytes, where the system tells (Linux).
pub(super) fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Lets [`peak`] start over; where that can't be done it is the peak since the start.
pub(super) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
