//! Easy Split: payments shared with vendors.

use crate::types::{
    CreateStaticSplit, SplitAfterPayment, SplitAfterPaymentResponse, SplitOrderDetails, StaticSplit,
};
use crate::{Call, Client, OrderId, operations};

/// Easy Split: how a payment is shared with [vendors](crate::api::Vendors).
///
/// An order is split in one of three ways: by `order_splits` of [`CreateOrder`](crate::types::CreateOrder), after it
/// is paid ([`split_order`](EasySplit::split_order)), or by a standing rule
/// ([`create_static_split`](EasySplit::create_static_split)). A share is a percentage or an amount; the rest is the
/// merchant's.
#[derive(Clone, Debug)]
pub struct EasySplit {
    pub(super) client: Client,
}

impl EasySplit {
    /// Splits a paid order that is not settled yet (`PGOrderSplitAfterPayment`).
    ///
    /// - Each share is an amount in rupees or a percentage, not both. Together they are at most what is left to
    ///   split.
    /// - `disable_split` closes the order for further splits.
    /// - A split has no identifier. Read the result with [`get_order`](EasySplit::get_order).
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400: the order is not paid, the shares are too large, or a vendor is unknown. Also for up to two minutes
    ///   after the payment: call again then.
    /// - 400 or 409: the order is settled.
    /// - 404 `order_not_found` ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::types::{OrderSplitShare, SplitAfterPayment};
    ///
    /// let share = OrderSplitShare::new().vendor_id("vendor_1").percentage("12.5".parse()?);
    /// let split = SplitAfterPayment::new(vec![share]).disable_split(true);
    /// let response = client.easy_split().split_order("order_1", split).await?;
    /// println!("{:?}", response.message);
    /// # Ok(())
    /// # }
    /// ```
    pub fn split_order(
        &self,
        order: impl Into<OrderId>,
        split: SplitAfterPayment,
    ) -> Call<SplitAfterPaymentResponse> {
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

    /// Reads how a split order is settled (`PGSplitOrderRecon`): the merchant's share, refunds, and each vendor's
    /// share.
    ///
    /// Fields of the transfer are absent until it took place.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404 `order_not_found` ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Creates a standing rule (`PGOrderStaticSplit`): all payments of a product, or of one of its terminals, are
    /// split by it.
    ///
    /// Each share is above zero; together they are at most 100 percent.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400: a share is out of range, a vendor is unknown, the product is invalid (`product_type_invalid`), or Easy
    ///   Split is not enabled for the account.
    ///
    /// # Examples
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
