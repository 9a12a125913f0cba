//! Subscriptions.

use crate::types::{
    CreateSubscription, EligibleSubscriptionMethod, ManageSubscription, Subscription, SubscriptionAction,
    SubscriptionActionDetails, SubscriptionEligibility,
};
use crate::{Call, Client, PlanId, SubscriptionId, operations};

/// Subscriptions: mandates to debit a payer repeatedly.
///
/// | status | meaning |
/// | --- | --- |
/// | `INITIALIZED` | created; the payer has to authorise it |
/// | `BANK_APPROVAL_PENDING` | authorised; the bank has to approve |
/// | `ACTIVE` | can be debited |
/// | `ON_HOLD` | the last retry of a debit failed |
/// | `PAUSED`, `CUSTOMER_PAUSED` | paused by the merchant or the payer |
/// | `LINK_EXPIRED` | not authorised in time |
/// | `CANCELLED`, `CUSTOMER_CANCELLED`, `COMPLETED`, `EXPIRED`, `CARD_EXPIRED` | ended |
///
/// Webhooks report changes. Rate limit of each operation: 60 calls per minute.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    pub(super) client: Client,
}

impl Subscriptions {
    /// Creates a subscription, on a [plan](crate::api::Plans) or on terms in the request (`SubsCreateSubscription`).
    ///
    /// - No money moves before the payer authorises it: by the checkout with `subscription_session_id` of the
    ///   response, or by a [payment](crate::api::SubscriptionPayments::create) of the type `AUTH`.
    /// - `subscription_id` is yours: 1 to 250 characters, unique in the account.
    ///
    /// Retried: `subscription_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): the id is taken. Read the subscription with
    ///   [`get`](Subscriptions::get).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{
    ///     CreateSubscription, CreateSubscriptionAuthorizationDetails, CreateSubscriptionPlanDetails,
    ///     SubscriptionCustomerDetails, SubscriptionCustomerDetailsParts,
    /// };
    ///
    /// let payer = SubscriptionCustomerDetails::new(SubscriptionCustomerDetailsParts {
    ///     customer_email: "payer@shop.example".into(),
    ///     customer_phone: "9999999999".into(),
    /// });
    /// let terms = CreateSubscriptionPlanDetails::new().plan_id("monthly");
    /// let mandate = CreateSubscriptionAuthorizationDetails::new()
    ///     .authorization_amount(Amount::rupees(1))
    ///     .authorization_amount_refund(true)
    ///     .payment_methods(vec!["upi".to_owned()]);
    /// let subscription = client
    ///     .subscriptions()
    ///     .create(CreateSubscription::new("sub_1", payer, terms).authorization_details(mandate))
    ///     .await?;
    /// println!("{:?}", subscription.subscription_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, subscription: CreateSubscription) -> Call<Subscription> {
        self.client.call(&operations::SUBS_CREATE_SUBSCRIPTION, subscription, |api, subscription| {
            Box::pin(async move { api.subs_create_subscription(&subscription).await })
        })
    }

    /// Reads a subscription (`SubsFetchSubscription`).
    ///
    /// The return of the payer's browser from the authorisation proves nothing; this read does.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::SubscriptionStatus;
    ///
    /// let subscription = client.subscriptions().get("sub_1").await?;
    /// if subscription.subscription_status == SubscriptionStatus::Active {
    ///     println!("{:?} can be charged", subscription.subscription_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.client.call(&operations::SUBS_FETCH_SUBSCRIPTION, subscription.into(), |api, subscription| {
            Box::pin(async move { api.subs_fetch_subscription(&subscription).await })
        })
    }

    /// Pauses an `ACTIVE` subscription (`SubsManageSubscription`): it is not debited until it is
    /// [activated](Subscriptions::activate). Not for `ON_DEMAND` plans.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: state or plan does not allow it.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscriptions().pause("sub_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn pause(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.manage(ManageSubscription::new(subscription, SubscriptionAction::Pause))
    }

    /// Activates a subscription that is `PAUSED` or `ON_HOLD` (`SubsManageSubscription`).
    ///
    /// [`manage`](Subscriptions::manage) can set the time of the next debit.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: the state does not allow it.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscriptions().activate("sub_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn activate(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.manage(ManageSubscription::new(subscription, SubscriptionAction::Activate))
    }

    /// Cancels a subscription for good (`SubsManageSubscription`). To debit the payer later, another subscription has
    /// to be authorised.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: it has ended already.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscriptions().cancel("sub_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.manage(ManageSubscription::new(subscription, SubscriptionAction::Cancel))
    }

    /// Changes the plan of a subscription (`SubsManageSubscription`). Not for `ON_DEMAND` plans.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 404: no such subscription or plan ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: state or plan does not allow it.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let subscription = client.subscriptions().change_plan("sub_1", "yearly").await?;
    /// println!("{:?}", subscription.plan_details);
    /// # Ok(())
    /// # }
    /// ```
    pub fn change_plan(
        &self,
        subscription: impl Into<SubscriptionId>,
        plan: impl Into<PlanId>,
    ) -> Call<Subscription> {
        let change = ManageSubscription::new(subscription, SubscriptionAction::ChangePlan)
            .action_details(SubscriptionActionDetails::new().plan_id(plan));
        self.manage(change)
    }

    /// Changes the state or the plan of a subscription, with all options (`SubsManageSubscription`). The request
    /// names the subscription.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: state or plan does not allow it.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{ManageSubscription, SubscriptionAction, SubscriptionActionDetails};
    ///
    /// let then = SubscriptionActionDetails::new().next_scheduled_time("2030-01-10T23:00:08+05:30");
    /// let resume = ManageSubscription::new("sub_1", SubscriptionAction::Activate).action_details(then);
    /// client.subscriptions().manage(resume).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn manage(&self, change: ManageSubscription) -> Call<Subscription> {
        self.client.call(&operations::SUBS_MANAGE_SUBSCRIPTION, change, |api, change| {
            Box::pin(async move {
                // The subscription is in the path and in the body, which must agree.
                api.subs_manage_subscription(&change.subscription_id, &change).await
            })
        })
    }

    /// Reads the methods that can authorise a subscription, with banks, UPI handles and card kinds
    /// (`SubscriptionEligibility`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such subscription ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{
    ///     SubscriptionEligibility, SubscriptionEligibilityFilters, SubscriptionEligibilityQueries,
    /// };
    ///
    /// let only = SubscriptionEligibilityFilters::new().payment_methods(vec!["enach".to_owned()]);
    /// let query = SubscriptionEligibility::new(SubscriptionEligibilityQueries::new("sub_1")).filters(only);
    /// for method in client.subscriptions().get_eligible_methods(query).await?.iter() {
    ///     println!("{:?}: {:?}", method.entity_value, method.eligibility);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_eligible_methods(
        &self,
        query: SubscriptionEligibility,
    ) -> Call<Vec<EligibleSubscriptionMethod>> {
        self.client.call(&operations::SUBSCRIPTION_ELIGIBILITY, query, |api, query| {
            Box::pin(async move { api.subscription_eligibility(&query).await })
        })
    }
}
