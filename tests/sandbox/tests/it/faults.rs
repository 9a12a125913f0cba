//! Scripted faults: what the client sees, and what really happened.

use std::time::Duration;

use anyhow::Result;
use cashfree_sandbox::{Change, Fault};
use serde_json::{Value, json};

use crate::{Shop, order_body, read};

async fn create(shop: &Shop, order_id: &str) -> Result<reqwest::Response, anyhow::Error> {
    let request = shop.signed("POST", "/orders")?.header("x-idempotency-key", order_id);
    Ok(request.json(&order_body(order_id, "5")?).send().await?)
}

fn created(shop: &Shop) -> usize {
    shop.sandbox.committed_of(Change::OrderCreated).len()
}

#[tokio::test]
async fn a_dropped_connection_reports_nothing() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::DropBeforeRead, "PGCreateOrder", 1);
    assert!(create(&shop, "order_1").await.is_err());
    assert_eq!(created(&shop), 0);
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    assert!(create(&shop, "order_2").await.is_err());
    assert_eq!(created(&shop), 1);
    // The repeat under the same key learns what happened, and nothing happens twice.
    let repeat = create(&shop, "order_2").await?;
    assert_eq!(repeat.status(), 200);
    assert!(repeat.headers().get("x-idempotency-replayed").is_some_and(|value| value == "true"));
    assert_eq!(created(&shop), 1);
    assert_eq!(shop.sandbox.requests_of("PGCreateOrder").len(), 3);
    Ok(())
}

#[tokio::test]
async fn invalid_responses_leave_the_work_done() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::TruncatedJson, "PGCreateOrder", 1);
    let half = create(&shop, "order_1").await?;
    assert_eq!(half.status(), 200);
    assert!(serde_json::from_str::<Value>(&half.text().await?).is_err());
    shop.sandbox.script(Fault::CutShort, "PGCreateOrder", 1);
    let cut = create(&shop, "order_2").await?;
    assert_eq!(cut.status(), 200);
    assert!(cut.text().await.is_err());
    shop.sandbox.script(Fault::EmptyBody, "PGCreateOrder", 1);
    let empty = create(&shop, "order_3").await?;
    assert_eq!((empty.status().as_u16(), empty.text().await?), (200, String::new()));
    shop.sandbox.script(Fault::GatewayTimeout, "PGCreateOrder", 1);
    let late = create(&shop, "order_4").await?;
    assert_eq!(late.status(), 504);
    assert!(late.headers().get("x-request-id").is_none());
    assert_eq!((created(&shop), shop.sandbox.faults_left()), (4, 0));
    let (_, again) = read(create(&shop, "order_3").await?).await?;
    assert_eq!(again["order_id"], "order_3");
    Ok(())
}

#[tokio::test]
async fn errors_from_in_front_and_from_within() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script_any(Fault::Html502, 1);
    shop.sandbox.script_any(Fault::Json502, 1);
    shop.sandbox.script_any(Fault::Status(503, "later".into(), "text/plain".into()), 1);
    shop.sandbox.script_any(Fault::RateLimited { retry: None }, 1);
    shop.sandbox.script_any(Fault::RateLimited { retry: Some(7) }, 1);
    let html = create(&shop, "order_1").await?;
    assert_eq!(html.status(), 502);
    assert!(html.headers().get("x-request-id").is_none());
    assert!(html.text().await?.contains("<h1>"));
    let (status, error) = read(create(&shop, "order_1").await?).await?;
    assert_eq!((status, &error["code"]), (502, &json!("bank_processing_failure")));
    assert_eq!(create(&shop, "order_1").await?.status(), 503);
    let limited = create(&shop, "order_1").await?;
    assert_eq!(limited.status(), 429);
    assert!(limited.headers().get("x-ratelimit-retry").is_none());
    let limited = create(&shop, "order_1").await?;
    assert!(limited.headers().get("x-ratelimit-retry").is_some_and(|value| value == "7"));
    assert_eq!(created(&shop), 0);
    assert_eq!(create(&shop, "order_1").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_stored_500_is_replayed() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::ServerError500, "PGCreateOrder", 1);
    assert_eq!(create(&shop, "order_1").await?.status(), 500);
    let repeat = create(&shop, "order_1").await?;
    assert_eq!(repeat.status(), 500);
    assert!(repeat.headers().get("x-idempotency-replayed").is_some_and(|value| value == "true"));
    assert_eq!(created(&shop), 0);
    Ok(())
}

#[tokio::test]
async fn slow_work_is_done_even_if_nobody_waits() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::Delay(Duration::from_millis(120)), "PGCreateOrder", 1);
    let request = shop.signed("POST", "/orders")?.header("x-idempotency-key", "order_1");
    let request = request.json(&order_body("order_1", "5")?).timeout(Duration::from_millis(30));
    assert!(request.send().await.is_err_and(|error| error.is_timeout()));
    let repeat = create(&shop, "order_1").await?;
    assert_eq!(repeat.status(), 200);
    assert_eq!(created(&shop), 1);
    Ok(())
}

