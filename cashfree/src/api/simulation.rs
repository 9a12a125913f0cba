//! Simulation of outcomes in the sandbox.

use cashfree_gen::{Client as Api, Error as ApiFailure};

use super::Arguments;
use crate::call::Invocation;
use crate::types::{PaymentSimulation, SettlementSimulation, SimulatePayment, SimulateSettlement};
use crate::{Call, Client, Environment, Operation, SimulationId, operations};

/// Simulation: sets how payments and settlements end in the sandbox. A payment must have begun.
///
/// With a client of the production environment every call fails before anything is sent
/// ([`ErrorKind::Request`](crate::ErrorKind::Request)).
#[derive(Clone, Debug)]
pub struct Simulation {
    pub(super) client: Client,
}

impl Simulation {
    /// Ends a payment (`PGSimulatePayment`): of an order by its `cf_payment_id`, or of a subscription by its
    /// `payment_id`.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400: the outcome is invalid.
    /// - 404: no such payment ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such simulation ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Runs a settlement, of the given orders or of what was paid at a time (`PGSimulateSettlement`).
    ///
    /// The time is `YYYY-MM-DD HH:mm:ss`, at most seven days ago. Only failures have a reason. The operation is a
    /// later addition to the API; an account may not have it.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400: orders, time, outcome or reason are invalid.
    ///
    /// # Examples
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
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such simulation ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
        method: fn(Api, Arguments<T, A>) -> Invocation<T>,
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
