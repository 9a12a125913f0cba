//! Documents for disputes, vendors and mandates.

use std::sync::Arc;

use cashfree_gen::{Body, Client as Api, Error as ApiFailure};

use crate::call::{Form, Invocation};
use crate::types::{Dispute, UploadPnachImageResponse, UploadVendorDocumentsResponse};
use crate::upload::Limits;
use crate::{
    Call, Client, DisputeDocument, DisputeId, Operation, PaymentId, Upload, VendorDocument, VendorId,
    operations,
};

/// Uploads of documents that Cashfree or a bank reviews.
///
/// - Documented sizes and types are checked before anything is sent
///   ([`ErrorKind::Request`](crate::ErrorKind::Request)).
/// - The body depends on its parts only: a retry, also by another process with the same
///   [`IdempotencyKey`](crate::IdempotencyKey), sends the same bytes.
/// - Large files may need a longer [`Call::timeout`].
#[derive(Clone, Debug)]
pub struct Documents {
    pub(super) client: Client,
}

impl Documents {
    /// Uploads a document that contests a dispute (`PGUploadDisputesDocuments`).
    ///
    /// - `jpeg`, `jpg`, `png` or `pdf`, at most 20 MB.
    /// - The dispute becomes `…_DOCS_RECEIVED` and is reviewed. After `…_INSUFFICIENT_EVIDENCE`, more documents can
    ///   follow.
    /// - The response is a list that holds the dispute.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - [`ErrorKind::Request`](crate::ErrorKind::Request): the file is empty, too large or of another type.
    /// - 404: no such dispute ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400 or 409: the state of the dispute does not allow it.
    /// - [`Effect::Unknown`](crate::Effect::Unknown): documents have no identifier. Resend with the same key only, or
    ///   the document may be stored twice.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use cashfree::{DisputeDocument, Upload};
    ///
    /// let note = Upload::from_path("delivery-note.pdf")?;
    /// let disputes = client
    ///     .documents()
    ///     .upload_for_dispute("433475258", DisputeDocument::new(note, "Delivery/Service Proof"))
    ///     .timeout(Duration::from_secs(60))
    ///     .await?;
    /// println!("{:?}", disputes.first().map(|dispute| &dispute.dispute_status));
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_for_dispute(
        &self,
        dispute: impl Into<DisputeId>,
        document: DisputeDocument,
    ) -> Call<Vec<Dispute>> {
        const LIMITS: Limits = Limits { megabytes: Some(20), known_types_only: true };
        let DisputeDocument { file, doc_type, note } = document;
        let mut form = Form::new("file", &file).text("doc_type", &doc_type);
        if let Some(note) = &note {
            form = form.text("note", note);
        }
        self.upload(
            &operations::PG_UPLOAD_DISPUTES_DOCUMENTS,
            dispute.into(),
            &file,
            &form,
            LIMITS,
            |api, id, body| Box::pin(async move { api.pg_upload_disputes_documents(&id, body).await }),
        )
    }

    /// Uploads an identity document of a vendor, for instance when the vendor is `ACTION_REQUIRED`
    /// (`PGESUploadVendorsDocs`).
    ///
    /// At most 2 MB. The document is then `IN_REVIEW`.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - [`ErrorKind::Request`](crate::ErrorKind::Request): the file is empty or too large.
    /// - 400: `doc_type_missing` or `vendor_id_invalid`.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::{Upload, VendorDocument};
    ///
    /// let pan = VendorDocument::new(Upload::from_path("pan.jpeg")?, "PAN").doc_value("ABCDE1234F");
    /// let stored = client.documents().upload_for_vendor("vendor_1", pan).await?;
    /// println!("{:?}", stored.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_for_vendor(
        &self,
        vendor: impl Into<VendorId>,
        document: VendorDocument,
    ) -> Call<UploadVendorDocumentsResponse> {
        const LIMITS: Limits = Limits { megabytes: Some(2), known_types_only: false };
        let VendorDocument { file, doc_type, doc_value } = document;
        let mut form = Form::new("file", &file).text("doc_type", &doc_type);
        if let Some(number) = &doc_value {
            form = form.text("doc_value", number);
        }
        self.upload(
            &operations::PGES_UPLOAD_VENDORS_DOCS,
            vendor.into(),
            &file,
            &form,
            LIMITS,
            |api, id, body| Box::pin(async move { api.pges_upload_vendors_docs(&id, body).await }),
        )
    }

    /// Uploads the image of a signed paper mandate, for a payment that authorises a subscription by physical NACH
    /// (`SubscriptionDocumentUpload`).
    ///
    /// The bank still has to approve the mandate. Sizes and types are not documented.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - [`ErrorKind::Request`](crate::ErrorKind::Request): the file is empty.
    /// - 404: no such payment ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: the payment does not await a document.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::Upload;
    ///
    /// let form = Upload::from_path("mandate.png")?;
    /// let response = client.documents().upload_for_subscription_payment("payment_1", form).await?;
    /// println!("{:?}", response.authorization_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_for_subscription_payment(
        &self,
        payment: impl Into<PaymentId>,
        file: Upload,
    ) -> Call<UploadPnachImageResponse> {
        const LIMITS: Limits = Limits { megabytes: None, known_types_only: false };
        let payment = payment.into();
        // The action has one legal value, and the payment is in the path, too.
        let form = Form::new("file", &file).text("payment_id", payment.as_str()).text("action", "UPLOAD");
        self.upload(
            &operations::SUBSCRIPTION_DOCUMENT_UPLOAD,
            payment.clone(),
            &file,
            &form,
            LIMITS,
            |api, id, body| Box::pin(async move { api.subscription_document_upload(&id, body).await }),
        )
    }

    /// Creates a call with a form. The form is serialized once, so that each attempt sends the same bytes. An invalid
    /// file is an error of the sent call.
    fn upload<T: Send + 'static, I: Send + Sync + 'static>(
        &self,
        operation: &'static Operation,
        id: I,
        file: &Upload,
        form: &Form<'_>,
        limits: Limits,
        method: fn(Api, Arc<I>, Body) -> Invocation<T>,
    ) -> Call<T> {
        let made =
            file.check(limits).and_then(|()| form.body().ok_or_else(|| "the form can't be made".to_owned()));
        let id = Arc::new(id);
        Call::new(self.client.clone(), operation, move |api| match &made {
            Ok(body) => method(api, Arc::clone(&id), body.clone()),
            Err(reason) => {
                let reason = reason.clone();
                Box::pin(async move { Err(ApiFailure::InvalidRequest(reason)) })
            }
        })
    }
}
