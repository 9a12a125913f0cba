//! Clocks, replaceable in tests.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// A monotonic clock that can wait.
pub(crate) trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Instant;
    /// Waits. Returns `false` at once where that is impossible.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}

/// The clock of the system, waiting on tokio's timer.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async move {
            // Outside of a runtime the timer panics.
            let has_runtime = tokio::runtime::Handle::try_current().is_ok();
            if has_runtime {
                tokio::time::sleep(time).await;
            }
            has_runtime
        })
    }
}
