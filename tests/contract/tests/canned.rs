//! A service that returns prepared responses in order, and records the requests.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use cashfree::{BoxFuture, Client, Credentials, Environment, Transport, TransportError};
use http::{Request, Response};

use crate::{hasty, reviewed, wire::indented};

/// A request with its time limit.
type Attempt = (Request<Bytes>, Duration);

#[derive(Debug, Clone, Default)]
pub(crate) struct Canned(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    responses: VecDeque<(u16, String)>,
    seen: Vec<Attempt>,
}

impl Canned {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes next, after what was said before.
    pub(crate) fn respond(&self, status: u16, body: impl Into<String>) {
        self.state().responses.push_back((status, body.into()));
    }

    /// Forgets what comes next.
    pub(crate) fn clear(&self) {
        self.state().responses.clear();
    }

    pub(crate) fn client(&self) -> Result<Client> {
        self.client_in(Environment::Sandbox)
    }

    pub(crate) fn client_in(&self, environment: Environment) -> Result<Client> {
        let credentials = Credentials::client_secret("app_1", "secret_1");
        Ok(Client::builder(environment, credentials).transport(self.clone()).retry(hasty()).build()?)
    }

    /// The requests since the last look.
    pub(crate) fn taken(&self) -> Vec<Attempt> {
        std::mem::take(&mut self.state().seen)
    }

    pub(crate) fn only(&self) -> Result<Request<Bytes>> {
        let mut seen = self.taken();
        anyhow::ensure!(seen.len() == 1, "{} requests", seen.len());
        Ok(seen.pop().context("a request")?.0)
    }
}

impl Transport for Canned {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut state = self.state();
        state.seen.push((request, timeout));
        let (status, body) = state.responses.pop_front().unwrap_or((500, "no more responses".to_owned()));
        drop(state);
        Box::pin(async move {
            // Not at once, so that a future that is dropped was waiting.
            tokio::task::yield_now().await;
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
            Ok(response)
        })
    }
}

/// A request as it is read in a review.
pub(crate) fn printed(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let mut out = format!("{} {}", request.method(), uri.path());
    if let Some(query) = uri.query() {
        let _ = write!(out, "?{query}");
    }
    let mut headers: Vec<String> =
        request.headers().iter().map(|(name, value)| reviewed(name.as_str(), value.as_bytes())).collect();
    headers.sort();
    format!("{out}\n{}\n\n{}", headers.join("\n"), indented(&String::from_utf8_lossy(request.body())))
}
