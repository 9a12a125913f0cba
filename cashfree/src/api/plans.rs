//! Plans: the terms that subscriptions refer to.

use crate::types::{CreatePlan, Plan};
use crate::{Call, Client, PlanId, operations};

/// Plans: amounts and a schedule, stored once for many [subscriptions](crate::api::Subscriptions). A
/// `PERIODIC` plan is charged by Cashfree on its schedule, an `ON_DEMAND` plan when the merchant raises a
/// charge. A plan can't be changed or listed.
#[derive(Clone, Debug)]
pub struct Plans {
    pub(super) client: Client,
}

impl Plans {
    /// Creates a plan (`SubsCreatePlan`). Amounts are in rupees; `plan_max_amount` is the most that one debit
    /// may take. Id and name have 1 to 40 characters; the id is yours and unique in the account. There may be
    /// 60 calls a minute.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable; a conflict means that the id is taken, perhaps by this
    /// very plan ([`Error::effect`](crate::Error::effect)): read it with [`get`](Plans::get).
    ///
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
    /// # Errors
    /// 404 when there is no such plan.
    ///
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
