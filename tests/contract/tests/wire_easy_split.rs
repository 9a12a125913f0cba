//! What Easy Split and its vendors put on the wire, and how their responses are read.

use anyhow::Result;
use cashfree::Amount;
use cashfree::types::{
    BankDetails, CreateStaticSplit, CreateVendor, CreateVendorAdjustment, CreateVendorParts,
    CreateVendorTransfer, KycDetails, OrderSplitShare, RequestedVendorStatus, SplitAfterPayment,
    SplitProductType, StaticSplitShare, TransferFrom, UpiDetails, VendorAdjustmentType, VendorStatus,
};
use serde_json::json;

use crate::shelf::Shelf;
use crate::{amount, requests};

const VENDOR: &str = r#"{"email": "johndoe@cashfree.com", "status": "IN_BENE_CREATION", "bank": null,
    "phone": 9876543210, "name": "customer", "vendor_id": "vendor_1", "dashboard_access": false,
    "bank_details": null, "added_on": "2023-03-02 12:12:56"}"#;

fn kyc() -> KycDetails {
    KycDetails::new()
        .account_type("BUSINESS")
        .business_type("NBFC")
        .uidai("753624181019")
        .gst("11AAAAA1111A1Z0")
        .pan("BIAPA2934N")
        .passport_number("L6892603")
}

#[tokio::test]
async fn easy_split_is_as_it_was_reviewed() -> Result<()> {
    let mut shelf = Shelf::open()?;
    let (vendors, easy_split) = (shelf.client.vendors(), shelf.client.easy_split());

    let status = RequestedVendorStatus::Active;
    let vendor = CreateVendor::new(CreateVendorParts {
        vendor_id: "vendor_1".into(),
        status: status.clone(),
        name: "customer".into(),
        email: "johndoe@cashfree.com".into(),
        phone: "9876543210".into(),
        kyc_details: kyc(),
    });
    let bank =
        BankDetails::new().account_number("012345678890").account_holder("John Doe").ifsc("HDFC019345");
    let by_bank = vendor.clone().bank(bank).schedule_option(1).verify_account(true).dashboard_access(true);
    let created = shelf.shot("bank", vendors.create(by_bank), VENDOR).await?;
    assert_eq!(created.status, Some(VendorStatus::InBeneCreation));
    assert_eq!(created.phone.as_deref(), Some("9876543210"));
    let upi = UpiDetails::new().vpa("success@upi").account_holder("JOHN DOE");
    shelf.shot("upi", vendors.create(vendor.upi(upi.clone())), VENDOR).await?;
    let update = requests::vendor_update("customer", "johndoe@cashfree.com", &kyc())?;
    let updated = shelf.shot("", vendors.update("vendor_1", update.upi(upi)), VENDOR).await?;
    assert_eq!(updated.added_on.as_ref().map(|at| at.as_str()), Some("2023-03-02 12:12:56"));
    let read = shelf.shot("", vendors.get("vendor_1"), VENDOR).await?;
    assert_eq!(read.name.as_deref(), Some("customer"));

    shelf.shot("", vendors.list_documents("vendor_1"), r#"{"documents": []}"#).await?;
    let link = r#"{"download_url": "https://files.example/1"}"#;
    let link = shelf.shot("", vendors.get_document_link("vendor_1", "PAN_NUMBER"), link).await?;
    assert_eq!(link.download_url.as_ref().map(|url| url.expose()), Some("https://files.example/1"));

    let balance = r#"{"merchant_id": 152707, "vendor_id": "vendor_1", "merchant_unsettled": 2412.1,
        "vendor_unsettled": 0}"#;
    let balance = shelf.shot("", vendors.get_balance("vendor_1"), balance).await?;
    assert_eq!(balance.merchant_unsettled, Some(amount("2412.1")?));
    let adjustment =
        CreateVendorAdjustment::new("vendor_1", 7001, amount("25.50")?, VendorAdjustmentType::Credit)
            .remarks("one parcel too few");
    let done = r#"{"message": "Vendor & merchant balances updated", "status": "OK"}"#;
    let done = shelf.shot("", vendors.create_adjustment(adjustment), done).await?;
    assert_eq!(done.status.as_deref(), Some("OK"));
    let transfer = CreateVendorTransfer::new(TransferFrom::Vendor, "ADJUSTMENT", amount("10.10")?)
        .remark("Testing")
        .tags(json!({"product": "SHRT"}));
    let moved = r#"{"settlement_id": 87168, "transfer_details": {"transfer_from": "VENDOR"},
        "balances": {"vendor_unsettled": 12.5}, "charges": {"service_charges": 20}}"#;
    let moved = shelf.shot("", vendors.create_transfer("vendor_1", transfer), moved).await?;
    assert_eq!(moved.settlement_id.as_ref().map(|id| id.as_str()), Some("87168"));
    let fee = r#"{"service_charges": 20, "service_tax": 3.6, "amount": 1000, "billed_to": "MERCHANT",
        "is_postpaid": true}"#;
    let fee = shelf.shot("", vendors.get_transfer_charges(amount("1000.50")?), fee).await?;
    assert_eq!(fee.service_tax, Some(amount("3.6")?));

    let share =
        OrderSplitShare::new().vendor_id("vendor_1").percentage("12.5".parse()?).tags([("size", "L")]);
    let other = OrderSplitShare::new().vendor_id("vendor_2").amount(Amount::rupees(10));
    let split = SplitAfterPayment::new(vec![share, other]).disable_split(true);
    let done = r#"{"message": "Order split created", "status": "OK"}"#;
    let done = shelf.shot("", easy_split.split_order("order_1", split), done).await?;
    assert_eq!(done.message.as_deref(), Some("Order split created"));
    let details = r#"{"settlement": {"cf_settlement_id": 4301319325, "transfer_id": null,
        "settlement_amount": 2100.0}, "refunds": [], "vendors": [{"vendor_id": "test02",
        "settlement_id": 87168, "settlement_amount": 600.0,
        "settlement_eligibility_date": "2024-10-14 15:27:08"}]}"#;
    let details = shelf.shot("", easy_split.get_order("order_1"), details).await?;
    assert_eq!(details.vendors.first().and_then(|part| part.settlement_amount), Some(amount("600")?));
    let share = StaticSplitShare::new("vendor_1", "10".parse()?);
    let rule = CreateStaticSplit::new(true, SplitProductType::Pg, vec![share]).terminal_id("0");
    let stored = r#"{"product_type": "PG", "terminal_id": 0, "terminal_reference_id": null, "active": true,
        "scheme": [{"merchant_vendor_id": "vendor_1", "percentage": 10}], "added_on": "2023-06-08 15:45:46"}"#;
    let stored = shelf.shot("", easy_split.create_static_split(rule), stored).await?;
    assert_eq!(stored.product_type, Some(SplitProductType::Pg));
    Ok(())
}

#[test]
fn no_paper_of_a_person_is_printed() {
    let shown = format!("{:?}", kyc());
    for secret in ["753624181019", "BIAPA2934N", "L6892603"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
