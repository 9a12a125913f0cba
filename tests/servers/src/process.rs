//! Processes of servers.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the server and stops it when standard input ends: when the handle is dropped, or its process is gone.
const SUPERVISE: &str = r#""$@" </dev/null >&2 & echo $!; cat >/dev/null; kill -INT $! 2>/dev/null; wait"#;

/// User and group of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl User {
    /// Returns who servers run as when this process is root, whom Postgres refuses.
    pub(crate) fn named(name: &str) -> Result<Option<Self>> {
        if !rustix::process::getuid().is_root() {
            return Ok(None);
        }
        let users = std::fs::read_to_string("/etc/passwd").context("cannot read the list of users")?;
        let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let user = fields.into_iter().find(|fields| fields.first() == Some(&name));
        let user = user.with_context(|| format!("there is no user {name}"))?;
        let id = |at: usize| user.get(at).and_then(|id| id.parse().ok()).context("a user without an id");
        Ok(Some(Self { uid: id(2)?, gid: id(3)? }))
    }

    pub(crate) fn set(user: Option<Self>, command: &mut Command) {
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
    }

    pub(crate) fn own(user: Option<Self>, path: &Path) -> Result<()> {
        if let Some(user) = user {
            std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid))?;
        }
        Ok(())
    }
}

/// Returns a port that nobody listens at.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Returns the path of a program, looked for in these folders and in `PATH`.
pub(crate) fn find(program: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders
        .iter()
        .cloned()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|p| p.is_file())
}

/// A running server and the shell that watches it.
#[derive(Debug)]
pub(crate) struct Process {
    shell: Child,
    pid: Pid,
    log: PathBuf,
}

impl Process {
    pub(crate) fn start(mut server: Vec<String>, user: Option<User>, log: PathBuf) -> Result<Self> {
        let file = File::options().create(true).append(true).open(&log)?;
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISE, "sh"]).args(server.drain(..)).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(file).current_dir("/");
        User::set(user, &mut command);
        let mut shell = command.spawn().context("cannot start sh")?;
        let mut line = String::new();
        BufReader::new(shell.stdout.take().context("no output")?).read_line(&mut line)?;
        let pid = line.trim().parse().ok().and_then(Pid::from_raw).context("no process id")?;
        Ok(Self { shell, pid, log })
    }

    /// Waits until the server responds.
    pub(crate) fn wait_for(&self, ready: impl Fn() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            if start.elapsed() > PATIENCE || test_kill_process(self.pid).is_err() {
                bail!("the server did not start: {}", std::fs::read_to_string(&self.log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Kills the server and waits for its end.
    pub(crate) fn kill(&mut self, signal: Signal) -> Result<()> {
        // A process that has ended already is as good.
        let _ = kill_process(self.pid, signal);
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        drop(self.shell.stdin.take());
        let start = Instant::now();
        while self.shell.try_wait()?.is_none() {
            ensure!(start.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("{error}");
        }
    }
}
