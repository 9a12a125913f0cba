//! Subscriptions: created, read, paused, resumed, moved and ended.

use crate::types::{
    CreateSubscription, EligibleSubscriptionMethod, ManageSubscription, Subscription, SubscriptionAction,
    SubscriptionActionDetails, SubscriptionEligibility,
};
use crate::{Call, Client, PlanId, SubscriptionId, operations};

/// Subscriptions: a payer's mandate to be debited again and again.
///
/// A subscription is `INITIALIZED` until the payer authorises it, in the checkout or by
/// [`SubscriptionPayments::create`](crate::api::SubscriptionPayments::create), then
/// `BANK_APPROVAL_PENDING`, then `ACTIVE`; without an authorisation it ends as `LINK_EXPIRED`. It is
/// `ON_HOLD` after a debit that failed to the last repeat, `PAUSED` by the merchant, `CUSTOMER_PAUSED` by the
/// payer. It ends as `CANCELLED`, `CUSTOMER_CANCELLED`, `COMPLETED` (all cycles are done), `EXPIRED` or
/// `CARD_EXPIRED`. Changes are also told by webhook.
///
/// Each of these operations may be called 60 times a minute.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    pub(super) client: Client,
}

impl Subscriptions {
    /// Creates a subscription (`SubsCreateSubscription`), on a [plan](crate::api::Plans) or on terms given in
    /// place. No money moves before the payer authorises it: the answer's `subscription_session_id` opens the
    /// checkout for that, or a payment of the type `AUTH`.
    ///
    /// The `subscription_id` is yours, of 1 to 250 characters, and unique in the account.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable; a conflict means that the id is taken, perhaps by this
    /// very subscription ([`Error::effect`](crate::Error::effect)): read it with [`get`](Subscriptions::get).
    ///
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

    /// Reads a subscription (`SubsFetchSubscription`). That the payer came back from the authorisation proves
    /// nothing; this does.
    ///
    /// # Errors
    /// 404 when there is no such subscription.
    ///
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
    /// # Errors
    /// 404 when there is no such subscription; 400 when its state or plan does not allow it.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscriptions().pause("sub_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn pause(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.manage(ManageSubscription::new(subscription, SubscriptionAction::Pause))
    }

    /// Resumes a subscription that is `PAUSED` or `ON_HOLD` (`SubsManageSubscription`). When the next debit
    /// is to run can be said with [`manage`](Subscriptions::manage).
    ///
    /// # Errors
    /// 404 when there is no such subscription; 400 when its state does not allow it.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscriptions().activate("sub_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn activate(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.manage(ManageSubscription::new(subscription, SubscriptionAction::Activate))
    }

    /// Ends a subscription for good (`SubsManageSubscription`): to be debited again, the payer would have to
    /// authorise another one.
    ///
    /// # Errors
    /// 404 when there is no such subscription; 400 when it has ended already.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.subscriptions().cancel("sub_1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self, subscription: impl Into<SubscriptionId>) -> Call<Subscription> {
        self.manage(ManageSubscription::new(subscription, SubscriptionAction::Cancel))
    }

    /// Moves a subscription to another plan (`SubsManageSubscription`). Not for `ON_DEMAND` plans.
    ///
    /// # Errors
    /// 404 when there is no such subscription or plan; 400 when state or plan does not allow it.
    ///
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

    /// Changes the state or the plan of a subscription, with all that can be said about it
    /// (`SubsManageSubscription`). The subscription is the one that the request names.
    ///
    /// # Errors
    /// 404 when there is no such subscription; 400 when its state or plan does not allow it.
    ///
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
                // The subscription stands in the path and in the body; they must be the same.
                api.subs_manage_subscription(&change.subscription_id, &change).await
            })
        })
    }

    /// Asks which methods a subscription can be authorised with (`SubscriptionEligibility`), with the banks,
    /// UPI handles and kinds of card for each. It is a look-up: nothing is reserved.
    ///
    /// # Errors
    /// 404 when there is no such subscription.
    ///
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
