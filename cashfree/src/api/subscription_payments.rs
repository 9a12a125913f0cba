//! Payments of subscriptions: mandates authorised, debits raised, money given back.

use crate::types::{
    CreateSubscriptionPayment, CreateSubscriptionPaymentReply, CreateSubscriptionRefund,
    ManageSubscriptionPayment, ManageSubscriptionPaymentParts, SubscriptionPayment,
    SubscriptionPaymentAction, SubscriptionPaymentActionDetails, SubscriptionRefund,
    TransactionReturnSummary,
};
use crate::{Call, Client, PaymentId, RefundId, SubscriptionId, Timestamp, operations};

/// Payments of [subscriptions](crate::api::Subscriptions): the one that authorises the mandate (`AUTH`), and
/// the debits under it (`CHARGE`).
///
/// A payment is `INITIALIZED`, then `PENDING`, then `SUCCESS`, `FAILED` or `CANCELLED`. Debits of a
/// `PERIODIC` plan are raised by Cashfree; those of an `ON_DEMAND` plan by the merchant. A debit by UPI that
/// fails is tried three more times, an hour apart.
///
/// Each of these operations may be called 60 times a minute.
#[derive(Clone, Debug)]
pub struct SubscriptionPayments {
    pub(super) client: Client,
}

impl SubscriptionPayments {
    /// Raises a payment (`SubsCreatePayment`): `AUTH` lets the payer authorise the mandate by the method
    /// given, with the session of the subscription; `CHARGE` debits an `ACTIVE` subscription. For UPI and
    /// cards a debit is raised at least a day ahead (for the next day before 21:00), and at most 14 days.
    ///
    /// A success means that the payment is accepted, not that it is paid: read it with
    /// [`get`](SubscriptionPayments::get). The `payment_id` is yours, a new one for each payment. Card and
    /// account numbers are never printed.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable, or that the state does not allow it; 404 when there is no
    /// such subscription. After [`Effect::Unknown`](crate::Effect::Unknown) read the payment by its id.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::Amount;
    /// use cashfree::types::{
    ///     CreateSubscriptionPayment, CreateSubscriptionPaymentParts, SubscriptionPaymentMethod,
    ///     SubscriptionPaymentType, SubscriptionUpi,
    /// };
    ///
    /// let subscription = client.subscriptions().get("sub_1").await?;
    /// let session = subscription.subscription_session_id.clone().ok_or("no session")?;
    /// let upi = SubscriptionUpi::new().channel("COLLECT").upi_id("payer@upi");
    /// let mandate = CreateSubscriptionPayment::new(CreateSubscriptionPaymentParts {
    ///     subscription_id: "sub_1".into(),
    ///     payment_id: "auth_1".into(),
    ///     payment_type: SubscriptionPaymentType::Auth,
    /// })
    /// .subscription_session_id(session)
    /// .payment_method(SubscriptionPaymentMethod::upi(upi));
    /// client.subscription_payments().create(mandate).await?;
    ///
    /// // Once the subscription is active:
    /// let debit = CreateSubscriptionPayment::new(CreateSubscriptionPaymentParts {
    ///     subscription_id: "sub_1".into(),
    ///     payment_id: "charge_1".into(),
    ///     payment_type: SubscriptionPaymentType::Charge,
    /// })
    /// .payment_amount(Amount::rupees(499))
    /// .payment_schedule_date("2030-04-18T16:40:00");
    /// let accepted = client.subscription_payments().create(debit).await?;
    /// println!("{:?}", accepted.payment_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, payment: CreateSubscriptionPayment) -> Call<CreateSubscriptionPaymentReply> {
        self.client.call(&operations::SUBS_CREATE_PAYMENT, payment, |api, payment| {
            Box::pin(async move { api.subs_create_payment(&payment).await })
        })
    }

    /// Reads all payments of a subscription, authorisations and debits (`SubsFetchSubscriptionPayments`). The
    /// list is not paged.
    ///
    /// # Errors
    /// 404 when there is no such subscription.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for payment in client.subscription_payments().list("sub_1").await?.iter() {
    ///     println!("{:?}: {:?}", payment.payment_id, payment.payment_status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, subscription: impl Into<SubscriptionId>) -> Call<Vec<SubscriptionPayment>> {
        self.client.call(
            &operations::SUBS_FETCH_SUBSCRIPTION_PAYMENTS,
            subscription.into(),
            |api, subscription| {
                Box::pin(async move { api.subs_fetch_subscription_payments(&subscription).await })
            },
        )
    }

    /// Reads one payment of a subscription (`SubsFetchSubscriptionPayment`).
    ///
    /// # Errors
    /// 404 when there is no such subscription or payment.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::SubscriptionPaymentStatus;
    ///
    /// let payment = client.subscription_payments().get("sub_1", "charge_1").await?;
    /// if payment.payment_status == SubscriptionPaymentStatus::Failed {
    ///     println!("{:?}", payment.failure_details);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(
        &self,
        subscription: impl Into<SubscriptionId>,
        payment: impl Into<PaymentId>,
    ) -> Call<SubscriptionPayment> {
        self.client.call(
            &operations::SUBS_FETCH_SUBSCRIPTION_PAYMENT,
            (subscription.into(), payment.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (subscription, payment) = arguments.as_ref();
                    api.subs_fetch_subscription_payment(subscription, payment).await
                })
            },
        )
    }

    /// Withdraws a payment that is not debited yet (`SubsManageSubscriptionPayment`).
    ///
    /// # Errors
    /// 404 when there is no such subscription or payment; 400 when its state does not allow it.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscription_payments().cancel("sub_1", "charge_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(
        &self,
        subscription: impl Into<SubscriptionId>,
        payment: impl Into<PaymentId>,
    ) -> Call<SubscriptionPayment> {
        self.manage(ManageSubscriptionPayment::new(ManageSubscriptionPaymentParts {
            subscription_id: subscription.into(),
            payment_id: payment.into(),
            action: SubscriptionPaymentAction::Cancel,
        }))
    }

    /// Schedules another attempt of a debit that failed (`SubsManageSubscriptionPayment`), at the time given,
    /// with its offset: `2030-01-10T23:00:08+05:30`.
    ///
    /// # Errors
    /// 404 when there is no such subscription or payment; 400 when its state or the time does not allow it.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscription_payments().retry("sub_1", "charge_1", "2030-01-10T23:00:08+05:30").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry(
        &self,
        subscription: impl Into<SubscriptionId>,
        payment: impl Into<PaymentId>,
        at: impl Into<Timestamp>,
    ) -> Call<SubscriptionPayment> {
        let then = SubscriptionPaymentActionDetails::new().next_scheduled_time(at);
        let retry = SubscriptionPaymentAction::Retry;
        self.manage(
            ManageSubscriptionPayment::new(ManageSubscriptionPaymentParts {
                subscription_id: subscription.into(),
                payment_id: payment.into(),
                action: retry,
            })
            .action_details(then),
        )
    }

    /// Changes the state of a payment (`SubsManageSubscriptionPayment`). Subscription and payment are those
    /// that the request names.
    ///
    /// # Errors
    /// 404 when there is no such subscription or payment; 400 when its state does not allow it.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{
    ///     ManageSubscriptionPayment, ManageSubscriptionPaymentParts, SubscriptionPaymentAction,
    /// };
    ///
    /// let cancel = ManageSubscriptionPayment::new(ManageSubscriptionPaymentParts {
    ///     subscription_id: "sub_1".into(),
    ///     payment_id: "charge_1".into(),
    ///     action: SubscriptionPaymentAction::Cancel,
    /// });
    /// client.subscription_payments().manage(cancel).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn manage(&self, change: ManageSubscriptionPayment) -> Call<SubscriptionPayment> {
        self.client.call(&operations::SUBS_MANAGE_SUBSCRIPTION_PAYMENT, change, |api, change| {
            Box::pin(async move {
                // Both ids stand in the path and in the body; they must be the same.
                let (subscription, payment) = (&change.subscription_id, &change.payment_id);
                api.subs_manage_subscription_payment(subscription, payment, &change).await
            })
        })
    }

    /// Gives back what a payment brought, or a part of it, in rupees (`SubsCreateRefund`). The subscription
    /// is the one that the request names; say which payment by its `payment_id`, or by Cashfree's number for
    /// it. The `refund_id` is yours and unique.
    ///
    /// # Errors
    /// 400 when the amount is more than what is left, or the payment did not succeed; 404 when there is no
    /// such subscription or payment. After [`Effect::Unknown`](crate::Effect::Unknown) read it with
    /// [`get_refund`](SubscriptionPayments::get_refund).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{CreateSubscriptionRefund, CreateSubscriptionRefundParts};
    ///
    /// let refund = CreateSubscriptionRefund::new(CreateSubscriptionRefundParts {
    ///     subscription_id: "sub_1".into(),
    ///     refund_id: "refund_1".into(),
    ///     refund_amount: Amount::rupees(100),
    /// })
    /// .payment_id("charge_1")
    /// .refund_note("a week without service");
    /// let refund = client.subscription_payments().create_refund(refund).await?;
    /// println!("{:?}", refund.refund_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_refund(&self, refund: CreateSubscriptionRefund) -> Call<SubscriptionRefund> {
        self.client.call(&operations::SUBS_CREATE_REFUND, refund, |api, refund| {
            Box::pin(async move {
                // The subscription stands in the path and in the body; they must be the same.
                api.subs_create_refund(&refund.subscription_id, &refund).await
            })
        })
    }

    /// Reads a refund of a subscription's payment (`SubsFetchSubscriptionRefund`).
    ///
    /// # Errors
    /// 404 when there is no such subscription or refund.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let refund = client.subscription_payments().get_refund("sub_1", "refund_1").await?;
    /// println!("{:?}", refund.refund_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_refund(
        &self,
        subscription: impl Into<SubscriptionId>,
        refund: impl Into<RefundId>,
    ) -> Call<SubscriptionRefund> {
        self.client.call(
            &operations::SUBS_FETCH_SUBSCRIPTION_REFUND,
            (subscription.into(), refund.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (subscription, refund) = arguments.as_ref();
                    api.subs_fetch_subscription_refund(subscription, refund).await
                })
            },
        )
    }

    /// Asks for the return summary of a debit, and says whether it is ready (`SubsFetchSubscription_1`, an
    /// operation id that the document gives by mistake). Once its status is `GENERATED` it has a link to
    /// download it by; until then ask again.
    ///
    /// # Errors
    /// 400 `api_request_failed` when the state of the debit does not allow it, `PENDING` for instance.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let summary = client.subscription_payments().generate_return_summary("charge_1").await?;
    /// println!("{:?}", summary.data.as_ref().and_then(|data| data.status.as_deref()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn generate_return_summary(&self, payment: impl Into<PaymentId>) -> Call<TransactionReturnSummary> {
        self.client.call(&operations::SUBS_FETCH_SUBSCRIPTION_1, payment.into(), |api, payment| {
            Box::pin(async move { api.subs_fetch_subscription_1(&payment).await })
        })
    }
}
