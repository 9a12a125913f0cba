//! Easy Split: payments shared among vendors, by order or by a standing rule.

use crate::types::{
    CreateStaticSplit, SplitAfterPayment, SplitAfterPaymentReply, SplitOrderDetails, StaticSplit,
};
use crate::{Call, Client, OrderId, operations};

/// Easy Split: how a payment is shared among [vendors](crate::api::Vendors).
///
/// An order says how it is split when it is created (`order_splits` of
/// [`CreateOrder`](crate::types::CreateOrder)), once it is paid ([`split_order`](EasySplit::split_order)), or
/// follows a standing rule ([`create_static_split`](EasySplit::create_static_split)). A vendor's share is a
/// percentage or an amount; what is not shared out remains the merchant's.
#[derive(Clone, Debug)]
pub struct EasySplit {
    pub(super) client: Client,
}

impl EasySplit {
    /// Splits an order after it was paid and before it is settled (`PGOrderSplitAfterPayment`). Each share
    /// is an amount in rupees or a percentage, never both, and together they are no more than what is left
    /// to split. `disable_split` closes the order for further splits.
    ///
    /// A split has no id, so that only the idempotency key tells a repeat from a second one. What came of it
    /// is read with [`get_order`](EasySplit::get_order).
    ///
    /// # Errors
    /// 400 when the order is not paid, the shares are too many or a vendor is not known; also for up to two
    /// minutes after the payment, until it is known there: try again then. 400 or 409 when the order is
    /// settled; 404 `order_not_found`.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::types::{OrderSplitShare, SplitAfterPayment};
    ///
    /// let share = OrderSplitShare::new().vendor_id("vendor_1").percentage("12.5".parse()?);
    /// let split = SplitAfterPayment::new(vec![share]).disable_split(true);
    /// let reply = client.easy_split().split_order("order_1", split).await?;
    /// println!("{:?}", reply.message);
    /// # Ok(())
    /// # }
    /// ```
    pub fn split_order(
        &self,
        order: impl Into<OrderId>,
        split: SplitAfterPayment,
    ) -> Call<SplitAfterPaymentReply> {
        self.client.call(
            &operations::PG_ORDER_SPLIT_AFTER_PAYMENT,
            (order.into(), split),
            |api, arguments| {
                Box::pin(async move {
                    let (order, split) = arguments.as_ref();
                    api.pg_order_split_after_payment(order, split).await
                })
            },
        )
    }

    /// Reads how a split order is settled (`PGSplitOrderRecon`): the merchant's part, the refunds, and each
    /// vendor's part. The members about the transfer are absent until it took place.
    ///
    /// # Errors
    /// 404 `order_not_found`.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let details = client.easy_split().get_order("order_1").await?;
    /// for part in &details.vendors {
    ///     println!("{:?}: {:?}", part.vendor_id, part.settlement_amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_order(&self, order: impl Into<OrderId>) -> Call<SplitOrderDetails> {
        self.client.call(&operations::PG_SPLIT_ORDER_RECON, order.into(), |api, order| {
            Box::pin(async move { api.pg_split_order_recon(&order).await })
        })
    }

    /// Stores a standing rule (`PGOrderStaticSplit`): all payments of a product, or of one of its terminals,
    /// are shared like this, without a word in the order. Each share is above zero, together they are 100
    /// percent at most.
    ///
    /// # Errors
    /// 400 when a share is out of range, a vendor is not known, the product is none of those named
    /// (`product_type_invalid`), or Easy Split is not enabled for the account.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::types::{CreateStaticSplit, SplitProductType, StaticSplitShare};
    ///
    /// let share = StaticSplitShare::new("vendor_1", "10".parse()?);
    /// let rule = CreateStaticSplit::new(true, SplitProductType::Pg, vec![share]).terminal_id("0");
    /// let stored = client.easy_split().create_static_split(rule).await?;
    /// println!("{:?}", stored.active);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_static_split(&self, rule: CreateStaticSplit) -> Call<StaticSplit> {
        self.client.call(&operations::PG_ORDER_STATIC_SPLIT, rule, |api, rule| {
            Box::pin(async move { api.pg_order_static_split(&rule).await })
        })
    }
}
