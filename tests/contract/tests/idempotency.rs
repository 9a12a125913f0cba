//! One key for one logical write: made before the first byte, the same on every attempt with the same
//! bytes, known to the caller, and honoured by the service.

use std::time::Duration;

use adversary::{Adversary, InFlight, Profile};
use anyhow::{Context, Result};
use cashfree::types::{
    CardChannel, CreateOrder, CreateRefund, CustomerDetails, CustomerDetailsParts, DeliveryStatus,
    OrderDeliveryStatus, PayOrder, UpdateOrderExtendedData,
};
use cashfree::{Credentials, Effect, ErrorKind, Idempotency, IdempotencyKey, Money, RetryClass, operations};
use cashfree_sandbox::{Change, Fault, Sandbox};

use crate::{Shop, amount, card, client_at, collect, failure, order, payment_id, session};

#[tokio::test]
async fn every_write_has_its_own_key_and_no_read_has_one() -> Result<()> {
    let shop = Shop::open().await?;
    let (orders, payments, refunds) = (shop.client.orders(), shop.client.payments(), shop.client.refunds());
    shop.held("order_1", "50").await?;
    shop.client.preauth().capture("order_1", amount("50")?).await?;
    let update = UpdateOrderExtendedData::new()
        .order_delivery_status(OrderDeliveryStatus::new(DeliveryStatus::Shipped));
    orders.update_extended("order_1", update).await?;
    refunds.create("order_1", CreateRefund::new(amount("1")?, "refund_1")).await?;
    refunds.cancel("order_1", "refund_1").await?;
    shop.order("order_2", "5").await?;
    orders.terminate("order_2").await?;
    orders.get("order_1").await?;
    orders.get_extended("order_1").await?;
    let id = payments.list("order_1").await?.first().map(|payment| payment.cf_payment_id.clone());
    payments.get("order_1", id.context("an id")?).await?;
    refunds.list("order_1").await?;
    refunds.get("order_1", "refund_1").await?;

    let requests = shop.sandbox.requests();
    for request in &requests {
        let known = operations::ALL.iter().find(|known| request.operation_id.as_deref() == Some(known.id));
        let operation = known.with_context(|| format!("{} is no operation", request.path))?;
        let key = request.header("x-idempotency-key");
        assert_eq!(key.is_some(), operation.retry_class != RetryClass::Safe, "{}: {key:?}", operation.id);
    }
    let mut keys: Vec<_> =
        requests.iter().filter_map(|request| request.header("x-idempotency-key")).collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((keys.len(), all), (9, 9));
    assert!(keys.iter().all(|key| key.len() == 36), "{keys:?}");
    Ok(())
}

