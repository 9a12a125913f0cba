//! The transport of a client: the crate's own or the caller's.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use super::{BoxFuture, Chunks, Head, HttpTransport, Sent, Transport, TransportError};
use crate::address::Base;

/// Sends requests by one of two transports, each of which gets them in the form that it needs, so that no URL
/// is parsed twice.
#[derive(Clone, Debug)]
pub(crate) enum Network {
    Http(Arc<HttpTransport>),
    Custom(Arc<dyn Transport>),
}

impl Network {
    /// Prepares a request for a path below the base URL. It is sent when the future is polled.
    ///
    /// # Errors
    /// The reason why the path cannot be requested.
    pub(crate) fn send(
        &self,
        base: &Base,
        path: &str,
        mut head: Head,
        timeout: Duration,
    ) -> Result<BoxFuture<'_, Result<Response<Bytes>, TransportError>>, String> {
        match self {
            Self::Http(transport) => {
                let url =
                    base.join(path).ok_or("the path is too long for a URL, or holds what a path must not")?;
                head.headers.insert(http::header::HOST, base.host().clone());
                Ok(transport.send(url, head, timeout))
            }
            Self::Custom(transport) => {
                let mut request = into_request(head);
                *request.uri_mut() = base.uri(path).map_err(|error| format!("the path: {error}"))?;
                Ok(transport.send(request, timeout))
            }
        }
    }

    /// Prepares a request for a link, which may lead to any host.
    pub(crate) fn open(
        &self,
        url: Url,
        head: Head,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        match self {
            Self::Http(transport) => transport.open(url, head, timeout),
            Self::Custom(transport) => {
                let mut request = into_request(head);
                match url[..url::Position::AfterQuery].parse() {
                    Ok(uri) => {
                        *request.uri_mut() = uri;
                        transport.open(request, timeout)
                    }
                    Err(error) => Box::pin(async move { Err(TransportError::new(Sent::No, error)) }),
                }
            }
        }
    }
}

fn into_request(head: Head) -> Request<Bytes> {
    let mut request = Request::new(head.body);
    *request.method_mut() = head.method;
    *request.headers_mut() = head.headers;
    request
}
