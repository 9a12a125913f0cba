//! Documents: files handed in for a dispute, a vendor or a mandate.

use std::sync::Arc;

use cashfree_gen::{Body, Client as Api, Error as ApiFailure};

use crate::call::{Form, Invocation};
use crate::types::{Dispute, UploadPnachImageResponse, UploadVendorDocumentsResponse};
use crate::upload::Limits;
use crate::{
    Call, Client, DisputeDocument, DisputeId, Operation, PaymentId, Upload, VendorDocument, VendorId,
    operations,
};

/// Documents: files that are handed in, for review by Cashfree or a bank. What is documented of sizes and
/// types is checked before anything is sent
/// ([`ErrorKind::Request`](crate::ErrorKind::Request)).
///
/// The body of an upload follows from its parts alone, so that a repeat, also one by another process with
/// the same [`IdempotencyKey`](crate::IdempotencyKey), sends the same bytes. It is made when the method is
/// called, which takes some hundredths of a second for the largest files. Sending them may need more than
/// the usual time: [`Call::timeout`].
#[derive(Clone, Debug)]
pub struct Documents {
    pub(super) client: Client,
}

impl Documents {
    /// Hands in a document to contest a dispute (`PGUploadDisputesDocuments`): `jpeg`, `jpg`, `png` or
    /// `pdf`, at most 20 MB. The dispute becomes the `DOCS_RECEIVED` one of its kind and goes into review;
    /// when it comes back as `INSUFFICIENT_EVIDENCE`, more can be handed in. The answer is a list with the
    /// dispute as it stands then.
    ///
    /// # Errors
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) when the file is empty, too large or of another
    /// type; 404 when there is no such dispute; 400 or 409 when its state does not allow it. A document has
    /// no id by which it could be found: after [`Effect::Unknown`](crate::Effect::Unknown) send it again
    /// with the same key only, or it may be stored twice.
    ///
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

    /// Hands in a document that says who a vendor is (`PGESUploadVendorsDocs`), at most 2 MB, for instance
    /// when the vendor is `ACTION_REQUIRED`. The document is then `IN_REVIEW`.
    ///
    /// # Errors
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) when the file is empty or too large; 400
    /// `doc_type_missing` or `vendor_id_invalid`.
    ///
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

    /// Hands in the image of a signed paper mandate, for the payment that authorises a subscription by
    /// physical NACH (`SubscriptionDocumentUpload`). That does not complete the authorisation: the bank has
    /// to approve. Neither sizes nor types are documented.
    ///
    /// # Errors
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) when the file is empty; 404 when there is no such
    /// payment; 400 when it awaits no document.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::Upload;
    ///
    /// let form = Upload::from_path("mandate.png")?;
    /// let answer = client.documents().upload_for_subscription_payment("payment_1", form).await?;
    /// println!("{:?}", answer.authorization_status);
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
        // The action has one legal value, and the payment stands in the path as well.
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

    /// A call with a form. It is made here, once, so that each attempt sends the same bytes; a file that
    /// does not fit makes the call fail when it is sent.
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
