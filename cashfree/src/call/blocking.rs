//! Calls from programs without async code.

use std::sync::mpsc::channel;

use super::{Call, trace};
use crate::error::Parts;
use crate::idempotency::takes_key;
use crate::{Effect, Error, ErrorKind, Operation, Repeat, Response};

impl<T: Send + 'static> Call<T> {
    /// Sends it as [`send`](Call::send) does, and waits for the answer on this thread. Feature `blocking`.
    ///
    /// It works on any thread, also inside an async runtime of the caller's, whose thread it then holds up
    /// while it waits. The sending is done by a thread of the client's own, which starts with the first
    /// such call and ends with the last clone of the client; many calls may wait on it at once. Their
    /// connections are not those of async calls, since a connection lives on the runtime that opened it; a
    /// [`Transport`](crate::Transport) of the caller's own is used on that thread as it is.
    ///
    /// # Errors
    /// As [`send`](Call::send). On the client's own thread, where a
    /// [`SignatureProvider`](crate::SignatureProvider) or a [`Transport`](crate::Transport) of the caller's is asked, it
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
        self.options.key_is_new = self.options.key.is_none();
        self.prepared_key();
        let (client, operation) = (self.client.clone(), self.operation);
        let key = self.options.key.clone().filter(|_| takes_key(operation));
        let fail = |kind, effect, detail: &str| {
            let error = Error::new(Parts { key: key.clone(), ..Parts::new(kind, operation, effect, detail) });
            trace::failed(&error);
            error
        };
        let local = |detail: &str| fail(ErrorKind::Request, Effect::NotSent, detail);
        let worker = client.background().worker().map_err(|reason| local(&reason))?;
        if worker.is_current() {
            return Err(local("a blocking call on the thread that sends them would wait for itself"));
        }
        // Not a channel of the runtime's: those refuse to block inside of one.
        let (answer, waiting) = channel();
        worker.spawn(trace::carried(async move {
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
    if operation.repeat == Repeat::Safe { Effect::ReadOnly } else { Effect::Unknown }
}
