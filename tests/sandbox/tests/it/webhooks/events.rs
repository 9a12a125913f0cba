//! Events of refunds, settlements, links, saved cards, terminals, downtimes and subscriptions.

use super::{Received, Receiver, all_delivered, settled, shop, types};
use crate::{Shop, card, collect, order_body};
use anyhow::{Context, Result};
use cashfree_sandbox::{BankMove, Downtime, MandateEvent, Sandbox, VendorReview};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test]
async fn refund_events_report_the_outcome() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = Shop::with(
        Sandbox::builder()
            .webhooks(receiver.url.as_str())
            .refund_delay(Duration::from_secs(3600))
            .start()
            .await?,
    )?;
    shop.paid("order_1", "100").await?;
    for (id, speed) in [("refund_1", "INSTANT"), ("refund_2", "STANDARD")] {
        let refund = json!({ "refund_id": id, "refund_amount": 10, "refund_speed": speed });
        assert_eq!(shop.post("/orders/order_1/refunds", refund).await?.0, 200);
    }
    // A pending refund is not settled yet.
    assert!(!shop.sandbox.webhooks_settled(Duration::from_millis(100)).await);
    let cancel = json!({ "refund_status": "CANCELLED", "remarks": "kept" });
    let request = shop.signed("PUT", "/orders/order_1/refunds/refund_2")?.json(&cancel);
    let (status, response) = crate::read(request.send().await?).await?;
    assert_eq!(status, 200, "{response}");
    let deliveries = settled(&shop).await?;
    all_delivered(&deliveries);
    let refunds: Vec<(Value, Value)> = deliveries[2..]
        .iter()
        .map(|delivery| delivery.json()["data"]["refund"].clone())
        .map(|refund| (refund["refund_id"].clone(), refund["refund_status"].clone()))
        .collect();
    assert_eq!(refunds, [(json!("refund_1"), json!("SUCCESS")), (json!("refund_2"), json!("CANCELLED"))]);
    Ok(())
}

#[tokio::test]
async fn money_in_transit_sends_events() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str())).await?;
    let vendor = json!({
        "vendor_id": "vendor_1", "status": "ACTIVE", "name": "Ravi Traders", "email": "ravi@shop.example",
        "phone": "9999999999", "verify_account": true, "dashboard_access": false, "schedule_option": 1,
        "bank": { "account_number": "00111122233", "account_holder": "Ravi Kumar", "ifsc": "HDFC0000001" },
        "kyc_details": { "account_type": "BUSINESS", "business_type": "NBFC", "pan": "ABCPV1234D" },
    });
    let (status, response) = shop.post("/easy-split/vendors", vendor).await?;
    assert_eq!(status, 200, "{response}");
    assert!(shop.sandbox.review_vendor("vendor_1", VendorReview::Approve));
    assert!(shop.sandbox.review_vendor("vendor_1", VendorReview::Approve));
    let mut body = order_body("order_1", "100")?;
    body["order_splits"] = json!([{ "vendor_id": "vendor_1", "amount": 20 }]);
    let (_, order) = shop.post("/orders", body).await?;
    shop.pay(order["payment_session_id"].as_str().context("session")?, collect("testsuccess")).await?;
    shop.paid("order_2", "50").await?;
    let ids = shop.sandbox.settle();
    let dispute = shop.sandbox.raise_dispute("order_2").context("no dispute")?;
    assert!(shop.sandbox.move_dispute(dispute, BankMove::Escalate));
    assert!(shop.sandbox.move_dispute(dispute, BankMove::MerchantLoses));
    let deliveries = settled(&shop).await?;
    all_delivered(&deliveries);
    let sent: Vec<&str> =
        types(&deliveries).into_iter().filter(|kind| !kind.starts_with("PAYMENT")).collect();
    assert_eq!(
        sent,
        [
            "VENDOR_STATUS_UPDATE",
            "SETTLEMENT_INITIATED",
            "SETTLEMENT_SUCCESS",
            "VENDOR_SETTLEMENT_INITIATED",
            "VENDOR_SETTLEMENT_SUCCESS",
            "DISPUTE_CREATED",
            "DISPUTE_UPDATED",
            "DISPUTE_CLOSED",
        ]
    );
    let of = |kind: &str| -> Result<Value> {
        let found = deliveries.iter().find(|known| known.event_type == kind).context(kind.to_owned())?;
        Ok(found.json()["data"].clone())
    };
    let status = of("VENDOR_STATUS_UPDATE")?;
    assert_eq!(
        (&status["past_status"], &status["updated_status"]),
        (&json!("IN_BENE_CREATION"), &json!("ACTIVE"))
    );
    let settlement = &of("SETTLEMENT_SUCCESS")?["settlement"];
    assert_eq!(settlement["settlement_id"].to_string(), ids[0]);
    assert_eq!((&settlement["payment_amount"], &settlement["adjustment"]), (&json!(150.0), &json!(-20.0)));
    let (_, settled) = shop.get("/orders/order_1/settlements").await?;
    assert_eq!(settlement["utr"].to_string(), settled["transfer_utr"].as_str().unwrap_or_default());
    let payout = &of("VENDOR_SETTLEMENT_SUCCESS")?["settlement"];
    assert_eq!(
        (&payout["settlement_amount"], &payout["account_number"]),
        (&json!(20.0), &json!("XXXXXXX2233"))
    );
    assert_eq!(of("VENDOR_SETTLEMENT_INITIATED")?["settlement"]["settled_on"], "null");
    assert_eq!(of("DISPUTE_UPDATED")?["dispute"]["dispute_update"], "TYPE_UPDATE");
    let closed = &of("DISPUTE_CLOSED")?["dispute"];
    assert_eq!(closed["dispute_id"], dispute.to_string());
    assert_eq!(closed["resolved_at"].as_str().map(str::len), Some(35));
    Ok(())
}

