//! The client: where to call, as whom, and how patiently.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::address::Origin;
#[cfg(feature = "blocking")]
use crate::call::Background;
use crate::call::{Budget, Clock, System};
use crate::transport::{Http, Settings};
use crate::{Credentials, Environment, Idempotency, RetryPolicy, Transport};

/// A client of the API. Cheap to clone: clones share connections, settings and retry budget, so there is
/// no need for an `Arc` around it.
///
/// `Debug` shows the environment and the scheme, nothing secret.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    credentials: Arc<Credentials>,
}

struct Shared {
    environment: Environment,
    origin: Origin,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    budget: Budget,
    retry: RetryPolicy,
    idempotency: Idempotency,
    api_version: ApiVersion,
    timeout: Duration,
    /// Of the HTTP transport, if that is the one in use.
    #[cfg(feature = "blocking")]
    settings: Option<Settings>,
    #[cfg(feature = "blocking")]
    background: Background,
}

impl Client {
    /// A client with the default settings.
    ///
    /// ```
    /// use cashfree::{Client, Credentials, Environment};
    /// let client = Client::new(Environment::Sandbox, Credentials::client_secret("TEST123", "cfsk_ma_test_456"))?;
    /// # Ok::<(), cashfree::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] when the credentials are empty, or TLS can't be set up.
    pub fn new(environment: Environment, credentials: Credentials) -> Result<Self, ConfigError> {
        Self::builder(environment, credentials).build()
    }

    /// A client from the process environment: `CASHFREE_ENVIRONMENT` (`sandbox`, `production`, or the
    /// address of a stand-in) and one set of credentials,
    ///
    /// - `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET`, or
    /// - `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SIGNATURE`, or
    /// - `CASHFREE_PARTNER_API_KEY` and `CASHFREE_CLIENT_ID`, or
    /// - `CASHFREE_PARTNER_API_KEY` and `CASHFREE_PARTNER_MERCHANT_ID`.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] names all that is missing, [`ConfigError::Ambiguous`] what can't go
    /// together; else as [`Client::new`].
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from_lookup(lookup: &dyn Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        const ENVIRONMENT: &str = "CASHFREE_ENVIRONMENT";
        const CLIENT_ID: &str = "CASHFREE_CLIENT_ID";
        const CLIENT_SECRET: &str = "CASHFREE_CLIENT_SECRET";
        const SIGNATURE: &str = "CASHFREE_CLIENT_SIGNATURE";
        const API_KEY: &str = "CASHFREE_PARTNER_API_KEY";
        const MERCHANT_ID: &str = "CASHFREE_PARTNER_MERCHANT_ID";

        let environment = lookup(ENVIRONMENT);
        let mut missing = Vec::new();
        if environment.is_none() {
            missing.push(ENVIRONMENT);
        }
        let proofs: Vec<&'static str> =
            [CLIENT_SECRET, SIGNATURE, API_KEY].into_iter().filter(|name| lookup(name).is_some()).collect();
        if proofs.len() > 1 {
            return Err(ConfigError::Ambiguous(proofs));
        }
        let client_id = lookup(CLIENT_ID);
        let credentials =
            match (client_id, lookup(CLIENT_SECRET), lookup(SIGNATURE), lookup(API_KEY), lookup(MERCHANT_ID))
            {
                (Some(_), _, _, Some(_), Some(_)) => {
                    return Err(ConfigError::Ambiguous(vec![CLIENT_ID, MERCHANT_ID]));
                }
                (Some(id), Some(secret), ..) => Some(Credentials::client_secret(id, secret)),
                (Some(id), _, Some(signature), ..) => {
                    Some(Credentials::client_signature(id, crate::Secret::from(signature)))
                }
                (Some(id), _, _, Some(key), _) => Some(Credentials::partner_for_client(key, id)),
                (None, _, _, Some(key), Some(merchant)) => {
                    Some(Credentials::partner_for_merchant(key, merchant))
                }
                (None, _, _, Some(_), None) => {
                    missing.extend([CLIENT_ID, MERCHANT_ID]);
                    None
                }
                (None, secret, signature, ..) => {
                    missing.push(CLIENT_ID);
                    if secret.is_none() && signature.is_none() {
                        missing.push(CLIENT_SECRET);
                    }
                    None
                }
                (Some(_), None, None, None, _) => {
                    missing.push(CLIENT_SECRET);
                    None
                }
            };
        match (environment, credentials) {
            (Some(environment), Some(credentials)) => {
                Self::new(Environment::from_word(&environment)?, credentials)
            }
            _ => Err(ConfigError::Missing(missing)),
        }
    }

