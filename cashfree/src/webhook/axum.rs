//! The extractor for axum.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::StatusCode;

use super::headers::Headers;
use super::{Verified, Verifier, WebhookError};
use crate::BoxError;

/// A verified delivery as an argument of an axum 0.8 handler; the [`Verifier`] is part of the router's state.
///
/// The handler runs for real deliveries only. Others are answered here: 400 when a header is missing,
/// repeated or malformed, or the body breaks off; 401 for a wrong signature or age; 413 as soon as the
/// body is longer than the verifier's [limit](Verifier::body_limit), which replaces axum's own.
///
/// ```
/// use axum::Router;
/// use axum::http::StatusCode;
/// use axum::routing::post;
/// use cashfree::webhook::{Verifier, Webhook};
///
/// async fn receive(Webhook(delivery): Webhook) -> StatusCode {
///     println!("{:?}", delivery.event().map(|event| event.kind().clone()));
///     StatusCode::OK
/// }
///
/// // A state with more in it implements `FromRef` for the verifier.
/// let verifier = Verifier::new("cfsk_ma_test_123")?;
/// let router: Router = Router::new().route("/cashfree", post(receive)).with_state(verifier);
/// # Ok::<(), cashfree::webhook::InvalidSecret>(())
/// ```
#[derive(Clone, Debug)]
pub struct Webhook(pub Verified);

/// Why the handler did not run.
#[derive(Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// It is not Cashfree's, or too old, or too long.
    Refused(WebhookError),
    /// The body broke off.
    Body(BoxError),
}

impl<S> FromRequest<S> for Webhook
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let verifier = Verifier::from_ref(state);
        let (parts, body) = request.into_parts();
        // A request that can't be Cashfree's is not worth reading.
        Headers::of(&parts.headers).signed()?;
        let body = read(body, verifier.max_body()).await?;
        Ok(Self(verifier.verify(&parts.headers, body)?))
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, WebhookRejection> {
    let mut stream = body.into_data_stream();
    let mut read = BytesMut::new();
    while let Some(piece) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        let piece = piece.map_err(|error| WebhookRejection::Body(error.into()))?;
        if piece.len() > limit - read.len() {
            return Err(WebhookError::BodyTooLarge { limit }.into());
        }
        read.extend_from_slice(&piece);
    }
    Ok(read.freeze())
}

impl WebhookRejection {
    /// What is answered.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Refused(error) => error.status(),
            Self::Body(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<WebhookError> for WebhookRejection {
    fn from(error: WebhookError) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Body(_) => f.write_str("the body broke off"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Body(error) => Some(error.as_ref()),
        }
    }
}
