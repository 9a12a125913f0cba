//! How a connection comes about: to the address itself or by a proxy, secured where the address is https, and
//! all of it within one time limit.

mod connection;
mod proxy;
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[path = "connector/without_tls.rs"]
mod tls;
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
#[path = "connector/native_tls.rs"]
mod tls;
#[cfg(feature = "rustls")]
#[path = "connector/rustls.rs"]
mod tls;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::BoxFuture;
use super::http::Settings;
use crate::{BoxError, ConfigError};
use connection::Connection;
use tls::{Https, Line, Tls};

/// What the pool asks for connections; cheap to clone, which it does for each request.
#[derive(Clone)]
pub(super) struct Connector {
    way: Arc<Https<Route>>,
    limit: Duration,
}

/// From here to where the address is spoken to.
#[derive(Clone)]
enum Route {
    Direct(HttpConnector),
    Proxy(Box<Tunnel<Https<HttpConnector>>>),
}

/// A line over TCP that may be secured: the proxy's own address may be https.
type Stretch = Line<TokioIo<TcpStream>>;

impl Connector {
    /// Without TLS, an `https` address is refused here, not when it is called.
    pub(super) fn new(
        settings: &Settings,
        user_agent: &HeaderValue,
        secure: bool,
    ) -> Result<Self, ConfigError> {
        let tls = Tls::new(&settings.root_certificates, secure)?;
        let tcp = tcp(settings.connect_timeout);
        let route = match &settings.proxy {
            None => Route::Direct(tcp),
            Some(address) => Route::Proxy(Box::new(proxy::tunnel(address, user_agent, tls.over(tcp))?)),
        };
        Ok(Self { way: Arc::new(tls.over(route)), limit: settings.connect_timeout })
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn unreadable() -> ConfigError {
    ConfigError::Transport("a root certificate is not PEM, or holds no certificate".to_owned())
}

fn tcp(limit: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // Shared among the addresses of a name, so that one that is dead leaves time for the next.
    tcp.set_connect_timeout(Some(limit));
    // A peer that is gone without a word is found out, also while its answer is awaited.
    tcp.set_keepalive(Some(Duration::from_secs(15)));
    tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
    tcp.set_keepalive_retries(Some(3));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    tcp.set_tcp_user_timeout(Some(Duration::from_secs(30)));
    tcp
}

impl Service<Uri> for Connector {
    type Response = Connection<Line<Stretch>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (mut way, limit) = (Https::clone(&self.way), self.limit);
        Box::pin(async move {
            tokio::time::timeout(limit, async {
                poll_fn(|context| way.poll_ready(context)).await?;
                way.call(to).await.map(Connection)
            })
            .await?
        })
    }
}

impl Service<Uri> for Route {
    type Response = Stretch;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stretch, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(tcp) => tcp.poll_ready(context).map_err(Into::into),
            Self::Proxy(tunnel) => tunnel.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self {
            Self::Direct(tcp) => {
                let line = tcp.call(to);
                Box::pin(async move { Ok(Line::from(line.await?)) })
            }
            Self::Proxy(tunnel) => {
                let line = tunnel.call(proxy::with_port(to));
                Box::pin(async move { Ok(line.await?) })
            }
        }
    }
}
