//! Many merchants over one pool of connections: each call goes out as whom it was made for, and each response
//! comes back to its own caller.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::{BoxFuture, Client, Credentials, RetryPolicy, Secret, Transport, TransportError};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;

use crate::{CREDENTIAL_HEADERS, client_at, order};

const MERCHANTS: usize = 50;
const CALLS: usize = 10_000;
/// How many of the calls are on the wire at once: each has a connection, whose two ends are both of this
/// process, and a process has 1024 open files in many places.
const CONNECTIONS: usize = 200;

/// As whom something was asked, and under which key.
type Asked = (String, Option<String>);

/// How each order was asked for.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<HashMap<String, Vec<Asked>>>>);

/// The credential headers of a request, in one line.
fn caller<T>(request: &Request<T>) -> String {
    let text = |name| request.headers().get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    let found = CREDENTIAL_HEADERS.map(|name| text(name).collect::<Vec<_>>().join("+"));
    found.join("|")
}

/// The credentials of a merchant, each fourth one's of the same scheme, and the line that they make.
fn merchant(nth: usize) -> (Credentials, String) {
    let (id, proof) = (format!("id_{nth}"), format!("proof_{nth}"));
    match nth % 4 {
        0 => (Credentials::client_secret(&id, proof.as_str()), format!("{id}|{proof}|||")),
        1 => (Credentials::client_signature(&id, Secret::from(proof.as_str())), format!("{id}||{proof}||")),
        // One partner's key, for many merchants.
        2 => (Credentials::partner_for_client("partner", &id), format!("{id}|||partner|")),
        _ => (Credentials::partner_for_merchant("partner", &id), format!("|||partner|{id}")),
    }
}

/// An order that says who asked for it.
fn order_json(order_id: &str, caller: &str) -> String {
    serde_json::json!({
        "cf_order_id": "1", "order_id": order_id, "order_amount": 5, "order_currency": "INR", "order_note": caller,
    })
    .to_string()
}

impl Seen {
    async fn serve(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let caller = caller(&request);
        let key = request.headers().get("x-idempotency-key").and_then(|key| key.to_str().ok());
        let key = key.map(str::to_owned);
        let path = request.uri().path().to_owned();
        let order_id = match path.strip_prefix("/pg/orders/") {
            Some(order_id) => order_id.to_owned(),
            None => {
                let body = request.into_body().collect().await.map(|body| body.to_bytes());
                let body: serde_json::Value =
                    serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
                body["order_id"].as_str().unwrap_or_default().to_owned()
            }
        };
        let response = order_json(&order_id, &caller);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(order_id).or_default().push((caller, key));
        Ok(Response::new(Full::from(response)))
    }

    async fn listen(&self) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/pg", listener.local_addr()?);
        let seen = self.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let seen = seen.clone();
                let service = service_fn(move |request| seen.clone().serve(request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(line), service),
                );
            }
        });
        Ok(url)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_merchant_is_called_with_its_own_credentials() -> Result<()> {
    let seen = Seen::default();
    let (own, line) = merchant(0);
    let client = client_at(&seen.listen().await?, own, |client| client.retry(RetryPolicy::none()))?;
    let lines = Arc::new(Semaphore::new(CONNECTIONS));
    let clones: Vec<Client> = (0..MERCHANTS).map(|nth| client.with_credentials(merchant(nth).0)).collect();
    let mut calls = JoinSet::new();
    for nth in 0..CALLS {
        let (credentials, line) = merchant(nth % MERCHANTS);
        let order_id = format!("order_{nth}");
        // A clone that is kept, the one client for another, and a clone for this call alone.
        let orders = match (nth / MERCHANTS) % 3 {
            0 => clones[nth % MERCHANTS].orders(),
            1 => client.orders(),
            _ => client.with_credentials(credentials.clone()).orders(),
        };
        let once = (nth / MERCHANTS) % 3 == 1;
        let lines = Arc::clone(&lines);
        calls.spawn(async move {
            let mut call = match nth % 10 {
                7 => orders.create(order(&order_id, "5")?),
                _ => orders.get(order_id.as_str()),
            };
            if once {
                call = call.credentials(credentials);
            }
            let _line = lines.acquire().await?;
            let response = call.await?;
            let whose = (response.order_id.as_str(), response.order_note.as_deref());
            ensure!(whose == (order_id.as_str(), Some(line.as_str())), "the response of {line}: {whose:?}");
            Ok(())
        });
    }
    while let Some(done) = calls.join_next().await {
        done??;
    }
    let mut keys = HashSet::new();
    let seen = std::mem::take(&mut *seen.0.lock().unwrap_or_else(PoisonError::into_inner));
    assert_eq!(seen.len(), CALLS);
    for nth in 0..CALLS {
        let asked = seen.get(&format!("order_{nth}")).context("an order that was not asked for")?;
        let [(caller, key)] = asked.as_slice() else { anyhow::bail!("asked for {} times", asked.len()) };
        assert_eq!(*caller, merchant(nth % MERCHANTS).1);
        assert_eq!(key.is_some(), nth % 10 == 7);
        assert!(key.as_ref().is_none_or(|key| keys.insert(key.clone())), "a key came twice");
    }
    // The client itself is still who it was.
    assert_eq!(client.orders().get("own").await?.order_note.as_deref(), Some(line.as_str()));
    Ok(())
}

/// Responds to nobody before all are there.
#[derive(Clone, Debug)]
struct Gathering(Arc<Barrier>);

impl Transport for Gathering {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            self.0.wait().await;
            let order_id = request.uri().path().rsplit('/').next().unwrap_or_default();
            Ok(Response::new(order_json(order_id, &caller(&request)).into()))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_of_one_client_run_concurrently() -> Result<()> {
    const MANY: usize = 1_000;
    let (credentials, line) = merchant(0);
    let gathering = Gathering(Arc::new(Barrier::new(MANY)));
    let client = client_at("https://pg.example/pg", credentials, |client| client.transport(gathering))?;
    let mut calls = JoinSet::new();
    for nth in 0..MANY {
        let (client, order_id) = (client.clone(), format!("order_{nth}"));
        calls.spawn(async move { (client.orders().get(order_id.as_str()).await, order_id) });
    }
    while let Some(done) = calls.join_next().await {
        let (response, order_id) = done?;
        let response = response?;
        assert_eq!(response.order_id, order_id.as_str());
        assert_eq!(response.order_note.as_deref(), Some(line.as_str()));
    }
    Ok(())
}
