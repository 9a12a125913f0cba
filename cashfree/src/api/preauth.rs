//! Preauthorised payments: capture or release what is held.

use crate::types::{AuthorizeAction, AuthorizeOrder, Payment};
use crate::{Amount, Call, Client, OrderId, operations};

/// Preauthorised payments. A payment that only holds the money is `SUCCESS` with `is_captured` false; it is
/// captured, in whole or in part and once, or released. Uncaptured money goes back by itself after the time
/// limit of the hold (seven days for cards, the end of the mandate for UPI).
///
/// The account must be enabled for it. See
/// <https://www.cashfree.com/docs/payments/features/pre-authorisation>.
#[derive(Clone, Debug)]
pub struct Preauth {
    pub(super) client: Client,
}

impl Preauth {
    /// Takes the held money, or a part of it; the rest is released (`PGAuthorizeOrder`). There is one
    /// capture: what is taken too much goes back by refund.
    ///
    /// `amount` is in the major unit, at most what is held. The answer is the payment, with
    /// `authorization.status` `SUCCESS` or, for a while, `PENDING`.
    ///
    /// # Errors
    /// 400 when the amount is too large or nothing is held; 409 after a capture or a release; 404 when there
    /// is no such order. After [`Effect::Unknown`](crate::Effect::Unknown) send it again with the same key,
    /// or read the payment.
    ///
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

    /// Releases the held money (`PGAuthorizeOrder`). The payment ends as `VOID`.
    ///
    /// # Errors
    /// As [`capture`](Preauth::capture).
    ///
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
