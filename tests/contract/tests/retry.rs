//! What is resent, and what is not: a repeat must be safe, worth it, and within its limits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cashfree::types::{CardChannel, CreateRefund, PayOrder};
use cashfree::{Call, Effect, ErrorKind, RetryPolicy};
use cashfree_sandbox::{Change, Fault, Sandbox};

use crate::{
    Shop, amount, attempts, card, client_at, collect, failure, hasty, merchant, order, payment_id, session,
};

fn refund() -> Result<CreateRefund> {
    Ok(CreateRefund::new(amount("10")?, "refund_1"))
}

/// The keys of the requests that reached an operation.
fn keys(shop: &Shop, operation: &str) -> Vec<Option<String>> {
    let requests = shop.sandbox.requests_of(operation);
    requests.iter().map(|request| request.header("x-idempotency-key").map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_lost_response_is_retried_and_applied_once() -> Result<()> {
    let faults = [
        Fault::DropAfterCommit,
        Fault::GatewayTimeout,
        Fault::TruncatedJson,
        Fault::CutShort,
        Fault::EmptyBody,
    ];
    for (nth, fault) in faults.into_iter().enumerate() {
        let shop = Shop::open().await?;
        shop.held("order_1", "100").await?;
        shop.sandbox.clear_requests();
        for operation in ["PGCreateOrder", "PGAuthorizeOrder", "PGOrderCreateRefund"] {
            shop.sandbox.script(fault.clone(), operation, 1);
        }
        let created = shop.order("order_2", "5").await?;
        let captured = shop.client.preauth().capture("order_1", amount("80")?).await?;
        let refunded = shop.client.refunds().create("order_1", refund()?).await?;
        for meta in [created.meta(), captured.meta(), refunded.meta()] {
            assert_eq!((meta.attempts(), meta.replayed()), (2, Some(true)), "{fault:?}");
        }
        assert_eq!(created.order_id, "order_2");
        let taken = captured.authorization.as_ref().and_then(|hold| hold.captured_amount);
        assert_eq!(taken, Some(amount("80")?));
        assert_eq!(refunded.refund_amount, amount("10")?);
        for change in [Change::Captured, Change::RefundCreated] {
            assert_eq!(shop.sandbox.committed_of(change).len(), 1, "{nth} {change:?}");
        }
        assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 2);
        for operation in ["PGCreateOrder", "PGAuthorizeOrder", "PGOrderCreateRefund"] {
            let keys = keys(&shop, operation);
            assert_eq!(keys.len(), 2, "{operation}");
            assert!(keys[0].is_some() && keys[0] == keys[1], "{operation}: {keys:?}");
        }
        assert_eq!(shop.sandbox.faults_left(), 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_early_is_retried() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::DropBeforeRead, "PGCreateOrder", 2);
    let created = shop.order("order_1", "5").await?;
    assert_eq!((created.meta().attempts(), created.meta().replayed()), (3, Some(false)));
    shop.sandbox.script(Fault::DropBeforeRead, "PGFetchOrder", 3);
    let error = failure(shop.client.orders().get("order_1").await)?;
    assert_eq!((error.kind(), error.effect(), error.attempts()), (ErrorKind::Transport, Effect::ReadOnly, 3));
    assert!(error.is_retryable() && !error.is_timeout() && !error.is_connect());
    assert_eq!(shop.client.orders().get("order_1").await?.meta().attempts(), 1);
    Ok(())
}

#[tokio::test]
async fn a_429_waits_as_long_as_the_service_asks() -> Result<()> {
    let limited = Sandbox::builder().rate_limit("PGFetchOrder", 1).rate_window(Duration::from_secs(1));
    let shop = Shop::with(limited, |client| client).await?;
    shop.order("order_1", "5").await?;
    let first = shop.client.orders().get("order_1").await?;
    let standing = first.meta().rate_limit().context("a rate limit")?;
    assert_eq!((standing.limit, standing.remaining, standing.retry_after), (Some(1), Some(0), None));
    assert_eq!(standing.scope, cashfree::RateLimitScope::AppId);
    let started = Instant::now();
    let second = shop.client.orders().get("order_1").await?;
    assert_eq!(second.meta().attempts(), 2);
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(second.meta().elapsed() >= Duration::from_secs(1));
    Ok(())
}

/// The window of the limits is a minute: a caller who comes back earlier is refused again, and counted again.
#[tokio::test]
async fn rule_6_too_many_calls_without_a_hint_wait_a_minute_or_end_as_not_applied() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::RateLimited { retry: None }, "PGCreateOrder", 1);
    let error = failure(shop.client.orders().create(order("order_1", "5")?).await)?;
    assert!(error.is_rate_limited() && error.is_retryable(), "{error:?}");
    assert_eq!((error.effect(), error.attempts()), (Effect::Refused, 1));
    let created = shop.order("order_1", "5").await?;
    // A call that was refused did nothing, so even what is never repeated is repeated here.
    shop.sandbox.script(Fault::RateLimited { retry: Some(1) }, "PGPayOrder", 1);
    let begun = shop.client.payments().pay(PayOrder::new(session(&created)?, collect("testsuccess"))).await?;
    assert_eq!(begun.meta().attempts(), 2);
    assert_eq!(shop.sandbox.committed_of(Change::PaymentStarted).len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_wait_that_is_too_long_ends_the_call() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| {
        client.retry(hasty().max_server_delay(Duration::from_secs(3)))
    })
    .await?;
    shop.sandbox.script(Fault::RateLimited { retry: Some(4) }, "PGCreateOrder", 1);
    let started = Instant::now();
    let error = failure(shop.client.orders().create(order("order_1", "5")?).await)?;
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(error.is_rate_limited() && error.is_retryable());
    assert_eq!((error.effect(), error.attempts()), (Effect::Refused, 1));
    let limit = error.rate_limit().context("a rate limit")?;
    assert_eq!((limit.remaining, limit.retry_after), (Some(0), Some(Duration::from_secs(4))));
    assert!(error.api().is_some_and(|api| api.help.is_none()));
    Ok(())
}

