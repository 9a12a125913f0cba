//! The error of a transport.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::Response;

use crate::BoxError;
use crate::redact::redact;

/// Whether a request may have reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sent {
    /// Not sent: there was no connection.
    No,
    /// Possibly sent.
    Maybe,
}

/// Why another attempt would fail in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permanent {
    /// The TLS handshake failed: the certificate, the host name, the version.
    Tls,
    /// The proxy refused its credentials, or the HTTP client cannot be set up.
    Configuration,
}

/// Error of a [`Transport`](crate::Transport): there is no complete response.
///
/// `Display` says what failed, at which origin (scheme, host and port), and why; never a path, a query or a
/// credential.
pub struct TransportError {
    pub(crate) sent: Sent,
    pub(crate) timeout: bool,
    pub(crate) too_large: bool,
    pub(crate) permanent: Option<Permanent>,
    pub(crate) partial: Option<Box<Response<Bytes>>>,
    pub(crate) source: BoxError,
    /// Where the request was to go, as it is shown.
    pub(crate) origin: Option<String>,
    /// The innermost cause, as it is shown.
    pub(crate) cause: Option<String>,
}

impl TransportError {
    /// Creates an error. Use [`Sent::No`] only if the request was certainly not sent.
    pub fn new(sent: Sent, source: impl Into<BoxError>) -> Self {
        Self {
            sent,
            timeout: false,
            too_large: false,
            permanent: None,
            partial: None,
            source: source.into(),
            origin: None,
            cause: None,
        }
    }

    /// A response that belongs to another request: the connection has lost its order.
    pub(crate) fn foreign_response() -> Self {
        const REASON: &str =
            "the response belongs to another request: its request id or idempotency key differs";
        Self::new(Sent::Maybe, REASON).because(REASON.to_owned())
    }

    /// Marks the error as a timeout.
    #[must_use]
    pub fn timed_out(mut self) -> Self {
        self.timeout = true;
        self
    }

    /// Marks the error as a response body over the limit. Add the response so far with
    /// [`with_partial`](Self::with_partial).
    #[must_use]
    pub fn too_large(mut self) -> Self {
        self.too_large = true;
        self
    }

    /// Marks the error as a failed TLS handshake that would fail again: the client does not retry it.
    #[must_use]
    pub fn tls_failure(mut self) -> Self {
        self.permanent = Some(Permanent::Tls);
        self
    }

    /// Adds the incomplete response: status, headers, and the body so far.
    #[must_use]
    pub fn with_partial(mut self, response: Response<Bytes>) -> Self {
        self.partial = Some(Box::new(response));
        self
    }

    /// Marks the error as one that another attempt meets again.
    pub(super) fn permanent(mut self, permanent: Option<Permanent>) -> Self {
        self.permanent = permanent;
        self
    }

    /// Adds the cause as it is shown.
    pub(super) fn because(mut self, cause: String) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Adds where the request was to go.
    pub(super) fn at(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// Returns whether the request may have been sent.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    /// Returns whether this is a timeout.
    pub const fn is_timeout(&self) -> bool {
        self.timeout
    }

    /// Returns whether the response body is over the limit.
    pub const fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// Returns whether the TLS handshake failed: the certificate is not trusted, expired or for another host, or there is
    /// no common TLS version.
    pub fn is_tls(&self) -> bool {
        self.permanent == Some(Permanent::Tls)
    }

    /// Returns the incomplete response. It may hold personal data: not for logs.
    pub fn partial(&self) -> Option<&Response<Bytes>> {
        self.partial.as_deref()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, link, then) = match (self.sent, self.timeout) {
            _ if self.too_large => ("the response body is over the limit", " of ", ""),
            (Sent::No, true) => ("timeout while connecting", " to ", ""),
            (Sent::No, false) => ("cannot connect", " to ", ""),
            (Sent::Maybe, true) if self.partial.is_some() => {
                ("timeout while reading the response", " of ", "")
            }
            (Sent::Maybe, true) => ("timeout while waiting for the response", " of ", ""),
            (Sent::Maybe, false) => ("the connection", " to ", " was lost before the response was complete"),
        };
        f.write_str(what)?;
        if let Some(origin) = self.origin.as_ref().filter(|_| !self.too_large) {
            write!(f, "{link}{origin}")?;
        }
        f.write_str(then)?;
        match self.cause.as_ref().filter(|_| !self.timeout && !self.too_large) {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

/// Shows neither the headers nor the body of an incomplete response. In the texts of the sources, card numbers, words
/// with an `@` and the queries of URLs are masked.
impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("sent", &self.sent)
            .field("timeout", &self.timeout)
            .field("too_large", &self.too_large)
            .field("permanent", &self.permanent)
            .field("origin", &self.origin)
            .field("partial", &self.partial.as_ref().map(|partial| (partial.status(), partial.body().len())))
            .field(
                "sources",
                &sources(self.source.as_ref()).iter().map(|text| redact(text)).collect::<Vec<_>>(),
            )
            .finish()
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// An error and its sources, from the outermost to the innermost, as text.
pub(crate) fn sources(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(source) = next {
        texts.push(source.to_string());
        next = source.source();
    }
    texts
}
