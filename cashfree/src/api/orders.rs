//! Orders: created, read, ended, and their shipping reported.

use crate::types::{
    CreateOrder, Order, OrderExtendedData, TerminateOrder, TerminateOrderStatus, UpdateOrderExtendedData,
    UpdateOrderExtendedDataReply,
};
use crate::{Call, Client, OrderId, operations};

/// Orders: what a payer owes. An order is `ACTIVE` until a payment succeeds (`PAID`), its time runs out
/// (`EXPIRED`) or it is ended (`TERMINATED`); a payment that began before the expiry may still pay it.
#[derive(Clone, Debug)]
pub struct Orders {
    pub(super) client: Client,
}

impl Orders {
    /// Creates an order (`PGCreateOrder`). The answer's `payment_session_id` opens the checkout, or a
    /// direct payment ([`Payments::pay`](crate::api::Payments::pay)).
    ///
    /// Give the order an id of your own: it is what the order can be found by when an answer is lost.
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable; 409 `order_already_exists` means that the
    /// id is taken, perhaps by this very order ([`Error::effect`](crate::Error::effect)): read it with
    /// [`get`](Orders::get).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::Money;
    /// use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts, OrderMeta};
    ///
    /// let customer = CustomerDetails::new(CustomerDetailsParts {
    ///     customer_id: "cust_42".into(),
    ///     customer_phone: "9999999999".into(),
    /// });
    /// let order = CreateOrder::new(Money::inr("499.00")?, customer)
    ///     .order_id("order_1")
    ///     .order_meta(OrderMeta::new().return_url("https://shop.example/back?order={order_id}"));
    /// let order = client.orders().create(order).await?;
    /// println!("pay with {}", order.session()?.as_str());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// See <https://www.cashfree.com/docs/api-reference/payments/latest/orders/create>.
    pub fn create(&self, order: CreateOrder) -> Call<Order> {
        self.client.call(&operations::PG_CREATE_ORDER, order, |api, order| {
            Box::pin(async move { api.pg_create_order(&order).await })
        })
    }

    /// Reads an order (`PGFetchOrder`).
    ///
    /// # Errors
    /// 404 `order_not_found` ([`is_not_found`](crate::Error::is_not_found)). Right after its creation the
    /// sandbox may answer so for a moment.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::OrderStatus;
    ///
    /// let order = client.orders().get("order_1").await?;
    /// if order.order_status == OrderStatus::Paid {
    ///     println!("{:?} is paid", order.order_amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, order: impl Into<OrderId>) -> Call<Order> {
        self.client.call(&operations::PG_FETCH_ORDER, order.into(), |api, order| {
            Box::pin(async move { api.pg_fetch_order(&order).await })
        })
    }

    /// Ends an order (`PGTerminateOrder`): no further payment can begin. While one is under way the order
    /// is `TERMINATION_REQUESTED`, and may still end as `PAID`.
    ///
    /// # Errors
    /// 404 when there is no such order; 400 or 409 when its state does not allow it.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let order = client.orders().terminate("order_1").await?;
    /// println!("{:?}", order.order_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn terminate(&self, order: impl Into<OrderId>) -> Call<Order> {
        self.client.call(&operations::PG_TERMINATE_ORDER, order.into(), |api, order| {
            Box::pin(async move {
                // The body has one legal value.
                let body = TerminateOrder::new(TerminateOrderStatus::Terminated);
                api.pg_terminate_order(&order, &body).await
            })
        })
    }

    /// Reads what belongs to an order beside its amount (`PGFetchOrderExtendedData`): basket, addresses,
    /// charges and offer.
    ///
    /// # Errors
    /// 404 when there is no such order.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let extended = client.orders().get_extended("order_1").await?;
    /// println!("{:?}", extended.charges);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_extended(&self, order: impl Into<OrderId>) -> Call<OrderExtendedData> {
        self.client.call(&operations::PG_FETCH_ORDER_EXTENDED_DATA, order.into(), |api, order| {
            Box::pin(async move { api.pg_fetch_order_extended_data(&order).await })
        })
    }

    /// Reports shipping (`PGUpdateOrderExtendedData`): shipments, or the state of the delivery. Sending the
    /// same again changes nothing.
    ///
    /// # Errors
    /// 404 when there is no such order; 400 names the member that is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{OrderDeliveryStatus, DeliveryStatus, UpdateOrderExtendedData};
    ///
    /// let shipped = OrderDeliveryStatus::new(DeliveryStatus::Shipped);
    /// let update = UpdateOrderExtendedData::new().order_delivery_status(shipped);
    /// client.orders().update_extended("order_1", update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_extended(
        &self,
        order: impl Into<OrderId>,
        update: UpdateOrderExtendedData,
    ) -> Call<UpdateOrderExtendedDataReply> {
        self.client.call(
            &operations::PG_UPDATE_ORDER_EXTENDED_DATA,
            (order.into(), update),
            |api, arguments| {
                Box::pin(async move {
                    let (order, update) = arguments.as_ref();
                    api.pg_update_order_extended_data(order, update).await
                })
            },
        )
    }
}