#[tokio::test]
async fn links_cards_terminals_and_downtimes_send_events() -> Result<()> {
    let (own, receiver) = (Receiver::open(&[]).await?, Receiver::open(&[]).await?);
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str())).await?;
    let link = json!({
        "link_id": "link_1", "link_amount": 200.12, "link_currency": "INR", "link_purpose": "an advance",
        "link_partial_payments": true, "link_minimum_partial_amount": 20,
        "customer_details": { "customer_phone": "9000000000" }, "link_meta": { "notify_url": own.url },
    });
    let (status, link) = shop.post("/links", link).await?;
    assert_eq!(status, 200, "{link}");
    shop.decide(link["link_url"].as_str().context("url")?, "amount=55").await?;
    assert!(shop.sandbox.expire_link("link_1"));

    let session = shop.order("order_1", "10", None).await?;
    for refuse in [true, false] {
        shop.sandbox.refuse_saved_cards(refuse);
        let session = if refuse { session.clone() } else { shop.order("order_2", "10", None).await? };
        let body =
            json!({ "payment_session_id": session, "payment_method": card("link"), "save_instrument": true });
        let (_, begun) =
            crate::read(shop.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
        shop.visit(&begun).await?;
    }
    let incident = shop.sandbox.report_downtime(Downtime::card(&["HDFC"], &["VISA", "RUPAY"]));
    assert!(shop.sandbox.resolve_downtime(&incident));
    for downtime in
        [Downtime::upi(&["SBI"]), Downtime::net_banking(&["SBI"], "3044"), Downtime::wallet(&["PAYTM"])]
    {
        shop.sandbox.report_downtime(downtime);
    }
    let terminal = json!({
        "terminal_id": "7001", "terminal_name": "Counter 1", "terminal_phone_no": "9999999999", "terminal_type": "STOREFRONT",
        "terminal_email": "a@shop.example", "terminal_address": "Main Road 1",
    });
    let (status, terminal) = shop.post("/terminal", terminal).await?;
    assert_eq!(status, 200, "{terminal}");
    for doc_type in ["ADDRESSPROOF", "PHOTOGRAPH"] {
        let path = format!("/terminal/{}/docs", terminal["cf_terminal_id"]);
        let doc = json!({ "doc_type": doc_type, "doc_value": "x", "file": "ZGF0YQ==" });
        let (status, response) = shop.post(&path, doc).await?;
        assert_eq!(status, 200, "{response}");
    }
    let deliveries = settled(&shop).await?;
    all_delivered(&deliveries);
    let links: Vec<Value> = own
        .received()
        .iter()
        .map(Received::json)
        .filter(|event| event["type"] == "PAYMENT_LINK_EVENT")
        .collect();
    assert_eq!(links[0]["version"], 1);
    assert_eq!(
        (&links[0]["data"]["link_amount"], &links[0]["data"]["link_amount_paid"]),
        (&json!("200.12"), &json!("55.00"))
    );
    assert_eq!(
        (&links[0]["data"]["order"]["order_amount"], &links[0]["data"]["link_status"]),
        (&json!("55.00"), &json!("PARTIALLY_PAID"))
    );
    assert_eq!((&links[1]["data"]["link_status"], links[1]["data"].get("order")), (&json!("EXPIRED"), None));
    let sent = types(&deliveries);
    let count = |kind: &str| sent.iter().filter(|known| **known == kind).count();
    assert_eq!((count("INSTRUMENT_ACTIVE_WEBHOOK"), count("INSTRUMENT_FAILED_WEBHOOK")), (1, 1));
    assert_eq!((count("HEALTH_ALERT"), count("TERMINAL_STATUS_UPDATE")), (7, 1));
    Ok(())
}

