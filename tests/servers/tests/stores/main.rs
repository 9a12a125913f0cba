//! Deduplication stores over real servers: one contract for all of them, and what each promises beyond it.

mod contract;
mod postgres;
mod redis;

use std::time::{Duration, Instant};

use cashfree::webhook::{DedupeKey, Verified};

/// A lease or retention that ends within a test, and the time after which it has ended.
const SHORT: Duration = Duration::from_secs(2);
const AFTER: Duration = Duration::from_millis(2_200);
/// One that does not.
const LONG: Duration = Duration::from_secs(600);

/// Key of an event of this name.
fn key(name: &str) -> DedupeKey {
    Verified::trust_without_verification(&http::HeaderMap::new(), name.to_owned()).dedupe_key()
}

/// Waits for a server that was restarted: its clients reconnect by themselves.
async fn until_ok<T, E: std::fmt::Display>(step: impl AsyncFn() -> Result<T, E>) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        match step().await {
            Ok(value) => return Ok(value),
            Err(error) if start.elapsed() > Duration::from_secs(30) => anyhow::bail!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
