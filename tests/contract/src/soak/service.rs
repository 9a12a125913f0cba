//! The service of a soak: a sandbox on a runtime of its own or in a process of its own, or the adversary.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use adversary::{Adversary, MERCHANTS, Profile};
use anyhow::{Context, Result, ensure};
use cashfree_sandbox::Sandbox;
use tokio::runtime::Runtime;

use super::{Against, Settings, sandbox};

/// Where the service is, and with which credentials it is called.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) url: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) otp: String,
    /// Flows take turns over the merchants of a partner.
    pub(super) partner: bool,
}

impl Access {
    fn of(sandbox: &Sandbox) -> Self {
        Self {
            url: sandbox.base_url().to_owned(),
            client_id: sandbox.client_id().to_owned(),
            client_secret: sandbox.client_secret().to_owned(),
            otp: sandbox.otp().to_owned(),
            partner: false,
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some(Self {
            url: words.next()?,
            client_id: words.next()?,
            client_secret: words.next()?,
            otp: words.next()?,
            partner: false,
        })
    }

    /// The merchant of a flow, by its place among the partner's.
    pub(super) fn merchant(flow: u32) -> usize {
        flow as usize % MERCHANTS.len()
    }

    /// The headers with the credentials of a flow.
    pub(super) fn headers(&self, flow: u32) -> [(&'static str, &str); 2] {
        match MERCHANTS.get(Self::merchant(flow)).filter(|_| self.partner) {
            Some(merchant) => [("x-partner-apikey", &self.client_secret), ("x-partner-merchantid", merchant)],
            None => [("x-client-id", &self.client_id), ("x-client-secret", &self.client_secret)],
        }
    }
}

/// A line of the service's ledger.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) change: String,
    pub(super) request_id: String,
    /// The id of what changed; empty where the ledger does not name it.
    pub(super) id: String,
}

enum Place {
    Here(Runtime, Box<Sandbox>),
    Apart(Child, BufReader<ChildStdout>),
    Adversary(Runtime, Adversary),
}

pub(super) struct Service {
    access: Access,
    place: Place,
}

impl Service {
    pub(super) fn start(settings: &Settings) -> Result<Self> {
        let (faults, forgets_keys) = match &settings.against {
            Against::Sandbox { faults, forgets_keys } => (*faults, *forgets_keys),
            Against::Adversary { profile } => {
                let profile = Profile::named(profile, settings.seed)
                    .with_context(|| format!("no profile {profile:?}, but {}", Profile::NAMES.join(", ")))?;
                ensure!(!settings.apart, "only the sandbox runs in a process of its own");
                return Self::adversary(profile);
            }
        };
        if settings.apart {
            ensure!(!forgets_keys, "a sandbox in a process of its own keeps its keys");
            let mut child = Command::new(std::env::current_exe()?)
                .args(["--serve", "--faults", &faults.to_string()])
                .args(["--seed", &settings.seed.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let mut lines = BufReader::new(child.stdout.take().context("the child's output")?);
            let mut line = String::new();
            lines.read_line(&mut line)?;
            let access = Access::parse(&line).context("the child did not say where it is")?;
            return Ok(Self { access, place: Place::Apart(child, lines) });
        }
        let runtime = runtime()?;
        let sandbox = runtime.block_on(sandbox(settings.seed, faults, forgets_keys).start())?;
        Ok(Self { access: Access::of(&sandbox), place: Place::Here(runtime, Box::new(sandbox)) })
    }

    fn adversary(profile: Profile) -> Result<Self> {
        let runtime = runtime()?;
        let partner = profile.name == "partner";
        let adversary = runtime.block_on(Adversary::start(profile))?;
        let access = Access {
            url: adversary.url().to_owned(),
            client_id: "merchant".to_owned(),
            client_secret: "secret_of_the_soak".to_owned(),
            otp: adversary.otp().to_owned(),
            partner,
        };
        Ok(Self { access, place: Place::Adversary(runtime, adversary) })
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// Ends the service once all delayed effects have taken place; returns what it did.
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
                    Ok(Commit {
                        change: change.to_owned(),
                        request_id: request.to_owned(),
                        id: String::new(),
                    })
                });
                let commits = commits.collect::<Result<_>>()?;
                ensure!(child.wait()?.success(), "the sandbox failed");
                Ok(commits)
            }
            Place::Adversary(runtime, adversary) => {
                let ledger = runtime.block_on(adversary.settled());
                drop(adversary);
                runtime.shutdown_background();
                let commits = ledger.entries().iter().map(|entry| Commit {
                    change: format!("{:?}", entry.change),
                    request_id: entry.request_id.clone().unwrap_or_default(),
                    id: entry.id.clone(),
                });
                Ok(commits.collect())
            }
        }
    }
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn log(sandbox: &Sandbox) -> Vec<Commit> {
    let entries = sandbox.committed().into_iter().map(|entry| Commit {
        change: format!("{:?}", entry.change),
        request_id: entry.request_id.unwrap_or_default(),
        id: String::new(),
    });
    entries.collect()
}

/// The sandbox as a process: says where it is, serves until its input ends, and then prints its log.
///
/// # Errors
/// Returns an error if it can't be started.
pub fn serve(seed: u64, faults: f64) -> Result<()> {
    let runtime = runtime()?;
    let sandbox = runtime.block_on(sandbox(seed, faults, false).start())?;
    let Access { url, client_id, client_secret, otp, .. } = Access::of(&sandbox);
    println!("{url} {client_id} {client_secret} {otp}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for Commit { change, request_id, .. } in log(&sandbox) {
        println!("{change} {request_id}");
    }
    drop(sandbox);
    runtime.shutdown_background();
    Ok(())
}

/// Peak memory of this process in bytes, where the system says (Linux).
pub(super) fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Resets [`peak`]; where that can't be done it is the peak since the start.
pub(super) fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
