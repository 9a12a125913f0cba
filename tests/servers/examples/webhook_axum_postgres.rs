//! A receiver of payment events with axum and Postgres: the claim of an event and the ticket that it pays for are
//! committed in one transaction.
//!
//! ```text
//! cargo run -p servers --example webhook_axum_postgres
//! ```
//!
//! Postgres is started from the machine's packages in a temporary folder, and the local sandbox delivers. The first
//! attempt fails after its write and is rolled back; the second one is handled; a third one comes although the second
//! was acknowledged, and changes nothing. The sandbox's minutes between attempts take a fraction of a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use cashfree::types::{
    CreateOrder, CustomerDetails, CustomerDetailsParts, OrderMeta, PayOrder, PayOrderPaymentMethod, Upi,
    UpiChannel,
};
use cashfree::webhook::{Claim, Event, PostgresStore, Verified, Verifier, Webhook};
use cashfree::{Client, Credentials, Environment, Money};
use cashfree_sandbox::{Sandbox, WebhookFault};
use servers::{Postgres, start};
use sqlx::{Executor, PgPool};

#[derive(Clone)]
struct Shop {
    verifier: Verifier,
    pool: PgPool,
    store: PostgresStore,
    attempts: Arc<AtomicU32>,
}

impl FromRef<Shop> for Verifier {
    fn from_ref(shop: &Shop) -> Self {
        shop.verifier.clone()
    }
}

/// Runs for verified deliveries only. After any status but 200 the event is delivered again.
async fn receive(State(shop): State<Shop>, Webhook(delivery): Webhook) -> StatusCode {
    match handle(&shop, &delivery).await {
        Ok(status) => status,
        Err(error) => {
            println!("rolled back: {error}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

async fn handle(shop: &Shop, delivery: &Verified) -> Result<StatusCode> {
    let event = match delivery.event() {
        Ok(Event::PaymentSuccess(event)) => event,
        Ok(_) => return Ok(StatusCode::OK),
        Err(error) => return keep(shop, delivery, &error.to_string()).await,
    };
    let Some(order_id) = event.order_id() else {
        return keep(shop, delivery, "the event has no order id").await;
    };
    let mut transaction = shop.pool.begin().await?;
    match shop.store.claim_in(&mut transaction, &delivery.dedupe_key()).await? {
        Claim::New => {}
        Claim::Done => {
            println!("handled before");
            return Ok(StatusCode::OK);
        }
        _ => return Ok(StatusCode::SERVICE_UNAVAILABLE),
    }
    sqlx::query("INSERT INTO tickets (order_id) VALUES ($1)")
        .bind(order_id.as_str())
        .execute(&mut *transaction)
        .await?;
    if shop.attempts.fetch_add(1, Ordering::Relaxed) == 0 {
        return Err(anyhow!("the printer is out of paper"));
    }
    transaction.commit().await?;
    println!("ticket for {order_id:?} committed, with the claim of the event");
    Ok(StatusCode::OK)
}

/// Keeps the body of an event for a person: another delivery would be the same.
async fn keep(shop: &Shop, delivery: &Verified, reason: &str) -> Result<StatusCode> {
    sqlx::query("INSERT INTO kept_events (reason, body) VALUES ($1, $2)")
        .bind(reason)
        .bind(&delivery.body()[..])
        .execute(&shop.pool)
        .await?;
    Ok(StatusCode::OK)
}

#[tokio::main]
async fn main() -> Result<()> {
    let Some(server) = start::<Postgres>("the example")? else { return Ok(()) };
    let pool = PgPool::connect(&servers::Server::url(&server)).await?;
    let store = PostgresStore::new(pool.clone());
    store.migrate().await?;
    pool.execute("CREATE TABLE tickets (order_id text NOT NULL)").await?;
    pool.execute("CREATE TABLE kept_events (reason text NOT NULL, body bytea NOT NULL)").await?;

    let sandbox = Sandbox::builder().webhook_time_scale(1.0 / 600.0).start().await?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    let client = Client::new(Environment::custom(sandbox.base_url())?, credentials)?;
    let verifier = Verifier::new(sandbox.client_secret())?;
    let shop = Shop { verifier, pool: pool.clone(), store, attempts: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/cashfree", listener.local_addr()?);
    let router = Router::new().route("/cashfree", post(receive)).with_state(shop);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "cust_42".into(),
        customer_phone: "9999999999".into(),
    });
    let order = CreateOrder::new(Money::inr("499.00")?, customer)
        .order_id("order_1")
        .order_meta(OrderMeta::new().notify_url(&url));
    let order = client.orders().create(order).await?;
    sandbox.script_webhooks(&WebhookFault::Duplicate, 1);
    let upi = Upi::new(UpiChannel::Collect).upi_id("testsuccess@gocash");
    client.payments().pay(PayOrder::new(order.session()?.clone(), PayOrderPaymentMethod::upi(upi))).await?;

    ensure!(sandbox.webhooks_settled(Duration::from_secs(30)).await, "the deliveries take too long");
    let tickets: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&pool).await?;
    println!("{} deliveries, {tickets} ticket", sandbox.deliveries().len());
    ensure!(tickets == 1, "{tickets} tickets");
    Ok(())
}
