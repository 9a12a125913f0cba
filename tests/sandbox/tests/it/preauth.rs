//! Pre-authorised payments: what is granted, and everything that is refused.

use anyhow::Result;
use cashfree_sandbox::Change;
use serde_json::{Value, json};

use crate::{Shop, card, collect};

async fn authorised(shop: &Shop, order_id: &str) -> Result<()> {
    let session = shop.order(order_id, "100", Some("preauth_transaction")).await?;
    let response = shop.pay(&session, card("link")).await?;
    shop.visit(&response).await
}

async fn act(shop: &Shop, order_id: &str, body: Value) -> Result<(u16, Value)> {
    shop.post(&format!("/orders/{order_id}/authorization"), body).await
}

#[tokio::test]
async fn one_capture_of_at_most_what_is_held() -> Result<()> {
    let shop = Shop::open().await?;
    authorised(&shop, "order_cap").await?;
    let payment = shop.payment("order_cap").await?;
    assert!(payment["payment_message"].as_str().is_some_and(|text| text.starts_with("PRE_AUTH")));
    assert_eq!(payment["authorization"]["approve_by"], Value::Null);
    assert!(payment["authorization"].is_object());

    for (body, code) in [
        (json!({ "action": "CAPTURE" }), "amount_missing"),
        (json!({ "action": "CAPTURE", "amount": 100.01 }), "amount_invalid"),
        (json!({ "action": "CAPTURE", "amount": 0 }), "amount_invalid"),
        (json!({ "action": "TAKE", "amount": 1 }), "action_invalid"),
        (json!({ "amount": 1 }), "action_missing"),
    ] {
        let (status, error) = act(&shop, "order_cap", body).await?;
        assert_eq!((status, &error["code"]), (400, &json!(code)));
    }
    let (status, error) =
        shop.post("/orders/order_cap/refunds", json!({ "refund_id": "early", "refund_amount": 1 })).await?;
    assert_eq!((status, &error["code"]), (400, &json!("refund_unsupported")));

    let capture = json!({ "action": "CAPTURE", "amount": 60.5 });
    let (status, payment) = act(&shop, "order_cap", capture.clone()).await?;
    assert_eq!(status, 200, "{payment}");
    assert_eq!(payment["authorization"]["captured_amount"], json!(60.5));
    assert_eq!(payment["authorization"]["action"], "CAPTURE");
    for body in [capture, json!({ "action": "VOID" })] {
        let (status, error) = act(&shop, "order_cap", body).await?;
        assert_eq!((status, &error["code"]), (409, &json!("order_already_captured")));
    }
    let (status, error) = shop
        .post("/orders/order_cap/refunds", json!({ "refund_id": "much", "refund_amount": 60.51 }))
        .await?;
    assert_eq!((status, &error["code"]), (400, &json!("refund_amount_invalid")));
    assert_eq!(shop.sandbox.committed_of(Change::Captured).len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_void_is_final() -> Result<()> {
    let shop = Shop::open().await?;
    authorised(&shop, "order_void").await?;
    let (status, payment) = act(&shop, "order_void", json!({ "action": "VOID" })).await?;
    assert_eq!((status, &payment["payment_status"]), (200, &json!("VOID")));
    assert_eq!(payment["is_captured"], false);
    assert_eq!(payment["authorization"]["captured_amount"], Value::Null);
    for body in [json!({ "action": "VOID" }), json!({ "action": "CAPTURE", "amount": 1 })] {
        let (status, error) = act(&shop, "order_void", body).await?;
        assert_eq!((status, &error["code"]), (409, &json!("order_id_voided")));
    }
    let (status, error) =
        shop.post("/orders/order_void/refunds", json!({ "refund_id": "none", "refund_amount": 1 })).await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_id_voided")));
    Ok(())
}

#[tokio::test]
async fn nothing_authorised_nothing_captured() -> Result<()> {
    let shop = Shop::open().await?;
    let capture = json!({ "action": "CAPTURE", "amount": 1 });
    let (status, error) = act(&shop, "order_none", capture.clone()).await?;
    assert_eq!((status, &error["code"]), (404, &json!("order_not_found")));
    shop.order("order_open", "5", None).await?;
    let (status, error) = act(&shop, "order_open", capture.clone()).await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_id_not_paid")));
    shop.paid("order_plain", "5").await?;
    let (status, error) = act(&shop, "order_plain", capture).await?;
    assert_eq!((status, &error["code"]), (404, &json!("authorization_not_found")));
    Ok(())
}

#[tokio::test]
async fn upi_is_authorised_by_its_own_flag() -> Result<()> {
    let shop = Shop::open().await?;
    let session = shop.order("order_upi", "9", None).await?;
    let mut method = collect("testsuccess");
    method["upi"]["authorize_only"] = json!(true);
    method["upi"]["authorization"] =
        json!({ "approve_by": "2030-01-01T00:00:00Z", "end_time": "2030-02-01T00:00:00Z" });
    shop.pay(&session, method).await?;
    let payment = shop.payment("order_upi").await?;
    assert_eq!((&payment["payment_status"], &payment["is_captured"]), (&json!("SUCCESS"), &json!(false)));
    assert_eq!(payment["authorization"]["end_time"], "2030-02-01T00:00:00Z");
    let (status, payment) = act(&shop, "order_upi", json!({ "action": "CAPTURE", "amount": 9 })).await?;
    assert_eq!((status, &payment["is_captured"]), (200, &json!(true)));
    Ok(())
}
