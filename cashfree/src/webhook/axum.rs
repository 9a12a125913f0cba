//! Extractor for axum.

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};

use super::{Verified, Verifier, WebhookRejection};

/// Verified delivery as an argument of an axum 0.8 handler. The [`Verifier`] is part of the router's state.
///
/// The handler runs for verified deliveries only. The extractor responds to other requests, by
/// [`Verifier::receive`]:
///
/// - 400 for a header that is missing, repeated or malformed, and for a body that ends early or is not JSON;
/// - 401 for a wrong signature or age;
/// - 408 for a body that does not arrive within the [time limit](Verifier::body_timeout);
/// - 413 for a body larger than the [limit](Verifier::body_limit), which replaces axum's own.
///
/// Headers and age are checked before the first byte of the body is read.
///
/// ```
/// use axum::Router;
/// use axum::http::StatusCode;
/// use axum::routing::post;
/// use cashfree::webhook::{Verifier, Webhook};
///
/// async fn receive(Webhook(delivery): Webhook) -> StatusCode {
///     match delivery.event() {
///         Ok(event) => println!("{}", event.kind()),
///         Err(error) => eprintln!("keep {} bytes for a person: {error}", delivery.body().len()),
///     }
///     StatusCode::OK
/// }
///
/// // A state with more fields implements `FromRef` for the verifier.
/// let verifier = Verifier::new("cfsk_ma_test_123")?;
/// let router: Router = Router::new().route("/cashfree", post(receive)).with_state(verifier);
/// # Ok::<(), cashfree::webhook::InvalidSecret>(())
/// ```
#[derive(Clone, Debug)]
pub struct Webhook(pub Verified);

impl<S> FromRequest<S> for Webhook
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let verifier = Verifier::from_ref(state);
        let (parts, body) = request.into_parts();
        verifier.receive(&parts.headers, body).await.map(Self)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}
