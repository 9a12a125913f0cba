//! Disputes.

use crate::types::{AcceptedDispute, Dispute};
use crate::{Call, CfPaymentId, Client, DisputeId, OrderId, operations};

/// Disputes: payments that a payer contests through the bank.
///
/// - The status is the stage and its state, such as `CHARGEBACK_CREATED`. A dispute can move to a later stage.
/// - Until `respond_by`, [accept](Disputes::accept) it or upload
///   [documents](crate::api::Documents::upload_for_dispute). It ends as `MERCHANT_WON`, `MERCHANT_LOST` or
///   `MERCHANT_ACCEPTED`.
/// - Webhooks report changes.
/// - Times have no zone, presumably India's. `resolved_at` of an open dispute is `9999-09-09T00:00:00`.
#[derive(Clone, Debug)]
pub struct Disputes {
    pub(super) client: Client,
}

impl Disputes {
    /// Reads a dispute (`PGFetchDisputeByID`).
    ///
    /// The id is Cashfree's. It is a number in responses and text in webhooks; [`DisputeId`] is decoded from both.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such dispute ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let dispute = client.disputes().get("433475257").await?;
    /// println!("{:?}, respond by {:?}", dispute.dispute_status, dispute.respond_by);
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

    /// Accepts a dispute (`PGAcceptDisputeByID`): the merchant concedes, which cannot be undone.
    ///
    /// The status becomes `MERCHANT_ACCEPTED`. The response lacks the currency, which is that of the order.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such dispute ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400 or 409: the state does not allow it, or the dispute is accepted already. Read it with
    ///   [`get`](Disputes::get).
    ///
    /// # Examples
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

    /// Reads all disputes of an order (`PGFetchOrderDisputes`). The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Reads all disputes of a payment (`PGFetchPaymentDisputes`). The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such payment ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
