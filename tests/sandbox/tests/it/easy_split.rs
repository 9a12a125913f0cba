//! Easy Split: vendors, their shares, and their money to the last paisa.

use anyhow::{Context, Result};
use cashfree_sandbox::{Change, VendorReview};
use serde_json::{Value, json};

use crate::{Shop, collect, order_body, read};

fn vendor(vendor_id: &str) -> Value {
    json!({
        "vendor_id": vendor_id, "status": "ACTIVE", "name": "A. Vendor", "email": "v@shop.example",
        "phone": "9876543210", "schedule_option": 2, "upi": { "vpa": "success@upi", "account_holder": "V" },
        "kyc_details": { "account_type": "BUSINESS", "business_type": "NBFC", "pan": "BIAPA2934N" },
    })
}

impl Shop {
    async fn vendor(&self, vendor_id: &str) -> Result<()> {
        let (status, response) = self.post("/easy-split/vendors", vendor(vendor_id)).await?;
        anyhow::ensure!(status == 200, "{response}");
        Ok(())
    }

    async fn update(&self, vendor_id: &str, body: &Value) -> Result<(u16, Value)> {
        let path = format!("/easy-split/vendors/{vendor_id}");
        read(self.signed("PATCH", &path)?.json(body).send().await?).await
    }

    /// What the merchant and a vendor have coming.
    async fn balances(&self, vendor_id: &str) -> Result<(Value, Value)> {
        let (_, balance) = self.get(&format!("/easy-split/vendors/{vendor_id}/balances")).await?;
        Ok((balance["merchant_unsettled"].clone(), balance["vendor_unsettled"].clone()))
    }

    /// An order with splits of its own, paid.
    async fn split(&self, order_id: &str, amount: &str, splits: Value) -> Result<(u16, Value)> {
        let mut body = order_body(order_id, amount)?;
        body["order_splits"] = splits;
        let (status, order) = self.post("/orders", body).await?;
        if let Some(session) = order["payment_session_id"].as_str() {
            self.pay(session, collect("testsuccess")).await?;
        }
        Ok((status, order))
    }
}

#[tokio::test]
async fn a_vendor_is_vetted_and_changed() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, created) = shop.post("/easy-split/vendors", vendor("v_1")).await?;
    assert_eq!((status, &created["status"]), (200, &json!("IN_BENE_CREATION")));
    assert_eq!(created["phone"], json!(9_876_543_210_u64));
    let (status, error) = shop.post("/easy-split/vendors", vendor("v_1")).await?;
    assert_eq!((status, &error["code"]), (409, &json!("vendor_already_exists")));
    for (field, value, code) in [
        ("vendor_id", json!("v-2"), "vendor_id_invalid"),
        ("email", json!("v@@shop.example"), "email_invalid"),
        ("name", json!("@vendor"), "api_request_failed"),
        ("status", json!("DELETED"), "status_invalid"),
        ("schedule_option", json!(10), "schedule_option_invalid"),
        ("kyc_details", json!({ "business_type": "NBFC" }), "kyc_details.pan_missing"),
        ("upi", json!({ "vpa": "026291800001191" }), "upi.vpa_invalid"),
    ] {
        let mut body = vendor("v_2");
        body[field] = value;
        let (status, error) = shop.post("/easy-split/vendors", body).await?;
        assert_eq!((status, &error["code"]), (400, &json!(code)), "{field}");
    }
    // Unknown is 400 here, not 404.
    let (status, error) = shop.get("/easy-split/vendors/v_9").await?;
    assert_eq!((status, &error["code"]), (400, &json!("api_request_failed")));

    assert!(shop.sandbox.review_vendor("v_1", VendorReview::RejectBankDetails));
    let mut change = vendor("v_1");
    change["upi"] = json!({ "vpa": "other@upi", "account_holder": "V" });
    let (_, updated) = shop.update("v_1", &change).await?;
    assert_eq!(updated["status"], "IN_BANK_VALIDATION");
    assert!(shop.sandbox.review_vendor("v_1", VendorReview::Approve));
    change["status"] = json!("BLOCKED");
    shop.update("v_1", &change).await?;
    let (status, error) =
        shop.split("order_1", "10", json!([{ "vendor_id": "v_1", "percentage": 10 }])).await?;
    assert_eq!((status, &error["code"]), (400, &json!("api_request_failed")));
    change["status"] = json!("ACTIVE");
    assert_eq!(shop.update("v_1", &change).await?.1["status"], "ACTIVE");
    change["status"] = json!("DELETED");
    assert_eq!(shop.update("v_1", &change).await?.1["status"], "DELETED");
    assert_eq!(shop.update("v_1", &change).await?.1["code"], "status_invalid");
    Ok(())
}

