//! The HTTP transport of the crate: HTTP/1.1 over reqwest.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use tokio::time::{Instant, timeout};
use url::Url;

use super::body::{PartialResponse, Stream};
use super::failure::{broken, expired};
use super::pools::Pools;
use super::settings::{Reach, Settings};
use super::{BoxFuture, Chunks, Sent, TransportError};
use crate::ConfigError;
use crate::headers::{REQUEST_ID, has_foreign_id};

/// Longer than any time limit, and still a moment that a clock can name.
const FAR_FUTURE: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// One request of reqwest, without its URL.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Sends requests with reqwest.
pub(crate) struct HttpTransport {
    settings: Settings,
    /// Connections to the base URL.
    api: Pools,
    reach: Reach,
    /// Origin of the requests and their proxy, for errors.
    origin: String,
    /// Connections to links that need what the base URL does not, such as TLS; made when one is followed.
    links: OnceLock<Pools>,
}

impl HttpTransport {
    /// Checks the settings for requests to this base URL.
    pub(crate) fn new(settings: Settings, base: &Url) -> Result<Self, ConfigError> {
        let reach = Reach::of(base);
        let api = Pools::new(settings.client(reach)?);
        let origin = settings.route(base);
        Ok(Self { settings, api, reach, origin, links: OnceLock::new() })
    }

    /// The client for a URL on the current runtime.
    fn client(&self, url: &Url) -> Result<reqwest::Client, TransportError> {
        let reach = Reach::of(url);
        let pools = if reach == self.reach { &self.api } else { self.links.get_or_init(Pools::default) };
        pools.client(|| self.settings.client(if reach == self.reach { reach } else { Reach::Anywhere }))
    }

    /// Sends a request once and reads the response.
    pub(crate) fn send(
        &self,
        url: Url,
        head: Head,
        limit: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let id = head.headers.get(REQUEST_ID).cloned();
            let client = self.client(&url).map_err(|failure| failure.at(&self.origin))?;
            let response = client.execute(request(url, head));
            drop(client);
            let mut partial = None;
            let whole = async {
                let response = response.await.map_err(broken)?;
                partial.insert(PartialResponse::new(response)).read(self.settings.max_body).await
            };
            let outcome = timeout(limit, whole).await.unwrap_or_else(|elapsed| Err(expired(elapsed)));
            if partial.as_ref().zip(id).is_some_and(|(response, id)| has_foreign_id(&id, response.headers()))
            {
                // Which connection it came by is not known, so none is used again.
                self.api.discard();
            }
            match (outcome, partial) {
                (Ok(()), Some(response)) => Ok(response.into_response()),
                (Ok(()), None) => Err(TransportError::new(Sent::Maybe, "no response")),
                (Err(failure), Some(response)) => {
                    Err(failure.at(&self.origin).with_partial(response.into_response()))
                }
                (Err(failure), None) => Err(failure.at(&self.origin)),
            }
        })
    }

    /// Sends a request once and leaves the body of the response to be read.
    pub(crate) fn open(
        &self,
        url: Url,
        head: Head,
        limit: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        Box::pin(async move {
            let started = Instant::now();
            let deadline = started.checked_add(limit).unwrap_or(started + FAR_FUTURE);
            let origin = self.settings.route(&url);
            let response = async {
                let response = self.client(&url)?.execute(request(url, head));
                timeout(limit, response).await.map_err(expired)?.map_err(broken)
            };
            let mut response = response.await.map_err(|failure| failure.at(&origin))?;
            let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
            let mut opened = Response::new(Box::new(Stream::new(response, deadline)) as Box<dyn Chunks>);
            *opened.status_mut() = status;
            *opened.headers_mut() = headers;
            Ok(opened)
        })
    }
}

fn request(url: Url, head: Head) -> reqwest::Request {
    let mut request = reqwest::Request::new(head.method, url);
    *request.headers_mut() = head.headers;
    *request.body_mut() = Some(head.body.into());
    request
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("max_body", &self.settings.max_body).finish_non_exhaustive()
    }
}
