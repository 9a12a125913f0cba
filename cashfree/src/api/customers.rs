//! Customers: registered.

use crate::types::{CreateCustomer, Customer};
use crate::{Call, Client, operations};

/// Customers, registered with Cashfree under a phone number. An order needs no registered customer: it names
/// its payer itself ([`CustomerDetails`](crate::types::CustomerDetails)).
#[derive(Clone, Debug)]
pub struct Customers {
    pub(super) client: Client,
}

impl Customers {
    /// Registers a customer (`PGCreateCustomer`). The phone number has exactly ten digits, without a country
    /// code. The answer's `customer_uid` is Cashfree's; it is not the
    /// [`CustomerId`](crate::CustomerId) that you choose in orders.
    ///
    /// There is no id of your own in the request and no way to look customers up: after an answer was lost,
    /// send the same call again with its key ([`Error::idempotency_key`](crate::Error::idempotency_key)).
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable.
    ///
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