#[tokio::test]
async fn responses_can_be_altered() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5", None).await?;
    let change =
        json!({ "order_status": "PONDERING", "order_meta": { "return_url": 7 }, "added_later": [1] });
    shop.sandbox.script(Fault::Altered(change), "PGFetchOrder", 1);
    let (_, order) = shop.get("/orders/order_1").await?;
    assert_eq!((&order["order_status"], &order["added_later"]), (&json!("PONDERING"), &json!([1])));
    assert_eq!(order["order_meta"]["return_url"], json!(7));
    assert_eq!(shop.order_status("order_1").await?, "ACTIVE");
    Ok(())
}

#[tokio::test]
async fn dropping_the_sandbox_closes_it() -> Result<()> {
    let shop = Shop::open().await?;
    let url = format!("{}/orders/x", shop.sandbox.base_url());
    assert_eq!(shop.http.get(&url).send().await?.status(), 400);
    let http = shop.http.clone();
    drop(shop);
    tokio::task::yield_now().await;
    assert!(http.get(&url).send().await.is_err());
    Ok(())
}

#[tokio::test]
async fn valid_responses_in_unusual_forms() -> Result<()> {
    let shop = Shop::open().await?;
    for (nth, fault) in [
        Fault::WrongContentType,
        Fault::MissingHeaders,
        Fault::DuplicateHeaders,
        Fault::Dripped(Duration::from_millis(64)),
    ]
    .into_iter()
    .enumerate()
    {
        shop.sandbox.script(fault.clone(), "PGCreateOrder", 1);
        let name = format!("order_{nth}");
        let response = create(&shop, &name).await?;
        let headers = response.headers().clone();
        let body: Value = serde_json::from_str(&response.text().await?)?;
        assert_eq!(body["order_id"], name, "{fault:?}");
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok());
        let expected = if fault == Fault::WrongContentType { "text/html" } else { "application/json" };
        assert_eq!(kind, Some(expected), "{fault:?}");
        let limits = match fault {
            Fault::MissingHeaders => 0,
            Fault::DuplicateHeaders => 2,
            _ => 1,
        };
        assert_eq!(headers.get_all("x-ratelimit-limit").iter().count(), limits, "{fault:?}");
    }
    shop.sandbox.script(Fault::GarbageJson, "PGCreateOrder", 1);
    let garbage = create(&shop, "order_g").await?;
    assert_eq!(garbage.status(), 200);
    assert!(serde_json::from_str::<Value>(&garbage.text().await?).is_err());
    shop.sandbox.script(Fault::Gzip, "PGCreateOrder", 1);
    let packed = create(&shop, "order_z").await?;
    assert_eq!(packed.headers().get("content-encoding").map(|value| value.as_bytes()), Some(&b"gzip"[..]));
    assert!(packed.bytes().await?.starts_with(&[0x1f, 0x8b]));
    assert_eq!(created(&shop), 6);
    Ok(())
}

#[tokio::test]
async fn a_stalled_request_never_gets_a_response() -> Result<()> {
    let shop = Shop::open().await?;
    for (nth, fault) in [Fault::Stall, Fault::StallAfterCommit].into_iter().enumerate() {
        shop.sandbox.script(fault.clone(), "PGCreateOrder", 1);
        let struck = async {
            while shop.sandbox.requests().len() <= nth || created(&shop) < nth {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // Long enough for a response, if there were one.
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        tokio::select! {
            response = create(&shop, "order_1") => anyhow::bail!("{fault:?}: {response:?}"),
            () = struck => {}
        }
        assert_eq!(created(&shop), nth, "{fault:?}");
    }
    let committed = shop.sandbox.committed_of(Change::OrderCreated);
    assert_eq!(committed[0].idempotency_key.as_deref(), Some("order_1"));
    Ok(())
}

#[tokio::test]
async fn a_closed_port_refuses_and_reopens() -> Result<()> {
    let shop = Shop::open().await?;
    let connect = || tokio::net::TcpStream::connect(shop.sandbox.address());
    drop(connect().await?);
    shop.sandbox.close_port();
    shop.sandbox.cut_connections();
    // The listener notices in its own time; from then on nobody gets in.
    while connect().await.is_ok() {
        tokio::task::yield_now().await;
    }
    for _ in 0..5 {
        let refused = connect().await.err().map(|error| error.kind());
        assert_eq!(refused, Some(std::io::ErrorKind::ConnectionRefused));
    }
    shop.sandbox.open_port();
    while connect().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(create(&shop, "order_1").await?.status(), 200);
    Ok(())
}
