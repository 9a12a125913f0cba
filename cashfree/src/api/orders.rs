//! Orders.

use crate::types::{
    CreateOrder, Order, OrderExtendedData, TerminateOrder, TerminateOrderStatus, UpdateOrderExtendedData,
    UpdateOrderExtendedDataResponse,
};
use crate::{Call, Client, OrderId, operations};

/// Orders: amounts that a payer owes.
///
/// | status | meaning |
/// | --- | --- |
/// | `ACTIVE` | a payment can begin |
/// | `PAID` | a payment succeeded |
/// | `EXPIRED` | the time ran out |
/// | `TERMINATION_REQUESTED` | [terminated](Orders::terminate) while a payment is in progress |
/// | `TERMINATED` | terminated |
///
/// A payment that began before the expiry can still pay the order.
#[derive(Clone, Debug)]
pub struct Orders {
    pub(super) client: Client,
}

impl Orders {
    /// Creates an order (`PGCreateOrder`).
    ///
    /// - `payment_session_id` of the response ([`Order::session`](crate::types::Order)) opens the [hosted
    ///   checkout](crate::guide::hosted_checkout), or begins a payment with
    ///   [`Payments::pay`](crate::api::Payments::pay).
    /// - Set `order_id`, 3 to 45 letters, digits, `_` or `-`: the order is found by it if the response is lost.
    ///   Without one, the request is not retried once it may have arrived
    ///   ([`ClientBuilder::identity_from_key`](crate::ClientBuilder::identity_from_key)).
    ///
    /// Retried: `order_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 409 `order_already_exists` ([`is_conflict`](crate::Error::is_conflict)): the `order_id` is taken. Read the
    ///   order with [`get`](Orders::get). After a lost response the client reads it itself.
    /// - [`Effect::Unknown`](crate::Effect::Unknown): follow [`Error::next_step`](crate::Error::next_step).
    ///
    /// # Examples
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
    /// Read it before goods are handed out: it is authoritative, unlike webhooks and the return of the payer's
    /// browser.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404 `order_not_found` ([`is_not_found`](crate::Error::is_not_found)). Cashfree's sandbox may respond so for
    ///   a moment after the order was created.
    ///
    /// # Examples
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

    /// Terminates an order (`PGTerminateOrder`): no further payment can begin.
    ///
    /// While a payment is in progress the order is `TERMINATION_REQUESTED`, and may still become `PAID`.
    ///
    /// A success means that the request was accepted; `order_status` of the response says whether the order is
    /// `TERMINATED`, or still waits for a payment (`TERMINATION_REQUESTED`), or was paid meanwhile.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400 or 409: the state does not allow it.
    ///
    /// # Examples
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

    /// Reads the extended data of an order (`PGFetchOrderExtendedData`): cart, addresses, charges and offer.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Updates the shipments or the delivery status of an order (`PGUpdateOrderExtendedData`). The same update twice
    /// changes nothing.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
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
    ) -> Call<UpdateOrderExtendedDataResponse> {
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
