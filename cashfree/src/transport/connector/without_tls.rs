//! No TLS: calls go to this machine only, and what is https is refused.

use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use tower_service::Service;

use crate::transport::BoxFuture;
use crate::{BoxError, ConfigError};

const NEEDED: &str = "https needs the feature `rustls` or `native-tls`";

/// As the stream comes.
pub(super) type Line<C> = C;

pub(super) struct Tls;

impl Tls {
    pub(super) fn new(roots: &[Vec<u8>], secure: bool) -> Result<Self, ConfigError> {
        if secure || !roots.is_empty() {
            return Err(ConfigError::Transport(NEEDED.to_owned()));
        }
        Ok(Self)
    }

    pub(super) fn over<C>(&self, connector: C) -> Https<C> {
        Https(connector)
    }
}

#[derive(Clone)]
pub(super) struct Https<C>(C);

impl<C> Service<Uri> for Https<C>
where
    C: Service<Uri>,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<C::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        if to.scheme() != Some(&Scheme::HTTP) {
            return Box::pin(async { Err(NEEDED.into()) });
        }
        let line = self.0.call(to);
        Box::pin(async move { line.await.map_err(Into::into) })
    }
}
