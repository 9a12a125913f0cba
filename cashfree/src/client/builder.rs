//! The settings of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Client, Shared};
use crate::address::Origin;
#[cfg(feature = "blocking")]
use crate::background::Background;
use crate::budget::Budget;
use crate::clock::{Clock, SystemClock};
use crate::transport::{Http, Settings};
use crate::{ApiVersion, ConfigError, Credentials, Environment, Idempotency, RetryPolicy, Transport};

impl Client {
    /// A client whose settings are chosen one by one, such as its time limits or its way through a proxy.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cashfree::{Client, Credentials, Environment, RetryPolicy};
    ///
    /// let client = Client::builder(Environment::Sandbox, Credentials::client_secret("TEST123", "cfsk_ma_test_456"))
    ///     .timeout(Duration::from_secs(10))
    ///     .retry(RetryPolicy::standard().max_elapsed(Duration::from_secs(20)))
    ///     .user_agent_suffix("shop/1.4")
    ///     .build()?;
    /// # Ok::<(), cashfree::ConfigError>(())
    /// ```
    pub fn builder(environment: Environment, credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            environment,
            credentials,
            transport: None,
            clock: Arc::new(SystemClock),
            retry: RetryPolicy::standard(),
            idempotency: Idempotency::default(),
            api_version: ApiVersion::default(),
            timeout: Duration::from_secs(30),
            settings: Settings {
                connect_timeout: Duration::from_secs(5),
                max_body: 32 * 1024 * 1024,
                proxy: None,
                root_certificates: Vec::new(),
                user_agent: concat!("cashfree-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            },
        }
    }
}

/// The settings of a client that is yet to be built; begun by [`Client::builder`], where an example is.
#[must_use = "a builder does nothing until `.build()`"]
pub struct ClientBuilder {
    environment: Environment,
    credentials: Credentials,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    idempotency: Idempotency,
    api_version: ApiVersion,
    timeout: Duration,
    settings: Settings,
}

impl ClientBuilder {
    /// When calls are sent again; [`RetryPolicy::standard`] unless set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How writes get their keys; [`Idempotency::Auto`] unless set.
    pub fn idempotency(mut self, mode: Idempotency) -> Self {
        self.idempotency = mode;
        self
    }

    /// The time limit of one attempt, from connecting to the last byte; 30 seconds unless set. The limit of
    /// the whole call is [`RetryPolicy::max_elapsed`].
    pub fn timeout(mut self, per_attempt: Duration) -> Self {
        self.timeout = per_attempt;
        self
    }

    /// The time limit for a connection; 5 seconds unless set.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// The longest body that is read, in bytes; 32 MiB unless set. An answer that is longer is given up
    /// ([`Error::is_too_large`](crate::Error::is_too_large)): at its head if it announces its length, else
    /// when it gets there.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// Calls go through this proxy, by `CONNECT`: `http://host:port` or `https://host:port`, with
    /// `user:password@` before the host where it wants credentials (percent-encoded, sent as `Basic`). Any
    /// other address is an error of [`build`](Self::build). Without it none is used: variables such as
    /// `HTTPS_PROXY` are not looked at.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.settings.proxy = Some(url.into());
        self
    }

    /// Certificates, as PEM, that are trusted beside those of the system. What holds none is an error of
    /// [`build`](Self::build).
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates.push(pem.into());
        self
    }

    /// The name of the calling product, appended to the user agent.
    pub fn user_agent_suffix(mut self, product: impl AsRef<str>) -> Self {
        self.settings.user_agent = format!("{} {}", self.settings.user_agent, product.as_ref());
        self
    }

    /// Another version of the API than the one that the types were generated from. What it sends
    /// differently is read as far as it fits.
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// Another way to the network. Time limits for connecting, proxy, certificates and user agent are then
    /// its business.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    #[cfg(test)]
    pub(crate) fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`ConfigError`] when the credentials are empty, or the transport can't be set up.
    pub fn build(self) -> Result<Client, ConfigError> {
        if let Some(fault) = self.credentials.fault() {
            return Err(ConfigError::Credentials(fault));
        }
        let origin = Origin::of(self.environment.base_url())
            .ok_or_else(|| ConfigError::BaseUrl { url: String::new(), reason: "it is not an address" })?;
        #[cfg(feature = "blocking")]
        let settings = self.transport.is_none().then(|| self.settings.clone());
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(Http::new(&self.settings, origin.clone())?),
        };
        Ok(Client {
            shared: Arc::new(Shared {
                environment: self.environment,
                origin,
                transport,
                clock: self.clock,
                budget: Budget::new(),
                retry: self.retry,
                idempotency: self.idempotency,
                api_version: self.api_version,
                timeout: self.timeout,
                #[cfg(feature = "blocking")]
                settings,
                #[cfg(feature = "blocking")]
                background: Background::default(),
            }),
            credentials: Arc::new(self.credentials),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

    #[test]
    fn without_tls_only_this_machine_is_called() {
        let built = |url: &str| {
            let environment: Environment = url.parse()?;
            Client::new(environment, Credentials::client_secret("i", "s")).map(|_| ())
        };
        assert_eq!(built("http://localhost"), Ok(()));
        let told = built("production").map_err(|error| error.to_string().contains("needs the feature"));
        assert_eq!(told, if TLS { Ok(()) } else { Err(true) });
    }
}
