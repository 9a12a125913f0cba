//! One client on several runtimes: a connection is used by the runtime that opened it.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use tokio::runtime::{Builder, Runtime};

use crate::Shop;
use crate::canned::Canned;

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_does_not_wait_for_a_busy_runtime() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let client = shop.client.clone();
    let waited = tokio::task::spawn_blocking(move || -> Result<Duration> {
        let (called, first_call) = channel();
        let (finished, end) = channel::<()>();
        let busy = client.clone();
        let busy = thread::spawn(move || -> Result<()> {
            runtime()?.block_on(async {
                busy.orders().get("order_1").await?;
                called.send(())?;
                // Computes, and drives no connection meanwhile.
                let _ = end.recv_timeout(Duration::from_secs(20));
                busy.orders().get("order_1").await?;
                Ok(())
            })
        });
        first_call.recv()?;
        let started = Instant::now();
        runtime()?.block_on(async { client.orders().get("order_1").await.map(drop) })?;
        let waited = started.elapsed();
        finished.send(())?;
        busy.join().map_err(|_| anyhow!("the thread died"))??;
        Ok(waited)
    });
    let waited = waited.await??;
    ensure!(waited < Duration::from_secs(1), "{waited:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runtimes_may_come_and_go() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let client = shop.client.clone();
    // More of them than there are pools.
    tokio::task::spawn_blocking(move || -> Result<()> {
        for _ in 0..100 {
            runtime()?.block_on(async { client.orders().get("order_1").await.map(drop) })?;
        }
        Ok(())
    })
    .await?
}

#[test]
fn without_a_runtime_a_call_fails_and_does_not_panic() -> Result<()> {
    let credentials = cashfree::Credentials::client_secret("id", "secret");
    let client = crate::client_at("http://127.0.0.1:9", credentials, |client| {
        client.retry(cashfree::RetryPolicy::standard())
    })?;
    let mut call = Box::pin(client.orders().get("order_1").send());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else {
        anyhow::bail!("it waits without a runtime")
    };
    ensure!(error.is_connect() && error.effect() == cashfree::Effect::NotSent, "{error:?}");
    Ok(())
}

/// A transport of one's own may need no runtime, but the waits of the client do.
#[test]
fn without_a_runtime_nothing_waits_over_a_transport_of_ones_own() -> Result<()> {
    let gone = r#"{"message":"no","code":"order_not_found","type":"invalid_request_error"}"#;
    let taken = r#"{"message":"no","code":"order_already_exists","type":"invalid_request_error"}"#;
    // Before a retry, and between the reads of what was created.
    for responses in [[(502, "<p>"), (404, gone)], [(409, taken), (404, gone)]] {
        let service = Canned::default();
        responses.iter().for_each(|(status, body)| service.respond(*status, *body));
        let order = crate::order("order_1", "5")?;
        let key = cashfree::IdempotencyKey::random();
        let call = service.client()?.orders().create(order).idempotency_key(key);
        let mut call = Box::pin(call.send());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        // The service yields once per request.
        let mut polls = (0..5).map(|_| call.as_mut().poll(&mut context));
        let Some(std::task::Poll::Ready(Err(error))) = polls.find(std::task::Poll::is_ready) else {
            anyhow::bail!("it waits without a runtime")
        };
        ensure!(error.effect() == cashfree::Effect::Unknown, "{error:?}");
    }
    Ok(())
}
