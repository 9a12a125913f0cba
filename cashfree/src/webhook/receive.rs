//! Receiving a request: headers first, then the body within its limits, then the signature.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use http_body::Body;

use super::headers::Headers;
use super::{Verified, Verifier, WebhookError, trace};
use crate::BoxError;

/// Error of receiving a webhook request.
#[derive(Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// The delivery is not from Cashfree, too old, or too large.
    Refused(WebhookError),
    /// The body did not arrive in [time](Verifier::body_timeout).
    Timeout {
        /// The time that it had.
        limit: Duration,
    },
    /// The body ended early.
    Body(BoxError),
}

impl Verifier {
    /// Receives and verifies a request of any framework whose bodies implement [`http_body::Body`].
    ///
    /// A request without valid headers costs nothing: [`check_headers`](Verifier::check_headers) comes before the
    /// first byte of the body. The body is then read up to its `content-length` or the
    /// [limit](Verifier::body_limit), whichever is less, within the [time limit](Verifier::body_timeout).
    ///
    /// Needs a Tokio runtime with its timer enabled. Dropping the future stops reading.
    ///
    /// ```
    /// use cashfree::webhook::Verifier;
    /// use http::{Request, Response, StatusCode};
    ///
    /// async fn service<B>(verifier: &Verifier, request: Request<B>) -> StatusCode
    /// where
    ///     B: http_body::Body,
    ///     B::Error: Into<cashfree::BoxError>,
    /// {
    ///     let (parts, body) = request.into_parts();
    ///     match verifier.receive(&parts.headers, body).await {
    ///         Ok(delivery) => {
    ///             match delivery.event() {
    ///                 Ok(event) => println!("{}", event.kind()),
    ///                 Err(error) => eprintln!("keep {} bytes for a person: {error}", delivery.body().len()),
    ///             }
    ///             StatusCode::OK
    ///         }
    ///         Err(rejection) => rejection.status(),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`WebhookRejection`]: respond with its [status](WebhookRejection::status).
    pub async fn receive<B>(&self, headers: &HeaderMap, body: B) -> Result<Verified, WebhookRejection>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let headers = Headers::of(headers);
        let received = self.receive_within(&headers, body).await;
        received.inspect_err(|rejection| trace::refused(SystemTime::now(), rejection, &headers))
    }

    async fn receive_within<B>(&self, headers: &Headers<'_>, body: B) -> Result<Verified, WebhookRejection>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let most = self.check_length(SystemTime::now(), headers)?;
        let limit = self.max_body_time();
        let read = tokio::time::timeout(limit, read(body, most)).await;
        let body = read.map_err(|_| WebhookRejection::Timeout { limit })??;
        if headers.content_length()?.is_some_and(|declared| body.len() < declared) {
            return Err(WebhookRejection::Body("it is shorter than its content-length".into()));
        }
        Ok(self.verify_headers(SystemTime::now(), headers, body)?)
    }
}

/// Reads a body of at most this many bytes. The buffer grows with the bytes that arrive, not with the limit.
async fn read<B>(body: B, limit: usize) -> Result<Bytes, WebhookRejection>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut read = BytesMut::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| WebhookRejection::Body(error.into()))?;
        // A frame of trailers has no data.
        let Ok(data) = frame.into_data() else { continue };
        if data.remaining() > limit - read.len() {
            return Err(WebhookError::BodyTooLarge { limit }.into());
        }
        read.put(data);
    }
    Ok(read.freeze())
}

impl WebhookRejection {
    /// Returns the status to respond with: that of the [`WebhookError`], 408 after a timeout, 400 for a body that
    /// ended early.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Refused(error) => error.status(),
            Self::Timeout { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Body(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<WebhookError> for WebhookRejection {
    fn from(error: WebhookError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Timeout { limit } => write!(f, "the body did not arrive within {limit:?}"),
            Self::Body(_) => f.write_str("the body ended early"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) | Self::Timeout { .. } => None,
            Self::Body(error) => Some(error.as_ref()),
        }
    }
}
