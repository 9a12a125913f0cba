//! Time as a parameter, so that a test need not wait.

use std::fmt;
use std::time::{Duration, Instant};

use crate::transport::BoxFuture;

/// What tells the time and waits.
pub(crate) trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Instant;
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// The real one.
#[derive(Debug)]
pub(crate) struct System;

impl Clock for System {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}
