//! Calls that are waited for, wherever they are made.

use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use bytes::Bytes;
use cashfree::{
    BoxError, BoxFuture, Client, Credentials, Effect, Environment, ErrorKind, RetryPolicy, Secret,
    SignatureProvider, Transport, TransportError,
};
use cashfree_sandbox::{Change, Fault};
use http::{Request, Response};
use tokio::runtime::Runtime;

use crate::{Shop, client_of, failure, order};

/// A shop whose sandbox lives on a runtime of its own: a caller that blocks must not hold it up.
struct Elsewhere {
    shop: Option<Shop>,
    runtime: Option<Runtime>,
}

impl Elsewhere {
    fn open() -> Result<Self> {
        let open = || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
            let shop = runtime.block_on(Shop::open())?;
            Ok(Self { shop: Some(shop), runtime: Some(runtime) })
        };
        // Not on the caller's thread, which may have a runtime already.
        thread::scope(|scope| scope.spawn(open).join()).map_err(|_| anyhow!("a panic"))?
    }

    fn shop(&self) -> Result<&Shop> {
        self.shop.as_ref().context("open")
    }

    fn client(&self) -> Result<Client> {
        Ok(self.shop()?.client.clone())
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        drop(self.shop.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn work(client: &Client, id: &str) -> Result<()> {
    let created = client.orders().create(order(id, "5")?).send_blocking()?;
    ensure!(created.meta().idempotency_key().is_some());
    let read = client.orders().get(id).send_blocking()?;
    ensure!(read.order_id == created.order_id);
    let error = failure(client.orders().get("no_such_order").send_blocking())?;
    ensure!(error.is_not_found() && error.effect() == Effect::ReadOnly, "{error:?}");
    Ok(())
}

#[test]
fn outside_of_a_runtime() -> Result<()> {
    let elsewhere = Elsewhere::open()?;
    work(&elsewhere.client()?, "order_1")
}

#[tokio::test]
async fn inside_a_runtime_of_one_thread() -> Result<()> {
    let elsewhere = Elsewhere::open()?;
    let client = elsewhere.client()?;
    work(&client, "order_1")?;
    // The connection that an async call has left behind is driven by this thread, which a blocking call
    // holds up: it must not depend on it.
    let sandbox = &elsewhere.shop()?.sandbox;
    let client = client_of(sandbox, crate::merchant(sandbox), |client| client)?;
    client.orders().get("order_1").await?;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let call = client.orders().get("order_1").timeout(Duration::from_secs(5)).retry(RetryPolicy::none());
    call.send_blocking()?;
    client.orders().get("order_1").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_a_runtime_of_several_threads() -> Result<()> {
    let elsewhere = Elsewhere::open()?;
    let client = elsewhere.client()?;
    work(&client, "order_1")?;
    let there = client.clone();
    tokio::spawn(async move { work(&there, "order_2") }).await??;
    client.orders().get("order_2").await?;
    Ok(())
}

#[tokio::test]
async fn inside_a_thread_for_blocking_work() -> Result<()> {
    let shop = Shop::open().await?;
    let client = shop.client.clone();
    tokio::task::spawn_blocking(move || work(&client, "order_1")).await??;
    Ok(())
}

#[test]
fn on_many_threads_at_once() -> Result<()> {
    const THREADS: usize = 16;
    let elsewhere = Elsewhere::open()?;
    let client = elsewhere.client()?;
    thread::scope(|scope| {
        let started: Vec<_> = (0..THREADS)
            .map(|number| {
                let client = &client;
                scope.spawn(move || work(client, &format!("order_{number}")))
            })
            .collect();
        started.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a panic"))?)
    })?;
    assert_eq!(elsewhere.shop()?.sandbox.committed_of(Change::OrderCreated).len(), THREADS);
    Ok(())
}

#[test]
fn repeats_and_time_limits_are_kept() -> Result<()> {
    let elsewhere = Elsewhere::open()?;
    let shop = elsewhere.shop()?;
    shop.sandbox.script(
        Fault::Status(500, "{}".to_owned(), "application/json".to_owned()),
        "PGCreateOrder",
        1,
    );
    let created = shop.client.orders().create(order("order_1", "5")?).send_blocking()?;
    assert_eq!(created.meta().attempts(), 2);
    // Far longer than the limit: a timer has no finer grain than a local response.
    shop.sandbox.script(Fault::Delay(Duration::from_secs(2)), "PGFetchOrder", 1);
    let limit = Duration::from_millis(50);
    let call = shop.client.orders().get("order_1").timeout(limit).retry(RetryPolicy::none());
    let error = failure(call.send_blocking())?;
    assert!(error.is_timeout(), "{error:?}");
    Ok(())
}

/// A client outlives the runtime that drove its connections, as one that is shared by tests does. What was handed to
/// a connection in the moment in which its runtime ended goes again, under its key.
#[test]
fn over_runtimes_that_come_and_go() -> Result<()> {
    const RUNTIMES: usize = 8;
    let elsewhere = Elsewhere::open()?;
    let client = elsewhere.client()?;
    for number in 0..RUNTIMES {
        let runtime = if number % 2 == 0 {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?
        } else {
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?
        };
        let id = format!("order_{number}");
        let call = client.orders().create(order(&id, "5")?);
        runtime.block_on(async { call.await })?;
        let read = client.orders().get(&id);
        runtime.block_on(async { tokio::spawn(read.send()).await })??;
        // At once, whatever is still there to do.
        runtime.shutdown_background();
    }
    assert_eq!(elsewhere.shop()?.sandbox.committed_of(Change::OrderCreated).len(), RUNTIMES);
    Ok(())
}

#[tokio::test]
async fn a_client_is_dropped_inside_a_runtime() -> Result<()> {
    let elsewhere = Elsewhere::open()?;
    let sandbox = &elsewhere.shop()?.sandbox;
    let fresh = || client_of(sandbox, crate::merchant(sandbox), |client| client);
    for _ in 0..3 {
        let client = fresh()?;
        client.orders().create(order("order_1", "5")?).send_blocking().ok();
        drop(client);
    }
    // Dropped as the last one, by the call itself.
    fresh()?.orders().get("order_1").send_blocking()?;
    // And one that never sent.
    drop(fresh()?);
    Ok(())
}

/// A transport with a fault.
#[derive(Debug)]
struct Panics;

impl Transport for Panics {
    #[allow(clippy::panic, reason = "that is what it is for")]
    fn send(&self, _: Request<Bytes>, _: Duration) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        panic!("a panic that a test asked for")
    }
}

#[test]
fn a_panic_in_the_caller_s_code_is_an_error() -> Result<()> {
    let credentials = Credentials::client_secret("an_id", "a_secret");
    let client = Client::builder(Environment::Sandbox, credentials).transport(Panics).build()?;
    let error = failure(client.orders().create(order("order_1", "5")?).send_blocking())?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Transport, Effect::Unknown));
    // What it carried is not known, so neither whether sending it again is safe.
    assert!(error.idempotency_key().is_none());
    // The thread has survived.
    let error = failure(client.orders().get("order_1").send_blocking())?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Transport, Effect::ReadOnly));
    Ok(())
}

/// Signs by asking the very client that it signs for.
#[derive(Clone, Default)]
struct Circular(Arc<OnceLock<Client>>);

impl SignatureProvider for Circular {
    fn sign(&self, _: &str) -> Result<Secret, BoxError> {
        let client = self.0.get().ok_or("no client yet")?;
        client.orders().get("order_1").send_blocking()?;
        Ok(Secret::from("a_signature"))
    }
}

#[test]
fn a_call_that_would_wait_for_itself_fails() -> Result<()> {
    let circular = Circular::default();
    let credentials = Credentials::client_signature("an_id", circular.clone());
    let client = Client::builder(Environment::Sandbox, credentials).transport(Panics).build()?;
    circular.0.set(client.clone()).ok();
    let error = failure(client.orders().get("order_2").send_blocking())?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent));
    assert!(error.to_string().contains("would wait for itself"), "{error}");
    Ok(())
}
