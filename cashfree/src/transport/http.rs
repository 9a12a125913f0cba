//! The transport that the client comes with: HTTP/1.1 by hyper, over a shared pool of connections.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper_util::client::legacy::{self, Client as Pool, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};

use super::body::{Arriving, Flow};
use super::connector::Connector;
use super::{BoxFuture, Chunks, Sent, Transport, TransportError};
use crate::ConfigError;
use crate::address::Origin;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(90);

/// As good as no time limit, and still a moment that a clock can name.
const ENDLESS: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// What the HTTP transport is set to. No `Debug`: the address of a proxy holds its password.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) max_body: usize,
    pub(crate) proxy: Option<String>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) user_agent: String,
}

pub(crate) struct Http {
    pool: Pool<Connector, Full<Bytes>>,
    /// Where most requests go.
    origin: Origin,
    user_agent: HeaderValue,
    max_body: usize,
}

impl Http {
    pub(crate) fn new(settings: &Settings, origin: Origin) -> Result<Self, ConfigError> {
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| {
            ConfigError::Transport("the user agent holds characters that no header may hold".to_owned())
        })?;
        let connector = Connector::new(settings, &user_agent, origin.is_secure())?;
        let pool = Pool::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            // Nothing is sent again below this crate's own policy, which knows what is safe, save for one
            // case: a connection of the pool turns out to be closed before the request was taken from the
            // queue before it. Not a byte of it was written, so it goes to another connection.
            .retry_canceled_requests(true)
            .build(connector);
        Ok(Self { pool, origin, user_agent, max_body: settings.max_body })
    }

    /// Sends a request when it is polled, and awaits the head of its answer. The request is handed on at once:
    /// what waits for it need not have room for it.
    fn head(&self, mut request: Request<Bytes>) -> ResponseFuture {
        let host = self.origin.host_of(request.uri());
        let headers = request.headers_mut();
        if let Some(host) = host {
            headers.insert(header::HOST, host);
        }
        if !headers.contains_key(header::USER_AGENT) {
            headers.insert(header::USER_AGENT, self.user_agent.clone());
        }
        self.pool.request(request.map(Full::new))
    }
}

impl Transport for Http {
    fn send(
        &self,
        request: Request<Bytes>,
        limit: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let head = self.head(request);
        Box::pin(async move {
            let mut arriving = None;
            let whole = async {
                let answer = head.await.map_err(unanswered)?;
                arriving.insert(Arriving::new(answer)).read(self.max_body).await
            };
            let outcome = timeout(limit, whole).await.unwrap_or_else(|late| Err(expired(late)));
            match (outcome, arriving) {
                (Ok(()), Some(answer)) => Ok(answer.come()),
                (Ok(()), None) => Err(TransportError::new(Sent::Maybe, "no answer")),
                (Err(failure), Some(answer)) => Err(failure.with_partial(answer.come())),
                (Err(failure), None) => Err(failure),
            }
        })
    }

    fn open(
        &self,
        request: Request<Bytes>,
        limit: Duration,
    ) -> BoxFuture<'_, Result<Response<Box<dyn Chunks>>, TransportError>> {
        let head = self.head(request);
        Box::pin(async move {
            let begun = Instant::now();
            let end = begun.checked_add(limit).unwrap_or(begun + ENDLESS);
            let answer = timeout(limit, head).await.map_err(expired)?.map_err(unanswered)?;
            Ok(answer.map(|body| Box::new(Flow::new(body, end)) as Box<dyn Chunks>))
        })
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("max_body", &self.max_body).finish_non_exhaustive()
    }
}

/// The time limit of an attempt has run out.
pub(super) fn expired(late: Elapsed) -> TransportError {
    TransportError::new(Sent::Maybe, late).timed_out()
}

/// hyper's errors name the stage and the cause, not the address, which holds identifiers.
fn unanswered(error: legacy::Error) -> TransportError {
    let sent = if error.is_connect() { Sent::No } else { Sent::Maybe };
    let timed_out = is_late(&error);
    let failure = TransportError::new(sent, error);
    if timed_out { failure.timed_out() } else { failure }
}

/// Whether a time limit is at the root of it: ours for a connection, or that of the system.
fn is_late(error: &(dyn Error + 'static)) -> bool {
    let late = error.is::<Elapsed>()
        || error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut);
    late || error.source().is_some_and(is_late)
}
