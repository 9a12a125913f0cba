//! A shop that holds money for an order, captures what the goods cost, and refunds a discount.
//!
//! Its order is created, captured and refunded by stored calls. A state of the order admits one of each: a capture is
//! stored where the state changes from `created` to `capturing`, in one transaction.

use anyhow::{Context, Result, ensure};
use cashfree::types::{
    AuthorizeAction, CreateOrder, CreateRefund, CustomerDetails, CustomerDetailsParts, Order, Payment, Refund,
};
use cashfree::{Amount, Client, Error, Money, Response};
use graphile_worker::WorkerOptions;
use sqlx::{Executor, PgConnection, PgPool, Row};

use crate::calls::{CallJob, Calls, Resume};

const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS orders (
        order_id  text PRIMARY KEY,
        state     text NOT NULL DEFAULT 'placed',
        refund_id text
    )
";

/// The shop.
#[derive(Clone, Debug)]
pub struct Shop {
    pool: PgPool,
    client: Client,
    calls: Calls,
}

/// Creates the order at the service.
#[derive(Debug)]
pub struct Creation;

impl CallJob for Creation {
    const NAME: &'static str = "create_order";
    type Response = Order;

    async fn write_back(_: &Calls, transaction: &mut PgConnection, id: &str, order: &Order) -> Result<()> {
        ensure!(order.order_id.as_str() == id, "the response is another order's");
        advance(transaction, id, "placed", "created").await
    }

    /// No other system of the merchant makes orders with these ids.
    async fn look_up(client: &Client, id: &str) -> Result<Option<Order>, Error> {
        found(client.orders().get(id).await)
    }
}

/// Captures what the goods cost.
#[derive(Debug)]
pub struct Capture;

impl CallJob for Capture {
    const NAME: &'static str = "capture";
    type Response = Payment;

    /// The refund is stored in the same transaction.
    async fn write_back(calls: &Calls, transaction: &mut PgConnection, id: &str, _: &Payment) -> Result<()> {
        advance(transaction, id, "capturing", "captured").await?;
        let refund = CreateRefund::new(Amount::rupees(10), refund_id(id));
        let call = calls.client().refunds().create(id, refund).to_stored()?;
        calls.store::<Discount>(transaction, id, &call).await
    }

    /// There is one capture for an order, and it is this one: the state of the order admits no other.
    async fn look_up(client: &Client, id: &str) -> Result<Option<Payment>, Error> {
        let payments = client.payments().list(id).await?.into_inner();
        let is_captured = |payment: &Payment| {
            let hold = payment.authorization.as_ref();
            hold.is_some_and(|hold| hold.action == Some(AuthorizeAction::Capture))
        };
        Ok(payments.into_iter().find(is_captured))
    }
}

/// Refunds the discount.
#[derive(Debug)]
pub struct Discount;

impl CallJob for Discount {
    const NAME: &'static str = "refund";
    type Response = Refund;

    async fn write_back(_: &Calls, transaction: &mut PgConnection, id: &str, refund: &Refund) -> Result<()> {
        let refund_id = refund.refund_id.as_ref().context("a refund without its id")?;
        sqlx::query("UPDATE orders SET refund_id = $2 WHERE order_id = $1")
            .bind(id)
            .bind(refund_id.as_str())
            .execute(&mut *transaction)
            .await?;
        advance(transaction, id, "captured", "refunded").await
    }

    async fn look_up(client: &Client, id: &str) -> Result<Option<Refund>, Error> {
        found(client.refunds().get(id, refund_id(id)).await)
    }
}

/// What a read found, if anything.
fn found<T>(read: Result<Response<T>, Error>) -> Result<Option<T>, Error> {
    match read {
        Ok(response) => Ok(Some(response.into_inner())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Moves an order from one state to the next, and fails if it is in another one.
async fn advance(connection: &mut PgConnection, id: &str, from: &str, to: &str) -> Result<()> {
    let update = sqlx::query("UPDATE orders SET state = $3 WHERE order_id = $1 AND state = $2");
    let updated = update.bind(id).bind(from).bind(to).execute(connection).await?;
    ensure!(updated.rows_affected() == 1, "the order {id} is not {from}");
    Ok(())
}

fn refund_id(order_id: &str) -> String {
    format!("refund_{order_id}")
}

impl Shop {
    /// Creates it. [`migrate`](Self::migrate) makes its tables.
    pub fn new(pool: PgPool, client: Client) -> Self {
        Self { calls: Calls::new(pool.clone(), client.clone()), pool, client }
    }

    /// Its stored calls.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The jobs that its workers run.
    pub fn jobs(options: WorkerOptions) -> WorkerOptions {
        options
            .define_job::<Resume<Creation>>()
            .define_job::<Resume<Capture>>()
            .define_job::<Resume<Discount>>()
    }

    /// Creates the tables.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn migrate(&self) -> Result<()> {
        self.calls.migrate().await?;
        self.pool.execute(CREATE).await?;
        Ok(())
    }

    /// Writes an order, and the call that creates it, in a transaction. Returns whether it is new.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn place(&self, transaction: &mut PgConnection, id: &str) -> Result<bool> {
        let insert = sqlx::query("INSERT INTO orders (order_id) VALUES ($1) ON CONFLICT DO NOTHING");
        if insert.bind(id).execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let customer = CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        });
        // With this note, a card payment only holds the money.
        let order =
            CreateOrder::new(Money::inr("100.00")?, customer).order_id(id).order_note("preauth_transaction");
        let call = self.client.orders().create(order).to_stored()?;
        self.calls.store::<Creation>(transaction, id, &call).await?;
        Ok(true)
    }

    /// Captures the money of an order that the customer has paid, unless that has been begun.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn capture(&self, id: &str) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        if self.state_in(&mut transaction, id).await?.as_deref() == Some("created") {
            advance(&mut transaction, id, "created", "capturing").await?;
            let call = self.client.preauth().capture(id, Amount::rupees(80)).to_stored()?;
            self.calls.store::<Capture>(&mut transaction, id, &call).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Returns the state of an order: `placed`, `created`, `capturing`, `captured`, `refunded`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn state(&self, id: &str) -> Result<Option<String>> {
        let mut connection = self.pool.acquire().await?;
        self.state_in(&mut connection, id).await
    }

    async fn state_in(&self, connection: &mut PgConnection, id: &str) -> Result<Option<String>> {
        let select = sqlx::query("SELECT state FROM orders WHERE order_id = $1").bind(id);
        Ok(select.fetch_optional(connection).await?.map(|row| row.try_get(0)).transpose()?)
    }
}
