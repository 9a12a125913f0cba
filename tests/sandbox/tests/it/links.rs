//! Payment links: paid whole or in parts, cancelled, expired.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{Shop, collect};

fn link(link_id: &str, amount: f64) -> Value {
    json!({
        "link_id": link_id,
        "link_amount": amount,
        "link_currency": "INR",
        "link_purpose": "two tickets",
        "customer_details": { "customer_phone": "9999999999" },
    })
}

fn in_parts(link_id: &str, amount: f64, least: f64) -> Value {
    let mut body = link(link_id, amount);
    body["link_partial_payments"] = json!(true);
    body["link_minimum_partial_amount"] = json!(least);
    body
}

/// Submits the form of the link's page and returns the status.
async fn open(shop: &Shop, link: &Value, form: &str) -> Result<u16> {
    shop.decide(link["link_url"].as_str().context("no page")?, form).await
}

async fn state(shop: &Shop, link_id: &str) -> Result<(String, String)> {
    let (_, link) = shop.get(&format!("/links/{link_id}")).await?;
    Ok((link["link_status"].as_str().unwrap_or_default().to_owned(), link["link_amount_paid"].to_string()))
}

fn link_state(status: &str, paid: &str) -> (String, String) {
    (status.to_owned(), paid.to_owned())
}

#[tokio::test]
async fn a_link_is_paid_through_an_order_of_its_own() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, made) = shop.post("/links", link("l_1", 100.1)).await?;
    assert_eq!((status, &made["link_status"], &made["link_amount_paid"]), (200, &json!("ACTIVE"), &json!(0)));
    assert_eq!(shop.post("/links", link("l_1", 1.0)).await?.0, 409);
    assert_eq!(open(&shop, &made, "amount=50").await?, 400, "parts were not allowed");
    assert_eq!(open(&shop, &made, "outcome=failed").await?, 200);
    assert_eq!(state(&shop, "l_1").await?, link_state("ACTIVE", "0"));
    assert_eq!(open(&shop, &made, "").await?, 200);
    assert_eq!(state(&shop, "l_1").await?, link_state("PAID", "100.1"));
    let (_, orders) = shop.get("/links/l_1/orders").await?;
    let order = &orders[0];
    assert_eq!(orders.as_array().map(Vec::len), Some(1));
    assert_eq!((&order["order_status"], &order["link_id"]), (&json!("PAID"), &json!("l_1")));
    assert_eq!(order["order_tags"], json!({ "link_id": "l_1" }));
    // The second visit found the order of the first, which had failed to pay it.
    let payments = format!("/orders/{}/payments", order["order_id"].as_str().context("no id")?);
    assert_eq!(shop.get(&payments).await?.1.as_array().map(Vec::len), Some(2));
    assert_eq!(open(&shop, &made, "").await?, 400, "a paid link takes no more");
    Ok(())
}

