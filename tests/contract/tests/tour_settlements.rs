//! Settlements, the books and disputes, through the client.

use anyhow::{Context, Result};
use cashfree::types::{
    DateRange, DateRangeParts, DisputeStatus, MarkForSettlement, MarkForSettlementMetaData, ReconEventType,
    SettlementFilter,
};
use cashfree::{DisputeDocument, Upload};

use crate::{Shop, amount, requests};

fn always() -> DateRange {
    DateRange::new(DateRangeParts {
        start_date: "2020-01-01T00:00:00Z".into(),
        end_date: "2100-01-01T00:00:00Z".into(),
    })
}

/// Each operation of these groups once, with success.
pub(crate) async fn tour(shop: &Shop) -> Result<()> {
    let client = &shop.client;
    let details = MarkForSettlementMetaData::new().settlement_date("2025-07-21");
    shop.paid("marked", "100.00").await?;
    client.settlements().mark(MarkForSettlement::new("marked", details)).await?;
    let initiated = client.settlements().get("marked").await?;
    assert_eq!(initiated.settlement_amount, Some(amount("97.76")?));
    assert_eq!(initiated.transfer_utr, None);
    shop.sandbox.settle();
    let settled = client.settlements().get("marked").await?;
    let utr = settled.transfer_utr.clone().context("a UTR")?;
    let filter = SettlementFilter::new().settlement_utrs(vec![utr.clone()]);
    let page = client.settlements().list(filter).await?;
    assert_eq!(page.items, [settled.into_inner()]);
    let page = client.recon().settlements(requests::of_settlement(&utr)?).await?;
    let customer = page.items[0].cutomer_details.as_ref().context("a customer")?;
    assert_eq!(customer.customer_phone.as_deref(), Some("9999999999"));
    let rows = client.recon().payments(always()).page_size(1000).await?;
    let last = rows.items.last().context("a row")?;
    assert_eq!(requests::event(last)?.0, Some(ReconEventType::Settlement));
    assert_eq!(rows.next, None);

    let disputed = shop.paid("disputed", "50.25").await?;
    let id = shop.sandbox.raise_dispute("disputed").context("a dispute")?.to_string();
    let dispute = client.disputes().get(id.as_str()).await?;
    assert_eq!(dispute.dispute_amount, Some(amount("50.25")?));
    assert_eq!(dispute.dispute_status, Some(DisputeStatus::DisputeCreated));
    let proof = Upload::new("note.pdf", b"%PDF".as_slice());
    let proof = DisputeDocument::new(proof, "Delivery/Service Proof").note("signed");
    let contested = client.documents().upload_for_dispute(id.as_str(), proof).await?;
    let evidence = &contested.first().context("a dispute")?.dispute_evidence;
    assert_eq!(evidence[0].document_name.as_deref(), Some("note.pdf"));
    assert_eq!(client.disputes().list_by_payment(disputed).await?.len(), 1);
    assert_eq!(client.disputes().list_by_order("disputed").await?.len(), 1);
    shop.paid("conceded", "1.00").await?;
    let id = shop.sandbox.raise_dispute("conceded").context("a dispute")?.to_string();
    let accepted = client.disputes().accept(id).await?;
    assert_eq!(accepted.dispute_status, Some(DisputeStatus::DisputeMerchantAccepted));
    Ok(())
}

#[tokio::test]
async fn the_books_are_walked_to_their_end() -> Result<()> {
    let shop = Shop::open().await?;
    for number in 0..20 {
        shop.paid(&format!("order_{number}"), "10.00").await?;
    }
    let mut rows = shop.client.recon().payments(always()).page_size(10).items();
    let mut seen = Vec::new();
    while let Some(row) = rows.next().await {
        seen.push(requests::event(&row?)?.2.context("an order")?.to_string());
    }
    let expected: Vec<String> = (0..20).map(|number| format!("order_{number}")).collect();
    assert_eq!(seen, expected);
    // Two full pages, and the empty one that says so.
    assert_eq!(shop.sandbox.requests_of("PGFetchRecon").len(), 3);
    Ok(())
}
