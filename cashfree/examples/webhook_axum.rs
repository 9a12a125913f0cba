//! Webhook receiver with axum. An order names the shop's address and is paid. The handler fails on the first delivery of the
//! event, succeeds on the second and skips the third, a duplicate. The shop ships the goods once, after it has read the
//! order. An event of an order that does not exist is kept and acknowledged, as another delivery would not help.
//!
//! ```text
//! cargo run -p cashfree --example webhook_axum --features axum
//! ```
//!
//! A local sandbox delivers and takes the order; everything stays on this machine. Its two minutes
//! before the second attempt take a fifth of a second here.
//!
//! With a port, it listens there and prints the deliveries that are signed with `CASHFREE_CLIENT_SECRET`:
//!
//! ```text
//! CASHFREE_CLIENT_SECRET=S cargo run -p cashfree --example webhook_axum --features axum -- 8000
//! cargo run -p cashfree-sandbox -- trigger PAYMENT_SUCCESS_WEBHOOK --to http://127.0.0.1:8000/cashfree --secret S
//! ```

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use cashfree::types::{
    CreateOrder, CustomerDetails, CustomerDetailsParts, Order, OrderMeta, OrderStatus, PayOrder,
    PayOrderPaymentMethod, Upi, UpiChannel,
};
use cashfree::webhook::{Event, MemoryStore, Verified, Verifier, Webhook, deduplicate};
use cashfree::{Client, Credentials, Environment, Money};
use cashfree_sandbox::{Sandbox, Trigger, WebhookFault, WebhookOutcome};

/// State of the shop's server.
#[derive(Clone)]
struct Shop {
    client: Client,
    verifier: Verifier,
    store: Arc<MemoryStore>,
    tries: Arc<AtomicU32>,
    handed_out: Arc<AtomicU32>,
    /// Bodies that a person has to look at.
    kept: Arc<Mutex<Vec<Bytes>>>,
}

impl Shop {
    fn keep(&self, delivery: &Verified, reason: &dyn std::fmt::Display) {
        eprintln!("{} bytes kept: {reason}", delivery.body().len());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(delivery.body().clone());
    }
}

impl FromRef<Shop> for Verifier {
    fn from_ref(shop: &Shop) -> Self {
        shop.verifier.clone()
    }
}

