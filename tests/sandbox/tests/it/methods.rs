//! What becomes of a payment, by method.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{Shop, card, collect, read};

#[tokio::test]
async fn upi_words_decide() -> Result<()> {
    let shop = Shop::open().await?;
    let outcomes = [
        ("testsuccess", "SUCCESS", Value::Null),
        ("testfailure", "FAILED", json!("payment_failed")),
        ("testinvalid", "FAILED", json!("upi_id_invalid")),
        ("testdeclineuser", "FAILED", json!("auth_declined")),
        ("testexpired", "FAILED", json!("request_expired")),
        ("testtimeoutbank", "FAILED", json!("bank_timeout")),
        ("testinsufficientfunds", "FAILED", json!("insufficient_funds")),
        ("testbankdeclined", "FAILED", json!("bank_rejected")),
        ("testnetworkerror", "FAILED", json!("network_error")),
        ("testinvalidpin", "FAILED", json!("invalid_pin")),
        ("testuserdropped", "USER_DROPPED", Value::Null),
        ("testriskflagged", "FLAGGED", Value::Null),
    ];
    for (word, status, reason) in outcomes {
        let order_id = format!("order_{word}");
        let session = shop.order(&order_id, "7.5", None).await?;
        shop.pay(&session, collect(word)).await?;
        let payment = shop.payment(&order_id).await?;
        assert_eq!(payment["payment_status"], status, "{word}");
        assert_eq!(payment["error_details"]["error_reason"], reason, "{word}");
        assert_eq!(payment["payment_method"]["upi"]["upi_id"], format!("{word}@gocash"));
        let order = if status == "SUCCESS" { "PAID" } else { "ACTIVE" };
        assert_eq!(shop.order_status(&order_id).await?, order, "{word}");
    }
    Ok(())
}

#[tokio::test]
async fn a_linked_page_pays() -> Result<()> {
    let shop = Shop::open().await?;
    let methods = [
        card("link"),
        json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }),
        json!({ "netbanking": { "channel": "link", "netbanking_bank_name": "TESTR" } }),
        json!({ "app": { "channel": "link", "provider": "phonepe", "phone": "8474090589" } }),
        json!({ "app": { "channel": "gpay", "provider": "gpay", "phone": "8474090589" } }),
        json!({ "upi": { "channel": "link" } }),
        json!({ "paylater": { "channel": "link", "provider": "lazypay", "phone": "8714268343" } }),
        json!({ "cardless_emi": { "channel": "link", "provider": "hdfc", "phone": "8714268343", "emi_tenure": 3 } }),
    ];
    for (at, method) in methods.into_iter().enumerate() {
        let order_id = format!("order_link_{at}");
        let key = method.as_object().and_then(|m| m.keys().next()).cloned().unwrap_or_default();
        let session = shop.order(&order_id, "1500.5", None).await?;
        let response = shop.pay(&session, method).await?;
        assert_eq!(shop.payment(&order_id).await?["payment_status"], "PENDING", "{key}");
        shop.visit(&response).await?;
        let payment = shop.payment(&order_id).await?;
        assert_eq!(payment["payment_status"], "SUCCESS", "{key}");
        assert_eq!(payment["payment_amount"].to_string(), "1500.5");
        assert!(payment["payment_method"][&key].is_object(), "{payment}");
        assert_eq!((&payment["error_details"], &payment["authorization"]), (&Value::Null, &Value::Null));
    }
    Ok(())
}

#[tokio::test]
async fn a_payer_can_refuse_or_leave() -> Result<()> {
    let shop = Shop::open().await?;
    for (outcome, status) in [("failed", "FAILED"), ("user_dropped", "USER_DROPPED")] {
        let session = shop.order(outcome, "5", None).await?;
        let response = shop.pay(&session, card("link")).await?;
        shop.decide(response["data"]["url"].as_str().context("no page")?, &format!("outcome={outcome}"))
            .await?;
        assert_eq!(shop.payment(outcome).await?["payment_status"], status);
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_card_fails_at_once() -> Result<()> {
    let shop = Shop::open().await?;
    let changes = [
        ("card_number", "4111111111111111", "bank_rejected"),
        ("card_cvv", "999", "card_cvv_invalid"),
        ("card_expiry_yy", "27", "card_expiry_invalid"),
    ];
    for (at, (field, value, reason)) in changes.into_iter().enumerate() {
        let order_id = format!("order_bad_{at}");
        let session = shop.order(&order_id, "5", None).await?;
        let mut method = card(if at == 0 { "post" } else { "link" });
        method["card"][field] = json!(value);
        shop.pay(&session, method).await?;
        let payment = shop.payment(&order_id).await?;
        assert_eq!(payment["payment_status"], "FAILED");
        assert_eq!(payment["error_details"]["error_reason"], reason);
        assert_eq!(payment["error_details"]["error_code"], "TRANSACTION_DECLINED");
    }
    Ok(())
}

#[tokio::test]
async fn an_order_is_paid_once() -> Result<()> {
    let shop = Shop::open().await?;
    let session = shop.order("order_twice", "5", None).await?;
    let slow = shop.pay(&session, card("link")).await?;
    shop.pay(&session, collect("testsuccess")).await?;
    let body = json!({ "payment_session_id": session, "payment_method": collect("testsuccess") });
    let (status, error) = read(shop.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_already_paid")));
    shop.visit(&slow).await?;
    let slow_id = slow["cf_payment_id"].as_str().unwrap_or_default();
    let (_, payment) = shop.get(&format!("/orders/order_twice/payments/{slow_id}")).await?;
    assert_eq!(payment["payment_status"], "CANCELLED");
    let (status, error) = shop.get("/orders/order_twice/payments/1").await?;
    assert_eq!((status, &error["code"]), (404, &json!("payment_not_found")));
    Ok(())
}
