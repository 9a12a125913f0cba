//! Mock transport for tests of code that calls the API.

mod call;
mod operation;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::{BoxFuture, Client, ClientBuilder, Credentials, Environment, Sent, Transport, TransportError};
use operation::Outcome;

pub use call::MockCall;
pub use operation::MockOperation;

/// Mock transport: returns prepared outcomes by operation and order, and records the calls. No network is involved.
///
/// The client above it is the real one: it retries, sends keys, reads back and decodes. Each attempt takes the next
/// outcome of its operation.
///
/// An unexpected call, of an operation without a remaining outcome, ends with a connection error that names the operation,
/// and fails the test: when the original is dropped, it panics, unless the thread panics already. Use clones for clients, so that code that keeps its
/// client does not keep the original. [`faults`](MockTransport::faults) lists unused outcomes, too.
///
/// ```
/// use cashfree::testing::MockTransport;
/// use serde_json::json;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let mock = MockTransport::new();
/// mock.on("PGFetchOrder").connect_error().respond(
///     200,
///     json!({
///         "order_id": "order_1", "cf_order_id": "2149460581", "order_amount": 499.00, "order_currency": "INR",
///         "order_status": "PAID",
///     }),
/// );
///
/// // Code under test. The client retries once.
/// let order = mock.client()?.orders().get("order_1").await?;
/// assert_eq!(order.meta().attempts(), 2);
///
/// assert_eq!(mock.calls().len(), 2);
/// assert!(mock.faults().is_empty());
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Waits between attempts take their time; in a Tokio runtime with paused time
/// (`#[tokio::test(start_paused = true)]`) they take none.
pub struct MockTransport {
    shared: Arc<Mutex<State>>,
    is_original: bool,
}

#[derive(Default)]
struct State {
    /// Remaining outcomes, by operation, in the order in which they were added.
    outcomes: Vec<(String, VecDeque<Outcome>)>,
    calls: Vec<MockCall>,
    unexpected: Vec<String>,
}

impl MockTransport {
    /// Creates a mock that expects no call.
    pub fn new() -> Self {
        Self { shared: Arc::default(), is_original: true }
    }

    /// Adds outcomes for an operation, by its id in the API document, such as `PGCreateOrder`. For raw calls and
    /// downloads, method and path name it: `GET /pg/orders/order_1`.
    pub fn on(&self, operation: impl Into<String>) -> MockOperation {
        MockOperation::new(Arc::clone(&self.shared), operation.into())
    }

    /// Creates a client over this mock, with test credentials and default settings.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub fn client(&self) -> Result<Client, crate::ConfigError> {
        self.client_builder().build()
    }

    /// Creates a builder of clients over this mock, with test credentials for the sandbox.
    pub fn client_builder(&self) -> ClientBuilder {
        let credentials = Credentials::client_secret("test_client_id", "test_client_secret");
        Client::builder(Environment::Sandbox, credentials).transport(self.clone())
    }

    /// Returns all calls so far, one for each attempt, in order.
    pub fn calls(&self) -> Vec<MockCall> {
        lock(&self.shared).calls.clone()
    }

    /// Returns the calls of one operation so far.
    pub fn calls_of(&self, operation: &str) -> Vec<MockCall> {
        let state = lock(&self.shared);
        state.calls.iter().filter(|call| call.operation() == operation).cloned().collect()
    }

    /// Returns unexpected calls and unused outcomes. Empty if there are none.
    pub fn faults(&self) -> Vec<String> {
        let state = lock(&self.shared);
        let unexpected = state.unexpected.iter().map(|call| format!("unexpected call: {call}"));
        let unused = state.outcomes.iter().filter(|(_, left)| !left.is_empty());
        let unused =
            unused.map(|(operation, left)| format!("unused responses of {operation}: {}", left.len()));
        unexpected.chain(unused).collect()
    }

    fn respond(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let call = MockCall::new(request);
        let mut state = lock(&self.shared);
        let names = [call.operation().to_owned(), format!("{} {}", call.method(), call.path())];
        let outcomes = state.outcomes.iter_mut().filter(|(operation, _)| names.contains(operation));
        let outcome = outcomes.into_iter().find_map(|(_, left)| left.pop_front());
        if outcome.is_none() {
            state.unexpected.push(format!("{} ({})", names[0], names[1]));
        }
        state.calls.push(call);
        drop(state);
        match outcome {
            Some(outcome) => outcome.give(),
            None => {
                let reason = format!("unexpected call of {}: the mock has no response left", names[0]);
                Err(TransportError::new(Sent::No, reason))
            }
        }
    }
}

/// No step can panic half-way, so a poisoned lock is usable.
fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for MockTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for MockTransport {
    /// Creates another handle of the same mock. Only the original checks on drop.
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), is_original: false }
    }
}

impl Drop for MockTransport {
    #[allow(clippy::panic, reason = "this fails the test")]
    fn drop(&mut self) {
        let is_checked = self.is_original && !thread::panicking();
        if is_checked && !lock(&self.shared).unexpected.is_empty() {
            panic!("the mock transport found:\n- {}", self.faults().join("\n- "));
        }
    }
}

impl Transport for MockTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        // The call happens when it is awaited.
        Box::pin(async move { self.respond(request) })
    }
}

/// Shows how many outcomes remain, not their content.
impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.shared);
        f.debug_struct("MockTransport")
            .field("calls", &state.calls.len())
            .field("responses_left", &state.outcomes.iter().map(|(_, left)| left.len()).sum::<usize>())
            .finish_non_exhaustive()
    }
}
