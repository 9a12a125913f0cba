//! Stored calls on a Postgres job engine: an order and the call that creates it are committed in one transaction, and
//! a worker sends the call.
//!
//! ```text
//! cargo run -p jobs --example stored_calls_postgres
//! ```
//!
//! Postgres is started from the machine's packages in a temporary folder, and the local sandbox is the service. The
//! shop (`jobs::shop`) writes its rows and stores its calls; the worker (`jobs::calls`) creates the order, captures a
//! part of what the customer paid, and refunds a discount. The response to the refund is lost on purpose: the service
//! carried it out, and the client reads it back.

use std::time::Duration;

use anyhow::{Result, bail};
use cashfree::{Client, Credentials, Environment};
use cashfree_sandbox::{Fault, Sandbox};
use jobs::calls::{self, Recovery};
use jobs::customer;
use jobs::shop::Shop;
use servers::{Postgres, Server, start};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::sleep;

/// Longer than a call may take.
const GRACE: Duration = Duration::from_secs(70);

/// Waits until an order is in this state.
async fn wait(shop: &Shop, order_id: &str, state: &str) -> Result<()> {
    for _ in 0..600 {
        if shop.state(order_id).await?.as_deref() == Some(state) {
            println!("{order_id} is {state}");
            return Ok(());
        }
        sleep(Duration::from_millis(50)).await;
    }
    bail!("{order_id} is not {state}; dead letters: {:?}", shop.calls().dead_letters().await?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let Some(server) = start::<Postgres>("the example")? else { return Ok(()) };
    let pool = PgPool::connect(&server.url()).await?;
    let sandbox = Sandbox::start().await?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    let client = Client::new(Environment::custom(sandbox.base_url())?, credentials)?;
    let shop = Shop::new(pool.clone(), client.clone());
    shop.migrate().await?;

    let (stop, stopped) = watch::channel(false);
    let worker = calls::run(shop.calls().clone(), Shop::jobs, Recovery::default(), GRACE, stopped);
    let worker = tokio::spawn(worker);

    let mut transaction = pool.begin().await?;
    shop.place(&mut transaction, "order_0").await?;
    transaction.rollback().await?;
    println!("order_0 was rolled back: nothing is sent");

    let mut transaction = pool.begin().await?;
    shop.place(&mut transaction, "order_1").await?;
    transaction.commit().await?;
    wait(&shop, "order_1", "created").await?;

    customer::pay(&client, "order_1", sandbox.otp()).await?;
    sandbox.script(Fault::DropAfterCommit, "PGOrderCreateRefund", 1);
    shop.capture("order_1").await?;
    wait(&shop, "order_1", "refunded").await?;

    let refunds = client.refunds().list("order_1").await?;
    println!("refunds at the service: {}", refunds.len());
    let rolled_back = client.orders().get("order_0").await;
    println!(
        "order_0 at the service: {}",
        rolled_back.map_or_else(|error| error.to_string(), |_| "found".into())
    );

    stop.send(true)?;
    worker.await?;
    println!("the worker has stopped");
    Ok(())
}
