//! An order from a program without async code.
//!
//! ```text
//! cargo run --example blocking --features blocking
//! ```
//!
//! starts a local sandbox and talks to that. With `CASHFREE_ENVIRONMENT`,
//! `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET` set, the same program talks to Cashfree's own sandbox
//! (`CASHFREE_ENVIRONMENT=sandbox`).

use anyhow::Result;
use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use cashfree::{Client, Credentials, Environment, Money};
use cashfree_sandbox::Sandbox;

fn main() -> Result<()> {
    // Of the sandbox only, which needs a runtime to live on; the client needs none.
    let runtime = tokio::runtime::Runtime::new()?;
    let (client, _sandbox) = client(&runtime)?;

    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "cust_42".into(),
        customer_phone: "9999999999".into(),
    });
    let order = client.orders().create(CreateOrder::new(Money::inr("499.00")?, customer)).send_blocking()?;
    let order_id = order.order_id.clone();
    println!("created {order_id}, request {}", order.meta().request_id());

    // Any number of threads may ask at once.
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| match client.orders().get(&order_id).send_blocking() {
                Ok(order) => println!("read    {order_id}: {:?}", order.order_status),
                Err(error) => println!("read    {order_id}: {error}"),
            });
        }
    });
    Ok(())
}

/// Creates a client of the account in the environment variables, else of a local sandbox that this program starts.
fn client(runtime: &tokio::runtime::Runtime) -> Result<(Client, Option<Sandbox>)> {
    if std::env::var_os("CASHFREE_ENVIRONMENT").is_some() {
        return Ok((Client::from_env()?, None));
    }
    let sandbox = runtime.block_on(Sandbox::start())?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    Ok((Client::new(Environment::custom(sandbox.base_url())?, credentials)?, Some(sandbox)))
}
