//! The settings of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Client, Shared};
use crate::address::Base;
#[cfg(feature = "blocking")]
use crate::background::Background;
use crate::budget::Budgets;
use crate::circuit::Circuit;
use crate::clock::{Clock, SystemClock};
use crate::transport::{HttpTransport, Network, ProxySetting, Settings};
use crate::{
    ApiVersion, CircuitBreaker, ConfigError, Credentials, Environment, Idempotency, RetryPolicy, Transport,
};

impl Client {
    /// Returns a builder of a client.
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
            circuit_breaker: None,
            idempotency: Idempotency::default(),
            fills_identity: false,
            api_version: None,
            timeout: Duration::from_secs(30),
            settings: Settings {
                connect_timeout: Duration::from_secs(5),
                max_body: 8 * 1024 * 1024,
                proxy: ProxySetting::None,
                root_certificates: Vec::new(),
                user_agent: concat!("cashfree-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
                #[cfg(feature = "reqwest")]
                customize: None,
            },
        }
    }
}

/// Builder of a [`Client`], returned by [`Client::builder`], which has an example.
#[must_use = "a builder does nothing until `.build()`"]
pub struct ClientBuilder {
    environment: Environment,
    credentials: Credentials,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    circuit_breaker: Option<CircuitBreaker>,
    idempotency: Idempotency,
    fills_identity: bool,
    api_version: Option<ApiVersion>,
    timeout: Duration,
    settings: Settings,
}

impl ClientBuilder {
    /// Sets the retry policy. Default: [`RetryPolicy::standard`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Stops sending for a while once the service has not responded to many attempts in a row. Default: never.
    pub fn circuit_breaker(mut self, breaker: CircuitBreaker) -> Self {
        self.circuit_breaker = Some(breaker);
        self
    }

    /// Sets how writes get their idempotency keys. Default: [`Idempotency::Auto`].
    pub fn idempotency(mut self, mode: Idempotency) -> Self {
        self.idempotency = mode;
        self
    }

    /// Sets whether the client fills an identifier that the caller left out, such as the `order_id` of a new order, from
    /// the idempotency key. Default: no.
    ///
    /// With it, such a write is protected twice: it is retried, and can be read by its identifier if the
    /// response was lost. The same key gives the same identifier.
    ///
    /// It is off because the identifier stays: it stands in reports, in invoices and in what the payer sees, and a
    /// caller who leaves it out lets Cashfree choose it. A second order that nobody pays moves no money.
    pub fn identity_from_key(mut self, fill: bool) -> Self {
        self.fills_identity = fill;
        self
    }

    /// Sets the timeout of one attempt, from connecting to the last byte of the response. Default: 30 seconds.
    /// [`RetryPolicy::max_elapsed`] limits the whole call.
    pub fn timeout(mut self, per_attempt: Duration) -> Self {
        self.timeout = per_attempt;
        self
    }

