//! Terminals, their soundboxes and what is paid at them.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{Shop, read};

const PHONE: &str = "9876543210";

fn terminal(terminal_id: &str, phone: &str) -> Value {
    json!({
        "terminal_id": terminal_id, "terminal_name": "Counter 1", "terminal_email": "counter@shop.example",
        "terminal_phone_no": phone, "terminal_type": "STOREFRONT",
    })
}

fn code(response: &(u16, Value)) -> (u16, &str) {
    (response.0, response.1["code"].as_str().unwrap_or_default())
}

async fn patch(shop: &Shop, path: &str, body: Value) -> Result<(u16, Value)> {
    read(shop.signed("PATCH", path)?.json(&body).send().await?).await
}

async fn upload(shop: &Shop, id: &str, kind: &str) -> Result<(u16, Value)> {
    let body = json!({ "doc_type": kind, "doc_value": "front", "file": "aGVsbG8=" });
    shop.post(&format!("/terminal/{id}/docs"), body).await
}

/// A terminal that takes payments: its number, and its UPI address.
async fn counter(shop: &Shop) -> Result<(String, String)> {
    let (status, created) = shop.post("/terminal", terminal("counter_1", PHONE)).await?;
    ensure!(status == 200, "{created}");
    let id = created["cf_terminal_id"].to_string();
    upload(shop, &id, "ADDRESSPROOF").await?;
    upload(shop, &id, "PHOTOGRAPH").await?;
    let (_, codes) =
        shop.get(&format!("/terminal/qrcodes?terminal_phone_no={PHONE}&cf_terminal_id={id}")).await?;
    let url = codes[0]["qrCodeUrl"].as_str().context("no code")?;
    let (_, vpa) = url.split_once("&pa=").context("no address")?;
    Ok((id, vpa.to_owned()))
}

#[tokio::test]
async fn a_terminal_needs_its_documents() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, created) = shop.post("/terminal", terminal("counter_1", PHONE)).await?;
    assert_eq!((status, &created["terminal_status"]), (200, &json!("DOCS_AWAITED")));
    assert_eq!(shop.get(&format!("/terminal/{PHONE}")).await?, (200, created.clone()));
    for again in [terminal("counter_1", "9876543211"), terminal("counter_2", PHONE)] {
        assert_eq!(code(&shop.post("/terminal", again).await?), (409, "terminal_already_exists"));
    }
    assert_eq!(code(&shop.get("/terminal/9999999999").await?), (404, "terminal_not_found"));
    let id = created["cf_terminal_id"].to_string();
    let status = |wanted: &str| json!({ "terminal_status": wanted });
    let path = format!("/terminal/{id}/status");
    assert_eq!(patch(&shop, &path, status("ACTIVE")).await?.1[0]["terminal_status"], "DOCS_AWAITED");
    let codes = format!("/terminal/qrcodes?terminal_phone_no={PHONE}&cf_terminal_id={id}");
    assert_eq!(shop.get(&codes).await?, (200, json!([])));
    assert_eq!(upload(&shop, &id, "PHOTOGRAPH").await?.1.as_array().map(Vec::len), Some(1));
    assert_eq!(upload(&shop, &id, "PHOTOGRAPH").await?.1.as_array().map(Vec::len), Some(1));
    assert_eq!(upload(&shop, &id, "ADDRESSPROOF").await?.1.as_array().map(Vec::len), Some(2));
    assert_eq!(shop.get(&format!("/terminal/{PHONE}")).await?.1["terminal_status"], "PROVISIONALLY_ACTIVE");
    assert_eq!(patch(&shop, &path, status("ACTIVE")).await?.1[0]["terminal_status"], "ACTIVE");
    assert_eq!(patch(&shop, &path, status("INACTIVE")).await?.1[0]["terminal_status"], "INACTIVE");
    assert_eq!(shop.get(&codes).await?.1[0]["status"], "INACTIVE");

    shop.post("/terminal", terminal("counter_2", "9876543211")).await?;
    let moved = json!({ "terminal_type": "AGENT", "terminal_phone_no": "9876543211" });
    let clash = patch(&shop, &format!("/terminal/{id}"), moved).await?;
    assert_eq!(code(&clash), (409, "terminal_already_exists"));
    let moved = json!({ "terminal_type": "AGENT", "terminal_phone_no": "9876543212" });
    let (_, moved) = patch(&shop, &format!("/terminal/{id}"), moved).await?;
    assert_eq!(moved[0]["terminal_type"], "AGENT");
    assert_eq!(code(&shop.get(&format!("/terminal/{PHONE}")).await?), (404, "terminal_not_found"));
    assert_eq!(shop.get("/terminal/9876543212").await?.0, 200);
    assert_eq!(code(&upload(&shop, "1", "PHOTOGRAPH").await?), (404, "terminal_not_found"));
    Ok(())
}

