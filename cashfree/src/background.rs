//! The thread that sends blocking calls, with an async runtime of its own.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use tokio::runtime::{Builder, Handle};

use crate::Transport;

/// The background thread of a client. It starts with the first blocking call.
#[derive(Default)]
pub(crate) struct Background(Mutex<Option<Running>>);

/// A thread that runs until this value is dropped. Dropping does not wait for the thread, so a runtime or the
/// thread itself may drop it.
struct Running {
    worker: Worker,
    _stop: tokio::sync::oneshot::Sender<()>,
}

/// What a blocking call needs of the thread: its runtime, and the transport whose connections live there.
#[derive(Clone)]
pub(crate) struct Worker {
    handle: Handle,
    thread: ThreadId,
    transport: Arc<dyn Transport>,
}

impl Worker {
    pub(crate) fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// Whether the caller runs on this very thread, where it would wait for itself.
    pub(crate) fn is_current(&self) -> bool {
        self.thread == thread::current().id()
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }
}

impl Background {
    /// Returns the thread, which is started with this transport if it does not run yet.
    pub(crate) fn worker(
        &self,
        transport: impl FnOnce() -> Result<Arc<dyn Transport>, String>,
    ) -> Result<Worker, String> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_ref() {
            return Ok(running.worker.clone());
        }
        let started = Running::start(transport()?)?;
        Ok(running.insert(started).worker.clone())
    }
}

impl Running {
    fn start(transport: Arc<dyn Transport>) -> Result<Self, String> {
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
        let worker = Worker { handle, thread: thread.thread().id(), transport };
        Ok(Self { worker, _stop: stop })
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}
