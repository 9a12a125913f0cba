//! Shops that do something wrong, to show that [`kills`](crate::kills) counts it: each breaks one rule of the
//! integration, and nothing else.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use cashfree::{BoxError, BoxFuture, Sent, Transport, TransportError};
use clap::ValueEnum;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use sqlx::PgPool;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Flaw {
    /// A worker sends each attempt of a refund under a new id and a new key.
    NewIdentity,
    /// A worker takes a refund for done before it is sent.
    SentLater,
    /// The call of an order is committed, although the order is rolled back.
    OutsideTransaction,
    /// Jobs that wait or run when the database crashes are gone afterwards, as from a queue that is in memory only.
    VolatileQueue,
    /// A worker keeps the requests with their headers in a table.
    RequestLog,
}

impl Flaw {
    /// Reads a [name](Self::name).
    ///
    /// # Errors
    /// If there is no such flaw.
    pub fn named(name: &str) -> Result<Self> {
        Self::from_str(name, false).ok().with_context(|| format!("there is no flaw {name}"))
    }

    /// Returns its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What is done to the database at first.
    pub(crate) fn statements(self) -> &'static [&'static str] {
        match self {
            Self::RequestLog => &["CREATE TABLE request_log (request text NOT NULL)"],
            _ => &[],
        }
    }
}

/// For how long a refund that is sent later waits.
const LATER: Duration = Duration::from_secs(1);

/// Transport of a worker with a flaw.
#[derive(Clone, Debug)]
pub(crate) struct FlawedTransport {
    flaw: Flaw,
    pool: PgPool,
    http: reqwest::Client,
}

impl FlawedTransport {
    pub(crate) fn new(flaw: Flaw, pool: PgPool) -> Self {
        Self { flaw, pool, http: reqwest::Client::new() }
    }

    async fn carry_out(self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let is_refund = *request.method() == Method::POST && request.uri().path().ends_with("/refunds");
        match self.flaw {
            Flaw::NewIdentity if is_refund => {
                let (request, [id, new]) = renamed(request)?;
                let response = self.pass_on(request).await?;
                // The client compares the id of the response with that of its request.
                let restore = |body: Bytes| String::from_utf8_lossy(&body).replace(&new, &id).into();
                Ok(response.map(restore))
            }
            Flaw::SentLater if is_refund => {
                let response = assumed(&request)?;
                tokio::spawn(async move {
                    tokio::time::sleep(LATER).await;
                    // Nobody asks for its outcome.
                    drop(self.pass_on(request).await);
                });
                Ok(response)
            }
            Flaw::RequestLog => {
                let text = format!("{} {} {:?}", request.method(), request.uri(), headers(&request));
                let insert = sqlx::query("INSERT INTO request_log (request) VALUES ($1)").bind(text);
                // The database may be down.
                drop(insert.execute(&self.pool).await);
                self.pass_on(request).await
            }
            _ => self.pass_on(request).await,
        }
    }

    async fn pass_on(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let response = self.http.execute(request.try_into()?).await?;
        let mut received = Response::new(Bytes::new());
        *received.status_mut() = response.status();
        received.headers_mut().clone_from(response.headers());
        *received.body_mut() = response.bytes().await?;
        Ok(received)
    }
}

impl Transport for FlawedTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let sending = self.clone().carry_out(request);
        Box::pin(async move {
            match tokio::time::timeout(timeout, sending).await {
                Ok(outcome) => outcome.map_err(|error| TransportError::new(Sent::Maybe, error)),
                Err(elapsed) => Err(TransportError::new(Sent::Maybe, elapsed).timed_out()),
            }
        })
    }
}

/// The headers as text. Those that the client marks as secret are not printed otherwise.
fn headers(request: &Request<Bytes>) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// The same refund under another id and another key, and both ids.
fn renamed(mut request: Request<Bytes>) -> Result<(Request<Bytes>, [String; 2]), BoxError> {
    let mut refund: Value = serde_json::from_slice(request.body())?;
    let id = refund["refund_id"].as_str().unwrap_or_default().to_owned();
    let new = format!("{id}_{:08x}", fastrand::u32(..));
    refund["refund_id"] = json!(new);
    *request.body_mut() = refund.to_string().into();
    request.headers_mut().remove("content-length");
    request.headers_mut().insert("x-idempotency-key", new.parse()?);
    Ok((request, [id, new]))
}

/// The response that a refund would have.
fn assumed(request: &Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
    let refund: Value = serde_json::from_slice(request.body())?;
    let order_id = request.uri().path().rsplit('/').nth(1).unwrap_or_default();
    let response = json!({
        "cf_payment_id": "1", "cf_refund_id": "1", "order_id": order_id, "refund_id": refund["refund_id"],
        "refund_amount": refund["refund_amount"], "refund_currency": "INR", "refund_status": "PENDING",
    });
    Ok(Response::builder().header("content-type", "application/json").body(response.to_string().into())?)
}
