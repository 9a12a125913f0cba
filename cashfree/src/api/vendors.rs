//! Vendors of Easy Split.

use crate::types::{
    CreateVendor, CreateVendorAdjustment, CreateVendorAdjustmentResponse, CreateVendorResponse,
    CreateVendorTransfer, UpdateVendor, UpdateVendorResponse, Vendor, VendorBalance, VendorDocumentLink,
    VendorDocuments, VendorTransfer, VendorTransferCharges,
};
use crate::{Amount, Call, Client, Download, VendorId, operations};

/// Vendors of Easy Split: parties that receive a share of payments.
///
/// - A new vendor is validated: `IN_BANK_VALIDATION`, `IN_BENE_CREATION`, `IN_KYC_REVIEW`, then `ACTIVE`.
/// - `BANK_VALIDATION_FAILED` and `BENE_CREATION_FAILED` need other bank details ([`update`](Vendors::update)),
///   `ACTION_REQUIRED` needs documents.
/// - Cashfree sets `ON_HOLD`; the merchant sets `BLOCKED` and `DELETED`.
/// - All operations respond with 400 `api_request_failed` for an unknown vendor, not with 404.
#[derive(Clone, Debug)]
pub struct Vendors {
    pub(super) client: Client,
}

impl Vendors {
    /// Registers a vendor, with the bank account or UPI address for payouts (`PGESCreateVendors`).
    ///
    /// - The response precedes the validation; its status is usually `IN_BENE_CREATION`.
    /// - `vendor_id` is yours: letters, digits and underscores, unique in the account.
    /// - `schedule_option` is the settlement cycle: 1 is the next day at 11:00, 2 the day after, 8 hourly, 14 every
    ///   15 minutes.
    ///
    /// Retried: `vendor_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid, such as `kyc_details.pan_missing`.
    /// - 400 or 409: the id is taken. Read the vendor with [`get`](Vendors::get).
    ///
    /// # Examples
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
    pub fn create(&self, vendor: CreateVendor) -> Call<CreateVendorResponse> {
        self.client.call(&operations::PGES_CREATE_VENDORS, vendor, |api, vendor| {
            Box::pin(async move { api.pges_create_vendors(&vendor).await })
        })
    }

    /// Reads a vendor, with its status, payout target, settlement cycle and documents (`PGESFetchVendors`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400 `api_request_failed`: no such vendor.
    ///
    /// # Examples
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

    /// Updates a vendor (`PGESUpdateVendors`). The request is the whole record.
    ///
    /// Validation may start over, so an `ACTIVE` vendor may change its status.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 400: a field is invalid, such as `status_invalid` or `upi.vpa_invalid`, or there is no such vendor.
    ///
    /// # Examples
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
    pub fn update(&self, vendor: impl Into<VendorId>, update: UpdateVendor) -> Call<UpdateVendorResponse> {
        self.client.call(&operations::PGES_UPDATE_VENDORS, (vendor.into(), update), |api, arguments| {
            Box::pin(async move {
                let (vendor, update) = arguments.as_ref();
                api.pges_update_vendors(vendor, update).await
            })
        })
    }

    /// Reads the documents of a vendor, with their review status (`PGESGetVendorsDocs`). The list is not paginated.
    ///
    /// Published responses name the list `related_docs`, the schema `documents`: look at both.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: no such vendor.
    ///
    /// # Examples
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

    /// Downloads one document of a vendor into a writer, by its kind in [`list_documents`](Vendors::list_documents), such as
    /// `PAN_NUMBER`. [`Download`] describes the requests.
    ///
    /// # Errors
    /// [`DownloadError`](crate::DownloadError): there is no link, the link is not followed, or the document is incomplete.
    /// The writer may have received a part of it.
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

    /// Reads a link to one document of a vendor (`PGESDownloadVendorsDocs`).
    /// [`download_document`](Vendors::download_document) downloads it.
    ///
    /// Who has the link has the document, so `Debug` does not show it. Its lifetime is not documented.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: no such vendor or document.
    ///
    /// # Examples
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
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400 `api_request_failed`: no such vendor.
    ///
    /// # Examples
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

    /// Creates an adjustment between the merchant's balance and a vendor's (`PGESCreateAdjustment`). The request
    /// names the vendor.
    ///
    /// `adjustment_id` is a number of yours, a new one each time. The response only acknowledges; read the
    /// [balance](Vendors::get_balance).
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400 `api_request_failed`: the paying side has too little, the amount is not above zero, or there is no such
    ///   vendor.
    ///
    /// # Examples
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
    pub fn create_adjustment(
        &self,
        adjustment: CreateVendorAdjustment,
    ) -> Call<CreateVendorAdjustmentResponse> {
        self.client.call(&operations::PGES_CREATE_ADJUSTMENT, adjustment, |api, adjustment| {
            Box::pin(async move {
                // The vendor is in the path and in the body, which must agree.
                api.pges_create_adjustment(&adjustment.vendor_id, &adjustment).await
            })
        })
    }

    /// Transfers money between the merchant's balance and a vendor's outside the settlement cycle, at least 10 rupees
    /// (`PGESCreateOnDemandTransfer`).
    ///
    /// A fee may apply: read it with [`get_transfer_charges`](Vendors::get_transfer_charges). A transfer has no
    /// identifier before it is made.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400 `api_request_failed`: the paying side has too little, the amount is less than 10, or there is no such
    ///   vendor.
    ///
    /// # Examples
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

    /// Reads the fee of a transfer of this amount, and who is billed (`PGESGetVendorBalanceTransferCharges`). Nothing
    /// is moved or reserved.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400 `api_request_failed`: no rate is set up for the account.
    ///
    /// # Examples
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
