//! Simulation: how payments and settlements end in the sandbox.

use cashfree_gen::{Client as Api, Error as ApiFailure};

use super::Held;
use crate::call::Invocation;
use crate::types::{PaymentSimulation, SettlementSimulation, SimulatePayment, SimulateSettlement};
use crate::{Call, Client, Environment, Operation, SimulationId, operations};

/// Simulation: makes payments and settlements of the sandbox end as one likes. A payment must have been
/// begun first: there is nothing to decide on an order alone.
///
/// It is for tests. With a client of the production environment every call fails before anything is
/// sent, with [`ErrorKind::Request`](crate::ErrorKind::Request).
#[derive(Clone, Debug)]
pub struct Simulation {
    pub(super) client: Client,
}

impl Simulation {
    /// Ends a payment (`PGSimulatePayment`): of an order, by its `cf_payment_id`, or of a subscription, by
    /// its `payment_id`.
    ///
    /// # Errors
    /// 400 when the outcome is not acceptable; 404 when there is no such payment.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{PaymentOutcome, SimulatePayment, SimulatedEntity, SimulatedPaymentStatus};
    ///
    /// let outcome = PaymentOutcome::new(SimulatedPaymentStatus::Failed)
    ///     .payment_error_code("ISSUER_NOT_AVAILABLE");
    /// let simulation = client
    ///     .simulation()
    ///     .simulate_payment(SimulatePayment::new(SimulatedEntity::Payments, "4129000001", outcome))
    ///     .await?;
    /// println!("{:?}", simulation.simulation_id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn simulate_payment(&self, payment: SimulatePayment) -> Call<PaymentSimulation> {
        self.call(&operations::PG_SIMULATE_PAYMENT, payment, |api, payment| {
            Box::pin(async move { api.pg_simulate_payment(&payment).await })
        })
    }

    /// Reads a simulated payment (`PGFetchSimulation`).
    ///
    /// # Errors
    /// 404 when there is no such simulation.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let simulation = client.simulation().get_payment("sim_1").await?;
    /// println!("{:?}", simulation.entity_simulation);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_payment(&self, simulation: impl Into<SimulationId>) -> Call<PaymentSimulation> {
        self.call(&operations::PG_FETCH_SIMULATION, simulation.into(), |api, simulation| {
            Box::pin(async move { api.pg_fetch_simulation(&simulation).await })
        })
    }

    /// Runs a settlement (`PGSimulateSettlement`), of these orders or of what was paid at a time
    /// (`YYYY-MM-DD HH:mm:ss`, at most seven days back). A reason belongs to a failure only. The operation
    /// is a later addition to the API; an account may not have it.
    ///
    /// # Errors
    /// 400 when orders, time, outcome or reason are not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{SimulateSettlement, SimulatedSettlementStatus};
    ///
    /// let settlement = SimulateSettlement::new(SimulatedSettlementStatus::Success)
    ///     .merchant_order_ids(vec!["order_1".to_owned()]);
    /// let simulation = client.simulation().simulate_settlement(settlement).await?;
    /// println!("{:?}", simulation.settlement_ids);
    /// # Ok(())
    /// # }
    /// ```
    pub fn simulate_settlement(&self, settlement: SimulateSettlement) -> Call<SettlementSimulation> {
        self.call(&operations::PG_SIMULATE_SETTLEMENT, settlement, |api, settlement| {
            Box::pin(async move { api.pg_simulate_settlement(&settlement).await })
        })
    }

    /// Reads a simulated settlement (`PGFetchSettlementSimulation`).
    ///
    /// # Errors
    /// 404 when there is no such simulation.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let simulation = client.simulation().get_settlement("sim_1").await?;
    /// println!("{:?}", simulation.simulation_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_settlement(&self, simulation: impl Into<SimulationId>) -> Call<SettlementSimulation> {
        self.call(&operations::PG_FETCH_SETTLEMENT_SIMULATION, simulation.into(), |api, simulation| {
            Box::pin(async move { api.pg_fetch_settlement_simulation(&simulation).await })
        })
    }

    fn call<T: 'static, A: Send + Sync + 'static>(
        &self,
        operation: &'static Operation,
        arguments: A,
        method: fn(Api, Held<T, A>) -> Invocation<T>,
    ) -> Call<T> {
        // By address: production can be named as a custom environment too.
        if self.client.environment().base_url() != Environment::Production.base_url() {
            return self.client.call(operation, arguments, method);
        }
        Call::new(self.client.clone(), operation, |_| {
            let refusal = ApiFailure::InvalidRequest("production has no simulation".to_owned());
            Box::pin(async { Err(refusal) })
        })
    }
}
