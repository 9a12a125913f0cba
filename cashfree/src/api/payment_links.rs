//! Payment links.

use crate::types::{CreatePaymentLink, PaymentLink, PaymentLinkOrder};
use crate::{Call, Client, LinkId, operations};

/// Payment links: pages on which a payer pays.
///
/// | status | meaning |
/// | --- | --- |
/// | `ACTIVE` | can be paid |
/// | `PARTIALLY_PAID` | paid in part, if parts are allowed |
/// | `PAID` | paid |
/// | `CANCELLED` | [cancelled](PaymentLinks::cancel) |
/// | `EXPIRED` | the time ran out; 30 days by default |
///
/// Each payer who opens a link gets an order of its own, whose id Cashfree makes. Links cannot be listed: keep their
/// ids.
#[derive(Clone, Debug)]
pub struct PaymentLinks {
    pub(super) client: Client,
}

impl PaymentLinks {
    /// Creates a payment link (`PGCreateLink`).
    ///
    /// - `link_url` of the response is the page, `link_qrcode` its QR code as a `data:` URI. With `link_notify`,
    ///   Cashfree sends the link to the payer.
    /// - `link_id` is yours: at most 50 characters, unique in the account.
    /// - Times are RFC 3339 with an offset.
    ///
    /// Retried: `link_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): the `link_id` is taken. Read the link with
    ///   [`get`](PaymentLinks::get).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::Money;
    /// use cashfree::types::{CreatePaymentLink, CreatePaymentLinkParts, LinkCustomerDetails, LinkNotify};
    ///
    /// let payer = LinkCustomerDetails::new("9999999999").customer_email("payer@shop.example");
    /// let link = CreatePaymentLink::new(CreatePaymentLinkParts {
    ///     link_id: "link_1".into(),
    ///     link_amount: Money::inr("499.00")?,
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

    /// Reads a payment link, with its status and the amount paid (`PGFetchLink`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such link ([`is_not_found`](crate::Error::is_not_found)). The service is known to respond with 400
    ///   as well.
    ///
    /// # Examples
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

    /// Cancels an `ACTIVE` payment link (`PGCancelLink`). It cannot be paid afterwards.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 404: no such link ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400 or 409: the state does not allow it, or the link is cancelled already. Read it with
    ///   [`get`](PaymentLinks::get).
    ///
    /// # Examples
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

    /// Reads the paid orders of a payment link (`PGLinkFetchOrders`). A link that is paid in parts can have several.
    /// The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such link ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Reads all orders of a payment link, unpaid ones included (`PGLinkFetchOrders`). The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such link ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
