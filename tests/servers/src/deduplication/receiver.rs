//! A receiver process.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use cashfree::webhook::{
    Claim, DedupeError, DedupeStore, Deduplicated, Event, Lease, LeaseState, MemoryStore, PostgresStore,
    RedisStore, Verified, Verifier, Webhook, deduplicate_with_lease,
};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::broken::{Broken, Flaw};
use super::ledger::{Order, Reporter, Step};
use super::{SECRET, Store};

/// How a receiver is called.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[arg(long, value_enum)]
    store: Store,
    #[arg(long)]
    url: String,
    #[arg(long)]
    lease: u64,
    #[arg(long)]
    ledger: SocketAddr,
}

#[derive(Clone)]
enum Dedupe {
    Transaction(PgPool, PostgresStore),
    Lease(Arc<dyn DedupeStore>),
    Nothing,
}

#[derive(Clone)]
struct Receiver {
    verifier: Verifier,
    dedupe: Dedupe,
    ledger: Arc<Reporter>,
    lease: Duration,
}

impl FromRef<Receiver> for Verifier {
    fn from_ref(receiver: &Receiver) -> Self {
        receiver.verifier.clone()
    }
}

/// Receives until standard input ends. Prints its address first.
///
/// # Errors
/// If the store can't be reached.
pub async fn run(arguments: Arguments) -> Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let lease = Duration::from_millis(arguments.lease);
    let receiver = Receiver {
        verifier: Verifier::new(SECRET)?,
        dedupe: dedupe(arguments.store, &arguments.url, lease).await?,
        ledger: Arc::new(Reporter::new(arguments.ledger)),
        lease,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let router = Router::new().route("/cashfree", post(receive)).with_state(receiver);
    Ok(axum::serve(listener, router).await?)
}

async fn dedupe(store: Store, url: &str, lease: Duration) -> Result<Dedupe> {
    // Connects at the first use, so that a receiver starts while the server does.
    let pool = || PgPoolOptions::new().max_connections(8).connect_lazy(url);
    Ok(match store {
        Store::PostgresTransaction => {
            let pool = pool()?;
            Dedupe::Transaction(pool.clone(), PostgresStore::new(pool))
        }
        Store::Postgres => Dedupe::Lease(Arc::new(PostgresStore::new(pool()?).claim_for(lease))),
        Store::Redis => {
            let client = redis::Client::open(url)?;
            let connection = loop {
                match client.get_connection_manager().await {
                    Ok(connection) => break connection,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            };
            Dedupe::Lease(Arc::new(RedisStore::new(connection).claim_for(lease)))
        }
        Store::Nothing => Dedupe::Nothing,
        Store::Memory => Dedupe::Lease(Arc::new(MemoryStore::new().claim_for(lease))),
        Store::ReadThenWrite => Dedupe::Lease(Arc::new(Broken(pool()?, Flaw::ReadThenWrite))),
        Store::ClaimedIsHandled => Dedupe::Lease(Arc::new(Broken(pool()?, Flaw::ClaimedIsHandled))),
    })
}

/// Runs for verified deliveries only. After any status but 200 the event is delivered again.
async fn receive(State(receiver): State<Receiver>, Webhook(delivery): Webhook) -> StatusCode {
    match receiver.handle(&delivery).await {
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Number of an event, by the name of its order.
fn number(delivery: &Verified) -> Result<u32> {
    let order_id = match delivery.event()? {
        Event::PaymentSuccess(event) | Event::PaymentFailed(event) => event.order_id().cloned(),
        Event::RefundStatus(event) => event.refund.and_then(|refund| refund.order_id),
        other => bail!("{other:?} was not sent"),
    };
    let order_id = order_id.context("an event of no order")?;
    Ok(order_id.as_str().strip_prefix("order_").context("another order")?.parse()?)
}

/// One handling of a delivery, reported to the ledger step by step.
struct Handling<'a> {
    receiver: &'a Receiver,
    event: u32,
    number: u64,
}

impl Receiver {
    async fn handle(&self, delivery: &Verified) -> Result<StatusCode> {
        let handling = Handling { receiver: self, event: number(delivery)?, number: self.ledger.handling() };
        handling.report(Step::Claiming).await?;
        match &self.dedupe {
            Dedupe::Transaction(pool, store) => handling.in_transaction(pool, store, delivery).await,
            Dedupe::Lease(store) => handling.deduplicate(store, delivery).await,
            Dedupe::Nothing => {
                handling.work(None).await?;
                handling.report(Step::Handled).await?;
                Ok(StatusCode::OK)
            }
        }
    }
}

impl Handling<'_> {
    async fn report(&self, step: Step) -> Result<Order> {
        self.receiver.ledger.report(self.number, self.event, step).await
    }

    async fn fail(&self, reason: &'static str) -> Result<()> {
        self.report(Step::Failed).await?;
        bail!(reason)
    }

    async fn deduplicate(&self, store: &Arc<dyn DedupeStore>, delivery: &Verified) -> Result<StatusCode> {
        let key = delivery.dedupe_key();
        let done = match deduplicate_with_lease(store, &key, |lease| self.work(Some(lease))).await {
            Ok(done) => done,
            Err(DedupeError::Store(error)) => {
                self.report(Step::StoreFailed).await?;
                bail!("{error}")
            }
            Err(error) => bail!("{error}"),
        };
        let step = match &done {
            Deduplicated::Handled(()) => Step::Handled,
            Deduplicated::LeaseLost(()) => Step::LeaseLost,
            Deduplicated::Unconfirmed((), _) => Step::Unconfirmed,
            Deduplicated::AlreadyHandled => Step::Before,
            Deduplicated::InProgress => Step::InProgress,
            other => bail!("{other:?}"),
        };
        self.report(step).await?;
        Ok(done.status())
    }

    async fn in_transaction(
        &self,
        pool: &PgPool,
        store: &PostgresStore,
        delivery: &Verified,
    ) -> Result<StatusCode> {
        let mut transaction = pool.begin().await?;
        match store.claim_in(&mut transaction, &delivery.dedupe_key()).await? {
            Claim::New => {}
            Claim::Done => {
                self.report(Step::Before).await?;
                return Ok(StatusCode::OK);
            }
            other => bail!("nobody leases events: {other:?}"),
        }
        if self.report(Step::Begun).await? == Order::Fail {
            self.fail("the handler failed").await?;
        }
        sqlx::query("INSERT INTO effects (event) VALUES ($1)")
            .bind(i64::from(self.event))
            .execute(&mut *transaction)
            .await?;
        self.report(Step::Ended).await?;
        transaction.commit().await?;
        self.report(Step::Handled).await?;
        Ok(StatusCode::OK)
    }

    /// A handler with an effect elsewhere: its entry in the ledger.
    async fn work(&self, lease: Option<Lease<'_, Arc<dyn DedupeStore>>>) -> Result<()> {
        let time = self.receiver.lease;
        match (self.report(Step::Begun).await?, lease) {
            (Order::Fail, _) => self.fail("the handler failed").await?,
            (Order::Outlive, _) => tokio::time::sleep(time.mul_f64(1.5)).await,
            (Order::Renew, Some(lease)) => {
                for _ in 0..3 {
                    tokio::time::sleep(time.mul_f64(0.5)).await;
                    self.report(Step::Renewing).await?;
                    if !matches!(lease.renew().await, Ok(LeaseState::Held)) {
                        self.fail("the lease could not be renewed").await?;
                    }
                    self.report(Step::Renewed).await?;
                }
            }
            _ => tokio::time::sleep(Duration::from_millis(2)).await,
        }
        self.report(Step::Ended).await?;
        Ok(())
    }
}
