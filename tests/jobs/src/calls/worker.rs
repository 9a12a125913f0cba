//! Worker that runs the jobs until the program stops.

use std::time::Duration;

use graphile_worker::{WorkerOptions, WorkerRecoveryConfig};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Calls, ENGINE};

/// Wait before a worker that lost the database starts again.
const PAUSE: Duration = Duration::from_millis(500);

/// How soon the jobs of a worker that died are run again.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    /// How often a worker says that it is alive.
    pub heartbeat: Duration,
    /// For how long a worker may be silent before others take its jobs.
    pub silence: Duration,
}

impl Default for Recovery {
    /// A heartbeat every 10 seconds, and a minute of silence.
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(10), silence: Duration::from_secs(60) }
    }
}

/// Runs jobs until `stop` holds `true` or its sender is gone, and then those that were begun, for at most `grace`.
///
/// `grace` should exceed the time limit of a call ([`RetryPolicy::max_elapsed`](cashfree::RetryPolicy::max_elapsed),
/// 60 seconds by default). A job that is cut off is resumed by another worker, like that of a worker that was killed.
/// A worker that loses the database starts anew. `define` names the jobs, such as
/// `|options| options.define_job::<Resume<Refund>>()`.
pub async fn run(
    calls: Calls,
    define: impl Fn(WorkerOptions) -> WorkerOptions,
    recovery: Recovery,
    grace: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let engine = WorkerRecoveryConfig::default()
        .heartbeat_interval(recovery.heartbeat)
        .sweep_interval(recovery.silence / 2)
        .sweep_threshold(recovery.silence)
        .recovery_delay(Duration::ZERO);
    loop {
        let mut signal = stop.clone();
        let options = WorkerOptions::default()
            .schema(ENGINE)
            .pg_pool(calls.pool.clone())
            .add_extension(calls.clone())
            .worker_recovery(engine.clone())
            // The program decides when it stops.
            .listen_os_shutdown_signals(false)
            .shutdown_grace_period(grace)
            .shutdown_interrupted_job_retry_delay(Duration::ZERO)
            .shutdown_signal(async move {
                let _ = signal.wait_for(|stopped| *stopped).await;
            });
        let ended = match define(options).init().await {
            Ok(worker) => worker.run().await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(reason) = ended {
            eprintln!("the worker starts again: {reason}");
        }
        if timeout(PAUSE, stop.wait_for(|stopped| *stopped)).await.is_ok() {
            return;
        }
    }
}
