//! A server that costs little: one thread, responses from memory, and the headers that the service sends.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::responses::Operation;

/// Serves until standard input is closed.
///
/// # Errors
/// When there is no port to be had.
pub fn serve() -> Result<()> {
    // The one who started it is gone when this ends.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        println!("{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let canned = Canned::new();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let canned = canned.clone();
            let service = service_fn(move |request| respond(canned.clone(), request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

#[derive(Clone)]
struct Canned {
    bodies: [(Operation, Bytes); 4],
    headers: HeaderMap,
}

impl Canned {
    fn new() -> Self {
        let headers = [
            ("content-type", "application/json"),
            ("x-api-version", cashfree_gen::API_VERSION),
            ("x-ratelimit-limit", "1000"),
            ("x-ratelimit-remaining", "999"),
            ("x-ratelimit-retry", "0"),
            ("x-ratelimit-type", "app_id"),
            ("x-idempotency-replayed", "false"),
        ];
        Self {
            bodies: Operation::ALL.map(|operation| (operation, operation.response().into())),
            headers: headers
                .into_iter()
                .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect(),
        }
    }
}

async fn respond(canned: Canned, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let found = canned.bodies.iter().find(|(operation, _)| {
        operation.path() == request.uri().path() && operation.method() == request.method()
    });
    let mut response = Response::new(Full::new(found.map(|(_, body)| body.clone()).unwrap_or_default()));
    if found.is_none() {
        *response.status_mut() = http::StatusCode::NOT_FOUND;
    }
    response.headers_mut().extend(canned.headers);
    // The service repeats both, and makes an id of its own for a request without one.
    for (name, other) in [
        ("x-request-id", "3e1ba4c5-6f0c-4b7a-a1d1-1f4f6a2b9c11"),
        ("x-idempotency-key", "d4e4bb1e-3b7e-4f1e-8b7a-7f8f0a4d2c33"),
    ] {
        let sent = request.headers().get(name).cloned();
        response.headers_mut().insert(name, sent.unwrap_or(HeaderValue::from_static(other)));
    }
    // The connection is used again only when the request has been read to its end.
    let _ = request.into_body().collect().await;
    Ok(response)
}