#[tokio::test]
async fn a_stored_failure_is_not_retried() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| client.retry(attempts(8))).await?;
    shop.sandbox.script(Fault::ServerError500, "PGCreateOrder", 1);
    let mut call = shop.client.orders().create(order("order_1", "5")?);
    call.prepared_key().context("a key")?;
    let error = failure(call.clone().await)?;
    assert_eq!((error.status().map(|status| status.as_u16()), error.attempts()), (Some(500), 2));
    assert_eq!(error.meta().and_then(|meta| meta.replayed()), Some(true));
    assert!(!error.is_retryable());
    assert_eq!(error.effect(), Effect::Unknown);
    // The same key in a new call finds the same response, and stops at once.
    let error = failure(call.await)?;
    assert_eq!((error.attempts(), error.is_retryable()), (1, false));
    assert_eq!(shop.sandbox.requests_of("PGCreateOrder").len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_bank_failure_is_retried_and_then_returned() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::Json502, "PGCreateOrder", 1);
    assert_eq!(shop.order("order_1", "5").await?.meta().attempts(), 2);
    shop.sandbox.script(Fault::Json502, "PGFetchOrder", 3);
    let error = failure(shop.client.orders().get("order_1").await)?;
    assert!(error.is_bank_failure() && error.is_retryable());
    assert_eq!((error.effect(), error.attempts()), (Effect::ReadOnly, 3));
    Ok(())
}

