//! An order's life: created, paid by card with an OTP, refunded; or left to expire or terminated.

use anyhow::Result;
use cashfree_sandbox::Change;
use serde_json::json;

use crate::{Shop, card, collect, order_body, read};

#[tokio::test]
async fn from_order_to_refund() -> Result<()> {
    let shop = Shop::open().await?;
    let mut body = order_body("order_flow", "10.34")?;
    body["order_note"] = json!("preauth_transaction");
    let (status, order) = shop.post("/orders", body).await?;
    assert_eq!(status, 200, "{order}");
    assert_eq!(order["order_status"], "ACTIVE");
    assert_eq!(order["order_amount"].to_string(), "10.34");
    assert!(order["created_at"].as_str().is_some_and(|text| text.ends_with("+05:30")));
    assert!(order["cf_order_id"].as_str().is_some_and(|text| text.parse::<u64>().is_ok()));
    assert_eq!(order["terminal_data"], json!(null));

    let session = order["payment_session_id"].as_str().unwrap_or_default();
    assert!(session.starts_with("session_"));
    let started = shop.pay(session, card("post")).await?;
    assert_eq!((&started["action"], &started["payment_method"]), (&json!("post"), &json!("card")));
    assert_eq!(shop.payment("order_flow").await?["payment_status"], "PENDING");

    let otp = format!("/orders/pay/authenticate/{}", started["cf_payment_id"].as_str().unwrap_or_default());
    let submit = async |code: &str, action: &str| {
        let request = shop.bare("POST", &otp)?.json(&json!({ "otp": code, "action": action }));
        read(request.send().await?).await
    };
    let (_, wrong) = submit("000000", "SUBMIT_OTP").await?;
    assert_eq!(wrong["authenticate_status"], "FAILED");
    let (_, again) = submit("000000", "RESEND_OTP").await?;
    assert_eq!((&again["action"], &again["authenticate_status"]), (&json!("RESEND_OTP"), &json!("SUCCESS")));
    assert_eq!(shop.order_status("order_flow").await?, "ACTIVE");
    let (_, right) = submit("111000", "SUBMIT_OTP").await?;
    assert_eq!(right["authenticate_status"], "SUCCESS");
    assert_eq!(submit("111000", "SUBMIT_OTP").await?.0, 400);
    assert_eq!(shop.order_status("order_flow").await?, "PAID");

    let payment = shop.payment("order_flow").await?;
    assert_eq!(payment["payment_status"], "SUCCESS");
    assert_eq!(payment["is_captured"], false);
    assert_eq!(payment["payment_method"]["card"]["card_number"], "XXXXXXXXXXXX2123");
    assert!(payment["auth_id"].as_str().is_some_and(|id| id.starts_with('0')));
    assert_eq!(payment["payment_gateway_details"]["gateway_order_id"], json!(null));

    let (status, captured) =
        shop.post("/orders/order_flow/authorization", json!({ "action": "CAPTURE", "amount": 10 })).await?;
    assert_eq!(status, 200, "{captured}");
    assert_eq!((&captured["is_captured"], &captured["payment_status"]), (&json!(true), &json!("SUCCESS")));
    assert_eq!(captured["authorization"]["captured_amount"], json!(10));

    let refund = json!({ "refund_amount": 4.5, "refund_id": "refund_1", "refund_speed": "INSTANT" });
    let (status, refund) = shop.post("/orders/order_flow/refunds", refund).await?;
    assert_eq!(status, 200, "{refund}");
    assert!(refund.is_object());
    assert_eq!((&refund["refund_status"], &refund["refund_amount"]), (&json!("SUCCESS"), &json!(4.5)));

    let log: Vec<Change> = shop.sandbox.committed().iter().map(|entry| entry.change).collect();
    let expected = [
        Change::OrderCreated,
        Change::PaymentStarted,
        Change::PaymentMade,
        Change::Captured,
        Change::RefundCreated,
    ];
    assert_eq!(log, expected);
    assert_eq!(shop.sandbox.committed_of(Change::RefundCreated)[0].amount.as_deref(), Some("4.5"));
    Ok(())
}

#[tokio::test]
async fn an_order_without_an_id_gets_one() -> Result<()> {
    let shop = Shop::open().await?;
    let mut body = order_body("x", "1")?;
    body.as_object_mut().map(|fields| fields.remove("order_id"));
    let (_, first) = shop.post("/orders", body.clone()).await?;
    let (_, second) = shop.post("/orders", body).await?;
    assert!(first["order_id"].as_str().is_some_and(|id| id.starts_with("order_")));
    assert_ne!(first["order_id"], second["order_id"]);
    assert_eq!(first["order_amount"].to_string(), "1");
    Ok(())
}

#[tokio::test]
async fn an_order_id_is_taken_once() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_once", "5", None).await?;
    let (status, error) = shop.post("/orders", order_body("order_once", "5")?).await?;
    assert_eq!((status, &error["code"]), (409, &json!("order_already_exists")));
    assert_eq!(error["type"], "invalid_request_error");
    Ok(())
}