/// Runs for verified deliveries only; the extractor has refused the others.
async fn receive(State(shop): State<Shop>, Webhook(delivery): Webhook) -> StatusCode {
    let attempt = delivery.attempt().unwrap_or_default();
    match deduplicate(&shop.store, &delivery.dedupe_key(), || handle(&shop, &delivery)).await {
        Ok(done) => {
            println!("attempt {attempt}     {}, status {}", word(&done), done.status().as_u16());
            done.status()
        }
        Err(error) => {
            println!("attempt {attempt}     {error}, status 500");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn word<T>(done: &cashfree::webhook::Deduplicated<T>) -> &'static str {
    match done {
        cashfree::webhook::Deduplicated::AlreadyHandled => "handled before",
        cashfree::webhook::Deduplicated::InProgress => "being handled",
        _ => "handled",
    }
}

async fn handle(shop: &Shop, delivery: &Verified) -> Result<()> {
    match delivery.event() {
        Ok(Event::Test(_)) => {}
        Ok(Event::PaymentSuccess(event)) => {
            println!("payment {:?}, signed and not handled yet", event.cf_payment_id());
            if shop.tries.fetch_add(1, Ordering::Relaxed) == 0 {
                bail!("the shop's database is away");
            }
            let Some(order_id) = event.order_id() else {
                shop.keep(delivery, &"the event names no order");
                return Ok(());
            };
            match shop.client.orders().get(order_id).await {
                Ok(order) => confirm(shop, &order)?,
                Err(error) if error.is_not_found() => shop.keep(delivery, &error),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(event) => println!("{}, not for this shop", event.kind()),
        // Another delivery would not help: keep the body, respond with 200.
        Err(error) => shop.keep(delivery, &error),
    }
    Ok(())
}

/// Checks the order: an event says what happened, the order what is true now.
fn confirm(shop: &Shop, order: &Order) -> Result<()> {
    // A read can be behind the event: with `Ok`, the event would count as handled.
    ensure!(order.order_status == OrderStatus::Paid, "{} is not paid yet", order.order_id);
    let times = shop.handed_out.fetch_add(1, Ordering::Relaxed) + 1;
    println!("{} is paid: goods handed out, {times} time", order.order_id);
    Ok(())
}

/// Prints each event once, until it is stopped.
async fn listen(port: u16) -> Result<()> {
    let secret = std::env::var("CASHFREE_CLIENT_SECRET").context("CASHFREE_CLIENT_SECRET")?;
    let store = Arc::new(MemoryStore::default());
    let print = move |Webhook(delivery): Webhook| async move {
        let event = || async {
            match delivery.event() {
                Ok(event) => println!("{}, attempt {:?}: {event:?}", event.kind(), delivery.attempt()),
                Err(error) => println!("{} bytes kept: {error}", delivery.body().len()),
            }
            Ok::<_, std::convert::Infallible>(())
        };
        let done = deduplicate(&store, &delivery.dedupe_key(), event).await;
        done.map_or(StatusCode::INTERNAL_SERVER_ERROR, |done| {
            println!("{}, status {}", word(&done), done.status().as_u16());
            done.status()
        })
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("waiting at http://{}/cashfree", listener.local_addr()?);
    let router = Router::new().route("/cashfree", post(print)).with_state(Verifier::new(secret)?);
    Ok(axum::serve(listener, router).await?)
}

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(port) = std::env::args().nth(1) {
        return listen(port.parse().context("the port")?).await;
    }
    let sandbox = Sandbox::builder().webhook_time_scale(1.0 / 600.0).start().await?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    let client = Client::new(Environment::custom(sandbox.base_url())?, credentials)?;

    let shop = Shop {
        client: client.clone(),
        verifier: Verifier::new(sandbox.client_secret())?,
        store: Arc::default(),
        tries: Arc::default(),
        handed_out: Arc::default(),
        kept: Arc::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/cashfree", listener.local_addr()?);
    let router = Router::new().route("/cashfree", post(receive)).with_state(shop.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let order = CreateOrder::new(
        Money::inr("499.00")?,
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    )
    .order_id("order_1")
    .order_meta(OrderMeta::new().notify_url(&url));
    let order = client.orders().create(order).await?;
    println!("order_1 notifies {url}");
    sandbox.script_webhooks(&WebhookFault::Duplicate, 1);
    let session = order.session()?.clone();
    let upi = Upi::new(UpiChannel::Collect).upi_id("testsuccess@gocash");
    client.payments().pay(PayOrder::new(session, PayOrderPaymentMethod::upi(upi))).await?;

    ensure!(sandbox.webhooks_settled(Duration::from_secs(30)).await, "the deliveries take too long");
    for delivery in sandbox.deliveries() {
        println!(
            "sent          {}, attempt {}: {:?}",
            delivery.event_type, delivery.attempt, delivery.outcome
        );
    }
    let handed_out = shop.handed_out.load(Ordering::Relaxed);
    ensure!(handed_out == 1, "goods were handed out {handed_out} times");

    let unknown = Trigger {
        event_type: "PAYMENT_SUCCESS_WEBHOOK".to_owned(),
        url,
        secret: sandbox.client_secret().to_owned(),
        set: vec!["data.order.order_id=order_of_nobody".to_owned()],
        ..Trigger::default()
    };
    ensure!(unknown.send().await? == [WebhookOutcome::Responded(200)]);
    let kept = shop.kept.lock().unwrap_or_else(PoisonError::into_inner);
    ensure!(kept.len() == 1 && String::from_utf8_lossy(&kept[0]).contains("order_of_nobody"));
    Ok(())
}
