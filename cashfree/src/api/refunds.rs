//! Refunds: made, read, cancelled.

use crate::types::{CreateRefund, Refund, UpdateRefund, UpdateRefundStatus};
use crate::{Call, Client, OrderId, RefundId, operations};

/// Refunds of paid orders, within six months, in parts if need be, up to what was captured. A refund is
/// `PENDING` until the bank is done (`SUCCESS`); `ONHOLD` means that the merchant's balance is too low. The
/// outcome is also told by webhook.
#[derive(Clone, Debug)]
pub struct Refunds {
    pub(super) client: Client,
}

impl Refunds {
    /// Gives money back (`PGOrderCreateRefund`).
    ///
    /// The `refund_id` of the request is yours and unique in the account, so that a refund whose answer was
    /// lost can be read by it.
    ///
    /// # Errors
    /// 400 when the amount is more than what is left, or the order is not paid; 404 when there is no such
    /// order; 409 when the id is taken, perhaps by this very refund
    /// ([`Error::effect`](crate::Error::effect)): read it with [`get`](Refunds::get).
    ///
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

    /// Reads all refunds of an order (`PGOrderFetchRefunds`). The list is not paged.
    ///
    /// # Errors
    /// 404 when there is no such order.
    ///
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
    /// # Errors
    /// 404 when there is no such order or refund.
    ///
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

    /// Cancels a refund that is not yet carried out, `PENDING` or `ONHOLD` (`PGOrderUpdateRefund`). The
    /// operation is a later addition to the API; an account may not have it.
    ///
    /// # Errors
    /// 404 when there is no such refund; 400 or 409 when it is carried out already.
    ///
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
