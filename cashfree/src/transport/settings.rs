//! How reqwest is set up. Cargo unifies features, so another crate of a program can turn on cookies,
//! compression or HTTP/2 in reqwest; what must not change is set here, whatever its default is.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
#[cfg(feature = "reqwest")]
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use reqwest::ClientBuilder;
use reqwest::redirect::Policy;
use url::Url;

use super::{proxy, tls};
use crate::ConfigError;
use crate::address::{is_https, is_loopback, origin};

/// A change of reqwest's builder by the caller.
#[cfg(feature = "reqwest")]
pub(crate) type Customize = Arc<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>;

/// The settings of the HTTP transport. No `Debug`: the URL of a proxy holds its password.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) max_body: usize,
    pub(crate) proxy: ProxySetting,
    /// As PEM.
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) user_agent: String,
    #[cfg(feature = "reqwest")]
    pub(crate) customize: Option<Customize>,
}

/// Which proxy is used.
#[derive(Clone)]
pub(crate) enum ProxySetting {
    None,
    /// That of the environment variables, and of the operating system where reqwest reads it.
    System,
    Url(String),
}

/// Which URLs a client of reqwest is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Plain http on this machine: no TLS, no proxy.
    PlainLoopback,
    /// https on this machine: no proxy.
    SecureLoopback,
    /// Plain http on another machine: no TLS.
    PlainRemote,
    /// https on another machine.
    SecureRemote,
    /// Links of downloads, which are checked before they are followed.
    Anywhere,
}

impl Reach {
    pub(super) fn of(url: &Url) -> Self {
        match (is_https(url), is_loopback(url)) {
            (false, true) => Self::PlainLoopback,
            (true, true) => Self::SecureLoopback,
            (false, false) => Self::PlainRemote,
            (true, false) => Self::SecureRemote,
        }
    }

    const fn uses_tls(self) -> bool {
        !matches!(self, Self::PlainLoopback | Self::PlainRemote)
    }

    const fn uses_proxy(self) -> bool {
        !matches!(self, Self::PlainLoopback | Self::SecureLoopback)
    }
}

impl Settings {
    /// Origin of a request to this URL and its proxy, for errors.
    pub(super) fn route(&self, url: &Url) -> String {
        let origin = origin(url);
        match &self.proxy {
            ProxySetting::Url(proxy) if Reach::of(url).uses_proxy() => match proxy::parse(proxy) {
                Ok(proxy) => format!("{origin} through the proxy {}", self::origin(&proxy)),
                Err(_) => origin,
            },
            ProxySetting::System if Reach::of(url).uses_proxy() => {
                format!("{origin} (the proxy settings of the system apply)")
            }
            _ => origin,
        }
    }

    /// Builds a client of reqwest. It has no connections yet.
    pub(super) fn client(&self, reach: Reach) -> Result<reqwest::Client, ConfigError> {
        let user_agent = HeaderValue::from_str(&self.user_agent).map_err(|_| {
            ConfigError::Transport("the user agent holds characters that no header may hold".to_owned())
        })?;
        let builder = self.customized(tls::preferred(ClientBuilder::new()));
        let builder = forced(builder)
            .user_agent(user_agent)
            .connect_timeout(self.connect_timeout)
            .https_only(matches!(reach, Reach::SecureLoopback | Reach::SecureRemote));
        let builder = self.proxied(builder, reach)?;
        let builder = tls::configured(builder, &self.root_certificates, reach.uses_tls())?;
        tls::build(builder)
    }

    #[cfg(feature = "reqwest")]
    fn customized(&self, builder: ClientBuilder) -> ClientBuilder {
        match &self.customize {
            Some(customize) => customize(builder),
            None => builder,
        }
    }

    #[cfg(not(feature = "reqwest"))]
    fn customized(&self, builder: ClientBuilder) -> ClientBuilder {
        builder
    }

    fn proxied(&self, builder: ClientBuilder, reach: Reach) -> Result<ClientBuilder, ConfigError> {
        Ok(match &self.proxy {
            // Checked also where it is bypassed.
            ProxySetting::Url(url) => {
                let proxy = proxy::proxy(url)?;
                let builder = builder.no_proxy();
                if reach.uses_proxy() { builder.proxy(proxy) } else { builder }
            }
            // `no_proxy` would turn the system's off for good.
            ProxySetting::System if reach.uses_proxy() => builder,
            ProxySetting::System | ProxySetting::None => builder.no_proxy(),
        })
    }
}

/// Applies what neither the caller nor a feature of reqwest may change.
fn forced(builder: ClientBuilder) -> ClientBuilder {
    let localhost = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(|ip| SocketAddr::new(ip, 0));
    builder
        // Credentials go to the configured origin only.
        .redirect(Policy::none())
        .referer(false)
        // It writes each request to the log, credentials included.
        .connection_verbose(false)
        // Cookies would tie calls of different merchants to each other.
        .cookie_store(false)
        // Decompression would hide how long a body is. The client refuses a compressed response.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .http1_only()
        // The client's own policy knows which requests are safe to send again.
        .retry(reqwest::retry::never())
        // `localhost` may be another machine for the system's resolver.
        .resolve_to_addrs("localhost", &localhost)
}

/// Stands in for `cookie_store` where reqwest is built without its feature `cookies`. Where it is built with
/// it, reqwest's own method takes precedence.
#[allow(dead_code, reason = "used or not, as reqwest's features have it")]
trait WithoutCookies: Sized {
    fn cookie_store(self, _enable: bool) -> Self {
        self
    }
}

impl WithoutCookies for ClientBuilder {}
