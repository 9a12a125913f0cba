//! Responses on their way out: the headers every one carries, and the faults that spoil some.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Write;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use serde_json::Value;

use crate::app::App;
use crate::document::Operation;
use crate::faults::scripted::{self, Fault};
use crate::http::auth::Caller;
use crate::http::errors::{JsonResponse, Refusal};
use crate::http::incoming::Incoming;
use crate::http::limits::Standing;
use crate::http::net::{Door, Line};

/// Time for the first half of a cut response to reach its reader before the line goes dead.
const FLUSH: Duration = Duration::from_millis(40);
/// How many pieces a dripped body comes in.
const DROPS: u32 = 16;

const REQUEST_ID: &str = "x-request-id";

/// As received; blank if none was sent.
fn request_id(sent: &HeaderMap) -> HeaderValue {
    sent.get(REQUEST_ID).cloned().unwrap_or_else(|| HeaderValue::from_static(""))
}

/// The one header that a response of no operation has, too.
pub(crate) fn echo_request_id(sent: &HeaderMap, headers: &mut HeaderMap) {
    headers.insert(REQUEST_ID, request_id(sent));
}

/// What the headers of a response say.
pub(crate) struct Notes {
    pub(crate) version: String,
    pub(crate) standing: Standing,
    pub(crate) replayed: bool,
    scope: &'static str,
    request_id: HeaderValue,
    key: Option<HeaderValue>,
    /// `None` leaves `x-ratelimit-retry` out, which only a scripted fault does.
    retry: Option<Option<u64>>,
}

impl Notes {
    pub(crate) fn new(app: &App, incoming: &Incoming, standing: &Standing, operation: &Operation) -> Self {
        let sent = |name: &str| incoming.headers.get(name).cloned();
        let caller = if operation.is_open() { Caller::Address } else { Caller::Account };
        Self {
            version: app.document.version.clone(),
            standing: *standing,
            replayed: false,
            scope: caller.scope(),
            request_id: request_id(&incoming.headers),
            key: sent("x-idempotency-key"),
            retry: None,
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut out = HeaderMap::new();
        let mut put = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                out.insert(HeaderName::from_static(name), value);
            }
        };
        put("x-api-version", self.version.clone());
        put("x-ratelimit-limit", self.standing.limit.to_string());
        put("x-ratelimit-remaining", self.standing.remaining.to_string());
        if let Some(retry) = self.retry.unwrap_or(Some(self.standing.retry)) {
            put("x-ratelimit-retry", retry.to_string());
        }
        put("x-ratelimit-type", self.scope.to_owned());
        if self.key.is_some() {
            put("x-idempotency-replayed", self.replayed.to_string());
        }
        out.insert(REQUEST_ID, self.request_id.clone());
        if let Some(key) = &self.key {
            out.insert("x-idempotency-key", key.clone());
        }
        out
    }
}

/// Responds in place of a service that never saw the request.
pub(crate) async fn ahead(fault: &Fault, notes: &mut Notes, line: &Line, door: &Door) -> Response {
    match fault {
        Fault::DropBeforeRead => cut(line),
        Fault::ClosePort(time) => {
            door.close_for(*time);
            cut(line)
        }
        Fault::Stall => std::future::pending().await,
        Fault::Html502 => proxy_page(StatusCode::BAD_GATEWAY),
        Fault::Status(status, body, content_type) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, content_type.clone())], body.clone()).into_response()
        }
        Fault::RateLimited { retry } => {
            notes.standing.remaining = 0;
            notes.retry = Some(*retry);
            let scope = if notes.scope == "ip" { "IP" } else { "account" };
            plain(&Refusal::rate_limited(scope).0, notes)
        }
        _ => plain(&Refusal::bank_failure().0, notes),
    }
}