#[tokio::test]
async fn parts_add_up() -> Result<()> {
    let shop = Shop::open().await?;
    let (_, made) = shop.post("/links", in_parts("l_1", 100.0, 20.0)).await?;
    for amount in ["19.99", "99.50", "100.01", "x"] {
        assert_eq!(open(&shop, &made, &format!("amount={amount}")).await?, 400, "{amount}");
    }
    assert_eq!(open(&shop, &made, "amount=40.05").await?, 200);
    assert_eq!(state(&shop, "l_1").await?, link_state("PARTIALLY_PAID", "40.05"));
    assert_eq!(shop.post("/links/l_1/cancel", json!({})).await?.0, 400, "only an ACTIVE link");
    // A payer who looks and leaves has an order; one who pays another amount ends it.
    assert_eq!(open(&shop, &made, "outcome=pending").await?, 200);
    let (_, all) = shop.get("/links/l_1/orders?status=ALL").await?;
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!((&all[1]["order_status"], &all[1]["order_amount"]), (&json!("ACTIVE"), &json!(59.95)));
    assert_eq!(open(&shop, &made, "amount=50&outcome=pending").await?, 200);
    let (_, all) = shop.get("/links/l_1/orders?status=ALL").await?;
    assert_eq!((&all[1]["order_status"], &all[2]["order_status"]), (&json!("TERMINATED"), &json!("ACTIVE")));
    // The order of a link is paid like any other.
    shop.pay(all[2]["payment_session_id"].as_str().context("no session")?, collect("testsuccess")).await?;
    assert_eq!(state(&shop, "l_1").await?, link_state("PARTIALLY_PAID", "90.05"));
    // The remaining amount is below the minimum partial amount and can still be paid.
    assert_eq!(open(&shop, &made, "").await?, 200);
    assert_eq!(state(&shop, "l_1").await?, link_state("PAID", "100"));
    assert_eq!(shop.get("/links/l_1/orders?status=SOME").await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn a_link_ends() -> Result<()> {
    let shop = Shop::open().await?;
    let (_, made) = shop.post("/links", link("l_1", 5.0)).await?;
    open(&shop, &made, "outcome=pending").await?;
    let (status, cancelled) = shop.post("/links/l_1/cancel", json!({})).await?;
    assert_eq!((status, &cancelled["link_status"]), (200, &json!("CANCELLED")));
    let (_, all) = shop.get("/links/l_1/orders?status=ALL").await?;
    assert_eq!(all[0]["order_status"], "TERMINATED");
    let (status, error) = shop.post("/links/l_1/cancel", json!({})).await?;
    assert_eq!((status, &error["code"]), (400, &json!("link_status_invalid")));
    assert_eq!(open(&shop, &made, "").await?, 400);

    let (_, made) = shop.post("/links", link("l_2", 5.0)).await?;
    open(&shop, &made, "outcome=pending").await?;
    assert!(shop.sandbox.expire_link("l_2") && !shop.sandbox.expire_link("l_9"));
    assert_eq!(state(&shop, "l_2").await?, link_state("EXPIRED", "0"));
    let (_, all) = shop.get("/links/l_2/orders?status=ALL").await?;
    assert_eq!(all[0]["order_status"], "EXPIRED");
    assert_eq!(shop.post("/links/l_2/cancel", json!({})).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn what_no_link_can_be() -> Result<()> {
    let shop = Shop::open().await?;
    let mut past = link("l_1", 5.0);
    past["link_expiry_time"] = json!("2021-10-14T15:04:05+05:30");
    let mut part = link("l_1", 5.0);
    part["link_minimum_partial_amount"] = json!(2);
    let refused = [
        (link("l_1", 0.99), "link_amount_invalid"),
        (link("l_1", 5.001), "link_amount_invalid"),
        (link("l 1", 5.0), "link_id_invalid"),
        (past, "link_expiry_time_invalid"),
        (part, "link_minimum_partial_amount_invalid"),
        (in_parts("l_1", 5.0, 6.0), "link_minimum_partial_amount_invalid"),
    ];
    for (body, code) in refused {
        let (status, error) = shop.post("/links", body).await?;
        assert_eq!((status, &error["code"]), (400, &json!(code)));
    }
    for path in ["/links/l_1", "/links/l_1/orders"] {
        let (status, error) = shop.get(path).await?;
        assert_eq!((status, &error["code"]), (404, &json!("link_not_found")));
    }
    Ok(())
}

#[tokio::test]
async fn a_short_name_comes_back_as_it_was_taken() -> Result<()> {
    let shop = Shop::open().await?;
    let mut body = link("l_1", 1.0);
    // Too short for an order of the merchant, but not for the payer of a link.
    body["customer_details"]["customer_name"] = json!("Y");
    let (_, made) = shop.post("/links", body).await?;
    assert_eq!(open(&shop, &made, "").await?, 200);
    let (status, orders) = shop.get("/links/l_1/orders").await?;
    assert_eq!((status, &orders[0]["customer_details"]["customer_name"]), (200, &json!("Y")));
    Ok(())
}
