//! How one call is made, in the order in which it happens: the [`Call`] is put together, the credentials
//! are chosen, the key is made, and attempts are sent until there is an answer that stands.

mod attempt;
#[cfg(feature = "blocking")]
mod blocking;
mod circuit;
mod compare;
mod delivery;
mod identity;
mod invoke;
mod multipart;
mod options;
mod outcome;
mod protection;
mod read_back;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]
mod repeat_tests;
mod request;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at what it did not expect")]
mod tests;
pub(crate) mod trace;
mod undelivered;
mod wait;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::idempotency::takes_key;
use crate::transport::BoxFuture;
use crate::{Client, Credentials, Error, IdempotencyKey, Operation, Response, ResponseMeta, RetryPolicy};

use delivery::Delivery;
pub(crate) use invoke::{Invocation, Invoke};
pub(crate) use multipart::Form;
pub(crate) use options::Options;
pub(crate) use protection::is_protected;

/// The future of a [`Call`] that is awaited.
pub type CallFuture<T> = BoxFuture<'static, Result<Response<T>, Error>>;

/// A call that is ready to be sent: an operation, its request, and how to deliver it.
///
/// It borrows nothing and can be kept, cloned, and sent from another task. What concerns delivery is set
/// here, the same way for every operation.
///
/// ```no_run
/// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use cashfree::{Amount, IdempotencyKey, types::CreateRefund};
///
/// let refund = client
///     .refunds()
///     .create("order_1", CreateRefund::new(Amount::rupees(100), "refund_1"))
///     .idempotency_key(IdempotencyKey::derive("refund", &["order_1", "refund_1"]))
///     .timeout(Duration::from_secs(10))
///     .send()
///     .await?;
/// println!("{:?}, answered in {} attempts", refund.refund_status, refund.meta().attempts());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until `.send()` or `.await`"]
pub struct Call<T> {
    client: Client,
    operation: &'static Operation,
    invoke: Arc<dyn Invoke<T>>,
    options: Options,
}

impl<T> Call<T> {
    pub(crate) fn new(
        client: Client,
        operation: &'static Operation,
        invoke: impl Fn(cashfree_gen::Client) -> Invocation<T> + Send + Sync + 'static,
    ) -> Self {
        Self::holding(client, operation, Arc::new(invoke))
    }

    pub(crate) fn holding(client: Client, operation: &'static Operation, invoke: Arc<dyn Invoke<T>>) -> Self {
        Self { client, operation, invoke, options: Options::default() }
    }

    /// With all that is said about delivery elsewhere.
    pub(crate) fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn has_credentials(&self) -> bool {
        self.options.credentials.is_some()
    }

    /// The generated method, called over this client.
    pub(crate) fn invocation(&self, api: cashfree_gen::Client) -> Invocation<T> {
        Arc::clone(&self.invoke).invoke(api)
    }

    /// The operation that it calls.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The key of this logical write, instead of a random one. On an operation that declares no key it is
    /// not sent.
    pub fn idempotency_key(mut self, key: impl Into<IdempotencyKey>) -> Self {
        self.options.key = Some(key.into());
        self
    }

    /// The key that will go with the call, made now if need be: store it together with the request, and
    /// another process can finish the work. `None` for an operation that takes no key, and, unless one was
    /// given, where the client makes none ([`Idempotency`](crate::Idempotency)).
    pub fn prepared_key(&mut self) -> Option<&IdempotencyKey> {
        if !takes_key(self.operation) {
            return None;
        }
        if self.options.key.is_none() && self.client.makes_keys() {
            self.options.key = Some(IdempotencyKey::random());
        }
        self.options.key.as_ref()
    }

    /// The request id, by which Cashfree's support finds the call, instead of a random one: printable ASCII,
    /// not empty, without a space at either end. Any other makes the call fail before it is sent.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.options.request_id = Some(id.into());
        self
    }

    /// The time limit of one attempt.
    pub fn timeout(mut self, per_attempt: Duration) -> Self {
        self.options.timeout = Some(per_attempt);
        self
    }

    /// When it is sent again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Credentials for this call alone, over the same connections.
    pub fn credentials(mut self, for_this_call: Credentials) -> Self {
        self.options.credentials = Some(for_this_call);
        self
    }

    /// A header of the caller's own. One that the client sets itself (credentials, version, key, request
    /// id) makes the call fail before it is sent.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.push((name, value));
        self
    }
}

impl<T: Send + 'static> Call<T> {
    /// Sends it, and again if that is safe and the policy says so.
    ///
    /// Dropping the future gives the call up: what had left may have happened, and the key tells.
    ///
    /// # Errors
    /// Whatever keeps it from bringing a value; [`Error::effect`] tells what it did.
    pub async fn send(self) -> Result<Response<T>, Error> {
        let Self { client, operation, invoke, options } = self;
        let span = trace::Span::of(operation);
        let outcome = match Delivery::new(client, operation, options).map(Arc::new) {
            Ok(delivery) => {
                span.carries(delivery.request_id());
                span.around(deliver(delivery, invoke)).await
            }
            Err(error) => Err(error),
        };
        span.ends(&outcome);
        outcome
    }
}

async fn deliver<T>(delivery: Arc<Delivery>, invoke: Arc<dyn Invoke<T>>) -> Result<Response<T>, Error> {
    loop {
        let transport: Arc<dyn cashfree_gen::Transport> = delivery.clone();
        let error = match Arc::clone(&invoke).invoke(transport.into()).await {
            Ok(value) => {
                let (decoded, answer) = value.into_parts();
                let meta = ResponseMeta {
                    unparsed: decoded.unparsed,
                    replaced_text: decoded.replaced_text,
                    ..delivery.meta(answer)
                };
                return Ok(Response::new(decoded.value, meta));
            }
            Err(error) => error,
        };
        // A body that broke off is asked for again where that is safe. Rare, and long: what waits for an answer
        // need not have room for it.
        Box::pin(delivery.classify(error)).await?;
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<Response<T>, Error>;
    type IntoFuture = CallFuture<T>;

    fn into_future(self) -> CallFuture<T> {
        Box::pin(self.send())
    }
}

impl<T> Clone for Call<T> {
    /// The same call once more. A key that was [prepared](Call::prepared_key) or given goes with both;
    /// without one each gets its own.
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            operation: self.operation,
            invoke: Arc::clone(&self.invoke),
            options: self.options.clone(),
        }
    }
}

/// Shows no request: it may hold card numbers.
impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.id)
            .field("idempotency_key", &self.options.key)
            .field("request_id", &self.options.request_id)
            .field("timeout", &self.options.timeout)
            .field("retry", &self.options.retry)
            .field("credentials", &self.options.credentials)
            .finish_non_exhaustive()
    }
}
