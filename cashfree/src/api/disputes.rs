//! Disputes: read and accepted.

use crate::types::{AcceptedDispute, Dispute};
use crate::{Call, CfPaymentId, Client, DisputeId, OrderId, operations};

/// Disputes: payments that a payer contests through the bank. The status joins the stage of the procedure and
/// its state, as `CHARGEBACK_CREATED`; a dispute may rise from stage to stage. Until `respond_by` it is
/// accepted ([`accept`](Disputes::accept)) or contested with documents, which are reviewed until the case is
/// `MERCHANT_WON` or `MERCHANT_LOST`. Changes are also told by webhook.
///
/// Times come without a zone, presumably India's. While a dispute is open its `resolved_at` is
/// `9999-09-09T00:00:00`.
#[derive(Clone, Debug)]
pub struct Disputes {
    pub(super) client: Client,
}

impl Disputes {
    /// Reads a dispute (`PGFetchDisputeByID`). The id is Cashfree's, a number in answers and text in webhooks;
    /// a [`DisputeId`] is read from both.
    ///
    /// # Errors
    /// 404 when there is no such dispute ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let dispute = client.disputes().get("433475257").await?;
    /// println!("{:?}, answer by {:?}", dispute.dispute_status, dispute.respond_by);
    /// for proof in &dispute.preferred_evidence {
    ///     println!("{:?}: {:?}", proof.document_type, proof.document_description);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, dispute: impl Into<DisputeId>) -> Call<Dispute> {
        self.client.call(&operations::PG_FETCH_DISPUTE_BY_ID, dispute.into(), |api, dispute| {
            Box::pin(async move { api.pg_fetch_dispute_by_id(&dispute).await })
        })
    }

    /// Accepts a dispute that awaits an answer (`PGAcceptDisputeByID`): the merchant concedes the case, and
    /// nothing takes that back. The status then ends in `MERCHANT_ACCEPTED`. The answer is the dispute without
    /// the currency of its amount, which is that of its order.
    ///
    /// # Errors
    /// 404 when there is no such dispute; 400 or 409 when its state does not allow it, which it may also say of
    /// one that is accepted already. After an answer was lost, look with [`get`](Disputes::get).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let dispute = client.disputes().accept("433475257").await?;
    /// println!("{:?}", dispute.dispute_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn accept(&self, dispute: impl Into<DisputeId>) -> Call<AcceptedDispute> {
        self.client.call(&operations::PG_ACCEPT_DISPUTE_BY_ID, dispute.into(), |api, dispute| {
            Box::pin(async move { api.pg_accept_dispute_by_id(&dispute).await })
        })
    }

    /// Reads the disputes of an order, whatever their state (`PGFetchOrderDisputes`). The list is not paged.
    ///
    /// # Errors
    /// 404 when there is no such order.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for dispute in client.disputes().list_by_order("order_1").await?.iter() {
    ///     println!("{:?}: {:?}", dispute.dispute_id, dispute.dispute_status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_by_order(&self, order: impl Into<OrderId>) -> Call<Vec<Dispute>> {
        self.client.call(&operations::PG_FETCH_ORDER_DISPUTES, order.into(), |api, order| {
            Box::pin(async move { api.pg_fetch_order_disputes(&order).await })
        })
    }

    /// Reads the disputes of a payment, whatever their state (`PGFetchPaymentDisputes`). The list is not
    /// paged.
    ///
    /// # Errors
    /// 404 when there is no such payment.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let disputes = client.disputes().list_by_payment("1489901523").await?;
    /// println!("{} disputes", disputes.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_by_payment(&self, payment: impl Into<CfPaymentId>) -> Call<Vec<Dispute>> {
        self.client.call(&operations::PG_FETCH_PAYMENT_DISPUTES, payment.into(), |api, payment| {
            Box::pin(async move { api.pg_fetch_payment_disputes(&payment).await })
        })
    }
}
