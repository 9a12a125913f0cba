//! One call from start to end: settings, credentials, idempotency key, attempts until a final response.

mod attempt;
#[cfg(feature = "blocking")]
mod blocking;
mod circuit;
mod compare;
mod contradiction;
mod delivery;
mod held;
mod identity;
mod invoke;
mod multipart;
mod options;
mod outcome;
mod protection;
mod read_back;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at what it did not expect")]
mod read_back_tests;
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

/// Future of an awaited [`Call`].
pub type CallFuture<T> = BoxFuture<'static, Result<Response<T>, Error>>;

/// Prepared call: an operation, its request, and settings of its delivery.
///
/// It borrows nothing: it can be stored, cloned, and sent from another task. The settings are the same for every
/// operation. `.await` and [`send`](Call::send) send it.
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
/// println!("{}, {} attempts", refund.refund_status, refund.meta().attempts());
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

    /// Sets all options.
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

    /// Returns the operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Sets the idempotency key. Default: a random one per call ([`Idempotency`](crate::Idempotency)). Not sent with reads,
    /// and with operations that declare none.
    pub fn idempotency_key(mut self, key: impl Into<IdempotencyKey>) -> Self {
        self.options.key = Some(key.into());
        self
    }

    /// Returns the idempotency key that will be sent, and creates it if necessary. Store it with the request, so that
    /// another process can finish the write.
    ///
    /// `None` for reads, for operations that declare no key, and if the client creates none
    /// ([`Idempotency`](crate::Idempotency)) and none was set.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::{Amount, types::CreateRefund};
    ///
    /// let mut call = client.refunds().create("order_1", CreateRefund::new(Amount::rupees(100), "refund_1"));
    /// println!("store {:?}", call.prepared_key());
    /// call.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn prepared_key(&mut self) -> Option<&IdempotencyKey> {
        if !takes_key(self.operation) {
            return None;
        }
        if self.options.key.is_none() && self.client.makes_keys() {
            self.options.key = Some(IdempotencyKey::random());
        }
        self.options.key.as_ref()
    }

    /// Sets the request id. Cashfree's support finds the call under it. Default: a random UUID.
    ///
    /// It is printable ASCII, not empty, without a space at either end. Any other text is an
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) of the call.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.options.request_id = Some(id.into());
        self
    }

    /// Sets the timeout of one attempt. Default: [`ClientBuilder::timeout`](crate::ClientBuilder::timeout), 30 seconds.
    pub fn timeout(mut self, per_attempt: Duration) -> Self {
        self.options.timeout = Some(per_attempt);
        self
    }

    /// Sets the retry policy. Default: that of the client.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets credentials for this call, over the same connections.
    pub fn credentials(mut self, for_this_call: Credentials) -> Self {
        self.options.credentials = Some(for_this_call);
        self
    }

    /// Adds a header. A header that the client sets itself (credentials, API version, idempotency key, request id) is an
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) of the call.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.push((name, value));
        self
    }
}

impl<T: Send + 'static> Call<T> {
    /// Sends the call, and retries it where that is safe and the [`RetryPolicy`] allows it.
    ///
    /// Dropping the future cancels the call. A request already sent may still be processed; resend it with the same key.
    ///
    /// # Errors
    /// Returns an error if the request could not be sent, timed out, was rejected, or its response could not be decoded.
    /// [`Error::effect`] says whether it may have been applied, [`Error::next_step`] what to do.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let order = client.orders().get("order_1").send().await?;
    /// println!("{}", order.order_status);
    /// # Ok(())
    /// # }
    /// ```
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
                let (decoded, received) = value.into_parts();
                let meta = ResponseMeta {
                    unparsed: decoded.unparsed,
                    replaced_text: decoded.replaced_text,
                    ..delivery.meta(received)
                };
                return Ok(Response::new(decoded.value, meta));
            }
            Err(error) => error,
        };
        // Boxed: this future is large and rarely needed.
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
    /// Clones the call. Both have the key that was [prepared](Call::prepared_key) or set; without one, each gets its own.
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
