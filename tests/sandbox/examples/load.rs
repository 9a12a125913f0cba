//! Measures a sandbox under load: creates, pays and fetches orders with 32 clients, and prints what a call costs the
//! server at 100, 1,000, 10,000 and 100,000 paid orders, its memory, the errors, and the latencies at 500 requests
//! a second. Linux only, as it reads `/proc`.
//!
//! ```text
//! cargo build --release -p cashfree-sandbox --bins --examples
//! target/release/examples/load --orders 100000
//! ```

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Measures a sandbox under load.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server; the one beside this program unless given.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Orders to be paid.
    #[arg(long, default_value_t = 100_000)]
    orders: u64,
    /// Clients at a time.
    #[arg(long, default_value_t = 32)]
    clients: u64,
    /// Requests a second, for the latencies.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Seconds for which the latencies are measured, each time.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Further arguments of the server.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Orders in a measurement of what a call costs, three calls each.
const WINDOW: u64 = 1_000;
const CALLS: u64 = 3;

const CLIENT_ID: &str = "load";
const CLIENT_SECRET: &str = "the secret of the load";

/// The server in a process of its own, killed with this value.
struct Server {
    process: Child,
    base_url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    async fn start(arguments: &Arguments) -> Result<Self> {
        let beside =
            std::env::current_exe()?.ancestors().nth(2).context("no folder")?.join("cashfree-sandbox");
        let program = arguments.server.clone().unwrap_or(beside);
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let process = Command::new(&program)
            .args(["--port", &port, "--quiet", "--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET])
            .args(&arguments.arguments)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let server = Self { process, base_url: format!("http://127.0.0.1:{port}/pg") };
        for _ in 0..1_000 {
            if tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await.is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("the server does not take connections")
    }

    /// CPU time of all its threads.
    fn cpu(&self) -> Result<Duration> {
        let mut nanoseconds = 0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            // A thread may end while they are counted.
            let times = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += times.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0_u64);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory in MB (of a million bytes).
    fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1_024 / 1_000_000)
    }
}

/// What the clients share.
struct Shop {
    http: Client,
    base_url: String,
    errors: AtomicU64,
}

impl Shop {
    async fn call(&self, method: &str, path: &str, body: Option<Value>, key: Option<String>) -> Value {
        let response = async {
            let url = format!("{}{path}", self.base_url);
            let mut request = self.http.request(method.parse()?, url).header("x-api-version", "2023-08-01");
            if path != "/orders/sessions" {
                request = request.header("x-client-id", CLIENT_ID).header("x-client-secret", CLIENT_SECRET);
            }
            if let Some(key) = key {
                request = request.header("x-idempotency-key", key);
            }
            if let Some(body) = body {
                request = request.json(&body);
            }
            let response = request.send().await?;
            ensure!(response.status() == 200, "{}", response.text().await?);
            anyhow::Ok(response.json().await?)
        };
        response.await.unwrap_or_else(|error: anyhow::Error| {
            if self.errors.fetch_add(1, Ordering::Relaxed) == 0 {
                eprintln!("first error: {error:#}");
            }
            Value::Null
        })
    }

    async fn create(&self, number: u64) -> Value {
        let body = json!({
            "order_id": format!("order_{number}"), "order_amount": 499.5, "order_currency": "INR",
            "order_note": "two pairs of socks",
            "customer_details": {
                "customer_id": format!("customer_{}", number % 1_000), "customer_phone": "9999999999",
                "customer_email": "payer@shop.example", "customer_name": "A. Payer",
            },
            "order_meta": { "return_url": "https://shop.example/return?order_id={order_id}" },
        });
        self.call("POST", "/orders", Some(body), Some(format!("create_{number}"))).await
    }

    async fn pay(&self, order: &Value) -> Value {
        let method = json!({ "upi": { "channel": "collect", "upi_id": "testsuccess@gocash" } });
        let body = json!({ "payment_session_id": order["payment_session_id"], "payment_method": method });
        self.call("POST", "/orders/sessions", Some(body), None).await
    }

    async fn fetch(&self, number: u64) -> Value {
        self.call("GET", &format!("/orders/order_{number}"), None, None).await
    }

    /// Creates, pays and fetches an order.
    async fn sell(&self, number: u64) {
        let order = self.create(number).await;
        self.pay(&order).await;
        let order = self.fetch(number).await;
        if order["order_status"] != "PAID" {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sells the orders of a range, so many at a time.
async fn sell(shop: &Arc<Shop>, orders: std::ops::Range<u64>, clients: u64) {
    let next = Arc::new(AtomicU64::new(orders.start));
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (shop, next, end) = (Arc::clone(shop), Arc::clone(&next), orders.end);
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return;
                }
                shop.sell(number).await;
            }
        });
    }
    tasks.join_all().await;
}

/// Sends requests at a fixed rate, however long responses take. Returns the sorted latencies, measured from the time at
/// which each request was due.
async fn latencies(shop: &Arc<Shop>, from: u64, rate: u32, seconds: u32) -> Vec<Duration> {
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for call in 0..rate * seconds {
        let due = begin + Duration::from_secs(1) * call / rate;
        tokio::time::sleep_until(due.into()).await;
        let (shop, number) = (Arc::clone(shop), from + u64::from(call));
        tasks.spawn(async move {
            match number % 4 {
                0 => drop(shop.create(number).await),
                _ => drop(shop.fetch(number * 7_919 % from).await),
            }
            due.elapsed()
        });
    }
    let mut times = tasks.join_all().await;
    times.sort();
    times
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let server = Server::start(&arguments).await?;
    let shop = Arc::new(Shop {
        http: Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?,
        base_url: server.base_url.clone(),
        errors: AtomicU64::new(0),
    });
    println!("before any order: {} MB", server.memory()?);
    println!("paid orders  CPU a call  memory  errors  calls a second");
    let mut sold = 0;
    for mark in [100, 1_000, 10_000, 100_000].into_iter().filter(|mark| *mark <= arguments.orders) {
        sell(&shop, sold..mark, arguments.clients).await;
        sold = sold.max(mark);
        let memory = server.memory()?;
        let (cpu, begin) = (server.cpu()?, Instant::now());
        sell(&shop, sold..sold + WINDOW, arguments.clients).await;
        sold += WINDOW;
        let calls = WINDOW * CALLS;
        println!(
            "{mark:>11}  {:>7} us  {memory:>3} MB  {:>6}  {:>14.0}",
            (server.cpu()? - cpu).as_micros() / u128::from(calls),
            shop.errors.load(Ordering::Relaxed),
            calls as f64 / begin.elapsed().as_secs_f64(),
        );
    }
    let times = latencies(&shop, sold, arguments.rate, arguments.seconds).await;
    let at = |share: usize| times.get((times.len() * share / 1_000).min(times.len().saturating_sub(1)));
    println!(
        "{} requests a second for {} s: p50 {:?}, p99 {:?}, longest {:?}, errors {}",
        arguments.rate,
        arguments.seconds,
        at(500).copied().unwrap_or_default(),
        at(990).copied().unwrap_or_default(),
        times.last().copied().unwrap_or_default(),
        shop.errors.load(Ordering::Relaxed),
    );
    println!("memory at the end: {} MB", server.memory()?);
    Ok(())
}
