//! Vendors: the parties that share in payments, their accounts and their money.

use crate::types::{
    CreateVendor, CreateVendorAdjustment, CreateVendorAdjustmentReply, CreateVendorReply,
    CreateVendorTransfer, UpdateVendor, UpdateVendorReply, Vendor, VendorBalance, VendorDocumentLink,
    VendorDocuments, VendorTransfer, VendorTransferCharges,
};
use crate::{Amount, Call, Client, Download, VendorId, operations};

/// Vendors of Easy Split: who receives a share of the payments.
///
/// A new vendor is validated: `IN_BANK_VALIDATION`, `IN_BENE_CREATION`, `IN_KYC_REVIEW`, then `ACTIVE`.
/// `BANK_VALIDATION_FAILED` and `BENE_CREATION_FAILED` ask for other bank details
/// ([`update`](Vendors::update)), `ACTION_REQUIRED` for documents. `ON_HOLD` is set by Cashfree; `BLOCKED`
/// and `DELETED` are set by the merchant.
///
/// A vendor that does not exist is answered with 400 and `api_request_failed` by all of these, not with 404.
#[derive(Clone, Debug)]
pub struct Vendors {
    pub(super) client: Client,
}

impl Vendors {
    /// Registers a vendor (`PGESCreateVendors`), with a bank account or a UPI address that its payouts go
    /// to. The answer comes before the validation does, usually with `IN_BENE_CREATION`.
    ///
    /// The `vendor_id` is yours, of letters, digits and underscores, and unique in the account.
    /// `schedule_option` is the number of a settlement cycle: 1 is the next day at 11:00, 2 the day after, 8
    /// hourly, 14 every 15 minutes.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable, as `kyc_details.pan_missing` does; 400 or 409 when the id
    /// is taken, perhaps by this very vendor ([`Error::effect`](crate::Error::effect)): read it with
    /// [`get`](Vendors::get).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{BankDetails, CreateVendor, CreateVendorParts, KycDetails, RequestedVendorStatus};
    ///
    /// let kyc = KycDetails::new().account_type("BUSINESS").business_type("NBFC").pan("BIAPA2934N");
    /// let bank =
    ///     BankDetails::new().account_number("026291800001191").account_holder("John Doe").ifsc("YESB0000262");
    /// let vendor = CreateVendor::new(CreateVendorParts {
    ///     vendor_id: "vendor_1".into(),
    ///     status: RequestedVendorStatus::Active,
    ///     name: "A. Vendor".into(),
    ///     email: "vendor@shop.example".into(),
    ///     phone: "9876543210".into(),
    ///     kyc_details: kyc,
    /// });
    /// let created = client.vendors().create(vendor.bank(bank).schedule_option(1)).await?;
    /// println!("{:?}", created.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, vendor: CreateVendor) -> Call<CreateVendorReply> {
        self.client.call(&operations::PGES_CREATE_VENDORS, vendor, |api, vendor| {
            Box::pin(async move { api.pges_create_vendors(&vendor).await })
        })
    }

    /// Reads a vendor with its state, payout target, settlement cycle and documents (`PGESFetchVendors`).
    ///
    /// # Errors
    /// 400 `api_request_failed` when there is no such vendor.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::VendorStatus;
    ///
    /// let vendor = client.vendors().get("vendor_1").await?;
    /// if vendor.status == Some(VendorStatus::ActionRequired) {
    ///     println!("documents are wanted: {:?}", vendor.remarks);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, vendor: impl Into<VendorId>) -> Call<Vendor> {
        self.client.call(&operations::PGES_FETCH_VENDORS, vendor.into(), |api, vendor| {
            Box::pin(async move { api.pges_fetch_vendors(&vendor).await })
        })
    }

    /// Changes a vendor (`PGESUpdateVendors`). It takes the whole record, not the difference. Validation may
    /// begin anew, so an `ACTIVE` vendor need not stay so; new bank details are the way out of a failed one.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable, as `status_invalid` or `upi.vpa_invalid` do, or says that
    /// there is no such vendor.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{KycDetails, RequestedVendorStatus, UpdateVendor, UpdateVendorParts, UpiDetails};
    ///
    /// let kyc = KycDetails::new().account_type("BUSINESS").business_type("NBFC").pan("BIAPA2934N");
    /// let status = RequestedVendorStatus::Active;
    /// let update = UpdateVendor::new(UpdateVendorParts {
    ///     status,
    ///     name: "A. Vendor".into(),
    ///     email: "vendor@shop.example".into(),
    ///     phone: "9876543210".into(),
    ///     schedule_option: 2,
    ///     kyc_details: kyc,
    /// })
    /// .upi(UpiDetails::new().vpa("success@upi").account_holder("John Doe"));
    /// let vendor = client.vendors().update("vendor_1", update).await?;
    /// println!("{:?}", vendor.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, vendor: impl Into<VendorId>, update: UpdateVendor) -> Call<UpdateVendorReply> {
        self.client.call(&operations::PGES_UPDATE_VENDORS, (vendor.into(), update), |api, arguments| {
            Box::pin(async move {
                let (vendor, update) = arguments.as_ref();
                api.pges_update_vendors(vendor, update).await
            })
        })
    }

    /// Reads the documents of a vendor and how their review stands (`PGESGetVendorsDocs`). The list is not
    /// paged. The published answers have it as `related_docs`, the schema as `documents`: look at both.
    ///
    /// # Errors
    /// 400 when there is no such vendor.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let documents = client.vendors().list_documents("vendor_1").await?;
    /// for document in &documents.related_docs {
    ///     println!("{:?}: {:?}", document.doc_type, document.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_documents(&self, vendor: impl Into<VendorId>) -> Call<VendorDocuments> {
        self.client.call(&operations::PGES_GET_VENDORS_DOCS, vendor.into(), |api, vendor| {
            Box::pin(async move { api.pges_get_vendors_docs(&vendor).await })
        })
    }

    /// Fetches one document of a vendor into a writer. The kind is as the list says, `PAN_NUMBER` for
    /// instance. See [`Download`] for where it is fetched from, and with what.
    ///
    /// # Errors
    /// [`DownloadError`](crate::DownloadError): there is no link, it leads where none is followed, or the document
    /// did not come whole. What was written by then stays written.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::DownloadError> {
    /// let mut scan = Vec::new();
    /// let fetched = client.vendors().download_document("vendor_1", "PAN_NUMBER").write_to(&mut scan).await?;
    /// println!("{} bytes of {:?}", fetched.bytes, fetched.content_type);
    /// # Ok(())
    /// # }
    /// ```
    pub fn download_document(&self, vendor: impl Into<VendorId>, doc_type: impl Into<String>) -> Download {
        Download::new(self.client.clone(), self.get_document_link(vendor, doc_type))
    }

    /// Asks for a link to one document of a vendor (`PGESDownloadVendorsDocs`), for somebody else to follow;
    /// [`download_document`](Vendors::download_document) follows it. How long it is good for is not
    /// documented, and whoever has it has the document, so `Debug` does not show it.
    ///
    /// # Errors
    /// 400 when there is no such vendor or document.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let link = client.vendors().get_document_link("vendor_1", "PAN_NUMBER").await?;
    /// println!("there is a link: {}", link.download_url.is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_document_link(
        &self,
        vendor: impl Into<VendorId>,
        doc_type: impl Into<String>,
    ) -> Call<VendorDocumentLink> {
        self.client.call(
            &operations::PGES_DOWNLOAD_VENDORS_DOCS,
            (vendor.into(), doc_type.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (vendor, doc_type) = arguments.as_ref();
                    api.pges_download_vendors_docs(vendor, doc_type).await
                })
            },
        )
    }

    /// Reads the unsettled balances of a vendor and of the merchant, in rupees (`PGESGetVendorBalance`).
    ///
    /// # Errors
    /// 400 `api_request_failed` when there is no such vendor.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let balance = client.vendors().get_balance("vendor_1").await?;
    /// println!("{:?}", balance.vendor_unsettled);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_balance(&self, vendor: impl Into<VendorId>) -> Call<VendorBalance> {
        self.client.call(&operations::PGES_GET_VENDOR_BALANCE, vendor.into(), |api, vendor| {
            Box::pin(async move { api.pges_get_vendor_balance(&vendor).await })
        })
    }

    /// Books a correction between the merchant's balance and a vendor's (`PGESCreateAdjustment`). The vendor
    /// is the one that the request names; `adjustment_id` is a number of your own, a new one each time.
    ///
    /// The answer only acknowledges; the effect is seen in the [balance](Vendors::get_balance).
    ///
    /// # Errors
    /// 400 `api_request_failed` when the side that pays has too little, the amount is not above zero, or
    /// there is no such vendor.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{CreateVendorAdjustment, VendorAdjustmentType};
    ///
    /// let credit = VendorAdjustmentType::Credit;
    /// let adjustment = CreateVendorAdjustment::new("vendor_1", 7001, Amount::rupees(25), credit);
    /// client.vendors().create_adjustment(adjustment.remarks("one parcel too few")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_adjustment(&self, adjustment: CreateVendorAdjustment) -> Call<CreateVendorAdjustmentReply> {
        self.client.call(&operations::PGES_CREATE_ADJUSTMENT, adjustment, |api, adjustment| {
            Box::pin(async move {
                // The vendor stands in the path and in the body; they must be the same.
                api.pges_create_adjustment(&adjustment.vendor_id, &adjustment).await
            })
        })
    }

    /// Moves money between the merchant's balance and a vendor's outside the settlement cycle
    /// (`PGESCreateOnDemandTransfer`), at least 10 rupees. A fee may apply: ask for it with
    /// [`get_transfer_charges`](Vendors::get_transfer_charges).
    ///
    /// A transfer has no id of its own beforehand, so that only the idempotency key tells a repeat from a
    /// second one; after [`Effect::Unknown`](crate::Effect::Unknown) send it with the same key.
    ///
    /// # Errors
    /// 400 `api_request_failed` when the side that pays has too little, the amount is less than 10, or there
    /// is no such vendor.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{CreateVendorTransfer, TransferFrom};
    /// use cashfree::{Amount, IdempotencyKey};
    ///
    /// let transfer = CreateVendorTransfer::new(TransferFrom::Merchant, "ADJUSTMENT", Amount::rupees(100));
    /// let moved = client
    ///     .vendors()
    ///     .create_transfer("vendor_1", transfer)
    ///     .idempotency_key(IdempotencyKey::derive("transfer", &["vendor_1", "2024-10-14"]))
    ///     .await?;
    /// println!("{:?}", moved.settlement_id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_transfer(
        &self,
        vendor: impl Into<VendorId>,
        transfer: CreateVendorTransfer,
    ) -> Call<VendorTransfer> {
        self.client.call(
            &operations::PGES_CREATE_ON_DEMAND_TRANSFER,
            (vendor.into(), transfer),
            |api, arguments| {
                Box::pin(async move {
                    let (vendor, transfer) = arguments.as_ref();
                    api.pges_create_on_demand_transfer(vendor, transfer).await
                })
            },
        )
    }

    /// Asks what a transfer of this amount would cost, and who would be billed
    /// (`PGESGetVendorBalanceTransferCharges`). Nothing is moved or reserved.
    ///
    /// # Errors
    /// 400 `api_request_failed` when no rate is set up for the account.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    ///
    /// let charges = client.vendors().get_transfer_charges(Amount::rupees(100)).await?;
    /// println!("{:?} and {:?} tax", charges.service_charges, charges.service_tax);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_transfer_charges(&self, amount: Amount) -> Call<VendorTransferCharges> {
        self.client.call(&operations::PGES_GET_VENDOR_BALANCE_TRANSFER_CHARGES, amount, |api, amount| {
            // The only rate that is documented.
            Box::pin(async move {
                api.pges_get_vendor_balance_transfer_charges(&amount, "VENDOR_ON_DEMAND").await
            })
        })
    }
}
