//! Calls from programs without async code.

use std::fmt;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

use super::{Call, attempt, trace};
use crate::error::Parts;
use crate::{Effect, Error, ErrorKind, Operation, Repeat, Response, Transport};

impl<T: Send + 'static> Call<T> {
    /// Sends it as [`send`](Call::send) does, and waits for the answer on this thread. Feature `blocking`.
    ///
    /// It works on any thread, also inside an async runtime of the caller's, whose thread it then holds up
    /// while it waits. The sending is done by a thread of the client's own, which starts with the first
    /// such call and ends with the last clone of the client; many calls may wait on it at once. Their
    /// connections are not those of async calls, since a connection lives on the runtime that opened it; a
    /// [`Transport`] of the caller's own is used on that thread as it is.
    ///
    /// # Errors
    /// As [`send`](Call::send). On the client's own thread, where a
    /// [`SignatureProvider`](crate::SignatureProvider) or a [`Transport`] of the caller's is asked, it
    /// would wait for itself and fails with [`ErrorKind::Request`].
    ///
    /// ```no_run
    /// use cashfree::Client;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::from_env()?;
    /// let order = client.orders().get("order_1").send_blocking()?;
    /// println!("{:?}", order.order_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_blocking(mut self) -> Result<Response<T>, Error> {
        // The key is known before anything can go wrong.
        self.prepared_key();
        let (client, operation) = (self.client.clone(), self.operation);
        let key = self.options.key.clone().filter(|_| attempt::takes_key(operation));
        let fail = |kind, effect, detail: &str| {
            Error::new(Parts {
                kind,
                operation,
                effect,
                key: key.clone(),
                sent_request_id: None,
                attempts: 0,
                elapsed: Duration::ZERO,
                meta: None,
                detail: detail.to_owned(),
                timeout: false,
                too_large: false,
                differing: Vec::new(),
                source: None,
            })
        };
        let local = |detail: &str| fail(ErrorKind::Request, Effect::NotSent, detail);
        let place =
            client.background().place(|| client.second_transport()).map_err(|reason| local(&reason))?;
        if place.thread == thread::current().id() {
            return Err(local("a blocking call on the thread that sends them would wait for itself"));
        }
        self.options.transport = Some(place.transport);
        // Not a channel of the runtime's: those refuse to block inside of one.
        let (answer, waiting) = channel();
        place.handle.spawn(trace::carried(async move {
            // Nobody waits any more if this fails.
            let _ = answer.send(self.send().await);
        }));
        // It holds the client until then, and with it the thread.
        let answer = waiting.recv();
        drop(client);
        answer.unwrap_or_else(|_| {
            // Code of the caller's panicked: what was sent before that is not known.
            Err(fail(ErrorKind::Transport, abandoned(operation), "it was given up: its task panicked"))
        })
    }
}

/// What a call did that ended without a word.
fn abandoned(operation: &Operation) -> Effect {
    if operation.repeat == Repeat::Safe { Effect::Refused } else { Effect::Unknown }
}

/// The thread that sends what is waited for, once there is one.
#[derive(Default)]
pub(crate) struct Background(Mutex<Option<Running>>);

/// A thread that runs until this is dropped. Nobody waits for its end, so dropping it holds nothing up,
/// also inside a runtime or on the thread itself.
struct Running {
    place: Place,
    _stop: tokio::sync::oneshot::Sender<()>,
}

/// Where to send from, and by which connections.
#[derive(Clone)]
struct Place {
    handle: Handle,
    thread: ThreadId,
    transport: Arc<dyn Transport>,
}

impl Background {
    fn place(&self, transport: impl FnOnce() -> Result<Arc<dyn Transport>, String>) -> Result<Place, String> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_ref() {
            return Ok(running.place.clone());
        }
        let started = Running::start(transport()?)?;
        Ok(running.insert(started).place.clone())
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
                // Ends when the other side is dropped; the runtime goes with its thread.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(refuse)?;
        let place = Place { handle, thread: thread.thread().id(), transport };
        Ok(Self { place, _stop: stop })
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}
