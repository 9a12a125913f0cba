//! Payments.

use crate::types::{
    AuthenticateAction, AuthenticatePayment, AuthenticatePaymentResponse, PayOrder, PayOrderResponse, Payment,
};
use crate::{Call, CfPaymentId, Client, OrderId, Sensitive, operations};

/// Payments: attempts to pay an order. An order can have several; one with the status `SUCCESS` pays it.
///
/// The method that was used is [`Payment::payment_method`](crate::types::Payment).
#[derive(Clone, Debug)]
pub struct Payments {
    pub(super) client: Client,
}

impl Payments {
    /// Begins a payment from the server, by the method that the payer chose (`PGPayOrder`).
    ///
    /// - The response says what follows: a page to open, a one-time password to submit, or nothing.
    /// - The operation takes no credentials, only the payment session of the order. Its rate limit is by IP address.
    /// - The account must be enabled for it. For cards, your server must comply with PCI DSS.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 400: a field is invalid, or the order is paid, terminated or expired.
    /// - 502 `bank_processing_failure` ([`is_bank_failure`](crate::Error::is_bank_failure)): the bank failed.
    /// - [`Effect::Unknown`](crate::Effect::Unknown): [list](Payments::list) the payments of the order.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::types::{PayOrder, PayOrderPaymentMethod, Upi, UpiChannel};
    ///
    /// let order = client.orders().get("order_1").await?;
    /// let session = order.session()?.clone();
    /// let by_upi = PayOrderPaymentMethod::upi(Upi::new(UpiChannel::Collect).upi_id("testsuccess@gocash"));
    /// let begun = client.payments().pay(PayOrder::new(session, by_upi)).await?;
    /// println!("{:?}: {:?}", begun.cf_payment_id, begun.action);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// See <https://www.cashfree.com/docs/api-reference/payments/latest/payments/pay>.
    pub fn pay(&self, payment: PayOrder) -> Call<PayOrderResponse> {
        self.client.call(&operations::PG_PAY_ORDER, payment, |api, payment| {
            Box::pin(async move { api.pg_pay_order(&payment).await })
        })
    }

    /// Submits the one-time password that the bank sent to the payer, for a card payment with the channel `post`
    /// (`PGOrderAuthenticatePayment`).
    ///
    /// - A password that the bank refuses is not an error: `authenticate_status` is `FAILED`.
    /// - The operation takes no credentials. The password is never printed.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such payment ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: the payment does not await a password.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let response = client.payments().submit_otp("121224562", "111000").await?;
    /// println!("{:?}", response.authenticate_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn submit_otp(
        &self,
        payment: impl Into<CfPaymentId>,
        otp: impl Into<Sensitive>,
    ) -> Call<AuthenticatePaymentResponse> {
        let body = AuthenticatePayment::new(otp, AuthenticateAction::SubmitOtp);
        self.authenticate(payment.into(), body)
    }

    /// Makes the bank send another one-time password (`PGOrderAuthenticatePayment`).
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// As [`submit_otp`](Payments::submit_otp).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.payments().resend_otp("121224562").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resend_otp(&self, payment: impl Into<CfPaymentId>) -> Call<AuthenticatePaymentResponse> {
        // The document requires a password here too; there is none yet, so zeros stand for it.
        let body = AuthenticatePayment::new("000000", AuthenticateAction::ResendOtp);
        self.authenticate(payment.into(), body)
    }

    fn authenticate(
        &self,
        payment: CfPaymentId,
        body: AuthenticatePayment,
    ) -> Call<AuthenticatePaymentResponse> {
        self.client.call(&operations::PG_ORDER_AUTHENTICATE_PAYMENT, (payment, body), |api, arguments| {
            Box::pin(async move {
                let (payment, body) = arguments.as_ref();
                api.pg_order_authenticate_payment(payment, body).await
            })
        })
    }

    /// Reads all payments of an order (`PGOrderFetchPayments`). The list is not paginated; its order is not
    /// documented.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::PaymentStatus;
    ///
    /// let payments = client.payments().list("order_1").await?;
    /// let paid = payments.iter().find(|payment| payment.payment_status == PaymentStatus::Success);
    /// println!("{:?}", paid.map(|payment| &payment.cf_payment_id));
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, order: impl Into<OrderId>) -> Call<Vec<Payment>> {
        self.client.call(&operations::PG_ORDER_FETCH_PAYMENTS, order.into(), |api, order| {
            Box::pin(async move { api.pg_order_fetch_payments(&order).await })
        })
    }

    /// Reads one payment of an order (`PGOrderFetchPayment`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order or payment ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::PaymentMethod;
    ///
    /// let payment = client.payments().get("order_1", "121224562").await?;
    /// match &payment.payment_method {
    ///     Some(PaymentMethod::Upi(upi)) => println!("by UPI, {:?}", upi.channel),
    ///     Some(PaymentMethod::Card(card)) => println!("by card, {:?}", card.card_network),
    ///     Some(other) => println!("by {}", other.key()),
    ///     None => println!("by nothing yet"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, order: impl Into<OrderId>, payment: impl Into<CfPaymentId>) -> Call<Payment> {
        self.client.call(
            &operations::PG_ORDER_FETCH_PAYMENT,
            (order.into(), payment.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (order, payment) = arguments.as_ref();
                    api.pg_order_fetch_payment(order, payment).await
                })
            },
        )
    }
}
