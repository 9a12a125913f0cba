//! Plans of subscriptions.

use crate::types::{CreatePlan, Plan};
use crate::{Call, Client, PlanId, operations};

/// Plans: amounts and a schedule, for many [subscriptions](crate::api::Subscriptions).
///
/// Cashfree charges a `PERIODIC` plan on its schedule; the merchant charges an `ON_DEMAND` plan. Plans cannot be
/// changed or listed.
#[derive(Clone, Debug)]
pub struct Plans {
    pub(super) client: Client,
}

impl Plans {
    /// Creates a plan (`SubsCreatePlan`).
    ///
    /// - Amounts are in rupees. `plan_max_amount` is the maximum of one debit.
    /// - Id and name have 1 to 40 characters. The id is yours and unique in the account.
    /// - Rate limit: 60 calls per minute.
    ///
    /// Retried: `plan_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): the id is taken. Read the plan with [`get`](Plans::get).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{CreatePlan, CreatePlanParts, PlanIntervalType, PlanType};
    ///
    /// let plan = CreatePlan::new(CreatePlanParts {
    ///     plan_id: "monthly".into(),
    ///     plan_name: "Every month".into(),
    ///     plan_type: PlanType::Periodic,
    ///     plan_max_amount: Amount::rupees(500),
    /// })
    /// .plan_recurring_amount(Amount::rupees(499))
    /// .plan_interval_type(PlanIntervalType::Month)
    /// .plan_intervals(1)
    /// .plan_max_cycles(12);
    /// let plan = client.plans().create(plan).await?;
    /// println!("{:?}", plan.plan_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, plan: CreatePlan) -> Call<Plan> {
        self.client.call(&operations::SUBS_CREATE_PLAN, plan, |api, plan| {
            Box::pin(async move { api.subs_create_plan(&plan).await })
        })
    }

    /// Reads a plan (`SubsFetchPlan`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such plan ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let plan = client.plans().get("monthly").await?;
    /// println!("{:?}", plan.plan_recurring_amount);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, plan: impl Into<PlanId>) -> Call<Plan> {
        self.client.call(&operations::SUBS_FETCH_PLAN, plan.into(), |api, plan| {
            Box::pin(async move { api.subs_fetch_plan(&plan).await })
        })
    }
}
