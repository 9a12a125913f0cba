//! Simulated payments and settlements, and reported downtimes.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use cashfree_sandbox::{Downtime, Impact};
use serde_json::{Value, json};

use crate::{Shop, card, collect};

fn ending(entity_id: &Value, status: &str, error: &str) -> Value {
    json!({
        "entity": "PAYMENTS", "entity_id": entity_id,
        "entity_simulation": { "payment_status": status, "payment_error_code": error },
    })
}

#[tokio::test]
async fn a_pending_payment_ends_as_requested() -> Result<()> {
    let shop = Shop::open().await?;
    for (at, (status, order)) in
        [("SUCCESS", "PAID"), ("FAILED", "ACTIVE"), ("USER_DROPPED", "ACTIVE")].into_iter().enumerate()
    {
        let order_id = format!("order_{at}");
        let session = shop.order(&order_id, "10", None).await?;
        let begun = shop.pay(&session, card("link")).await?;
        let id = &begun["cf_payment_id"];
        let (_, simulated) = shop.post("/simulate", ending(id, "PENDING", "")).await?;
        assert_eq!(shop.payment(&order_id).await?["payment_status"], "PENDING", "{simulated}");
        let error = if status == "FAILED" { "ISSUER_NOT_AVAILABLE" } else { "" };
        let (code, simulated) = shop.post("/simulate", ending(id, status, error)).await?;
        assert_eq!(code, 200, "{simulated}");
        let payment = shop.payment(&order_id).await?;
        assert_eq!(payment["payment_status"], status);
        assert_eq!(payment["error_details"]["error_code"].as_str().unwrap_or_default(), error);
        assert_eq!(shop.order_status(&order_id).await?, order);
        let simulation = simulated["simulation_id"].as_str().context("no id")?;
        assert_eq!(shop.get(&format!("/simulate/{simulation}")).await?, (200, simulated.clone()));
        let (code, refused) = shop.post("/simulate", ending(id, "SUCCESS", "")).await?;
        assert_eq!((code, &refused["code"]), (400, &json!("entity_id_invalid")), "it has ended");
    }
    let mut of_subscription = ending(&json!("1"), "SUCCESS", "");
    of_subscription["entity"] = json!("SUBS_PAYMENTS");
    assert_eq!(shop.post("/simulate", of_subscription).await?.1["code"], "entity_unsupported");
    assert_eq!(shop.post("/simulate", ending(&json!("1"), "SUCCESS", "")).await?.0, 404);
    assert_eq!(shop.get("/simulate/sim_1").await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn an_order_is_settled_once() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("paid_1", "10").await?;
    shop.paid("paid_2", "20").await?;
    let session = shop.order("open", "30", None).await?;
    shop.pay(&session, collect("testfailure")).await?;
    let settle = |ids: &[&str], status: &str| json!({ "merchantOrderIds": ids, "status": status });
    for (body, status, code) in [
        (settle(&["paid_1", "open"], "SUCCESS"), 400, "merchantOrderIds_invalid"),
        (settle(&["nothing"], "SUCCESS"), 404, "order_not_found"),
        (settle(&[], "SUCCESS"), 400, "merchantOrderIds_missing"),
        (json!({ "txnTime": "2021-05-01 13:00:00", "status": "SUCCESS" }), 400, "txnTime_invalid"),
    ] {
        let (received, error) = shop.post("/simulate/settlement", body).await?;
        assert_eq!((received, &error["code"]), (status, &json!(code)));
    }
    let (_, failed) = shop.post("/simulate/settlement", settle(&["paid_1"], "FAILED")).await?;
    let (status, settled) = shop.post("/simulate/settlement", settle(&["paid_1"], "SUCCESS")).await?;
    assert_eq!((status, &settled["simulation_status"]), (200, &json!("SUCCESS")));
    assert_ne!(failed["settlement_ids"], settled["settlement_ids"]);
    let simulation = settled["simulation_id"].as_str().context("no id")?;
    assert_eq!(shop.get(&format!("/simulate/settlement/{simulation}")).await?, (200, settled.clone()));
    assert_eq!(shop.post("/simulate/settlement", settle(&["paid_1"], "SUCCESS")).await?.0, 400, "once");
    Ok(())
}

#[tokio::test]
async fn downtimes_are_listed_by_what_they_hit() -> Result<()> {
    let shop = Shop::open().await?;
    assert_eq!(shop.get("/incident").await?, (200, json!({ "count": 0, "incidents": [] })));
    let upi = shop.sandbox.report_downtime(Downtime::upi(&["Sandbox Bank"]).impact(Impact::High));
    let cards = Downtime::card(&["Sandbox Bank"], &["VISA"]).message("Visa is slow.");
    shop.sandbox.report_downtime(cards);
    let day = Duration::from_secs(86_400);
    let tomorrow = SystemTime::now() + day;
    shop.sandbox.report_downtime(Downtime::wallet(&["Sandbox Wallet"]).announced(tomorrow, tomorrow + day));
    shop.sandbox.report_downtime(Downtime::net_banking(&["Test Bank"], "3333").impact(Impact::Low));
    assert!(shop.sandbox.resolve_downtime(&upi) && !shop.sandbox.resolve_downtime("incident_1"));
    for (query, count) in [
        ("", 3),
        ("incident_status=RESOLVED", 1),
        ("incident_status=RESOLVED&incident_status=UPCOMING", 2),
        ("incident_type=SCHEDULED", 1),
        ("incident_impact=LOW&incident_impact=MEDIUM", 3),
        ("payment_method=CARD&payment_method=NET_BANKING", 2),
        ("incident_start_time=2021-06-01%2014:00:00", 3),
        ("incident_end_time=2021-06-01%2014:00:00", 0),
    ] {
        let (status, listed) = shop.get(&format!("/incident?{query}")).await?;
        assert_eq!((status, &listed["count"]), (200, &json!(count)), "{query}");
    }
    for query in ["payment_method=CASH", "payment_method=UPI,CARD", "incident_id=a&incident_id=b"] {
        assert_eq!(shop.get(&format!("/incident?{query}")).await?.0, 400, "{query}");
    }
    let (_, incident) = shop.get(&format!("/incident/{upi}")).await?;
    assert_eq!(
        (&incident["incident_status"], &incident["incident_impact"]),
        (&json!("RESOLVED"), &json!("HIGH"))
    );
    let (status, error) = shop.get("/incident/incident_1").await?;
    assert_eq!((status, &error["code"]), (404, &json!("incident_not_found")));
    Ok(())
}
