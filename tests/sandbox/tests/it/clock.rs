//! A clock that is moved forward: what becomes due happens.

use std::time::Duration;

use anyhow::{Context, Result};
use cashfree_sandbox::{Change, Feed, Notice, Sandbox, WebhookDelivery, WebhookOutcome};
use serde_json::{Value, json};

use crate::{Shop, order_body};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const SAVED: &str = "INSTRUMENT_ACTIVE_WEBHOOK";

/// The next delivery of this type.
async fn next(feed: &mut Feed, event_type: &str) -> Result<WebhookDelivery> {
    loop {
        match tokio::time::timeout(Duration::from_secs(20), feed.next()).await?.context("it ended")? {
            Notice::Webhook(delivery) if delivery.event_type == event_type => return Ok(*delivery),
            _ => {}
        }
    }
}

#[tokio::test]
async fn orders_and_links_expire() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "10", None).await?;
    let link = json!({
        "link_id": "link_1", "link_amount": 10, "link_currency": "INR", "link_purpose": "socks",
        "customer_details": { "customer_phone": "9999999999" },
    });
    assert_eq!(shop.post("/links", link).await?.0, 200);
    let statuses = async || -> Result<[Value; 2]> {
        let link = shop.get("/links/link_1").await?.1;
        Ok([shop.order_status("order_1").await?, link["link_status"].clone()])
    };
    shop.sandbox.advance(29 * DAY);
    assert_eq!(statuses().await?, ["ACTIVE", "ACTIVE"]);
    shop.sandbox.advance(2 * DAY);
    assert_eq!(statuses().await?, ["EXPIRED", "EXPIRED"]);
    // A time that was to come when the clock stood still is over now.
    let mut late = order_body("order_2", "10")?;
    late["order_expiry_time"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(shop.post("/orders", late).await?.1["code"], "order_expiry_time_invalid");
    Ok(())
}

#[tokio::test]
async fn pending_refunds_succeed_and_send_events() -> Result<()> {
    let shop = Shop::with(
        Sandbox::builder()
            .refund_delay(Duration::from_secs(3_600))
            .webhooks("http://127.0.0.1:9/")
            .start()
            .await?,
    )?;
    let mut feed = shop.sandbox.subscribe();
    shop.paid("order_1", "10").await?;
    let refund = json!({ "refund_id": "refund_1", "refund_amount": 4 });
    assert_eq!(shop.post("/orders/order_1/refunds", refund).await?.1["refund_status"], "PENDING");
    shop.sandbox.advance(30 * MINUTE);
    let fetch = async || shop.get("/orders/order_1/refunds/refund_1").await;
    assert_eq!(fetch().await?.1["refund_status"], "PENDING");
    shop.sandbox.advance(30 * MINUTE);
    let refund = fetch().await?.1;
    assert_eq!(refund["refund_status"], "SUCCESS");
    assert_ne!(refund["processed_at"], refund["created_at"]);
    assert_eq!(next(&mut feed, "REFUND_STATUS_WEBHOOK").await?.attempt, 1);
    Ok(())
}

#[tokio::test]
async fn webhooks_are_sent_again_when_their_time_has_come() -> Result<()> {
    // Nobody listens there.
    let shop = Shop::with(Sandbox::builder().webhooks("http://127.0.0.1:9/hooks").start().await?)?;
    let mut feed = shop.sandbox.subscribe();
    assert!(shop.sandbox.save_card("cust_1", "instrument_1", "4706131211212123"));
    assert_eq!(next(&mut feed, SAVED).await?.attempt, 1);
    // The waits of the schedule begin where an attempt ends.
    tokio::time::sleep(Duration::from_millis(50)).await;
    shop.sandbox.advance(MINUTE);
    assert!(!shop.sandbox.webhooks_settled(Duration::from_millis(200)).await);
    assert_eq!(shop.sandbox.deliveries().len(), 1);
    for (minutes, attempt) in [(1, 2), (10, 3), (30, 4)] {
        shop.sandbox.advance(minutes * MINUTE);
        let delivery = next(&mut feed, SAVED).await?;
        assert_eq!(delivery.attempt, attempt);
        assert!(matches!(delivery.outcome, WebhookOutcome::Failed(_)));
        // Receivers compare the timestamp with their own clock.
        assert!(delivery.at.elapsed()? < MINUTE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(shop.sandbox.webhooks_settled(Duration::from_secs(20)).await);
    Ok(())
}

#[tokio::test]
async fn a_day_that_passes_is_settled() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "10").await?;
    assert_eq!(shop.get("/orders/order_1/settlements").await?.0, 404);
    shop.sandbox.advance(DAY);
    let (status, settlement) = shop.get("/orders/order_1/settlements").await?;
    assert_eq!(status, 200);
    assert!(settlement["transfer_utr"].is_string(), "{settlement}");
    assert_eq!(shop.sandbox.committed_of(Change::Settled).len(), 1);
    // Days without money settle nothing.
    shop.sandbox.advance(30 * DAY);
    assert_eq!(shop.sandbox.committed_of(Change::Settled).len(), 1);
    Ok(())
}
