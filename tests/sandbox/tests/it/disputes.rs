//! Disputes: conceded, contested, decided.

use anyhow::{Context, Result};
use cashfree_sandbox::{BankMove, Change};
use serde_json::{Value, json};

use crate::{Shop, read};

async fn status(shop: &Shop, id: u64) -> Result<Value> {
    Ok(shop.get(&format!("/disputes/{id}")).await?.1["dispute_status"].clone())
}

async fn accept(shop: &Shop, id: u64) -> Result<(u16, Value)> {
    read(shop.signed("PUT", &format!("/disputes/{id}/accept"))?.send().await?).await
}

#[tokio::test]
async fn what_is_conceded_is_closed() -> Result<()> {
    let shop = Shop::open().await?;
    assert_eq!(shop.sandbox.raise_dispute("order_1"), None);
    shop.order("order_1", "10.5", None).await?;
    assert_eq!(shop.sandbox.raise_dispute("order_1"), None);
    shop.paid("order_2", "10.5").await?;
    let id = shop.sandbox.raise_dispute("order_2").context("a dispute")?;
    assert_eq!(shop.sandbox.raise_dispute("order_2"), None);
    let (_, listed) = shop.get("/orders/order_2/disputes").await?;
    assert_eq!(listed[0]["dispute_id"], json!(id));
    assert_eq!(listed[0]["resolved_at"], "9999-09-09T00:00:00");
    assert_eq!(listed[0]["dispute_amount"], json!(10.5));
    let payment = listed[0]["order_details"]["cf_payment_id"].as_str().context("a payment")?;
    assert_eq!(shop.get(&format!("/payments/{payment}/disputes")).await?.1, listed);
    let (_, none) = shop.get("/orders/order_1/disputes").await?;
    assert_eq!(none, json!([]));

    let (received, accepted) = accept(&shop, id).await?;
    assert_eq!((received, &accepted["dispute_status"]), (200, &json!("DISPUTE_MERCHANT_ACCEPTED")));
    assert_eq!(accepted.get("dispute_amount_currency"), None);
    assert_ne!(accepted["resolved_at"], "9999-09-09T00:00:00");
    let (received, error) = accept(&shop, id).await?;
    assert_eq!((received, &error["code"]), (409, &json!("dispute_already_closed")));
    for by in [BankMove::Review, BankMove::MerchantLoses, BankMove::Escalate] {
        assert!(!shop.sandbox.move_dispute(id, by), "{by:?}");
    }
    assert_eq!(shop.sandbox.committed_of(Change::DisputeAccepted).len(), 1);
    let (received, error) = accept(&shop, 1).await?;
    assert_eq!((received, &error["code"]), (404, &json!("dispute_not_found")));
    Ok(())
}

#[tokio::test]
async fn what_is_contested_goes_to_and_fro() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "10").await?;
    let id = shop.sandbox.raise_dispute("order_1").context("a dispute")?;
    let path = format!("/disputes/{id}/documents");
    let (received, error) = shop.document(&path, "note.txt", "Delivery/Service Proof").await?;
    assert_eq!((received, &error["code"]), (400, &json!("file_invalid")));
    let (received, error) = shop.document(&path, "note.pdf", "").await?;
    assert_eq!((received, &error["code"]), (400, &json!("doc_type_missing")));
    let (received, list) = shop.document(&path, "note.pdf", "Delivery/Service Proof").await?;
    assert_eq!((received, &list[0]["dispute_status"]), (200, &json!("DISPUTE_DOCS_RECEIVED")));
    assert_eq!(list[0]["dispute_evidence"][0]["document_name"], "note.pdf");
    assert!(!shop.sandbox.move_dispute(id, BankMove::MerchantWins));
    assert!(shop.sandbox.move_dispute(id, BankMove::Review));
    assert_eq!(accept(&shop, id).await?.1["code"], "dispute_status_invalid");
    assert!(shop.sandbox.move_dispute(id, BankMove::AskForMore));
    assert_eq!(status(&shop, id).await?, "DISPUTE_INSUFFICIENT_EVIDENCE");
    assert_eq!(shop.document(&path, "more.png", "Invoice").await?.0, 200);
    assert!(shop.sandbox.move_dispute(id, BankMove::Escalate));
    assert_eq!(status(&shop, id).await?, "CHARGEBACK_CREATED");
    assert!(shop.sandbox.move_dispute(id, BankMove::MerchantLoses));
    assert_eq!(status(&shop, id).await?, "CHARGEBACK_MERCHANT_LOST");
    let (received, _) = shop.document(&path, "late.pdf", "Invoice").await?;
    assert_eq!(received, 409);
    Ok(())
}
