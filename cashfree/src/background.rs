//! The thread that sends blocking calls, with an async runtime of its own.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use tokio::runtime::{Builder, Handle};

/// The background thread of a client. It starts with the first blocking call.
#[derive(Default)]
pub(crate) struct Background(Mutex<Option<Running>>);

/// A thread that runs until this value is dropped. Dropping does not wait for the thread, so a runtime or the
/// thread itself may drop it.
struct Running {
    worker: Worker,
    _stop: tokio::sync::oneshot::Sender<()>,
}

/// What a blocking call needs of the thread: its runtime, on which it opens connections of its own.
#[derive(Clone)]
pub(crate) struct Worker {
    handle: Handle,
    thread: ThreadId,
}

impl Worker {
    /// Whether the caller runs on this very thread, where it would wait for itself.
    pub(crate) fn is_current(&self) -> bool {
        self.thread == thread::current().id()
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }
}

impl Background {
    /// Returns the thread, which is started if it does not run yet.
    pub(crate) fn worker(&self) -> Result<Worker, String> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_ref() {
            return Ok(running.worker.clone());
        }
        let started = Running::start()?;
        Ok(running.insert(started).worker.clone())
    }
}

impl Running {
    fn start() -> Result<Self, String> {
        let refuse =
            |error: std::io::Error| format!("the thread for blocking calls can't be started: {error}");
        let runtime = Builder::new_current_thread().enable_all().build().map_err(refuse)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let thread = thread::Builder::new()
            .name("cashfree-blocking".to_owned())
            .spawn(move || {
                // Ends when the sender is dropped; the runtime ends with its thread.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(refuse)?;
        let worker = Worker { handle, thread: thread.thread().id() };
        Ok(Self { worker, _stop: stop })
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}
