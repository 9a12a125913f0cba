//! Customers.

use crate::types::{CreateCustomer, Customer};
use crate::{Call, Client, operations};

/// Customers: payers registered with Cashfree by phone number. Orders do not need one: an order has its own
/// [`CustomerDetails`](crate::types::CustomerDetails).
#[derive(Clone, Debug)]
pub struct Customers {
    pub(super) client: Client,
}

impl Customers {
    /// Registers a customer (`PGCreateCustomer`).
    ///
    /// - The phone number has exactly ten digits, without a country code.
    /// - `customer_uid` of the response is Cashfree's. It is not the [`CustomerId`](crate::CustomerId) that you
    ///   choose in orders.
    /// - A customer has no identifier of yours and cannot be looked up. After an ambiguous failure, send the same
    ///   request with the key of the first ([`Call::prepared_key`](crate::Call::prepared_key)).
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::CreateCustomer;
    ///
    /// let customer = CreateCustomer::new("9999999999").customer_name("A. Payer");
    /// let customer = client.customers().create(customer).await?;
    /// println!("{:?}", customer.customer_uid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, customer: CreateCustomer) -> Call<Customer> {
        self.client.call(&operations::PG_CREATE_CUSTOMER, customer, |api, customer| {
            Box::pin(async move { api.pg_create_customer(&customer).await })
        })
    }
}