/// Responds after the work, spoilt if a fault says so.
pub(crate) async fn after(
    mut json: JsonResponse,
    notes: &Notes,
    fault: Option<&Fault>,
    line: &Line,
) -> Response {
    match fault {
        Some(Fault::DropAfterCommit) => cut(line),
        Some(Fault::StallAfterCommit) => std::future::pending().await,
        Some(Fault::GatewayTimeout) => proxy_page(StatusCode::GATEWAY_TIMEOUT),
        // A refusal stays one: as a success it would claim what never happened.
        Some(Fault::EmptyBody) => (status_of(&json), notes.headers()).into_response(),
        Some(Fault::TruncatedJson) => {
            let (_, half) = halves(&json);
            with_body(&json, notes, Body::from(half))
        }
        Some(Fault::CutShort) => {
            let (length, half) = halves(&json);
            let hang_up = std::sync::Arc::clone(&line.0);
            let parts = stream::unfold(Some(half), move |left| {
                let hang_up = std::sync::Arc::clone(&hang_up);
                async move {
                    if let Some(half) = left {
                        return Some((Ok(half), None));
                    }
                    tokio::time::sleep(FLUSH).await;
                    hang_up.now();
                    Some((Err(std::io::Error::other("cut by the sandbox")), None))
                }
            });
            let mut response = with_body(&json, notes, Body::from_stream(parts));
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            response
        }
        Some(Fault::GarbageJson) => with_body(&json, notes, Body::from("{\"order_id\": }\u{1}")),
        Some(Fault::WrongContentType) => {
            let mut response = plain(&json, notes);
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            response
        }
        Some(Fault::Gzip) => {
            let mut response = with_body(&json, notes, Body::from(gzip(&json.body.to_string())));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Some(Fault::Dripped(time)) => {
            let pause = *time / DROPS;
            let whole = json.body.to_string().into_bytes();
            let size = whole.len().div_ceil(DROPS as usize).max(1);
            let drops: VecDeque<_> = whole.chunks(size).map(Bytes::copy_from_slice).collect();
            let drops = stream::unfold(drops, move |mut left| async move {
                tokio::time::sleep(pause).await;
                let drop = left.pop_front()?;
                Some((Ok::<_, Infallible>(drop), left))
            });
            with_body(&json, notes, Body::from_stream(drops))
        }
        Some(Fault::MissingHeaders) => json_response(json.status, &json.body),
        Some(Fault::DuplicateHeaders) => {
            let mut response = plain(&json, notes);
            for name in notes.headers().keys() {
                response.headers_mut().append(name.clone(), HeaderValue::from_static("again"));
            }
            response
        }
        Some(Fault::Altered(change)) if json.status == 200 => {
            scripted::alter(&mut json.body, change);
            plain(&json, notes)
        }
        _ => plain(&json, notes),
    }
}

/// A JSON response without any of the API's headers.
pub(crate) fn json_response(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    (status, content_type, Body::from(body.to_string())).into_response()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = packed.write_all(text.as_bytes());
    packed.finish().unwrap_or_default()
}

/// Throws the connection's switch; the response returned is never written.
fn cut(line: &Line) -> Response {
    line.0.now();
    StatusCode::NO_CONTENT.into_response()
}

/// What a proxy says in the service's place.
fn proxy_page(status: StatusCode) -> Response {
    let page = format!("<!doctype html><title>{status}</title><h1>{status}</h1>\n");
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn plain(json: &JsonResponse, notes: &Notes) -> Response {
    let mut response = json_response(json.status, &json.body);
    response.headers_mut().extend(notes.headers());
    response
}

fn status_of(json: &JsonResponse) -> StatusCode {
    StatusCode::from_u16(json.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The length of the whole body, and its first half.
fn halves(json: &JsonResponse) -> (usize, Bytes) {
    let whole = json.body.to_string();
    let half = whole.len() / 2;
    (whole.len(), Bytes::from(whole).slice(..half))
}

fn with_body(json: &JsonResponse, notes: &Notes, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status_of(json);
    response.headers_mut().extend(notes.headers());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
