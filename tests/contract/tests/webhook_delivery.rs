//! What the sandbox delivers, taken in by the client's own verifier: two readings of the same facts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use cashfree::types::{CreateRefund, OrderMeta};
use cashfree::webhook::{
    Deduplicated, EventKind, MemoryStore, Verified, Verifier, WebhookError, deduplicate,
};
use cashfree_sandbox::{Sandbox, Trigger, WebhookFault, WebhookOutcome, webhook_samples};
use http::{HeaderMap, StatusCode};

use crate::{Shop, amount, collect, order};

const LONG: Duration = Duration::from_secs(60);

/// What a receiver made of its requests, in order.
type Taken = Arc<Mutex<Vec<Result<Verified, WebhookError>>>>;

#[derive(Clone)]
struct Receiver {
    url: String,
    taken: Taken,
}

async fn take(
    State((verifier, taken)): State<(Verifier, Taken)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let verified = verifier.verify(&headers, body);
    let status = verified.as_ref().map_or_else(WebhookError::status, |_| StatusCode::OK);
    taken.lock().unwrap_or_else(PoisonError::into_inner).push(verified);
    status
}

impl Receiver {
    async fn open(secret: &str) -> Result<Self> {
        let taken = Taken::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let state = (Verifier::new(secret)?, Arc::clone(&taken));
        let router = Router::new().route("/", post(take)).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, taken })
    }

    fn verified(&self) -> Vec<Result<Verified, WebhookError>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A shop whose sandbox sends every event to a receiver that knows its secret.
async fn shop_with_receiver() -> Result<(Shop, Receiver)> {
    let builder = Sandbox::builder().refund_delay(Duration::ZERO).webhook_time_scale(0.0);
    let shop = Shop::with(builder, |client| client).await?;
    let receiver = Receiver::open(shop.sandbox.client_secret()).await?;
    shop.sandbox.add_webhook_endpoint(receiver.url.as_str());
    Ok((shop, receiver))
}

async fn settled(shop: &Shop) -> Result<()> {
    ensure!(shop.sandbox.webhooks_settled(LONG).await, "{:?}", shop.sandbox.deliveries());
    Ok(())
}

#[tokio::test]
async fn every_event_of_the_tour_is_verified() -> Result<()> {
    let (shop, receiver) = shop_with_receiver().await?;
    crate::tour_links_offers_vault::tour(&shop).await?;
    crate::tour_subscriptions::tour(&shop).await?;
    crate::tour_terminals::tour(&shop).await?;
    crate::tour_easy_split::tour(&shop).await?;
    crate::tour_settlements::tour(&shop).await?;
    settled(&shop).await?;
    let taken = receiver.verified();
    for (verified, delivery) in taken.iter().zip(shop.sandbox.deliveries()) {
        assert_eq!(delivery.outcome, WebhookOutcome::Responded(200), "{}", delivery.event_type);
        let verified = verified.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
        let event = verified.event()?;
        assert_eq!(event.kind().as_str(), delivery.event_type);
        assert!(!matches!(event.kind(), EventKind::Unknown(_)), "{}", event.kind());
        assert_eq!(verified.version(), Some(cashfree_gen::webhooks::WEBHOOK_VERSION));
        assert_eq!(
            (verified.attempt(), verified.idempotency_key()),
            (Some(1), delivery.header("x-idempotency-key"))
        );
    }
    let kinds: std::collections::BTreeSet<String> =
        shop.sandbox.deliveries().into_iter().map(|delivery| delivery.event_type).collect();
    assert_eq!(taken.len(), shop.sandbox.deliveries().len());
    assert!(kinds.len() >= 15, "{kinds:?}");
    Ok(())
}

#[tokio::test]
async fn an_order_with_a_notify_url_is_delivered_there() -> Result<()> {
    let (shop, _) = shop_with_receiver().await?;
    let receiver = Receiver::open(shop.sandbox.client_secret()).await?;
    let meta = OrderMeta::new().notify_url(receiver.url.as_str());
    shop.begun(order("order_1", "499.00")?.order_meta(meta), collect("testsuccess")).await?;
    shop.client.refunds().create("order_1", CreateRefund::new(amount("9.50")?, "refund_1")).await?;
    settled(&shop).await?;
    let mut kinds = Vec::new();
    for verified in receiver.verified() {
        kinds.push(verified.map_err(anyhow::Error::from)?.event()?.kind().clone());
    }
    assert_eq!(kinds, [EventKind::PaymentSuccess, EventKind::PaymentCharges, EventKind::RefundStatus]);
    Ok(())
}

#[tokio::test]
async fn a_tampered_delivery_is_refused_and_redelivered() -> Result<()> {
    let (shop, receiver) = shop_with_receiver().await?;
    for fault in [WebhookFault::TamperedBody, WebhookFault::WrongSignature] {
        let before = receiver.verified().len();
        shop.sandbox.script_webhooks(&fault, 1);
        assert!(shop.sandbox.save_card("cust_1", &format!("{before}"), "4706131211212123"));
        settled(&shop).await?;
        let taken = receiver.verified().split_off(before);
        let [Err(WebhookError::WrongSignature), Ok(again)] = taken.as_slice() else {
            anyhow::bail!("{fault:?}: {taken:?}");
        };
        assert_eq!(again.attempt(), Some(2));
    }
    Ok(())
}

#[tokio::test]
async fn a_redelivery_is_handled_once() -> Result<()> {
    let (shop, receiver) = shop_with_receiver().await?;
    shop.sandbox.script_webhooks(&WebhookFault::Duplicate, 2);
    shop.paid("order_1", "10.00").await?;
    settled(&shop).await?;
    let taken = receiver.verified();
    assert_eq!(taken.len(), 4);
    let (store, mut handled) = (MemoryStore::default(), Vec::new());
    for delivery in taken {
        let delivery = delivery.map_err(anyhow::Error::from)?;
        let key = delivery.dedupe_key();
        let done = deduplicate(&store, &key, async || {
            handled.push(delivery.event().map(|event| event.kind().clone()));
            Ok::<(), std::convert::Infallible>(())
        });
        let done = done.await.ok().context("handling failed")?;
        let first = delivery.attempt() == Some(1);
        assert_eq!(matches!(done, Deduplicated::Handled(())), first, "attempt {:?}", delivery.attempt());
    }
    assert_eq!(handled.len(), 2);
    Ok(())
}

#[tokio::test]
async fn every_sample_is_verified_and_known() -> Result<()> {
    let receiver = Receiver::open("a secret").await?;
    for sample in webhook_samples()? {
        let trigger = Trigger {
            event_type: sample.event_type.clone(),
            sample: Some(sample.name),
            url: receiver.url.clone(),
            secret: "a secret".to_owned(),
            ..Trigger::default()
        };
        assert_eq!(trigger.send().await?, [WebhookOutcome::Responded(200)]);
        let last = receiver.verified().pop().context("nothing came")?.map_err(anyhow::Error::from)?;
        assert_eq!(last.event()?.kind().as_str(), sample.event_type);
    }
    Ok(())
}
