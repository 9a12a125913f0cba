//! Refunds: how much, when, and how they end.

use std::time::Duration;

use anyhow::Result;
use cashfree_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::{Shop, read};

async fn cancel(shop: &Shop, refund_id: &str) -> Result<(u16, Value)> {
    let body = json!({ "refund_status": "CANCELLED", "remarks": "changed our mind" });
    read(shop.signed("PUT", &format!("/orders/order_r/refunds/{refund_id}"))?.json(&body).send().await?).await
}

fn refund(refund_id: &str, amount: f64) -> Value {
    json!({ "refund_id": refund_id, "refund_amount": amount, "refund_note": "not needed" })
}

#[tokio::test]
async fn together_at_most_what_was_paid() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_open", "10", None).await?;
    let (status, error) = shop.post("/orders/order_open/refunds", refund("r_0", 1.0)).await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_id_not_paid")));
    shop.paid("order_r", "10").await?;
    assert_eq!(shop.post("/orders/order_r/refunds", refund("r_1", 6.25)).await?.0, 200);
    let (status, error) = shop.post("/orders/order_r/refunds", refund("r_1", 1.0)).await?;
    assert_eq!((status, &error["code"]), (409, &json!("refund_already_exists")));
    for amount in [3.76, 0.0, -1.0, 0.001] {
        let (status, error) = shop.post("/orders/order_r/refunds", refund("r_2", amount)).await?;
        assert_eq!((status, &error["code"]), (400, &json!("refund_amount_invalid")), "{amount}");
    }
    assert_eq!(shop.post("/orders/order_r/refunds", refund("r_2", 3.75)).await?.0, 200);
    let (_, list) = shop.get("/orders/order_r/refunds").await?;
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!(shop.order_status("order_r").await?, "PAID");
    let (status, error) = shop.get("/orders/order_r/refunds/r_9").await?;
    assert_eq!((status, &error["code"]), (404, &json!("refund_not_found")));
    Ok(())
}

#[tokio::test]
async fn a_pending_refund_can_be_cancelled() -> Result<()> {
    let shop = Shop::with(Sandbox::builder().refund_delay(Duration::from_secs(600)).start().await?)?;
    shop.paid("order_r", "10").await?;
    let (_, created) = shop.post("/orders/order_r/refunds", refund("r_1", 10.0)).await?;
    assert_eq!((&created["refund_status"], &created["processed_at"]), (&json!("PENDING"), &Value::Null));
    let (status, cancelled) = cancel(&shop, "r_1").await?;
    assert_eq!((status, &cancelled["refund_status"]), (200, &json!("CANCELLED")));
    assert_eq!(cancelled["status_description"], "changed our mind");
    assert_eq!(cancel(&shop, "r_1").await?.1["code"], "refund_status_invalid");
    // What was cancelled can be given back anew.
    shop.sandbox.low_balance(true);
    let (status, held) = shop.post("/orders/order_r/refunds", refund("r_2", 10.0)).await?;
    assert_eq!((status, &held["refund_status"]), (200, &json!("ONHOLD")));
    assert_eq!(cancel(&shop, "r_2").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_standard_refund_succeeds_in_time() -> Result<()> {
    let shop = Shop::with(Sandbox::builder().refund_delay(Duration::from_millis(50)).start().await?)?;
    shop.paid("order_r", "10").await?;
    shop.post("/orders/order_r/refunds", refund("r_1", 1.0)).await?;
    tokio::time::sleep(Duration::from_millis(60)).await;
    let (_, fetched) = shop.get("/orders/order_r/refunds/r_1").await?;
    assert_eq!(fetched["refund_status"], "SUCCESS");
    assert_eq!(fetched["refund_speed"]["processed"], "STANDARD");
    assert!(fetched["processed_at"].is_string());
    assert_eq!(cancel(&shop, "r_1").await?.0, 400);
    Ok(())
}