    /// A client with settings of one's own.
    pub fn builder(environment: Environment, credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            environment,
            credentials,
            transport: None,
            clock: Arc::new(System),
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

    /// The same client as somebody else: for a partner who calls for many merchants. Connections, settings
    /// and retry budget are shared.
    ///
    /// ```no_run
    /// # fn run(client: cashfree::Client) {
    /// use cashfree::Credentials;
    /// let for_merchant = client.with_credentials(Credentials::partner_for_merchant("partner_key", "merchant_7"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self { shared: Arc::clone(&self.shared), credentials: Arc::new(credentials) }
    }

    /// Where it calls.
    pub fn environment(&self) -> &Environment {
        &self.shared.environment
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.shared.origin
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn transport(&self) -> &Arc<dyn Transport> {
        &self.shared.transport
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn background(&self) -> &Background {
        &self.shared.background
    }

    /// A transport with connections of its own, as a connection is tied to the runtime that it was opened
    /// on; one that the caller brought is shared.
    #[cfg(feature = "blocking")]
    pub(crate) fn second_transport(&self) -> Result<Arc<dyn Transport>, String> {
        match &self.shared.settings {
            Some(settings) => match Http::new(settings, self.shared.origin.clone()) {
                Ok(transport) => Ok(Arc::new(transport)),
                Err(error) => Err(error.to_string()),
            },
            None => Ok(Arc::clone(&self.shared.transport)),
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.shared.clock.as_ref()
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.shared.budget
    }

    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.shared.retry
    }

    pub(crate) fn idempotency(&self) -> Idempotency {
        self.shared.idempotency
    }

    /// Whether a write without a key gets one.
    pub(crate) fn makes_keys(&self) -> bool {
        self.shared.idempotency == Idempotency::Auto
    }

    pub(crate) fn api_version(&self) -> &ApiVersion {
        &self.shared.api_version
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

/// Settings of a client to be.
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

/// A version of the API, as the date that `x-api-version` carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVersion(HeaderValue);

impl ApiVersion {
    /// A version by its date, such as `2025-01-01`.
    ///
    /// # Errors
    /// [`ConfigError::ApiVersion`] when it is not written like that.
    pub fn new(date: &str) -> Result<Self, ConfigError> {
        let refuse = || ConfigError::ApiVersion(date.to_owned());
        let dated = date.len() == 10
            && date.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if dated { HeaderValue::from_str(date).map(Self).map_err(|_| refuse()) } else { Err(refuse()) }
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl Default for ApiVersion {
    /// The version that the types were generated from.
    fn default() -> Self {
        Self(HeaderValue::from_static(cashfree_gen::API_VERSION))
    }
}

/// Why there is no client.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Variables that are not set, or empty.
    Missing(Vec<&'static str>),
    /// Variables that are set and can't go together.
    Ambiguous(Vec<&'static str>),
    /// Neither `sandbox` nor `production` nor an address.
    Environment(String),
    /// An address that credentials must not be sent to.
    BaseUrl {
        /// The address; empty where it may hold a password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not a date.
    ApiVersion(String),
    /// What is wrong with the credentials.
    Credentials(&'static str),
    /// The transport can't be set up.
    Transport(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => write!(f, "not set: {}", names.join(", ")),
            Self::Ambiguous(names) => {
                write!(f, "set together, where only one can be meant: {}", names.join(", "))
            }
            Self::Environment(word) => {
                write!(f, "`{word}` is no environment: it is `sandbox`, `production` or an address")
            }
            Self::BaseUrl { url, reason } => write!(f, "the base URL `{url}` can't be used: {reason}"),
            Self::ApiVersion(date) => {
                write!(f, "`{date}` is no API version: it is a date such as 2025-01-01")
            }
            Self::Credentials(fault) => f.write_str(fault),
            Self::Transport(reason) => write!(f, "the transport can't be set up: {reason}"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

    fn from(set: &[(&'static str, &str)]) -> Result<Client, ConfigError> {
        Client::from_lookup(&|name| {
            set.iter().find(|(found, _)| *found == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_process_environment_names_what_is_missing() {
        let missing = |set: &[_]| match from(set) {
            Err(ConfigError::Missing(names)) => names.join(" "),
            other => format!("{other:?}"),
        };
        assert_eq!(missing(&[]), "CASHFREE_ENVIRONMENT CASHFREE_CLIENT_ID CASHFREE_CLIENT_SECRET");
        assert_eq!(
            missing(&[("CASHFREE_ENVIRONMENT", "sandbox"), ("CASHFREE_CLIENT_ID", "a")]),
            "CASHFREE_CLIENT_SECRET"
        );
        assert_eq!(
            missing(&[("CASHFREE_ENVIRONMENT", "sandbox"), ("CASHFREE_CLIENT_SECRET", "a")]),
            "CASHFREE_CLIENT_ID"
        );
        assert_eq!(
            missing(&[("CASHFREE_ENVIRONMENT", "sandbox"), ("CASHFREE_PARTNER_API_KEY", "a")]),
            "CASHFREE_CLIENT_ID CASHFREE_PARTNER_MERCHANT_ID"
        );
    }

    #[test]
    fn each_set_of_credentials_is_found_and_mixtures_are_refused() {
        use crate::AuthScheme;
        let scheme = |set: &[(&'static str, &str)]| {
            let mut all = vec![("CASHFREE_ENVIRONMENT", if TLS { "sandbox" } else { "http://localhost" })];
            all.extend_from_slice(set);
            from(&all).map(|client| client.credentials().scheme())
        };
        let (id, secret, signature) = (
            ("CASHFREE_CLIENT_ID", "i"),
            ("CASHFREE_CLIENT_SECRET", "s"),
            ("CASHFREE_CLIENT_SIGNATURE", "g"),
        );
        let (key, merchant) = (("CASHFREE_PARTNER_API_KEY", "k"), ("CASHFREE_PARTNER_MERCHANT_ID", "m"));
        assert_eq!(scheme(&[id, secret]), Ok(AuthScheme::ClientSecret));
        assert_eq!(scheme(&[id, signature]), Ok(AuthScheme::ClientSignature));
        assert_eq!(scheme(&[id, key]), Ok(AuthScheme::PartnerClient));
        assert_eq!(scheme(&[key, merchant]), Ok(AuthScheme::PartnerMerchant));
        for mixture in [&[id, secret, key][..], &[id, secret, signature], &[id, key, merchant]] {
            assert!(matches!(scheme(mixture), Err(ConfigError::Ambiguous(_))), "{mixture:?}");
        }
    }

    #[test]
    fn without_tls_only_this_machine_is_called() {
        let built = |url| {
            let environment = Environment::from_word(url)?;
            Client::new(environment, Credentials::client_secret("i", "s")).map(|_| ())
        };
        assert_eq!(built("http://localhost"), Ok(()));
        let told = built("production").map_err(|error| error.to_string().contains("needs the feature"));
        assert_eq!(told, if TLS { Ok(()) } else { Err(true) });
    }

    #[test]
    fn an_api_version_is_a_date() {
        assert_eq!(ApiVersion::new("2025-01-01"), Ok(ApiVersion::default()));
        for bad in ["", "2025-1-1", "v2025-01-0", "2025/01/01", "2025-01-01\n"] {
            assert!(ApiVersion::new(bad).is_err(), "{bad}");
        }
    }
}
