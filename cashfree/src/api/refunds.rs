//! Refunds.

use crate::types::{CreateRefund, Refund, UpdateRefund, UpdateRefundStatus};
use crate::{Call, Client, OrderId, RefundId, operations};

/// Refunds of paid orders: within six months, whole or in parts, up to the captured amount.
///
/// | status | meaning |
/// | --- | --- |
/// | `PENDING` | with the bank |
/// | `SUCCESS` | refunded |
/// | `ONHOLD` | the merchant's balance is too low |
/// | `CANCELLED` | [cancelled](Refunds::cancel) |
/// | `FAILED` | not refunded |
///
/// Webhooks report the outcome.
#[derive(Clone, Debug)]
pub struct Refunds {
    pub(super) client: Client,
}

impl Refunds {
    /// Creates a refund (`PGOrderCreateRefund`).
    ///
    /// `refund_id` is yours: 3 to 40 characters (documented: letters and digits), unique in the account. If the response
    /// is lost, the refund is found by it.
    ///
    /// Retried: `refund_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: the amount is more than what is left, or the order is not paid.
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): the `refund_id` is taken. Read the refund with
    ///   [`get`](Refunds::get). After a lost response the client reads it itself.
    /// - [`Effect::Unknown`](crate::Effect::Unknown): follow [`Error::next_step`](crate::Error::next_step).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{CreateRefund, CreateRefundSpeed};
    ///
    /// let refund = client
    ///     .refunds()
    ///     .create(
    ///         "order_1",
    ///         CreateRefund::new(Amount::rupees(100), "refund_1")
    ///             .refund_note("one ticket returned")
    ///             .refund_speed(CreateRefundSpeed::Standard),
    ///     )
    ///     .await?;
    /// println!("{:?}", refund.refund_status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// See <https://www.cashfree.com/docs/api-reference/payments/latest/refunds/create>.
    pub fn create(&self, order: impl Into<OrderId>, refund: CreateRefund) -> Call<Refund> {
        self.client.call(&operations::PG_ORDER_CREATE_REFUND, (order.into(), refund), |api, arguments| {
            Box::pin(async move {
                let (order, refund) = arguments.as_ref();
                api.pg_order_create_refund(order, refund).await
            })
        })
    }

    /// Reads all refunds of an order (`PGOrderFetchRefunds`). The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for refund in client.refunds().list("order_1").await?.iter() {
    ///     println!("{:?}: {:?}", refund.refund_id, refund.refund_status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, order: impl Into<OrderId>) -> Call<Vec<Refund>> {
        self.client.call(&operations::PG_ORDER_FETCH_REFUNDS, order.into(), |api, order| {
            Box::pin(async move { api.pg_order_fetch_refunds(&order).await })
        })
    }

    /// Reads one refund of an order (`PGOrderFetchRefund`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order or refund ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let refund = client.refunds().get("order_1", "refund_1").await?;
    /// println!("{:?}, reference {:?}", refund.refund_status, refund.refund_arn);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, order: impl Into<OrderId>, refund: impl Into<RefundId>) -> Call<Refund> {
        self.client.call(
            &operations::PG_ORDER_FETCH_REFUND,
            (order.into(), refund.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (order, refund) = arguments.as_ref();
                    api.pg_order_fetch_refund(order, refund).await
                })
            },
        )
    }

    /// Cancels a refund that is `PENDING` or `ONHOLD` (`PGOrderUpdateRefund`).
    ///
    /// The operation is a later addition to the API; an account may not have it.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such refund ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400 or 409: the refund is processed already.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let refund = client.refunds().cancel("order_1", "refund_1").await?;
    /// println!("{:?}", refund.refund_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self, order: impl Into<OrderId>, refund: impl Into<RefundId>) -> Call<Refund> {
        self.client.call(
            &operations::PG_ORDER_UPDATE_REFUND,
            (order.into(), refund.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (order, refund) = arguments.as_ref();
                    // The body has one legal value.
                    let body = UpdateRefund::new(UpdateRefundStatus::Cancelled);
                    api.pg_order_update_refund(order, refund, &body).await
                })
            },
        )
    }
}
