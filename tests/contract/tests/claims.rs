//! What an error claims of the attempts before the last one, and of what may be done next.

use std::time::Duration;

use anyhow::Result;
use cashfree::Effect;
use cashfree::types::CreateRefund;
use cashfree_sandbox::{Change, Fault, Sandbox};

use crate::{Shop, amount, attempts, client_at, failure, merchant, order};

#[tokio::test]
async fn a_success_that_could_not_be_read_is_not_forgotten_by_a_later_refusal() -> Result<()> {
    let refusal = |status| Fault::Status(status, String::new(), "text/plain".to_owned());
    for spoilt in [Fault::TruncatedJson, Fault::EmptyBody, Fault::CutShort] {
        for second in [refusal(401), refusal(422), refusal(500), Fault::RateLimited { retry: Some(600) }] {
            let shop = Shop::open().await?;
            shop.sandbox.script(spoilt.clone(), "PGCreateOrder", 1);
            shop.sandbox.script(second.clone(), "PGCreateOrder", 9);
            let outcome = shop.client.orders().create(order("order_1", "5")?).await;
            // A refused key may be due to the first attempt, so what exists is read.
            if let Ok(created) = &outcome {
                assert!(created.meta().read_back(), "{spoilt:?}, {second:?}");
                continue;
            }
            let error = failure(outcome)?;
            assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 1);
            assert!(error.attempts() >= 2);
            let effect = error.effect();
            assert!(
                matches!(effect, Effect::Applied | Effect::Unknown),
                "{spoilt:?}, {second:?}: {effect:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_success_that_could_not_be_read_is_not_forgotten_when_the_service_goes_away() -> Result<()> {
    // The wait before the second attempt is drawn by chance, and may be too short for the service to be
    // gone by then.
    for _ in 0..20 {
        let shop = Shop::with(Sandbox::builder(), |client| {
            client.retry(attempts(2).backoff(Duration::from_secs(1), Duration::from_secs(1)))
        })
        .await?;
        shop.sandbox.script(Fault::TruncatedJson, "PGCreateOrder", 1);
        let pending = tokio::spawn(shop.client.orders().create(order("order_1", "5")?).send());
        while shop.sandbox.committed().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        drop(shop);
        if let Err(error) = pending.await? {
            assert!(matches!(error.effect(), Effect::Applied | Effect::Unknown), "{error:?}");
            return Ok(());
        }
    }
    anyhow::bail!("the service was always there for the second attempt")
}

#[tokio::test]
async fn a_400_after_a_lost_response_may_be_due_to_the_first_attempt() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    let body = r#"{"code":"refund_amount_invalid","message":"more than what is left","type":"invalid_request_error"}"#;
    shop.sandbox.script(Fault::DropAfterCommit, "PGOrderCreateRefund", 1);
    shop.sandbox.script(
        Fault::Status(400, body.to_owned(), "application/json".to_owned()),
        "PGOrderCreateRefund",
        1,
    );
    let refund = CreateRefund::new(amount("100")?, "refund_1");
    let error = failure(shop.client.refunds().create("order_1", refund).await)?;
    assert_eq!(shop.sandbox.committed_of(Change::RefundCreated).len(), 1);
    assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
    Ok(())
}

#[tokio::test]
async fn what_the_policy_calls_final_is_not_retryable() -> Result<()> {
    let shop = Shop::open().await?;
    for status in [501, 505] {
        let fault = Fault::Status(status, String::new(), "text/plain".to_owned());
        shop.sandbox.script(fault, "PGFetchOrder", 1);
        let error = failure(shop.client.orders().get("order_1").await)?;
        assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_not_sent_has_no_request_id() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let nowhere = format!("http://{}/pg", listener.local_addr()?);
    drop(listener);
    let client = client_at(&nowhere, merchant(&sandbox), |client| client)?;
    let error = failure(client.orders().get("order_1").await)?;
    assert_eq!((error.effect(), error.request_id()), (Effect::NotSent, None));
    Ok(())
}
