//! The client: environment, credentials and settings.

mod builder;
mod from_env;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::address::Base;
#[cfg(feature = "blocking")]
use crate::background::Background;
use crate::budget::{Budget, Budgets};
use crate::circuit::Circuit;
use crate::clock::Clock;
use crate::transport::Network;
use crate::{ApiVersion, ConfigError, Credentials, Environment, Idempotency, Operation, RetryPolicy};
pub use builder::ClientBuilder;

/// Client of the API. Cheap to clone: clones share connections, settings and retry budgets, so no `Arc` is needed.
///
/// A client can be used on several Tokio runtimes at once. Each runtime has a connection pool of its own, since a
/// connection is driven by the runtime that opened it.
///
/// `Debug` shows the environment and the scheme, nothing secret.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    credentials: Arc<Credentials>,
    /// Whether they replace those that the client was built with.
    replaced: bool,
    budget: Budget,
}

struct Shared {
    environment: Environment,
    base: Base,
    network: Network,
    clock: Arc<dyn Clock>,
    budgets: Budgets,
    circuit: Option<Circuit>,
    fills_identity: bool,
    retry: RetryPolicy,
    idempotency: Idempotency,
    api_version: Option<ApiVersion>,
    timeout: Duration,
    #[cfg(feature = "blocking")]
    background: Background,
}

impl Client {
    /// Creates a client with the default settings.
    ///
    /// ```
    /// use cashfree::{Client, Credentials, Environment};
    /// let client = Client::new(Environment::Sandbox, Credentials::client_secret("TEST123", "cfsk_ma_test_456"))?;
    /// # Ok::<(), cashfree::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if the credentials are empty, or TLS cannot be set up.
    pub fn new(environment: Environment, credentials: Credentials) -> Result<Self, ConfigError> {
        Self::builder(environment, credentials).build()
    }

    /// Returns a client that uses other credentials and shares connections and settings. For partners acting for
    /// several merchants. Each set of credentials has a retry budget of its own, which clients with the same ones share.
    ///
    /// Credentials that cannot be sent, such as empty ones, make a call fail with
    /// [`ErrorKind::Auth`](crate::ErrorKind::Auth) before anything is sent.
    ///
    /// ```no_run
    /// # fn run(client: cashfree::Client) {
    /// use cashfree::Credentials;
    /// let for_merchant = client.with_credentials(Credentials::partner_for_merchant("partner_key", "merchant_7"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        let budget = self.budget_of(&credentials);
        Self { shared: Arc::clone(&self.shared), credentials: Arc::new(credentials), replaced: true, budget }
    }

    /// Returns the environment.
    pub fn environment(&self) -> &Environment {
        &self.shared.environment
    }

    pub(crate) fn base(&self) -> &Base {
        &self.shared.base
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Whether the credentials are others than a resumed call has by default.
    pub(crate) fn has_replaced_credentials(&self) -> bool {
        self.replaced
    }

    pub(crate) fn network(&self) -> &Network {
        &self.shared.network
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn background(&self) -> &Background {
        &self.shared.background
    }

    /// How many clones and calls share this client.
    #[cfg(test)]
    pub(crate) fn references(&self) -> usize {
        Arc::strong_count(&self.shared)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.shared.clock.as_ref()
    }

    /// The circuit to the client's origin, where it has a breaker.
    pub(crate) fn circuit(&self) -> Option<&Circuit> {
        self.shared.circuit.as_ref()
    }

    /// The retry budget of the client's credentials.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The retry budget of other credentials.
    pub(crate) fn budget_of(&self, credentials: &Credentials) -> Budget {
        self.shared.budgets.of(&credentials.name())
    }

    /// Returns the client with [`ClientBuilder::identity_from_key`].
    #[cfg(test)]
    pub(crate) fn filling_identity(mut self) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.fills_identity = true;
        }
        self
    }

    /// Whether an absent identifier is filled from the idempotency key.
    pub(crate) fn fills_identity(&self) -> bool {
        self.shared.fills_identity
    }

    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.shared.retry
    }

    pub(crate) fn idempotency(&self) -> Idempotency {
        self.shared.idempotency
    }

    /// Whether a write without a key gets a random one.
    pub(crate) fn makes_keys(&self) -> bool {
        self.shared.idempotency == Idempotency::Auto
    }

    /// The API version of a request: the setting of the client, else that of the operation.
    pub(crate) fn api_version(&self, operation: &Operation) -> HeaderValue {
        match &self.shared.api_version {
            Some(version) => version.header(),
            None => HeaderValue::from_static(operation.api_version),
        }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.shared.timeout
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("environment", &self.shared.environment)
            .field("scheme", &self.credentials.scheme())
            .finish_non_exhaustive()
    }
}
