//! Postgres.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::Server;
use crate::process::{Process, User, find, free_port};

/// Postgres server with an empty database `postgres`.
#[derive(Debug)]
pub struct Postgres {
    // Dropped before its folder.
    process: Process,
    programs: PathBuf,
    user: Option<User>,
    port: u16,
    folder: TempDir,
}

/// Folders of Debian's packages, newest version first.
fn folders() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).collect()
}

impl Postgres {
    /// Returns the database as SQL, as `pg_dump` prints it.
    ///
    /// # Errors
    /// If `pg_dump` fails.
    pub fn dump(&self) -> Result<String> {
        let output = Command::new(self.programs.join("pg_dump")).args(["--dbname", &self.url()]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    fn run(programs: &Path, user: Option<User>, port: u16, folder: &Path) -> Result<Process> {
        let mut server = vec![programs.join("postgres").display().to_string()];
        server.extend(["-D".to_owned(), folder.join("data").display().to_string()]);
        server.extend(["-k".to_owned(), folder.display().to_string()]);
        server.extend(["-p".to_owned(), port.to_string(), "-h".to_owned(), "127.0.0.1".to_owned()]);
        // The machine itself does not crash in a test.
        server.extend(["-c".to_owned(), "fsync=off".to_owned()]);
        let process = Process::start(server, user, folder.join("log"))?;
        process.wait_for(|| {
            let port = port.to_string();
            let ready = Command::new(programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port])
                .status();
            ready.is_ok_and(|status| status.success())
        })?;
        Ok(process)
    }
}

impl Server for Postgres {
    const NAME: &'static str = "Postgres";
    const PACKAGE: &'static str = "postgresql";

    fn start() -> Result<Option<Self>> {
        let Some(initdb) = find("initdb", &folders()) else { return Ok(None) };
        let programs = initdb.parent().context("a program without a folder")?.to_owned();
        let user = User::named("postgres")?;
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir()?;
        User::own(user, folder.path())?;
        let mut command = Command::new(initdb);
        command.arg("-D").arg(folder.path().join("data")).current_dir("/");
        command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        User::set(user, &mut command);
        let output = command.output().context("cannot start initdb")?;
        ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        let port = free_port()?;
        let process = Self::run(&programs, user, port, folder.path())?;
        Ok(Some(Self { process, programs, user, port, folder }))
    }

    fn kill(&mut self) -> Result<()> {
        // Its processes end at once and nothing is flushed, as in a crash; SIGKILL would leave some of them behind.
        self.process.kill(Signal::QUIT)
    }

    fn restart(&mut self) -> Result<()> {
        self.process = Self::run(&self.programs, self.user, self.port, self.folder.path())?;
        Ok(())
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}
