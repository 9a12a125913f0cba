//! Customers, and the cards they saved.

use anyhow::{Context, Result, ensure};
use cashfree_sandbox::Change;
use serde_json::{Value, json};

use crate::{Shop, card, read};

/// Pays an order of `cust_1`, and saves the card.
async fn save(shop: &Shop, order_id: &str, card: Value, outcome: &str) -> Result<()> {
    let session = shop.order(order_id, "10", None).await?;
    let body = json!({ "payment_session_id": session, "payment_method": card, "save_instrument": true });
    let (status, response) = read(shop.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
    ensure!(status == 200, "{response}");
    let page = response["data"]["url"].as_str().context("no page")?;
    shop.decide(page, &format!("outcome={outcome}")).await?;
    Ok(())
}

async fn saved(shop: &Shop) -> Result<Vec<Value>> {
    let (status, list) = shop.get("/customers/cust_1/instruments?instrument_type=card").await?;
    ensure!(status == 200, "{list}");
    Ok(list.as_array().context("no list")?.clone())
}

#[tokio::test]
async fn a_card_is_saved_once_it_has_paid() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, error) = shop.get("/customers/cust_1/instruments?instrument_type=card").await?;
    assert_eq!((status, &error["code"]), (404, &json!("customer_not_found")));
    save(&shop, "o_1", card("link"), "failed").await?;
    assert_eq!(saved(&shop).await?, Vec::<Value>::new());
    save(&shop, "o_2", card("link"), "").await?;
    save(&shop, "o_3", card("link"), "").await?;
    let list = saved(&shop).await?;
    assert_eq!(list.len(), 1, "the same card is saved once");
    assert_eq!(list[0]["instrument_display"], "xxxxxxxxxxxx2123");
    assert_eq!(list[0]["instrument_meta"]["card_type"], "DEBIT_CARD");
    assert_eq!(list[0]["created_at"].as_str().map(str::len), Some("2021-11-11 16:57:57".len()));
    assert_eq!(shop.sandbox.committed_of(Change::InstrumentSaved).len(), 1);
    assert_eq!(shop.get("/customers/cust_1/instruments").await?.0, 400, "instrument_type is required");

    let path =
        format!("/customers/cust_1/instruments/{}", list[0]["instrument_id"].as_str().context("no id")?);
    assert_eq!(shop.get(&path).await?, (200, list[0].clone()));
    let (_, first) = shop.get(&format!("{path}/cryptogram")).await?;
    let (_, second) = shop.get(&format!("{path}/cryptogram")).await?;
    assert_eq!((&first["card_number"], &first["card_display"]), (&second["card_number"], &json!("2123")));
    assert_ne!(first["cryptogram"], second["cryptogram"]);
    assert_ne!(first["card_number"], "4706131211212123", "a token is not the card");
    // Another customer does not see it.
    shop.sandbox.save_card("cust_2", "other", "4706131211212123");
    assert_eq!(shop.get(&path.replace("cust_1", "cust_2")).await?.0, 404);
    let (status, deleted) = read(shop.signed("DELETE", &path)?.send().await?).await?;
    assert_eq!((status, &deleted["instrument_status"]), (200, &json!("INACTIVE")));
    let (status, error) = read(shop.signed("DELETE", &path)?.send().await?).await?;
    assert_eq!((status, &error["code"]), (404, &json!("instrument_not_found")));
    assert_eq!(saved(&shop).await?, Vec::<Value>::new());
    Ok(())
}

#[tokio::test]
async fn a_saved_card_pays() -> Result<()> {
    let shop = Shop::open().await?;
    assert!(shop.sandbox.save_card("cust_1", "inst_1", "5105105105105100"));
    assert!(!shop.sandbox.save_card("cust_1", "inst_2", "4111111111111111"));
    let session = shop.order("o_1", "10", None).await?;
    let with = |instrument: &str| json!({ "card": { "channel": "link", "instrument_id": instrument } });
    let body = json!({ "payment_session_id": session, "payment_method": with("inst_2") });
    let (status, error) = read(shop.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
    assert_eq!((status, &error["code"]), (404, &json!("instrument_not_found")));
    let response = shop.pay(&session, with("inst_1")).await?;
    shop.visit(&response).await?;
    let paid = shop.payment("o_1").await?;
    assert_eq!(paid["payment_status"], "SUCCESS");
    let paid = &paid["payment_method"]["card"];
    assert_eq!(
        (&paid["card_number"], &paid["card_network"]),
        (&json!("XXXXXXXXXXXX5100"), &json!("mastercard"))
    );
    assert_eq!(paid["instrument_id"], "inst_1");
    Ok(())
}

#[tokio::test]
async fn a_phone_number_is_registered_once() -> Result<()> {
    let shop = Shop::open().await?;
    let body = json!({ "customer_phone": "9999999999", "customer_name": "A. Payer" });
    let (status, customer) = shop.post("/customers", body.clone()).await?;
    assert_eq!((status, &customer["customer_email"]), (200, &Value::Null));
    assert!(customer["customer_uid"].as_str().is_some_and(|uid| uid.starts_with("cfcustom_")));
    let (status, error) = shop.post("/customers", body).await?;
    assert_eq!((status, &error["code"]), (409, &json!("customer_already_exists")));
    assert_eq!(shop.post("/customers", json!({ "customer_phone": "99999-9999" })).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn what_is_known_of_a_card() -> Result<()> {
    let shop = Shop::open().await?;
    for number in ["510510", "5105105105105100"] {
        let (status, bin) = shop.post("/utilities/cardbin", json!({ "card_number": number })).await?;
        assert_eq!((status, &bin["scheme"], &bin["type"]), (200, &json!("mastercard"), &json!("credit")));
    }
    for (number, status, code) in
        [("51051", 400, "card_number_invalid"), ("411111", 404, "cardbin_details_not_found")]
    {
        let (received, error) = shop.post("/utilities/cardbin", json!({ "card_number": number })).await?;
        assert_eq!((received, &error["code"]), (status, &json!(code)));
    }
    let plain = |number: &str, cvv: &str| {
        json!({
            "card_number": number, "card_cvv": cvv, "card_expiry_mm": "03", "card_expiry_yy": "28",
            "card_type": "PLAIN_CARD",
        })
    };
    let (_, first) = shop.post("/utilities/pars", plain("5105105105105100", "123")).await?;
    let (_, again) = shop.post("/utilities/pars", plain("5105105105105100", "123")).await?;
    let (_, other) = shop.post("/utilities/pars", plain("4706131211212123", "123")).await?;
    assert_eq!(first["par"].as_str().map(str::len), Some(29));
    assert!(first == again && first != other);
    shop.sandbox.save_card("cust_1", "inst_1", "5105105105105100");
    let (_, saved) = shop.get("/customers/cust_1/instruments/inst_1").await?;
    assert_eq!(saved["instrument_meta"]["card_token_details"]["par"], first["par"]);
    assert_eq!(shop.post("/utilities/pars", plain("5105105105105100", "124")).await?.0, 400);
    assert_eq!(shop.post("/utilities/pars", plain("4111111111111111", "123")).await?.0, 404);
    Ok(())
}