#[tokio::test]
async fn an_unprotected_write_is_not_retried() -> Result<()> {
    for fault in [Fault::DropAfterCommit, Fault::GatewayTimeout, Fault::CutShort] {
        let shop = Shop::open().await?;
        let order = shop.order("order_1", "5").await?;
        let pay = || -> Result<_> { Ok(PayOrder::new(session(&order)?, card(CardChannel::Post))) };
        shop.sandbox.script(fault.clone(), "PGPayOrder", 1);
        let error = failure(shop.client.payments().pay(pay()?).await)?;
        assert_eq!(error.attempts(), 1, "{fault:?}");
        // Only a response that identifies itself says that it happened; a status alone does not.
        assert_eq!(error.effect(), Effect::Unknown, "{fault:?}");
        assert!(!error.is_retryable());
        // Resending under it is not safe.
        assert!(error.idempotency_key().is_none());
        assert_eq!(shop.sandbox.requests_of("PGPayOrder").len(), 1);
        assert_eq!(shop.sandbox.committed_of(Change::PaymentStarted).len(), 1);

        let begun = shop.client.payments().pay(pay()?).await?;
        let id = payment_id(&begun)?;
        shop.sandbox.script(fault.clone(), "PGOrderAuthenticatePayment", 1);
        let error = failure(shop.client.payments().submit_otp(id, shop.sandbox.otp()).await)?;
        assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 1), "{fault:?}");
        assert_eq!(shop.sandbox.requests_of("PGOrderAuthenticatePayment").len(), 1);
        assert_eq!(shop.sandbox.committed_of(Change::PaymentMade).len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn an_undecodable_response_to_an_unprotected_write_is_not_retried() -> Result<()> {
    for fault in [Fault::TruncatedJson, Fault::EmptyBody] {
        let shop = Shop::open().await?;
        let order = shop.order("order_1", "5").await?;
        shop.sandbox.script(fault.clone(), "PGPayOrder", 1);
        let pay = PayOrder::new(session(&order)?, collect("testsuccess"));
        let error = failure(shop.client.payments().pay(pay).await)?;
        assert!(error.is_decode(), "{fault:?}: {error:?}");
        assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 1));
        assert_eq!(shop.sandbox.requests_of("PGPayOrder").len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_final() -> Result<()> {
    let shop = Shop::open().await?;
    for (nth, status) in [400, 401, 403, 404, 409, 410, 418, 422, 501].into_iter().enumerate() {
        let fault = Fault::Status(status, "{}".to_owned(), "application/json".to_owned());
        shop.sandbox.script(fault, "PGCreateOrder", 1);
        let error = failure(shop.client.orders().create(order("order_1", "5")?).await)?;
        assert_eq!(error.attempts(), 1, "{status}");
        assert_eq!(shop.sandbox.requests().len(), nth + 1);
    }
    for status in [408, 500, 503, 504] {
        let fault = Fault::Status(status, String::new(), "text/plain".to_owned());
        shop.sandbox.script(fault, "PGFetchOrder", 1);
        let error = failure(shop.client.orders().get("order_1").await)?;
        assert!(error.is_not_found(), "{status}: {error:?}");
        assert_eq!(error.attempts(), 2, "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn without_a_policy_there_is_one_attempt() -> Result<()> {
    let shop = Shop::open().await?;
    for fault in [
        Fault::DropBeforeRead,
        Fault::DropAfterCommit,
        Fault::Html502,
        Fault::TruncatedJson,
        Fault::RateLimited { retry: Some(1) },
    ] {
        shop.sandbox.clear_requests();
        shop.sandbox.script(fault.clone(), "PGFetchOrder", 1);
        let error = failure(shop.client.orders().get("order_1").retry(RetryPolicy::none()).await);
        assert_eq!(error?.attempts(), 1, "{fault:?}");
        assert_eq!(shop.sandbox.requests().len(), 1, "{fault:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_time_limit_of_a_call_holds_over_all_attempts() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| {
        client.retry(attempts(50).max_elapsed(Duration::from_millis(400)))
    })
    .await?;
    shop.sandbox.script(Fault::Delay(Duration::from_secs(5)), "PGCreateOrder", 50);
    let started = Instant::now();
    let call = shop.client.orders().create(order("order_1", "5")?).timeout(Duration::from_millis(150));
    let error = failure(call.await)?;
    let taken = started.elapsed();
    assert!(taken >= Duration::from_millis(300) && taken < Duration::from_millis(1500), "{taken:?}");
    assert!(error.is_timeout());
    assert_eq!(error.effect(), Effect::Unknown);
    assert!((2..=4).contains(&error.attempts()), "{error:?}");

    // It cuts an attempt short whose own limit is longer.
    let started = Instant::now();
    let error = failure(shop.client.orders().create(order("order_2", "5")?).await)?;
    assert!(started.elapsed() < Duration::from_millis(1500));
    assert!(error.is_timeout());
    assert_eq!(error.attempts(), 1);
    Ok(())
}

#[tokio::test]
async fn a_timeout_is_ambiguous_for_a_write_only() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| client.timeout(Duration::from_millis(300))).await?;
    shop.order("order_1", "5").await?;
    let slow = Fault::Delay(Duration::from_millis(900));
    shop.sandbox.script(slow.clone(), "PGFetchOrder", 1);
    let read = failure(shop.client.orders().get("order_1").retry(RetryPolicy::none()).await)?;
    assert_eq!((read.kind(), read.effect(), read.is_timeout()), (ErrorKind::Timeout, Effect::ReadOnly, true));
    shop.sandbox.script(slow.clone(), "PGCreateOrder", 1);
    let call = shop.client.orders().create(order("order_2", "5")?);
    let write = failure(call.retry(RetryPolicy::none()).await)?;
    assert_eq!(
        (write.kind(), write.effect(), write.is_timeout()),
        (ErrorKind::Timeout, Effect::Unknown, true)
    );
    assert!(write.request_id().is_some() && write.idempotency_key().is_some());
    assert!(read.is_retryable() && write.is_retryable());

    // The limit of the call itself goes before that of the client.
    shop.sandbox.script(Fault::Delay(Duration::from_millis(450)), "PGFetchOrder", 1);
    let call = shop.client.orders().get("order_1").timeout(Duration::from_secs(5));
    assert_eq!(call.await?.meta().attempts(), 1);
    Ok(())
}

#[tokio::test]
async fn a_retry_of_slow_work_gets_its_outcome() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| client.timeout(Duration::from_millis(400))).await?;
    shop.sandbox.script(Fault::Delay(Duration::from_millis(600)), "PGCreateOrder", 1);
    let created = shop.order("order_1", "5").await?;
    assert_eq!((created.meta().attempts(), created.meta().replayed()), (2, Some(true)));
    assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 1);
    Ok(())
}