#[tokio::test]
async fn subscriptions_send_events() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str())).await?;
    let mut sessions = BTreeMap::new();
    for id in ["sub_upi", "sub_bank"] {
        let body = json!({
            "subscription_id": id,
            "customer_details": { "customer_name": "Asha", "customer_email": "a@shop.example", "customer_phone": "9999999999" },
            "plan_details": { "plan_name": "monthly", "plan_type": "PERIODIC", "plan_amount": 99, "plan_max_amount": 99,
                "plan_interval_type": "MONTH", "plan_intervals": 1, "plan_max_cycles": 12 },
            "authorization_details": { "authorization_amount": 1 },
        });
        let (status, response) = shop.post("/subscriptions", body).await?;
        assert_eq!(status, 200, "{response}");
        sessions.insert(id, response["subscription_session_id"].clone());
    }
    let auth = |id: &str, method: Value| {
        json!({ "subscription_id": id, "subscription_session_id": sessions[id], "payment_id": format!("auth_{id}"),
            "payment_type": "AUTH", "payment_method": method })
    };
    let upi = json!({ "upi": { "channel": "collect", "upi_id": "testsuccess@gocash" } });
    let (status, response) = shop.post("/subscriptions/pay", auth("sub_upi", upi)).await?;
    assert_eq!(status, 200, "{response}");
    let enach = json!({ "enach": { "channel": "link", "auth_mode": "net_banking", "account_type": "SAVINGS",
        "account_holder_name": "Asha", "account_number": "00112233", "account_bank_code": "HDFC", "account_ifsc": "HDFC0000001" } });
    let (status, begun) = shop.post("/subscriptions/pay", auth("sub_bank", enach)).await?;
    assert_eq!(status, 200, "{begun}");
    shop.visit(&begun).await?;
    assert!(shop.sandbox.mandate("sub_bank", MandateEvent::Approved));
    for id in ["debit_1", "debit_2"] {
        let debit = json!({ "subscription_id": "sub_upi", "payment_id": id, "payment_type": "CHARGE", "payment_amount": 99 });
        let (status, response) = shop.post("/subscriptions/pay", debit).await?;
        assert_eq!(status, 200, "{response}");
    }
    assert!(shop.sandbox.debit("debit_1", true));
    let refund = json!({ "subscription_id": "sub_upi", "payment_id": "debit_1", "refund_id": "r1", "refund_amount": 9, "refund_speed": "STANDARD" });
    let (status, response) = shop.post("/subscriptions/sub_upi/refunds", refund).await?;
    assert_eq!(status, 200, "{response}");
    assert!(shop.sandbox.mandate("sub_upi", MandateEvent::CancelledByPayer));
    let deliveries = settled(&shop).await?;
    all_delivered(&deliveries);
    let mut sent = BTreeMap::new();
    for kind in types(&deliveries) {
        *sent.entry(kind).or_insert(0) += 1;
    }
    assert_eq!(
        sent,
        BTreeMap::from([
            ("SUBSCRIPTION_AUTH_STATUS", 3),
            ("SUBSCRIPTION_STATUS_CHANGED", 4),
            ("SUBSCRIPTION_PAYMENT_NOTIFICATION_INITIATED", 2),
            ("SUBSCRIPTION_PAYMENT_SUCCESS", 1),
            ("SUBSCRIPTION_PAYMENT_CANCELLED", 1),
            ("SUBSCRIPTION_REFUND_STATUS", 1),
        ])
    );
    let last =
        deliveries.iter().rfind(|known| known.event_type == "SUBSCRIPTION_STATUS_CHANGED").context("none")?;
    assert_eq!(last.json()["data"]["subscription_details"]["subscription_status"], "CUSTOMER_CANCELLED");
    let bank = deliveries
        .iter()
        .find(|known| known.json()["data"]["payment_status"] == "PENDING")
        .context("none")?;
    let method = &bank.json()["data"]["authorization_details"]["payment_method"];
    assert_eq!(method["enach"]["account_number"], "XXXX2233");
    Ok(())
}