    /// Sets the connect timeout. Default: 5 seconds.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// Sets the maximum response body size in bytes. Default: 8 MiB, several times the longest page of the API.
    ///
    /// A longer response is an error ([`Error::is_too_large`](crate::Error::is_too_large)): before its body is read if
    /// `content-length` says so, else at the limit.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// Sends requests through this proxy. Default: none; environment variables such as `HTTPS_PROXY` are
    /// ignored.
    ///
    /// - `http://host:port` or `https://host:port`, with `user:password@` before the host where the proxy wants
    ///   credentials (percent-encoded, sent as `Basic`). https requests are tunnelled with `CONNECT`.
    /// - `socks5://`, `socks5h://`, `socks4://` or `socks4a://`, if the feature `socks` of reqwest is on in the
    ///   program.
    ///
    /// Requests to this machine (`localhost`, `127.0.0.0/8`, `::1`) bypass the proxy. A URL of any other form is
    /// an error of [`build`](Self::build).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.settings.proxy = ProxySetting::Url(url.into());
        self
    }

    /// Uses the proxy of the environment variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; that
    /// of the operating system too, if the feature `system-proxy` of reqwest is on in the program.
    ///
    /// A base URL on this machine bypasses it.
    pub fn system_proxy(mut self) -> Self {
        self.settings.proxy = ProxySetting::System;
        self
    }

    /// Changes how the HTTP client is built, for settings that this builder does not have: TCP keepalive,
    /// local address, DNS resolver, client certificate, pool size. Feature `reqwest`, which follows the major
    /// version of reqwest: a new one is a breaking change of this method only.
    ///
    /// The function runs once for each connection pool, before this crate's own settings, which it cannot
    /// change:
    ///
    /// - no redirects, retries, cookies, `referer` or decompression; HTTP/1.1 only;
    /// - TLS 1.2 or later, and certificates are verified, unless the function sets a TLS configuration
    ///   (`tls_backend_preconfigured`);
    /// - the proxy is that of [`proxy`](Self::proxy) or [`system_proxy`](Self::system_proxy), and `localhost`
    ///   is this machine;
    /// - the connect timeout and the user agent are those of this builder.
    ///
    /// It takes a builder, not a finished [`reqwest::Client`], because a client does not show whether it
    /// follows redirects: credentials could leave for another host.
    ///
    /// ```
    /// # fn main() -> Result<(), cashfree::ConfigError> {
    /// use cashfree::{Client, Credentials, Environment};
    ///
    /// let client = Client::builder(Environment::Sandbox, Credentials::client_secret("TEST123", "cfsk_ma_test_456"))
    ///     .reqwest(|builder| builder.pool_max_idle_per_host(8))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "reqwest")]
    pub fn reqwest(
        mut self,
        customize: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.settings.customize = Some(Arc::new(customize));
        self
    }

    /// Trusts these certificates (PEM) in addition to those of the system. Text without a certificate is an error of
    /// [`build`](Self::build).
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates.push(pem.into());
        self
    }

    /// Appends the name of the calling product to the user agent.
    pub fn user_agent_suffix(mut self, product: impl AsRef<str>) -> Self {
        self.settings.user_agent = format!("{} {}", self.settings.user_agent, product.as_ref());
        self
    }

    /// Sends every request with this version of the API. Default: [`Operation::api_version`](crate::Operation), the
    /// version that the types of the operation were generated from. A response of another version is decoded as far as
    /// it fits.
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = Some(version);
        self
    }

    /// Replaces the HTTP transport. Connect timeout, proxy, certificates, body limit and user agent are then up
    /// to that transport.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    #[cfg(test)]
    pub(crate) fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`ConfigError`] if the credentials are empty, or the HTTP client or TLS cannot be set up.
    pub fn build(self) -> Result<Client, ConfigError> {
        if let Some(fault) = self.credentials.fault() {
            return Err(ConfigError::Credentials(fault));
        }
        let url = self.environment.base_url();
        let base = Base::new(url)
            .ok_or_else(|| ConfigError::BaseUrl { url: url.to_owned(), reason: "it is not an address" })?;
        let network = match self.transport {
            Some(transport) => Network::Custom(transport),
            None => Network::Http(Arc::new(HttpTransport::new(self.settings, base.url())?)),
        };
        let budgets = Budgets::new();
        let budget = budgets.of(&self.credentials.name());
        Ok(Client {
            budget,
            shared: Arc::new(Shared {
                environment: self.environment,
                base,
                network,
                clock: self.clock,
                budgets,
                circuit: self.circuit_breaker.map(Circuit::new),
                fills_identity: self.fills_identity,
                retry: self.retry,
                idempotency: self.idempotency,
                api_version: self.api_version,
                timeout: self.timeout,
                #[cfg(feature = "blocking")]
                background: Background::default(),
            }),
            credentials: Arc::new(self.credentials),
            replaced: false,
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

    const TLS: bool = cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

    #[test]
    fn without_tls_only_this_machine_is_called() {
        let built = |url: &str| {
            let environment = Environment::read(url)?;
            Client::new(environment, Credentials::client_secret("i", "s")).map(|_| ())
        };
        assert_eq!(built("http://localhost"), Ok(()));
        let outcome = built("production").map_err(|error| error.to_string().contains("needs the feature"));
        assert_eq!(outcome, if TLS { Ok(()) } else { Err(true) });
    }
}
