//! Vendors and their shares, through the client: what is split, corrected, transferred and paid out adds up.

use anyhow::{Context, Result};
use cashfree::types::{
    CreateStaticSplit, CreateVendor, CreateVendorAdjustment, CreateVendorParts, CreateVendorTransfer,
    KycDetails, OrderSplitShare, RequestedVendorStatus, SplitAfterPayment, SplitOrderReconFilter,
    SplitProductType, StaticSplitShare, TransferFrom, UpiDetails, VendorAdjustmentType, VendorReconFilter,
    VendorSplit, VendorStatus,
};
use cashfree::{Amount, Upload, VendorDocument};
use cashfree_sandbox::VendorReview;

use crate::{Shop, amount, collect, failure, order, requests};

fn kyc() -> KycDetails {
    KycDetails::new().account_type("BUSINESS").business_type("NBFC").pan("BIAPA2934N")
}

/// A vendor as the sandbox takes one.
pub(crate) fn vendor(vendor_id: &str) -> CreateVendor {
    let status = RequestedVendorStatus::Active;
    CreateVendor::new(CreateVendorParts {
        vendor_id: vendor_id.into(),
        status,
        name: "A. Vendor".into(),
        email: "v@shop.example".into(),
        phone: "9876543210".into(),
        kyc_details: kyc(),
    })
    .upi(UpiDetails::new().vpa("success@upi").account_holder("V"))
}

async fn balance(shop: &Shop, vendor_id: &str) -> Result<(Option<Amount>, Option<Amount>)> {
    let balance = shop.client.vendors().get_balance(vendor_id).await?;
    Ok((balance.merchant_unsettled, balance.vendor_unsettled))
}

/// Each operation of these groups once, with success.
pub(crate) async fn tour(shop: &Shop) -> Result<()> {
    let (vendors, easy_split) = (shop.client.vendors(), shop.client.easy_split());
    let created = vendors.create(vendor("seller")).await?;
    assert_eq!(created.status, Some(VendorStatus::InBeneCreation));
    assert_eq!(created.phone.as_deref(), Some("9876543210"));
    let update = requests::vendor_update("B. Vendor", "v@shop.example", &kyc())?
        .upi(UpiDetails::new().vpa("success@upi").account_holder("V"));
    let updated = vendors.update("seller", update).await?;
    assert_eq!((updated.name.as_deref(), updated.related_docs.len()), (Some("B. Vendor"), 1));
    assert!(shop.sandbox.review_vendor("seller", VendorReview::Approve));
    let read = vendors.get("seller").await?;
    assert_eq!(read.status, Some(VendorStatus::Active));
    assert!(read.added_on.is_some() && read.updated_on.is_some());

    let scan =
        VendorDocument::new(Upload::new("pan.jpeg", b"scan".as_slice()), "PAN").doc_value("BIAPA2934N");
    let stored = shop.client.documents().upload_for_vendor("seller", scan).await?;
    assert_eq!(stored.status.as_deref(), Some("IN_REVIEW"));
    let documents = vendors.list_documents("seller").await?;
    assert_eq!(documents.related_docs.len(), 1);
    let link = vendors.get_document_link("seller", "PAN_NUMBER").await?;
    assert!(link.download_url.as_ref().context("a link")?.expose().starts_with(shop.sandbox.base_url()));

    let (merchant_before, _) = balance(shop, "seller").await?;
    let splits = vec![VendorSplit::new("seller").percentage("12.5".parse()?)];
    shop.begun(order("shared", "200.00")?.order_splits(splits), collect("testsuccess")).await?;
    let share = OrderSplitShare::new().vendor_id("seller").amount(amount("10.10")?);
    let split = easy_split.split_order("shared", SplitAfterPayment::new(vec![share])).await?;
    assert_eq!(split.status.as_deref(), Some("OK"));
    let credit = CreateVendorAdjustment::new("seller", 1, amount("5.05")?, VendorAdjustmentType::Credit)
        .remarks("late");
    vendors.create_adjustment(credit).await?;
    let transfer = CreateVendorTransfer::new(TransferFrom::Vendor, "ADJUSTMENT", amount("10.15")?);
    let moved = vendors.create_transfer("seller", transfer).await?;
    let balances = moved.balances.as_ref().context("balances")?;
    // 25 + 10.10 + 5.05 - 10.15, and 200 less the fees of 4.48 and the other side of it.
    let expected = amount("30")?;
    assert_eq!(balances.vendor_unsettled, Some(expected));
    let (merchant, seller) = balance(shop, "seller").await?;
    assert_eq!(seller, Some(expected));
    let before = merchant_before.context("a balance")?;
    let gained = merchant.and_then(|now| now.checked_sub(before));
    assert_eq!(gained, Some(amount("165.52")?));
    let charges = vendors.get_transfer_charges(amount("1000")?).await?;
    assert_eq!((charges.service_charges, charges.service_tax), (Some(amount("20")?), Some(amount("3.6")?)));

    let details = easy_split.get_order("shared").await?;
    let shares: Vec<_> = details.vendors.iter().map(|part| part.settlement_amount).collect();
    assert_eq!(shares, [Some(amount("25")?), Some(amount("10.10")?)]);
    let settlement = details.settlement.as_ref().context("a settlement")?;
    assert_eq!(settlement.settlement_amount, Some(amount("160.42")?));
    let rule = CreateStaticSplit::new(
        true,
        SplitProductType::Sbc,
        vec![StaticSplitShare::new("seller", "10".parse()?)],
    );
    let stored = easy_split.create_static_split(rule).await?;
    assert_eq!((stored.active, stored.scheme.len()), (Some(true), 1));

    let filter = SplitOrderReconFilter::new().order_ids(vec!["shared".to_owned()]);
    let page = shop.client.recon().split_orders(filter).await?;
    let kinds: Vec<_> =
        page.items.iter().filter_map(|row| row.entity_type.as_ref().map(|kind| kind.as_str())).collect();
    assert_eq!(kinds, ["transaction", "vendor_commission", "vendor_commission"]);
    let filter = VendorReconFilter::new().merchant_vendor_id("seller");
    let page = shop.client.recon().vendors(filter).await?;
    assert_eq!((page.items.len(), page.next.as_ref()), (4, None));
    assert_eq!(page.items[0].amount, Some(amount("25")?));
    Ok(())
}

#[tokio::test]
async fn an_existing_and_a_missing_vendor_are_errors() -> Result<()> {
    let shop = Shop::open().await?;
    shop.client.vendors().create(vendor("seller")).await?;
    let twice = failure(shop.client.vendors().create(vendor("seller")).await)?;
    assert!(twice.is_conflict(), "{twice}");
    let unknown = failure(shop.client.vendors().get_balance("nobody").await)?;
    assert_eq!(unknown.status().map(|status| status.as_u16()), Some(400));
    assert_eq!(unknown.code(), Some("api_request_failed"));
    Ok(())
}
