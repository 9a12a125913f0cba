//! Postgres and Redis servers of the machine's packages, each in a temporary directory on a free loopback port;
//! and what tests run on them.
//!
//! A server ends when its handle is dropped, and when the process that started it is killed.

pub mod apalis;
pub mod deduplication;
mod postgres;
mod process;
mod redis;

pub use postgres::Postgres;
pub use redis::Redis;

/// What runs without the servers: nothing, unless `CASHFREE_SERVERS` is `required`.
///
/// Returns the server, or `None` after saying on stderr what is skipped and how to install the server.
///
/// # Errors
/// If the server is installed and does not start, or is missing and `CASHFREE_SERVERS` is `required`.
pub fn start<S: Server>(what: &str) -> anyhow::Result<Option<S>> {
    if let Some(server) = S::start()? {
        return Ok(Some(server));
    }
    let message = format!("{what}: {} is not installed. On Debian: apt-get install {}", S::NAME, S::PACKAGE);
    anyhow::ensure!(std::env::var_os("CASHFREE_SERVERS").is_none_or(|set| set != "required"), message);
    eprintln!("SKIPPED {message}");
    Ok(None)
}

/// A server that tests start.
pub trait Server: Sized {
    /// Name of the server.
    const NAME: &'static str;
    /// Debian package that installs the server.
    const PACKAGE: &'static str;

    /// Starts an empty server. Returns `None` if it is not installed.
    ///
    /// # Errors
    /// If the server does not start.
    fn start() -> anyhow::Result<Option<Self>>;

    /// Kills the server's process, as a crash does.
    ///
    /// # Errors
    /// If the process does not end.
    fn kill(&mut self) -> anyhow::Result<()>;

    /// Starts the killed server again, with its data and port.
    ///
    /// # Errors
    /// If the server does not start.
    fn restart(&mut self) -> anyhow::Result<()>;

    /// Returns the URL to connect to.
    fn url(&self) -> String;
}