#[tokio::test]
async fn a_soundbox_is_coupled_once() -> Result<()> {
    let shop = Shop::open().await?;
    let (id, vpa) = counter(&shop).await?;
    let device =
        |vpa: &str, device: &str| json!({ "vpa": vpa, "cf_terminal_id": id, "device_serial_no": device });
    let box_of = format!("/terminal/soundbox/qrcodes?cf_terminal_id={id}&device_serial_no=sb_1");
    assert_eq!(code(&shop.get(&box_of).await?), (404, "soundbox_not_found"));
    assert_eq!(code(&shop.post("/terminal/soundbox", device("a@b", "sb_1")).await?), (400, "vpa_invalid"));
    let (status, coupled) = shop.post("/terminal/soundbox", device(&vpa, "sb_1")).await?;
    assert_eq!((status, &coupled["language"]), (200, &json!("English")));
    let again = shop.post("/terminal/soundbox", device(&vpa, "sb_2")).await?;
    assert_eq!(code(&again), (409, "soundbox_already_exists"));
    let change = json!({ "vpa": vpa, "cf_terminal_id": id, "language": "Hindi" });
    let (_, changed) = patch(&shop, &format!("/terminal/{id}/soundbox"), change).await?;
    assert_eq!(changed["language"], "Hindi", "{changed}");
    assert_eq!(shop.get(&box_of).await?, (200, json!([changed])));
    let part = json!({ "cf_terminal_id": id, "device_serial_no": "sb_1" });
    assert_eq!(shop.post("/terminal/demap/soundbox", part.clone()).await?.0, 200);
    assert_eq!(code(&shop.post("/terminal/demap/soundbox", part).await?), (404, "soundbox_not_found"));
    Ok(())
}

#[tokio::test]
async fn an_order_is_paid_at_the_counter() -> Result<()> {
    let shop = Shop::open().await?;
    let (id, _) = counter(&shop).await?;
    let mut references = Vec::new();
    for (order_id, method) in [("o_1", "LINK"), ("o_2", "LINK"), ("o_3", "QR_CODE")] {
        shop.order(order_id, "22.12", None).await?;
        let (_, order) = shop.get(&format!("/orders/{order_id}")).await?;
        let begin = json!({
            "cf_order_id": order["cf_order_id"], "cf_terminal_id": id, "payment_method": method,
        });
        let (status, begun) = shop.post("/terminal/transactions", begin.clone()).await?;
        assert_eq!((status, &begun["payment_amount"]), (200, &json!(22.12)));
        assert_eq!(begun["qrcode"].is_string(), method == "QR_CODE");
        let Some(page) = begun["payment_url"].as_str() else {
            continue;
        };
        assert_eq!(shop.decide(page, "").await?, 200);
        assert_eq!(shop.order_status(order_id).await?, "PAID");
        assert_eq!(code(&shop.post("/terminal/transactions", begin).await?), (400, "order_already_paid"));
        references.push(shop.payment(order_id).await?["bank_reference"].clone());
    }
    let reference = references[1].as_str().context("no reference")?;
    let (status, found) = shop.get(&format!("/terminal/{id}/payments?utr={reference}")).await?;
    assert_eq!((status, &found["order_id"]), (200, &json!("o_2")));
    assert_eq!(found["customer_details"]["customer_id"], "cust_1");
    assert_eq!(
        code(&shop.get(&format!("/terminal/{id}/payments?utr=none")).await?),
        (404, "payment_not_found")
    );

    let number: u64 = id.parse()?;
    let list = |filter: Value, page: u64| {
        let body = json!({ "filter": filter, "pagination": { "page_number": page, "page_size": 2 } });
        shop.post("/terminal/payments", body)
    };
    let orders = |response: (u16, Value)| -> Vec<Value> {
        response.1.as_array().into_iter().flatten().map(|payment| payment["order_id"].clone()).collect()
    };
    let here = json!({ "cf_terminal_id": number });
    assert_eq!(orders(list(here.clone(), 1).await?), ["o_1", "o_2"]);
    assert_eq!(orders(list(here.clone(), 2).await?), ["o_3"]);
    assert_eq!(list(here, 3).await?, (200, json!([])));
    assert_eq!(orders(list(json!({ "sort_order": "DESC" }), 1).await?), ["o_3", "o_2"]);
    assert_eq!(orders(list(json!({ "payment_status": "PENDING" }), 1).await?), ["o_3"]);
    assert_eq!(orders(list(json!({ "payment_group": "UPI" }), 1).await?).len(), 2);
    assert_eq!(list(json!({ "cf_terminal_id": 1 }), 1).await?, (200, json!([])));
    assert_eq!(list(json!({ "end_date": "2023-08-04T13:12:58+05:30" }), 1).await?, (200, json!([])));
    assert_eq!(code(&list(json!({}), 0).await?), (400, "pagination.page_number_invalid"));
    assert_eq!(code(&list(json!({ "start_date": "today" }), 1).await?), (400, "filter.start_date_invalid"));

    patch(&shop, &format!("/terminal/{id}/status"), json!({ "terminal_status": "INACTIVE" })).await?;
    let begin = json!({ "cf_order_id": "1", "terminal_phone_no": PHONE, "payment_method": "LINK" });
    assert_eq!(code(&shop.post("/terminal/transactions", begin).await?), (400, "terminal_status_invalid"));
    Ok(())
}