#[tokio::test]
async fn a_document_is_kept_and_opened_by_its_link_alone() -> Result<()> {
    let shop = Shop::open().await?;
    shop.vendor("v_1").await?;
    let (_, docs) = shop.get("/easy-split/vendor-docs/v_1").await?;
    assert_eq!(docs["related_docs"][0]["doc_type"], "PAN_NUMBER");
    let (status, error) = shop.get("/easy-split/vendor-docs/v_1/download/PAN_NUMBER").await?;
    assert_eq!((status, &error["code"]), (404, &json!("document_not_found")));
    assert!(shop.sandbox.review_vendor("v_1", VendorReview::AskForDocuments));
    let (status, stored) = shop.document("/easy-split/vendor-docs/v_1", "pan.jpeg", "PAN").await?;
    assert_eq!((status, &stored["status"]), (200, &json!("IN_REVIEW")));
    assert_eq!(shop.get("/easy-split/vendors/v_1").await?.1["status"], "IN_KYC_REVIEW");
    let (_, link) = shop.get("/easy-split/vendor-docs/v_1/download/PAN_NUMBER").await?;
    let url = link["download_url"].as_str().context("a link")?;
    assert_eq!(shop.http.get(url).send().await?.bytes().await?.as_ref(), b"%PDF");
    assert!(shop.sandbox.credentials_leaked().is_empty());
    let leaking = shop.http.get(url).header("x-client-id", "id");
    leaking.send().await?;
    assert_eq!(shop.sandbox.credentials_leaked().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_balance_is_the_sum_of_what_was_booked() -> Result<()> {
    let shop = Shop::open().await?;
    shop.vendor("v_1").await?;
    shop.vendor("v_2").await?;
    let splits = json!([{ "vendor_id": "v_1", "percentage": 12.5 }, { "vendor_id": "v_2", "amount": 3.45 }]);
    assert_eq!(shop.split("order_1", "99.99", splits).await?.0, 200);
    // 12.49 rounded down; 99.99 less 1.89 less 0.34 less the shares.
    assert_eq!(shop.balances("v_1").await?, (json!(81.82), json!(12.49)));
    assert_eq!(shop.balances("v_2").await?.1, json!(3.45));

    let adjust = |id: u64, amount: f64, kind: &str| json!({ "vendor_id": "v_1", "adjustment_id": id, "amount": amount, "type": kind });
    let path = "/easy-split/vendors/v_1/adjustment";
    assert_eq!(shop.post(path, adjust(1, 10.01, "CREDIT")).await?.0, 200);
    assert_eq!(shop.post(path, adjust(2, 0.5, "DEBIT")).await?.0, 200);
    assert_eq!(shop.balances("v_1").await?, (json!(72.31), json!(22)));
    for (body, status, code) in [
        (adjust(2, 1.0, "CREDIT"), 409, "adjustment_already_exists"),
        (adjust(3, 0.0, "CREDIT"), 400, "api_request_failed"),
        (adjust(3, 22.01, "DEBIT"), 400, "api_request_failed"),
        (adjust(3, 1000.0, "CREDIT"), 400, "api_request_failed"),
    ] {
        let (received, error) = shop.post(path, body).await?;
        assert_eq!((received, &error["code"]), (status, &json!(code)));
    }

    let transfer = |from: &str, amount: f64| json!({ "transfer_from": from, "transfer_type": "ADJUSTMENT", "transfer_amount": amount });
    let path = "/easy-split/vendors/v_1/transfer";
    for body in [transfer("VENDOR", 9.99), transfer("VENDOR", 22.01), transfer("MERCHANT", 1000.0)] {
        assert_eq!(shop.post(path, body).await?.0, 400);
    }
    let (_, moved) = shop.post(path, transfer("VENDOR", 12.0)).await?;
    assert_eq!(moved["balances"]["vendor_unsettled"], json!(10));
    assert_eq!(moved["charges"]["service_charges"], json!(0.24));
    assert_eq!(shop.balances("v_1").await?, (json!(84.31), json!(10)));

    // Only a vendor that was approved is paid out.
    assert!(shop.sandbox.review_vendor("v_1", VendorReview::Approve));
    shop.sandbox.settle();
    assert_eq!(shop.balances("v_1").await?, (json!(0), json!(0)));
    assert_eq!(shop.balances("v_2").await?.1, json!(3.45));
    let body = json!({ "pagination": { "limit": 10 }, "filters": { "merchant_vendor_id": "v_1" } });
    let (_, page) = shop.post("/recon/vendor", body).await?;
    let rows: Vec<(&Value, &Value, &Value)> = page["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| (&row["type"], &row["credit"], &row["debit"]))
        .collect();
    let none = json!("NA");
    assert_eq!(
        rows,
        [
            (&json!("transaction"), &json!("12.49"), &none),
            (&json!("adjustment"), &json!("10.01"), &none),
            (&json!("adjustment"), &none, &json!("0.50")),
            (&json!("transfer"), &none, &json!("12")),
            (&json!("vendor_settlement"), &none, &json!("10")),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_paid_order_is_split_until_it_is_settled() -> Result<()> {
    let shop = Shop::open().await?;
    shop.vendor("v_1").await?;
    let share = |share: Value| json!({ "split": [share] });
    let tenth = share(json!({ "vendor_id": "v_1", "percentage": 10 }));
    let path = "/easy-split/orders/order_1/split";
    assert_eq!(shop.post(path, tenth.clone()).await?.1["code"], "order_not_found");
    let session = shop.order("order_1", "100", None).await?;
    assert_eq!(shop.post(path, tenth.clone()).await?.0, 400);
    shop.pay(&session, collect("testsuccess")).await?;
    for refused in [
        json!({ "vendor_id": "v_9", "percentage": 10 }),
        json!({ "vendor_id": "v_1", "percentage": 10, "amount": 1 }),
        json!({ "vendor_id": "v_1", "percentage": 0 }),
        json!({ "vendor_id": "v_1", "percentage": 100.01 }),
        json!({ "vendor_id": "v_1", "amount": 100.01 }),
        json!({ "vendor_id": "v_1" }),
    ] {
        assert_eq!(shop.post(path, share(refused.clone())).await?.0, 400, "{refused}");
    }
    let (status, done) = shop.post(path, tenth.clone()).await?;
    assert_eq!((status, done), (200, json!({ "message": "Order split created", "status": "OK" })));
    // What is left to split is less by now.
    assert_eq!(shop.post(path, share(json!({ "vendor_id": "v_1", "amount": 90.01 }))).await?.0, 400);
    let (_, details) = shop.get("/easy-split/orders/order_1").await?;
    assert_eq!(details["vendors"][0]["settlement_amount"], json!(10));
    assert_eq!(details["settlement"]["settlement_amount"], json!(87.76));
    assert_eq!(details["settlement"]["transfer_utr"], Value::Null);
    let mut last = tenth.clone();
    last["disable_split"] = json!(true);
    assert_eq!(shop.post(path, last).await?.0, 200);
    assert_eq!(shop.post(path, tenth.clone()).await?.0, 400);

    shop.paid("order_2", "100").await?;
    shop.sandbox.settle();
    let (status, error) = shop.post("/easy-split/orders/order_2/split", tenth).await?;
    assert_eq!((status, &error["code"]), (409, &json!("api_request_failed")));
    assert_eq!(shop.sandbox.committed_of(Change::OrderSplit).len(), 2);

    let body = json!({ "pagination": {}, "filters": { "order_ids": ["order_1"] } });
    let (_, page) = shop.post("/split/order/vendor/recon", body).await?;
    let kinds: Vec<&Value> =
        page["data"].as_array().into_iter().flatten().map(|row| &row["entity_type"]).collect();
    assert_eq!(kinds, ["transaction", "vendor_commission", "vendor_commission"]);
    assert_eq!(page["data"][0]["merchant_vendor_commission"], "20.00");
    for (filters, status) in [(json!({}), 400), (json!({ "order_ids": ["order_9"] }), 404)] {
        let body = json!({ "pagination": {}, "filters": filters });
        assert_eq!(shop.post("/split/order/vendor/recon", body).await?.0, status);
    }
    Ok(())
}

#[tokio::test]
async fn a_standing_rule_counts_from_then_on() -> Result<()> {
    let shop = Shop::open().await?;
    shop.vendor("v_1").await?;
    shop.paid("before", "100").await?;
    let rule = |percentage: f64, active: bool| {
        json!({ "active": active, "product_type": "PG", "terminal_id": "0",
            "scheme": [{ "merchant_vendor_id": "v_1", "percentage": percentage }] })
    };
    for refused in [0.0, 100.5] {
        assert_eq!(shop.post("/easy-split/static-split", rule(refused, true)).await?.0, 400);
    }
    assert_eq!(shop.post("/easy-split/static-split", rule(7.5, true)).await?.0, 200);
    shop.paid("during", "100").await?;
    assert_eq!(shop.balances("v_1").await?.1, json!(7.5));
    // A refund takes back what it says.
    let refund = json!({ "refund_id": "refund_1", "refund_amount": 10, "refund_speed": "INSTANT",
        "refund_splits": [{ "vendor_id": "v_1", "amount": 2.25 }] });
    assert_eq!(shop.post("/orders/during/refunds", refund).await?.0, 200);
    assert_eq!(shop.balances("v_1").await?, (json!(180.27), json!(5.25)));
    assert_eq!(shop.post("/easy-split/static-split", rule(7.5, false)).await?.0, 200);
    shop.paid("after", "100").await?;
    assert_eq!(shop.balances("v_1").await?.1, json!(5.25));
    Ok(())
}
