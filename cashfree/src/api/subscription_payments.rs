//! Payments of subscriptions: authorisations, debits, refunds.

use crate::types::{
    CreateSubscriptionPayment, CreateSubscriptionPaymentResponse, CreateSubscriptionRefund,
    ManageSubscriptionPayment, ManageSubscriptionPaymentParts, SubscriptionPayment,
    SubscriptionPaymentAction, SubscriptionPaymentActionDetails, SubscriptionRefund,
    TransactionReturnSummary,
};
use crate::{Call, Client, PaymentId, RefundId, SubscriptionId, Timestamp, operations};

/// Payments of [subscriptions](crate::api::Subscriptions): the authorisation of the mandate (`AUTH`), and debits
/// (`CHARGE`).
///
/// - A payment is `INITIALIZED`, `PENDING`, then `SUCCESS`, `FAILED` or `CANCELLED`.
/// - Cashfree raises the debits of a `PERIODIC` plan, the merchant those of an `ON_DEMAND` plan.
/// - A failed debit by UPI is retried three times, an hour apart.
/// - Rate limit of each operation: 60 calls per minute.
#[derive(Clone, Debug)]
pub struct SubscriptionPayments {
    pub(super) client: Client,
}

impl SubscriptionPayments {
    /// Creates a payment (`SubsCreatePayment`): an authorisation or a debit.
    ///
    /// - `AUTH` authorises the mandate by the given method, with the session of the subscription. `CHARGE` debits an
    ///   `ACTIVE` subscription.
    /// - Debits by UPI and card are created at least a day ahead (before 21:00 for the next day), at most 14 days.
    /// - A success means that the payment is accepted, not paid. Read it with [`get`](SubscriptionPayments::get).
    /// - `payment_id` is yours, a new one per payment. Card and account numbers are never printed.
    ///
    /// Retried: `payment_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is invalid, or the state does not allow it.
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    /// - [`Effect::Unknown`](crate::Effect::Unknown): read the payment by its `payment_id`.
    ///
    /// # Examples
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
    pub fn create(&self, payment: CreateSubscriptionPayment) -> Call<CreateSubscriptionPaymentResponse> {
        self.client.call(&operations::SUBS_CREATE_PAYMENT, payment, |api, payment| {
            Box::pin(async move { api.subs_create_payment(&payment).await })
        })
    }

    /// Reads all payments of a subscription (`SubsFetchSubscriptionPayments`). The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such subscription or payment ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Cancels a payment that is not debited yet (`SubsManageSubscriptionPayment`).
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such subscription or payment ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: the state does not allow it.
    ///
    /// # Examples
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

    /// Schedules another attempt of a failed debit, at a time with its offset, such as `2030-01-10T23:00:08+05:30`
    /// (`SubsManageSubscriptionPayment`).
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such subscription or payment ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: the state or the time does not allow it.
    ///
    /// # Examples
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

    /// Changes the state of a payment (`SubsManageSubscriptionPayment`). The request names the subscription and the
    /// payment.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such subscription or payment ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: the state does not allow it.
    ///
    /// # Examples
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
                // Both ids are in the path and in the body, which must agree.
                let (subscription, payment) = (&change.subscription_id, &change.payment_id);
                api.subs_manage_subscription_payment(subscription, payment, &change).await
            })
        })
    }

    /// Refunds a payment of a subscription, whole or in part, in rupees (`SubsCreateRefund`).
    ///
    /// - The request names the subscription, and the payment by its `payment_id` or its `cf_payment_id`.
    /// - `refund_id` is yours and unique.
    ///
    /// Retried: `refund_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: the amount is more than what is left, or the payment did not succeed.
    /// - 404: no such subscription or payment ([`is_not_found`](crate::Error::is_not_found)).
    /// - [`Effect::Unknown`](crate::Effect::Unknown): read it with [`get_refund`](SubscriptionPayments::get_refund).
    ///
    /// # Examples
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
                // The subscription is in the path and in the body, which must agree.
                api.subs_create_refund(&refund.subscription_id, &refund).await
            })
        })
    }

    /// Reads a refund of a subscription payment (`SubsFetchSubscriptionRefund`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such subscription or refund ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Requests the return summary of a debit, and says whether it is ready (`SubsFetchSubscription_1`).
    ///
    /// With the status `GENERATED` the response has a download link; until then call again. The operation id is a
    /// mistake of the document.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400 `api_request_failed`: the state of the debit does not allow it, such as `PENDING`.
    ///
    /// # Examples
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