#[tokio::test]
async fn a_retry_sends_the_same_bytes() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::DropBeforeRead, "PGCreateOrder", 1);
    shop.sandbox.script(Fault::Html502, "PGCreateOrder", 1);
    let tags = [("z", "1"), ("a", "2"), ("é", "₹")];
    let created = shop.client.orders().create(order("order_1", "10.10")?.order_tags(tags)).await?;
    assert_eq!(created.meta().attempts(), 3);
    let sent = shop.sandbox.requests_of("PGCreateOrder");
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|request| request == &sent[0]), "{sent:?}");
    assert_eq!(sent[0].header("x-idempotency-key"), created.meta().idempotency_key().map(|key| key.as_str()));
    assert_eq!(sent[0].header("x-request-id"), Some(created.meta().request_id()));
    assert!(!sent[0].body.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_key_of_the_caller_is_sent_unchanged() -> Result<()> {
    let shop = Shop::open().await?;
    let long = "k".repeat(300);
    let derived = IdempotencyKey::derive("order", &["cart_7"]);
    for (nth, key) in
        ["refund for order 1", "a/b?c=d#e;\"~", "7", &long, derived.as_str()].into_iter().enumerate()
    {
        let call = shop.client.orders().create(order(&format!("order_{nth}"), "5")?);
        let created = call.idempotency_key(IdempotencyKey::new(key)?).await?;
        assert_eq!(created.meta().idempotency_key().map(|key| key.as_str()), Some(key));
        let sent = shop.sandbox.requests_of("PGCreateOrder").pop().context("sent")?;
        assert_eq!(sent.header("x-idempotency-key"), Some(key));
    }
    for bad in ["", " ", " a", "a ", "a\n", "é", "\u{7f}", "a\0b"] {
        assert!(IdempotencyKey::new(bad).is_err(), "{bad:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_prepared_key_is_the_one_that_is_sent() -> Result<()> {
    let shop = Shop::open().await?;
    let mut call = shop.client.orders().create(order("order_1", "5")?);
    let key = call.prepared_key().cloned().context("a key")?;
    assert_eq!(call.prepared_key(), Some(&key));
    let twin = call.clone();
    let first = call.await?;
    assert_eq!(first.meta().idempotency_key(), Some(&key));
    assert_eq!(first.meta().replayed(), Some(false));
    // A copy is the same logical call.
    let second = twin.await?;
    assert_eq!(second.meta().replayed(), Some(true));
    assert_eq!(second.cf_order_id, first.cf_order_id);
    let sent = shop.sandbox.requests_of("PGCreateOrder");
    assert!(sent.iter().all(|request| request.header("x-idempotency-key") == Some(key.as_str())));

    let mut given = shop.client.orders().create(order("order_2", "5")?).idempotency_key(key.clone());
    assert_eq!(given.prepared_key(), Some(&key));
    assert_eq!(shop.client.orders().get("order_1").prepared_key(), None);
    let plain = shop.client.orders().create(order("order_3", "5")?);
    let (one, two) = (plain.clone().await?, failure(plain.await)?);
    assert_ne!(one.meta().idempotency_key(), two.idempotency_key());
    Ok(())
}

#[tokio::test]
async fn another_process_finishes_the_work_by_the_same_key() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    let refund = || -> Result<_> {
        let refund = CreateRefund::new(amount("10")?, "refund_1");
        let key = IdempotencyKey::derive("refund", &["order_1", "complaint_7"]);
        Ok((refund, key))
    };
    let (request, key) = refund()?;
    let first = shop.client.refunds().create("order_1", request).idempotency_key(key).await?;
    let other = crate::client_of(&shop.sandbox, crate::merchant(&shop.sandbox), |client| client)?;
    let (request, key) = refund()?;
    let second = other.refunds().create("order_1", request).idempotency_key(key).await?;
    assert_eq!((first.meta().replayed(), second.meta().replayed()), (Some(false), Some(true)));
    assert_eq!(second.cf_refund_id, first.cf_refund_id);
    assert_eq!(shop.sandbox.committed_of(Change::RefundCreated).len(), 1);
    Ok(())
}

// No document says what the service does with two requests under one key in flight. The statement is therefore held
// against a service that serialises them, one that carries out both, and one that turns the second away.
#[tokio::test]
async fn rule_2_concurrent_writes_with_one_key_have_the_same_effect() -> Result<()> {
    for in_flight in [InFlight::Wait, InFlight::Act, InFlight::Refuse] {
        let mut profile = Profile::calm(7);
        profile.keys.in_flight = in_flight;
        profile.latency = Duration::from_millis(50);
        let service = Adversary::start(profile).await?;
        let client = client_at(service.url(), Credentials::client_secret("app", "secret"), |client| client)?;
        let created = client.orders().create(order("order_1", "100")?).await?;
        client.payments().pay(PayOrder::new(session(&created)?, collect("testsuccess"))).await?;

        let mut call = client.refunds().create("order_1", CreateRefund::new(amount("10")?, "refund_1"));
        call.prepared_key().context("a key")?;
        let (one, two) = tokio::join!(call.clone().send(), call.send());
        let (one, two) = (one?, two?);
        assert_ne!(one.cf_refund_id.as_str(), "", "{in_flight:?}");
        assert_eq!(one.cf_refund_id, two.cf_refund_id, "{in_flight:?}");
        let ledger = service.settled().await;
        assert_eq!(ledger.of(adversary::Change::RefundCreated).len(), 1, "{in_flight:?}");
    }
    Ok(())
}

// Two concurrent sends of a write that only its idempotency key protects may both be applied. Each outcome is then
// that of its own attempt, and never "not applied".
#[tokio::test]
async fn rule_2_concurrent_writes_with_only_a_key_have_true_effects() -> Result<()> {
    for (in_flight, made) in [(InFlight::Wait, 1), (InFlight::Act, 2), (InFlight::Refuse, 1)] {
        let mut profile = Profile::calm(7);
        profile.keys.in_flight = in_flight;
        profile.latency = Duration::from_millis(50);
        let service = Adversary::start(profile).await?;
        let client = client_at(service.url(), Credentials::client_secret("app", "secret"), |client| client)?;
        let nameless = CreateOrder::new(
            Money::inr("5")?,
            CustomerDetails::new(CustomerDetailsParts {
                customer_id: "cust_42".into(),
                customer_phone: "9999999999".into(),
            }),
        );
        let mut call = client.orders().create(nameless);
        call.prepared_key().context("a key")?;
        let outcomes: [_; 2] = tokio::join!(call.clone().send(), call.send()).into();
        let ledger = service.settled().await;
        let orders = ledger.of(adversary::Change::OrderCreated);
        assert_eq!(orders.len(), made, "{in_flight:?}");
        for outcome in outcomes {
            match outcome {
                Ok(order) => {
                    let id = &order.order_id;
                    assert!(orders.iter().any(|entry| entry.id == id.as_str()), "{in_flight:?}");
                }
                Err(error) => {
                    assert_eq!((error.effect(), in_flight), (Effect::Unknown, InFlight::Refuse), "{error}");
                    assert_eq!(error.idempotency_key(), None);
                }
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_key_with_another_body_is_refused() -> Result<()> {
    let shop = Shop::open().await?;
    let key = IdempotencyKey::new("one key")?;
    shop.client.orders().create(order("order_1", "5")?).idempotency_key(key.clone()).await?;
    let error =
        failure(shop.client.orders().create(order("order_2", "5")?).idempotency_key(key.clone()).await)?;
    assert!(error.is_idempotency_mismatch(), "{error:?}");
    // The call was given its key, so it may continue another one: a refusal of the key alone proves nothing.
    assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 1));
    assert_eq!((error.idempotency_key(), error.is_retryable()), (Some(&key), false));
    assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 1);
    Ok(())
}

#[tokio::test]
async fn explicit_idempotency_requires_a_key() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| client.idempotency(Idempotency::Explicit)).await?;
    let mut call = shop.client.orders().create(order("order_1", "5")?);
    assert_eq!(call.prepared_key(), None);
    let error = failure(call.clone().await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent));
    assert!(shop.sandbox.requests().is_empty());
    let created = call.idempotency_key(IdempotencyKey::random()).await?;
    shop.client.orders().get("order_1").await?;
    let pay = PayOrder::new(session(&created)?, card(CardChannel::Post));
    assert_eq!(failure(shop.client.payments().pay(pay.clone()).await)?.kind(), ErrorKind::Request);
    let begun = shop.client.payments().pay(pay).idempotency_key(IdempotencyKey::random()).await?;
    let submit = shop.client.payments().submit_otp(payment_id(&begun)?, shop.sandbox.otp());
    assert_eq!(failure(submit.await)?.effect(), Effect::NotSent);
    assert_eq!(shop.sandbox.requests().len(), 3);
    Ok(())
}

#[tokio::test]
async fn without_keys_a_write_that_may_have_arrived_is_not_retried() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| client.idempotency(Idempotency::Off)).await?;
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    let mut call = shop.client.orders().create(order("order_1", "5")?);
    assert_eq!(call.prepared_key(), None);
    let error = failure(call.await)?;
    assert_eq!((error.effect(), error.attempts(), error.idempotency_key()), (Effect::Unknown, 1, None));
    assert!(!error.is_retryable());
    let request = shop.only("PGCreateOrder")?;
    assert_eq!(request.header("x-idempotency-key"), None);

    shop.sandbox.clear_requests();
    let key = IdempotencyKey::new("given")?;
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    let created = shop.client.orders().create(order("order_2", "5")?).idempotency_key(key).await?;
    assert_eq!((created.meta().attempts(), created.meta().replayed()), (2, Some(true)));
    let keys: Vec<_> = shop
        .sandbox
        .requests()
        .iter()
        .map(|request| request.header("x-idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(keys, [Some("given".to_owned()), Some("given".to_owned())]);
    Ok(())
}