#[tokio::test]
async fn without_a_listener_nothing_is_sent() -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    drop(listener);
    let sandbox = Sandbox::start().await?;
    let client = client_at(&format!("http://{address}/pg"), merchant(&sandbox), |client| client)?;
    let created = failure(client.orders().create(order("order_1", "5")?).await)?;
    let begun = failure(client.payments().pay(PayOrder::new("session_1", collect("testsuccess"))).await)?;
    let read = failure(client.orders().get("order_1").await)?;
    for error in [created, begun, read] {
        assert!(error.is_connect() && !error.is_timeout(), "{error:?}");
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Connect, Effect::NotSent));
        assert_eq!((error.attempts(), error.status()), (3, None));
        assert!(error.is_retryable());
    }
    Ok(())
}

#[tokio::test]
async fn a_budget_keeps_an_outage_from_being_multiplied() -> Result<()> {
    // So short that no call waits until the budget is earned again.
    let short = attempts(5).max_elapsed(Duration::from_millis(50));
    let shop = Shop::with(Sandbox::builder(), |client| client.retry(short)).await?;
    shop.sandbox.script(Fault::Html502, "PGFetchOrder", 10_000);
    let calls = 60;
    for nth in 0..calls {
        // Clones share the budget of a merchant.
        let client = if nth % 2 == 0 {
            shop.client.clone()
        } else {
            shop.client.with_credentials(merchant(&shop.sandbox))
        };
        assert!(client.orders().get("order_1").await.is_err());
    }
    let sent = shop.sandbox.requests().len();
    assert!(sent >= calls + 10, "{sent} requests: repeats are made while there is a reserve");
    // Time earns one a second, of which the calls take one or two.
    assert!(sent <= calls + 10 + calls / 5 + 3, "{sent} requests");
    Ok(())
}

/// Sends a call, and drops it once its request has arrived.
async fn give_up<T: Send + 'static>(shop: &Shop, operation: &str, call: Call<T>) -> Result<()> {
    let running = tokio::spawn(call.send());
    while shop.sandbox.requests_of(operation).is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    running.abort();
    assert!(running.await.is_err_and(|error| error.is_cancelled()));
    Ok(())
}

#[tokio::test]
async fn a_call_that_was_given_up_is_finished_by_its_key() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    shop.sandbox.script(Fault::Delay(Duration::from_millis(200)), "PGOrderCreateRefund", 1);
    let mut call = shop.client.refunds().create("order_1", refund()?);
    let key = call.prepared_key().cloned().context("a key")?;
    give_up(&shop, "PGOrderCreateRefund", call).await?;

    let finished = shop.client.refunds().create("order_1", refund()?).idempotency_key(key).await?;
    assert_eq!((finished.meta().attempts(), finished.meta().replayed()), (1, Some(true)));
    assert_eq!(shop.sandbox.committed_of(Change::RefundCreated).len(), 1);

    // Cancelled between two attempts, it ends there.
    shop.sandbox.script(Fault::Html502, "PGFetchOrder", 5);
    let patient = RetryPolicy::standard().backoff(Duration::from_secs(3600), Duration::from_secs(3600));
    let call = shop.client.orders().get("order_1").retry(patient.max_elapsed(Duration::MAX));
    give_up(&shop, "PGFetchOrder", call).await?;
    assert_eq!(shop.sandbox.requests_of("PGFetchOrder").len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_are_independent() -> Result<()> {
    // One call may meet all the faults; it has one attempt more than there are.
    let shop = Arc::new(Shop::with(Sandbox::builder(), |client| client.retry(attempts(7))).await?);
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 6);
    let calls: Vec<_> = (0..30)
        .map(|nth| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let id = format!("order_{nth}");
                let created = shop.order(&id, "5").await?;
                anyhow::ensure!(created.order_id == *id);
                Ok(created.meta().attempts())
            })
        })
        .collect();
    let mut sent = 0;
    for call in calls {
        sent += call.await??;
    }
    assert_eq!((sent, shop.sandbox.committed_of(Change::OrderCreated).len()), (36, 30));
    Ok(())
}
