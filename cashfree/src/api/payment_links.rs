//! Payment links: created, read, cancelled, and the orders behind them.

use crate::types::{CreatePaymentLink, PaymentLink, PaymentLinkOrder};
use crate::{Call, Client, LinkId, operations};

/// Payment links: pages that a payer is sent to. A link is `ACTIVE` until it is paid (`PAID`, by way of
/// `PARTIALLY_PAID` if parts are allowed), cancelled (`CANCELLED`) or its time runs out (`EXPIRED`, after
/// thirty days unless it says otherwise). Each payer who opens it gets an order of its own, with an id that
/// Cashfree makes. There is no list of links: keep their ids.
#[derive(Clone, Debug)]
pub struct PaymentLinks {
    pub(super) client: Client,
}

impl PaymentLinks {
    /// Creates a link (`PGCreateLink`). The answer's `link_url` is the page, `link_qrcode` the same as a
    /// picture (a `data:` URI of several kilobytes). With `link_notify` Cashfree sends it to the payer.
    ///
    /// The `link_id` of the request is yours, at most 50 characters and unique in the account, so that a link
    /// whose answer was lost can be read by it. Times are RFC 3339 with an offset.
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable; 409 means that the id is taken, perhaps by
    /// this very link ([`Error::effect`](crate::Error::effect)): read it with [`get`](PaymentLinks::get).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::Money;
    /// use cashfree::types::{CreatePaymentLink, CreatePaymentLinkParts, LinkCustomerDetails, LinkNotify};
    ///
    /// let payer = LinkCustomerDetails::new("9999999999").customer_email("payer@shop.example");
    /// let link = CreatePaymentLink::new(CreatePaymentLinkParts {
    ///     link_id: "link_1".into(),
    ///     link: Money::inr("499.00")?,
    ///     link_purpose: "two tickets".into(),
    ///     customer_details: payer,
    /// })
    /// .link_notify(LinkNotify::new().send_email(true));
    /// let link = client.payment_links().create(link).await?;
    /// println!("pay at {:?}", link.link_url);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, link: CreatePaymentLink) -> Call<PaymentLink> {
        self.client.call(&operations::PG_CREATE_LINK, link, |api, link| {
            Box::pin(async move { api.pg_create_link(&link).await })
        })
    }

    /// Reads a link, with its state and what was paid so far (`PGFetchLink`).
    ///
    /// # Errors
    /// 404 when there is no such link ([`is_not_found`](crate::Error::is_not_found)); the service has been
    /// seen to answer 400 instead.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let link = client.payment_links().get("link_1").await?;
    /// println!("{:?}: {:?} of {:?}", link.link_status, link.link_amount_paid, link.link_amount);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, link: impl Into<LinkId>) -> Call<PaymentLink> {
        self.client.call(&operations::PG_FETCH_LINK, link.into(), |api, link| {
            Box::pin(async move { api.pg_fetch_link(&link).await })
        })
    }

    /// Cancels an `ACTIVE` link for good (`PGCancelLink`): it takes no more payments.
    ///
    /// # Errors
    /// 404 when there is no such link; 400 or 409 when its state does not allow it, perhaps also for a
    /// link that is cancelled already. After an answer was lost, look with [`get`](PaymentLinks::get).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let link = client.payment_links().cancel("link_1").await?;
    /// println!("{:?}", link.link_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self, link: impl Into<LinkId>) -> Call<PaymentLink> {
        self.client.call(&operations::PG_CANCEL_LINK, link.into(), |api, link| {
            Box::pin(async move { api.pg_cancel_link(&link).await })
        })
    }

    /// Reads the paid orders behind a link (`PGLinkFetchOrders`, `status=PAID`); there may be several if it
    /// is paid in parts. The list is not paged.
    ///
    /// # Errors
    /// 404 when there is no such link.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for order in client.payment_links().list_paid_orders("link_1").await?.iter() {
    ///     println!("{:?}: {:?}", order.order_id, order.order_amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_paid_orders(&self, link: impl Into<LinkId>) -> Call<Vec<PaymentLinkOrder>> {
        self.orders(link.into(), "PAID")
    }

    /// Reads all orders behind a link, also those that nobody paid (`PGLinkFetchOrders`, `status=ALL`). The
    /// list is not paged.
    ///
    /// # Errors
    /// As [`list_paid_orders`](PaymentLinks::list_paid_orders).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let orders = client.payment_links().list_orders("link_1").await?;
    /// println!("{} orders", orders.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_orders(&self, link: impl Into<LinkId>) -> Call<Vec<PaymentLinkOrder>> {
        self.orders(link.into(), "ALL")
    }

    // The status is always said: what the service takes for the default is easily overlooked.
    fn orders(&self, link: LinkId, status: &'static str) -> Call<Vec<PaymentLinkOrder>> {
        self.client.call(&operations::PG_LINK_FETCH_ORDERS, (link, status), |api, arguments| {
            Box::pin(async move {
                let (link, status) = arguments.as_ref();
                api.pg_link_fetch_orders(link, Some(status)).await
            })
        })
    }
}