#[tokio::test]
async fn termination_waits_for_an_attempt_in_flight() -> Result<()> {
    let shop = Shop::open().await?;
    let terminate = async |order_id: &str| {
        let body = json!({ "order_status": "TERMINATED" });
        read(shop.signed("PATCH", &format!("/orders/{order_id}"))?.json(&body).send().await?).await
    };
    let idle = shop.order("order_idle", "5", None).await?;
    assert_eq!(terminate("order_idle").await?.1["order_status"], "TERMINATED");
    assert_eq!(terminate("order_idle").await?.0, 400);
    let body = json!({ "payment_session_id": idle, "payment_method": collect("testsuccess") });
    let (status, error) = read(shop.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_inactive")));

    let busy = shop.order("order_busy", "5", None).await?;
    let attempt = shop.pay(&busy, card("link")).await?;
    assert_eq!(terminate("order_busy").await?.1["order_status"], "TERMINATION_REQUESTED");
    shop.visit(&attempt).await?;
    assert_eq!(shop.order_status("order_busy").await?, "PAID");
    assert_eq!(terminate("order_busy").await?.1["code"], "order_already_paid");
    Ok(())
}

#[tokio::test]
async fn an_attempt_in_flight_outlives_its_order() -> Result<()> {
    let shop = Shop::open().await?;
    let session = shop.order("order_late", "5", None).await?;
    let attempt = shop.pay(&session, card("link")).await?;
    assert!(shop.sandbox.expire_order("order_late"));
    assert_eq!(shop.order_status("order_late").await?, "EXPIRED");
    shop.visit(&attempt).await?;
    assert_eq!(shop.order_status("order_late").await?, "PAID");
    let (status, error) = shop
        .post("/orders", {
            let mut body = order_body("order_past", "5")?;
            body["order_expiry_time"] = json!("2021-07-29T00:00:00.000Z");
            body
        })
        .await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_expiry_time_invalid")));
    Ok(())
}

#[tokio::test]
async fn extended_data_is_kept() -> Result<()> {
    let shop = Shop::open().await?;
    let mut body = order_body("order_ext", "5")?;
    body["cart_details"] = json!({
        "cart_name": "basket",
        "shipping_charge": 1.5,
        "customer_shipping_address": { "full_name": "A", "city": "Pune" },
        "cart_items": [{ "item_id": "i1", "item_quantity": 2 }],
    });
    shop.post("/orders", body).await?;
    let (status, data) = shop.get("/orders/order_ext/extended").await?;
    assert_eq!(status, 200);
    assert_eq!(data["cart"]["items"][0]["item_id"], "i1");
    assert_eq!(data["shipping_address"]["city"], "Pune");
    assert_eq!(data["charges"]["shipping_charges"], json!(1.5));
    let shipment = json!({
        "shipment_details": [{ "tracking_company": "C", "tracking_urls": ["https://c.example/1"], "tracking_numbers": ["1"] }],
        "order_delivery_status": { "status": "SHIPPED", "reason": "shipped" },
    });
    let (status, stored) =
        read(shop.signed("PUT", "/orders/order_ext/extended")?.json(&shipment).send().await?).await?;
    assert_eq!(status, 200, "{stored}");
    assert_eq!(stored["shipment_details"], shipment["shipment_details"]);
    assert_eq!(stored["order_id"], "order_ext");
    let nothing = json!({ "shipment_details": [null] });
    let (status, error) =
        read(shop.signed("PUT", "/orders/order_ext/extended")?.json(&nothing).send().await?).await?;
    assert_eq!((status, &error["code"]), (400, &json!("shipment_details.0_invalid")));
    Ok(())
}

#[tokio::test]
async fn identifiers_are_decoded_once() -> Result<()> {
    let shop = Shop::open().await?;
    for (order_id, encoded) in [("a-b_c", "a%2Db%5Fc"), ("abc", "%61b%63")] {
        shop.order(order_id, "5", None).await?;
        let (status, order) = shop.get(&format!("/orders/{encoded}")).await?;
        assert_eq!((status, &order["order_id"]), (200, &json!(order_id)));
        let (status, payments) = shop.get(&format!("/orders/{encoded}/payments")).await?;
        assert_eq!((status, payments), (200, json!([])));
    }
    // One identifier that no order has, not two segments of a path.
    for encoded in ["a%2Fb", "a%252Db%255Fc", "%E2%82%B9"] {
        let (status, error) = shop.get(&format!("/orders/{encoded}")).await?;
        assert_eq!((status, &error["code"]), (404, &json!("order_not_found")), "{encoded}");
    }
    let last = shop.sandbox.requests().pop();
    assert_eq!(last.map(|request| request.path).as_deref(), Some("/pg/orders/%E2%82%B9"));
    Ok(())
}
