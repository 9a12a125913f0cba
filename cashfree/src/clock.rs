//! Clocks, replaceable in tests.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// A monotonic clock that can wait.
pub(crate) trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Instant;
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock of the system, waiting on tokio's timer.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}
