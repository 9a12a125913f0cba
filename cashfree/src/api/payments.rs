//! Payments: begun, authenticated, read.

use crate::types::{
    AuthenticateAction, AuthenticatePayment, AuthenticatePaymentReply, PayOrder, PayOrderReply, Payment,
};
use crate::{Call, CfPaymentId, Client, OrderId, Sensitive, operations};

/// Payments: the attempts to settle an order. An order may have several; one that is `SUCCESS` pays it.
/// What was paid by is [`Payment::payment_method`], read by the key that wraps it.
#[derive(Clone, Debug)]
pub struct Payments {
    pub(super) client: Client,
}

impl Payments {
    /// Begins a payment from a server (`PGPayOrder`), with the method that the payer chose. The answer says
    /// how it goes on: a page to open, a one-time password to submit, or nothing.
    ///
    /// The operation takes no credentials, only the order's payment session, and is limited by address. The
    /// account must be enabled for it; for cards it must comply with PCI DSS.
    ///
    /// It is not repeated once it may have left: nothing promises that a second one is recognised by its key
    /// where no credentials go with it. After [`Effect::Unknown`](crate::Effect::Unknown)
    /// [`list`](Payments::list) the payments of the order.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable, or that the order is paid, ended or expired; 502 with
    /// `bank_processing_failure` ([`is_bank_failure`](crate::Error::is_bank_failure)) comes from the bank.
    ///
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
    pub fn pay(&self, payment: PayOrder) -> Call<PayOrderReply> {
        self.client.call(&operations::PG_PAY_ORDER, payment, |api, payment| {
            Box::pin(async move { api.pg_pay_order(&payment).await })
        })
    }

    /// Submits the one-time password that the bank sent to the payer (`PGOrderAuthenticatePayment`), for a
    /// card payment begun with the channel `post`. A password that the bank refuses is an answer, not an
    /// error: `authenticate_status` is then `FAILED`.
    ///
    /// The operation takes no credentials and is not repeated once it may have left. The password is never
    /// printed.
    ///
    /// # Errors
    /// 404 when there is no such payment; 400 when it awaits no password.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let reply = client.payments().submit_otp("121224562", "111000").await?;
    /// println!("{:?}", reply.authenticate_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn submit_otp(
        &self,
        payment: impl Into<CfPaymentId>,
        otp: impl Into<Sensitive>,
    ) -> Call<AuthenticatePaymentReply> {
        let body = AuthenticatePayment::new(otp, AuthenticateAction::SubmitOtp);
        self.authenticate(payment.into(), body)
    }

    /// Asks the bank to send another one-time password (`PGOrderAuthenticatePayment`).
    ///
    /// # Errors
    /// As [`submit_otp`](Payments::submit_otp).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.payments().resend_otp("121224562").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resend_otp(&self, payment: impl Into<CfPaymentId>) -> Call<AuthenticatePaymentReply> {
        // The document requires a password here too; there is none yet, so zeros stand for it.
        let body = AuthenticatePayment::new("000000", AuthenticateAction::ResendOtp);
        self.authenticate(payment.into(), body)
    }

    fn authenticate(
        &self,
        payment: CfPaymentId,
        body: AuthenticatePayment,
    ) -> Call<AuthenticatePaymentReply> {
        self.client.call(&operations::PG_ORDER_AUTHENTICATE_PAYMENT, (payment, body), |api, arguments| {
            Box::pin(async move {
                let (payment, body) = arguments.as_ref();
                api.pg_order_authenticate_payment(payment, body).await
            })
        })
    }

    /// Reads all payments of an order, newest or oldest first as the service has it
    /// (`PGOrderFetchPayments`). The list is not paged.
    ///
    /// # Errors
    /// 404 when there is no such order.
    ///
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
    /// # Errors
    /// 404 when there is no such order or payment.
    ///
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
