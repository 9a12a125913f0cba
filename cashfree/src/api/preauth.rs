//! Preauthorised payments: capture and void.

use crate::types::{AuthorizeAction, AuthorizeOrder, Payment};
use crate::{Amount, Call, Client, OrderId, operations};

/// Preauthorised payments.
///
/// A payment that only holds the money is `SUCCESS` with `is_captured` false. It is captured once, whole or in part,
/// or voided. A hold ends by itself: after seven days for cards, with the mandate for UPI. The account must be
/// enabled for it. See <https://www.cashfree.com/docs/payments/features/pre-authorisation>.
#[derive(Clone, Debug)]
pub struct Preauth {
    pub(super) client: Client,
}

impl Preauth {
    /// Captures the held money, or a part of it (`PGAuthorizeOrder`). The rest is released.
    ///
    /// - There is one capture per payment.
    /// - `amount` is in the major unit, at most what is held.
    /// - The response is the payment. `authorization.status` is `SUCCESS` or, at first, `PENDING`.
    ///
    /// Retried: the object's state and the idempotency key protect it. If a retry, or a call with a key that was used before,
    /// is refused, the capture is looked for among the payments of the order, and that payment is the response
    /// ([`ResponseMeta::read_back`](crate::ResponseMeta::read_back)).
    ///
    /// # Errors
    /// - 400: the amount is too large, or nothing is held.
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): captured or voided already.
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    /// - [`ErrorKind::Decode`](crate::ErrorKind::Decode), with an ambiguous outcome: the response shows a capture that failed,
    ///   or a payment that is not captured. Read the payments of the order.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let payment = client.preauth().capture("order_1", "300.00".parse()?).await?;
    /// println!("{:?}", payment.authorization.as_ref().and_then(|held| held.captured_amount));
    /// # Ok(())
    /// # }
    /// ```
    pub fn capture(&self, order: impl Into<OrderId>, amount: Amount) -> Call<Payment> {
        self.authorize(order.into(), AuthorizeOrder::new(AuthorizeAction::Capture).amount(amount))
    }

    /// Releases the held money (`PGAuthorizeOrder`). The payment becomes `VOID`.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// As [`capture`](Preauth::capture).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let payment = client.preauth().void("order_1").await?;
    /// println!("{:?}", payment.payment_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn void(&self, order: impl Into<OrderId>) -> Call<Payment> {
        self.authorize(order.into(), AuthorizeOrder::new(AuthorizeAction::Void))
    }

    fn authorize(&self, order: OrderId, body: AuthorizeOrder) -> Call<Payment> {
        self.client.call(&operations::PG_AUTHORIZE_ORDER, (order, body), |api, arguments| {
            Box::pin(async move {
                let (order, body) = arguments.as_ref();
                api.pg_authorize_order(order, body).await
            })
        })
    }
}
