//! Redis.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::Server;
use crate::process::{Process, find, free_port};

/// Redis server that keeps its data in an append-only file, written at each command.
#[derive(Debug)]
pub struct Redis {
    // Dropped before its folder.
    process: Process,
    program: PathBuf,
    port: u16,
    folder: TempDir,
}

impl Redis {
    fn run(program: &Path, port: u16, folder: &Path) -> Result<Process> {
        let (port_text, folder_text) = (port.to_string(), folder.display().to_string());
        let settings = [
            ["--port", &port_text],
            ["--bind", "127.0.0.1"],
            ["--dir", &folder_text],
            ["--appendonly", "yes"],
            ["--appendfsync", "always"],
            ["--save", ""],
            ["--maxmemory-policy", "noeviction"],
        ];
        let mut server = vec![program.display().to_string()];
        server.extend(settings.into_iter().flatten().map(str::to_owned));
        let process = Process::start(server, None, folder.join("log"))?;
        process.wait_for(|| pong(port).unwrap_or(false))?;
        Ok(process)
    }
}

fn pong(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.write_all(b"PING\r\n")?;
    let mut response = [0; 5];
    stream.read_exact(&mut response)?;
    Ok(&response == b"+PONG")
}

impl Server for Redis {
    const NAME: &'static str = "Redis";
    const PACKAGE: &'static str = "redis-server";

    fn start() -> Result<Option<Self>> {
        let Some(program) = find("redis-server", &[]) else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("redis-").tempdir()?;
        let port = free_port()?;
        let process = Self::run(&program, port, folder.path())?;
        Ok(Some(Self { process, program, port, folder }))
    }

    fn kill(&mut self) -> Result<()> {
        self.process.kill(Signal::KILL)
    }

    fn restart(&mut self) -> Result<()> {
        self.process = Self::run(&self.program, self.port, self.folder.path())?;
        Ok(())
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }
}
