//! Calls from programs without async code.

use std::sync::mpsc::channel;

use super::{Call, trace};
use crate::error::Parts;
use crate::idempotency::takes_key;
use crate::{Effect, Error, ErrorKind, Operation, Response, RetryClass};

impl<T: Send + 'static> Call<T> {
    /// Sends the call as [`send`](Call::send) does, and blocks the thread until it ends. Feature `blocking`.
    ///
    /// - It works on any thread. Inside an async runtime it blocks a thread of that runtime.
    /// - A background thread of the client sends all blocking calls. It starts with the first one and ends with the last
    ///   clone of the client.
    /// - Blocking calls have connections of their own, since a connection belongs to the runtime that opened it. A custom
    ///   [`Transport`](crate::Transport) is called on the background thread.
    ///
    /// # Errors
    /// As [`send`](Call::send). On the background thread, inside a [`SignatureProvider`](crate::SignatureProvider) or a
    /// custom [`Transport`](crate::Transport), it is an [`ErrorKind::Request`].
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
        // A std channel: those of tokio refuse to block inside a runtime.
        let (sender, waiting) = channel();
        worker.spawn(trace::carried(async move {
            // The caller has stopped waiting if this fails.
            let _ = sender.send(self.send().await);
        }));
        // The call holds the client until then, and with it the thread.
        let outcome = waiting.recv();
        drop(client);
        outcome.unwrap_or_else(|_| {
            // Code of the caller panicked: what was sent before is not known.
            Err(fail(ErrorKind::Transport, abandoned(operation), "cancelled: its task panicked"))
        })
    }
}

/// Effect of a call that ended without a result.
fn abandoned(operation: &Operation) -> Effect {
    if operation.retry_class == RetryClass::Safe { Effect::ReadOnly } else { Effect::Unknown }
}
