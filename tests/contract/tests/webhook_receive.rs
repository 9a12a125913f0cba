//! Receiving a webhook request: its headers, its body within limits, its signature.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use axum::body::Body;
use axum::extract::{FromRef, FromRequest};
use axum::response::IntoResponse;
use bytes::Bytes;
use cashfree::BoxError;
use cashfree::testing::sign_webhook;
use cashfree::webhook::{Verifier, Webhook};
use http::{HeaderMap, HeaderValue, Request, StatusCode};

use crate::webhook::{PAYMENT, PAYMENT_SIGNATURE, SECRET, SIGNATURE, TIMESTAMP};

#[derive(Clone)]
struct App(Verifier);

impl FromRef<App> for Verifier {
    fn from_ref(App(verifier): &App) -> Self {
        verifier.clone()
    }
}

#[tokio::test]
async fn the_extractor_responds_to_unverified_requests() -> Result<()> {
    let app = App(Verifier::new(SECRET)?.body_limit(100));
    let extract = async |headers: HeaderMap, body: Body| {
        let mut request = Request::post("/").body(body)?;
        *request.headers_mut() = headers;
        anyhow::Ok(match Webhook::from_request(request, &app).await {
            Ok(Webhook(delivery)) => Ok(delivery),
            Err(rejection) => {
                let status = rejection.status();
                assert_eq!(rejection.into_response().status(), status);
                Err(status)
            }
        })
    };
    let now = SystemTime::now();
    let good = || sign_webhook(SECRET, now, PAYMENT.as_bytes());
    let without = |name: &str| {
        let mut headers = good();
        headers.remove(name);
        headers
    };
    let with = |name: &'static str, value: &'static str| {
        let mut headers = good();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    };
    let day = Duration::from_secs(86_400);

    let delivery = extract(good(), Body::from(PAYMENT)).await?;
    assert_eq!(delivery.ok().context("verified")?.body(), PAYMENT);
    for (headers, body, status) in [
        (HeaderMap::new(), PAYMENT, StatusCode::BAD_REQUEST),
        (without(TIMESTAMP), PAYMENT, StatusCode::BAD_REQUEST),
        (without(SIGNATURE), PAYMENT, StatusCode::BAD_REQUEST),
        (with(TIMESTAMP, "yesterday"), PAYMENT, StatusCode::BAD_REQUEST),
        (with(SIGNATURE, "?"), PAYMENT, StatusCode::BAD_REQUEST),
        (with(SIGNATURE, PAYMENT_SIGNATURE), PAYMENT, StatusCode::UNAUTHORIZED),
        (good(), "{}", StatusCode::UNAUTHORIZED),
        (sign_webhook(SECRET, now - day, b"{}"), "{}", StatusCode::UNAUTHORIZED),
        (sign_webhook(SECRET, now + day, b"{}"), "{}", StatusCode::UNAUTHORIZED),
    ] {
        let received = extract(headers, Body::from(body)).await?;
        assert_eq!(received.err(), Some(status), "{body}");
    }

    // An endless body is read up to the limit, one that ends early is refused, one without headers is not read.
    let endless = || Body::from_stream(Pieces::endless());
    assert_eq!(extract(good(), endless()).await?.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
    assert_eq!(extract(without(SIGNATURE), endless()).await?.err(), Some(StatusCode::BAD_REQUEST));
    let broken = Body::from_stream(Pieces(vec![Err("the line broke"), Ok("{")]));
    assert_eq!(extract(good(), broken).await?.err(), Some(StatusCode::BAD_REQUEST));
    let (start, end) = PAYMENT.split_at(40);
    let pieces = Body::from_stream(Pieces(vec![Ok(end), Ok(""), Ok(start)]));
    ensure!(extract(good(), pieces).await?.is_ok());
    Ok(())
}

#[tokio::test]
async fn nothing_is_read_of_a_request_whose_headers_are_refused() -> Result<()> {
    let app = App(Verifier::new(SECRET)?);
    let now = SystemTime::now();
    let good = || sign_webhook(SECRET, now, PAYMENT.as_bytes());
    let with = |name: &'static str, value: &'static str| {
        let mut headers = good();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    };
    let day = Duration::from_secs(86_400);
    for (headers, status) in [
        (HeaderMap::new(), 400),
        (with(TIMESTAMP, "174642775973"), 400),
        (with(SIGNATURE, "AAAA"), 400),
        (with("content-length", "many"), 400),
        (with("content-length", "+1"), 400),
        (sign_webhook(SECRET, now - day, PAYMENT.as_bytes()), 401),
        (sign_webhook(SECRET, now + day, PAYMENT.as_bytes()), 401),
        (with("content-length", "1048577"), 413),
        (with("content-length", "99999999999999999999999"), 400),
    ] {
        let reads = Arc::new(AtomicU32::new(0));
        let mut request = Request::post("/").body(Body::from_stream(Counted(Arc::clone(&reads))))?;
        *request.headers_mut() = headers.clone();
        let received = Webhook::from_request(request, &app).await.err().context("it is accepted")?.status();
        assert_eq!((received.as_u16(), reads.load(Ordering::Relaxed)), (status, 0), "{headers:?}");
        let checked = app.0.check_headers(&headers).err().context("it passes")?;
        assert_eq!(checked.status(), status);
    }
    app.0.check_headers(&good())?;
    Ok(())
}

#[tokio::test]
async fn a_body_is_read_within_its_time_and_length() -> Result<()> {
    let verifier = Verifier::new(SECRET)?.body_timeout(Duration::from_millis(50));
    let declared = |length: usize| {
        let mut headers = sign_webhook(SECRET, SystemTime::now(), PAYMENT.as_bytes());
        headers.insert("content-length", HeaderValue::from(length));
        headers
    };
    let receive = async |headers: HeaderMap, body: Body| {
        verifier.receive(&headers, body).await.map_err(|rejection| rejection.status().as_u16())
    };
    let whole = receive(declared(PAYMENT.len()), Body::from(PAYMENT)).await;
    assert_eq!(whole.map(|delivery| delivery.body().clone()), Ok(Bytes::from(PAYMENT)));

    let started = std::time::Instant::now();
    let undeclared = sign_webhook(SECRET, SystemTime::now(), PAYMENT.as_bytes());
    for headers in [declared(PAYMENT.len()), undeclared] {
        assert_eq!(receive(headers, Body::from_stream(Stuck)).await.err(), Some(408));
    }
    ensure!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());

    for (length, status) in [(PAYMENT.len() - 1, 413), (PAYMENT.len() + 1, 400), (0, 413)] {
        assert_eq!(receive(declared(length), Body::from(PAYMENT)).await.err(), Some(status), "{length}");
    }
    Ok(())
}

/// Counts how often it is read.
struct Counted(Arc<AtomicU32>);

impl futures_core::Stream for Counted {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(None)
    }
}

/// Never sends a byte.
struct Stuck;

impl futures_core::Stream for Stuck {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

/// A body in pieces, the last one first.
struct Pieces(Vec<Result<&'static str, &'static str>>);

impl Pieces {
    /// Long enough that only who stops at a limit is done soon.
    fn endless() -> impl futures_core::Stream<Item = Result<Bytes, BoxError>> + Send + 'static {
        struct Endless;
        impl futures_core::Stream for Endless {
            type Item = Result<Bytes, BoxError>;

            fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                Poll::Ready(Some(Ok(Bytes::from_static(b"{\"a\": "))))
            }
        }
        Endless
    }
}

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.0.pop();
        Poll::Ready(piece.map(|piece| piece.map(Into::into).map_err(Into::into)))
    }
}
