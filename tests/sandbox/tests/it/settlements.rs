//! Settlements and the books: what was paid, given back and contested, row by row.

use anyhow::Result;
use cashfree_sandbox::{BankMove, Change, LATER_API_VERSION};
use serde_json::{Value, json};

use crate::Shop;

const ALWAYS: [&str; 2] = ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"];

fn recon(cursor: &Value) -> Value {
    json!({
        "pagination": { "limit": 10, "cursor": cursor },
        "filters": { "start_date": ALWAYS[0], "end_date": ALWAYS[1] },
    })
}

#[tokio::test]
async fn a_marked_order_is_settled_when_the_day_ends() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    let (status, error) = shop.get("/orders/order_1/settlements").await?;
    assert_eq!((status, &error["code"]), (404, &json!("settlement_not_found")));
    let mark = json!({ "order_id": "order_1", "meta_data": { "settlement_date": "2025-07-21" } });
    let (status, response) = shop.post("/orders/settlements", mark.clone()).await?;
    assert_eq!((status, response), (202, json!({})));
    let (status, error) = shop.post("/orders/settlements", mark).await?;
    assert_eq!((status, &error["code"]), (400, &json!("api_request_failed")));
    let (_, initiated) = shop.get("/orders/order_1/settlements").await?;
    assert_eq!(initiated["settlement_amount"], json!(97.76));
    assert_eq!((&initiated["service_charge"], &initiated["service_tax"]), (&json!(1.9), &json!(0.34)));
    assert_eq!((&initiated["transfer_id"], &initiated["transfer_utr"]), (&Value::Null, &Value::Null));

    let ids = shop.sandbox.settle();
    assert_eq!(initiated["cf_settlement_id"], json!(ids[0]));
    let (_, settled) = shop.get("/orders/order_1/settlements").await?;
    assert!(settled["transfer_utr"].is_string() && settled["transfer_id"].is_u64());
    assert_eq!(shop.sandbox.settle(), Vec::<String>::new());
    let log = shop.sandbox.committed_of(Change::Settled);
    assert_eq!(log[0].amount.as_deref(), Some("97.76"));
    Ok(())
}

#[tokio::test]
async fn a_mark_needs_a_date_and_a_paid_order() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_open", "10", None).await?;
    for (order_id, date, status, code) in [
        ("order_open", "21.07.2025", 400, "api_request_failed"),
        ("order_open", "2025-07-21", 400, "order_id_not_paid"),
        ("order_none", "2025-07-21", 404, "order_not_found"),
    ] {
        let mark = json!({ "order_id": order_id, "meta_data": { "settlement_date": date } });
        let (received, error) = shop.post("/orders/settlements", mark).await?;
        assert_eq!((received, &error["code"]), (status, &json!(code)), "{order_id} {date}");
    }
    Ok(())
}

#[tokio::test]
async fn the_books_come_in_pages_that_end() -> Result<()> {
    let shop = Shop::open().await?;
    for number in 0..10 {
        shop.paid(&format!("order_{number}"), "10").await?;
    }
    let (_, page) = shop.post("/recon", recon(&Value::Null)).await?;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(10));
    let (_, last) = shop.post("/recon", recon(&page["cursor"])).await?;
    assert_eq!((&last["data"], &last["cursor"]), (&json!([]), &Value::Null));
    // A cursor of one report is none of another's.
    let body = json!({ "pagination": { "limit": 10, "cursor": page["cursor"] },
        "filters": { "start_date": ALWAYS[0], "end_date": ALWAYS[1] } });
    let (status, error) = shop.post("/settlements", body).await?;
    assert_eq!((status, &error["code"]), (400, &json!("pagination.cursor_invalid")));
    for (limit, path) in [(9, "/recon"), (1001, "/recon"), (101, "/recon/vendor")] {
        let body = json!({ "pagination": { "limit": limit },
            "filters": { "start_date": ALWAYS[0], "end_date": ALWAYS[1] } });
        let (status, error) = shop.post(path, body).await?;
        assert_eq!((status, &error["code"]), (400, &json!("pagination.limit_invalid")), "{limit} {path}");
    }
    for [start, end] in [["yesterday", ALWAYS[1]], [ALWAYS[1], ALWAYS[0]]] {
        let body =
            json!({ "pagination": { "limit": 10 }, "filters": { "start_date": start, "end_date": end } });
        let (status, error) = shop.post("/recon", body).await?;
        assert_eq!((status, &error["code"]), (400, &json!("order_expiry_time_invalid")), "{start}");
    }
    let early = json!({ "pagination": { "limit": 10 },
        "filters": { "start_date": "2020-01-01T00:00:00Z", "end_date": "2020-01-02T00:00:00Z" } });
    let (_, none) = shop.post("/recon", early).await?;
    assert_eq!(none["data"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_day_takes_refunds_and_disputes_off() -> Result<()> {
    let shop = Shop::open().await?;
    for order_id in ["order_1", "order_2", "order_3"] {
        shop.paid(order_id, "100").await?;
    }
    let refund = json!({ "refund_id": "refund_1", "refund_amount": 20.5, "refund_speed": "INSTANT" });
    assert_eq!(shop.post("/orders/order_1/refunds", refund).await?.0, 200);
    let dispute = shop.sandbox.raise_dispute("order_2").unwrap_or_default();
    let ids = shop.sandbox.settle();
    // 3 x 97.76 less 20.50 less 100.
    let log = shop.sandbox.committed_of(Change::Settled);
    assert_eq!(log[0].amount.as_deref(), Some("172.78"));
    let body = json!({ "pagination": { "limit": 10 }, "filters": { "cf_settlement_ids": ids } });
    let (_, page) = shop.post("/settlements", body.clone()).await?;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(3));
    let (_, page) = shop.post("/settlement/recon", body).await?;
    let kinds: Vec<&Value> = page["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| &row["event_details"]["event_type"])
        .collect();
    assert_eq!(kinds, ["PAYMENT", "PAYMENT", "PAYMENT", "REFUND", "DISPUTE"]);
    assert_eq!(page["data"][3]["refund_details"]["refund_id"], "refund_1");
    assert_eq!(page["data"][4]["event_details"]["sale_type"], "DEBIT");

    // What is won comes with the next day.
    let path = format!("/disputes/{dispute}/documents");
    assert_eq!(shop.document(&path, "note.pdf", "Delivery/Service Proof").await?.0, 200);
    assert!(shop.sandbox.move_dispute(dispute, BankMove::Review));
    assert!(shop.sandbox.move_dispute(dispute, BankMove::MerchantWins));
    shop.sandbox.settle();
    assert_eq!(shop.sandbox.committed_of(Change::Settled)[1].amount.as_deref(), Some("100"));
    let (_, own) = shop.post("/recon", recon(&Value::Null)).await?;
    let (_, nested) = shop.post_as(LATER_API_VERSION, "/recon", recon(&Value::Null)).await?;
    for page in [own, nested] {
        let rows = || page["data"].as_array().into_iter().flatten();
        let kinds: Vec<&Value> =
            rows().map(|row| row.get("event_type").unwrap_or(&row["event_details"]["event_type"])).collect();
        assert_eq!(
            kinds,
            [
                "PAYMENT",
                "PAYMENT",
                "PAYMENT",
                "REFUND",
                "DISPUTE",
                "SETTLEMENT",
                "DISPUTE_REVERSAL",
                "SETTLEMENT"
            ]
        );
        let names = rows().filter(|row| row["customer_details"]["customer_phone"].is_string()).count();
        assert!(page["data"][0].get("event_type").is_some() || names == 6, "{page}");
    }
    Ok(())
}
