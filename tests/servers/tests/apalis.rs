//! Stored calls on apalis with Redis: a worker resumes them, and the sandbox says what happened.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use apalis::prelude::{TaskBuilder, TaskSink};
use apalis_redis::{Config, RedisStorage};
use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use cashfree::{Credentials, Money};
use cashfree_sandbox::{Change, Fault, Sandbox};
use redis::AsyncCommands;
use serde_json::Value;
use servers::apalis::{Job, RESPONDED, RESULTS, Shop, work};
use servers::{Redis, Server, start};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

struct Setup {
    server: Redis,
    sandbox: Sandbox,
    shop: Shop,
}

impl Setup {
    async fn start(what: &str) -> Result<Option<Self>> {
        let Some(server) = start::<Redis>(what)? else { return Ok(None) };
        let sandbox = Sandbox::builder().start().await?;
        let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
        let shop = Shop::connect(&server.url(), sandbox.base_url(), credentials).await?;
        Ok(Some(Self { server, sandbox, shop }))
    }

    /// Stores a call that creates an order, and enqueues it.
    async fn enqueue(&mut self, order_id: &str, amount: &str) -> Result<()> {
        let order = order(amount)?.order_id(order_id);
        self.enqueue_as(order_id, order).await
    }

    async fn enqueue_as(&mut self, name: &str, order: CreateOrder) -> Result<()> {
        let call = self.shop.client.orders().create(order).to_stored()?;
        self.shop.queue.push(Job { name: name.to_owned(), call, run: 1 }).await?;
        Ok(())
    }

    /// Starts a worker, which ends when the sender says so.
    fn work(&self, name: &'static str) -> (JoinHandle<()>, watch::Sender<bool>) {
        let (stop, stopped) = watch::channel(false);
        (tokio::spawn(work(name, self.shop.clone(), stopped)), stop)
    }

    async fn result(&mut self, name: &str) -> Result<Value> {
        let start = Instant::now();
        loop {
            let found: Option<String> = self.shop.connection.hget(RESULTS, name).await?;
            match found {
                Some(found) => return Ok(serde_json::from_str(&found)?),
                None if start.elapsed() > Duration::from_secs(30) => bail!("{name} has no result"),
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Starts a worker process, which does nothing more once it has the response of its job.
    fn work_apart(&self) -> Result<Child> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apalis_worker"));
        command.args(["--redis", &self.server.url(), "--service", self.sandbox.base_url()]);
        command.args([
            "--client-id",
            self.sandbox.client_id(),
            "--client-secret",
            self.sandbox.client_secret(),
        ]);
        // It ends with its standard input, if this process is gone.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        Ok(command.spawn()?)
    }

    /// Waits for the dead letter, and returns its id.
    async fn dead(&mut self) -> Result<String> {
        let set = self.shop.queue.get_config().dead_jobs_set();
        let start = Instant::now();
        loop {
            if let Some(dead) = self.set_of(set.clone()).await?.into_iter().next() {
                return Ok(dead);
            }
            ensure!(start.elapsed() < Duration::from_secs(30), "no dead letter");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Why a job is dead, and the job.
    async fn letter(&mut self, id: &str) -> Result<(String, Job)> {
        let config = self.shop.queue.get_config().clone();
        let meta = format!("{}:{id}", config.job_meta_hash());
        let (status, reason): (String, String) =
            self.shop.connection.hmget(meta, &["status", "result"]).await?;
        ensure!(status == "Killed", "{status}: {reason}");
        let kept: String = self.shop.connection.hget(config.job_data_hash(), id).await?;
        Ok((reason, serde_json::from_str(&kept)?))
    }

    async fn set_of(&mut self, set: String) -> Result<Vec<String>> {
        Ok(self.shop.connection.smembers(set).await?)
    }

    /// How often an order was created.
    fn created(&self, order_id: &str) -> usize {
        let committed = self.sandbox.committed().into_iter();
        committed.filter(|entry| entry.change == Change::OrderCreated && entry.order_id == order_id).count()
    }
}

fn order(amount: &str) -> Result<CreateOrder> {
    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "cust_42".into(),
        customer_phone: "9999999999".into(),
    });
    Ok(CreateOrder::new(Money::inr(amount)?, customer))
}

async fn stopped(worker: JoinHandle<()>, stop: &watch::Sender<bool>) -> Result<()> {
    stop.send(true)?;
    Ok(tokio::time::timeout(Duration::from_secs(20), worker).await.context("the worker does not stop")??)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_call_is_resumed_retried_or_kept_for_a_person() -> Result<()> {
    let Some(mut world) = Setup::start("stored calls on apalis").await? else { return Ok(()) };
    let limited = Fault::RateLimited { retry: Some(2) };
    world.sandbox.script(limited, "PGCreateOrder", 1);
    let enqueued = Instant::now();
    world.enqueue("order_limited", "100.00").await?;
    let (worker, stop) = world.work("worker_1");
    let result = world.result("order_limited").await?;
    ensure!(result["order_id"] == "order_limited", "{result}");
    // The delay that the service asked for, in whole seconds of the queue.
    ensure!(enqueued.elapsed() > Duration::from_secs(1), "retried after {:?}", enqueued.elapsed());
    let requests = world.sandbox.requests();
    let keys: Vec<_> = requests.iter().filter_map(|request| request.header("x-idempotency-key")).collect();
    ensure!(keys.len() == 2 && keys[0] == keys[1], "{keys:?}");
    assert_eq!(world.created("order_limited"), 1);

    world.enqueue("order_refused", "0.10").await?;
    let dead = world.dead().await?;
    let (reason, kept) = world.letter(&dead).await?;
    ensure!(reason.contains("order_amount"), "{reason}");
    assert_eq!((kept.name.as_str(), kept.call.operation()), ("order_refused", "PGCreateOrder"));
    assert_eq!(world.created("order_refused"), 0);
    stopped(worker, &stop).await
}

/// Under the first key, each further run would only receive the stored failure.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_failure_gets_a_new_key_only_if_the_request_has_its_own_id() -> Result<()> {
    let Some(mut world) = Setup::start("a stored failure and apalis").await? else { return Ok(()) };
    world.sandbox.script(Fault::ServerError500, "PGCreateOrder", 2);
    world.enqueue("order_1", "100.00").await?;
    world.enqueue_as("nameless", order("100.00")?).await?;
    let (worker, stop) = world.work("worker_1");
    let dead = world.dead().await?;
    let (reason, kept) = world.letter(&dead).await?;
    ensure!(kept.name == "nameless" && kept.run == 1, "{kept:?}: {reason}");
    ensure!(world.result("order_1").await?["order_id"] == "order_1");
    stopped(worker, &stop).await?;

    let requests = world.sandbox.requests_of("PGCreateOrder");
    let named = requests.iter().filter(|request| request.json()["order_id"] == "order_1");
    let keys: Vec<_> = named.filter_map(|request| request.header("x-idempotency-key")).collect();
    // The second run receives the stored failure.
    ensure!(keys.len() == 3 && keys[0] == keys[1] && keys[1] != keys[2], "{keys:?}");
    assert_eq!(requests.len(), 4, "the other one is not sent twice");
    assert_eq!(world.sandbox.committed_of(Change::OrderCreated).len(), 1);
    assert_eq!(world.created("order_1"), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_worker_that_was_killed_is_resumed_and_has_one_effect() -> Result<()> {
    let Some(mut world) = Setup::start("a killed worker of apalis").await? else { return Ok(()) };
    world.enqueue("order_1", "100.00").await?;
    let mut killed = world.work_apart()?;
    let mut lines = BufReader::new(killed.stdout.take().context("no output")?).lines();
    let responded = async {
        while let Some(line) = lines.next_line().await? {
            if line.contains(RESPONDED) {
                return Ok(());
            }
            println!("worker process: {line}");
        }
        bail!("the worker process ended by itself")
    };
    tokio::time::timeout(Duration::from_secs(30), responded).await??;
    killed.kill().await?;
    assert_eq!(world.created("order_1"), 1);
    let written: bool = world.shop.connection.hexists(RESULTS, "order_1").await?;
    ensure!(!written, "the worker was not in the middle of it");

    let (worker, stop) = world.work("worker_2");
    let result = world.result("order_1").await?;
    ensure!(result["order_id"] == "order_1", "{result}");
    let sent = world.sandbox.requests().into_iter().filter(|request| request.method == "POST").count();
    assert_eq!((sent, world.created("order_1")), (2, 1), "sent twice, done once");
    stopped(worker, &stop).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_stopped_finishes_its_calls() -> Result<()> {
    let Some(mut world) = Setup::start("a stopped worker of apalis").await? else { return Ok(()) };
    world.sandbox.script(Fault::Delay(Duration::from_secs(1)), "PGCreateOrder", 1);
    world.enqueue("order_1", "100.00").await?;
    let (worker, stop) = world.work("worker_1");
    let start = Instant::now();
    while world.sandbox.requests().is_empty() {
        ensure!(start.elapsed() < Duration::from_secs(20), "nothing is sent");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stopped(worker, &stop).await?;
    let written: bool = world.shop.connection.hexists(RESULTS, "order_1").await?;
    ensure!(written, "stopped before the result was written");
    let config = world.shop.queue.get_config().clone();
    let left: Vec<String> = world.shop.connection.keys(format!("{}:*", config.inflight_jobs_set())).await?;
    ensure!(left.is_empty(), "{left:?} are still taken");
    assert_eq!(world.set_of(config.done_jobs_set()).await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_redis_keeps_the_jobs() -> Result<()> {
    let Some(mut world) = Setup::start("apalis and a restart of Redis").await? else { return Ok(()) };
    world.enqueue("order_1", "100.00").await?;
    world.server.kill()?;
    let (worker, stop) = world.work("worker_1");
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.server.restart()?;
    let connected = Instant::now();
    while redis::cmd("PING").query_async::<()>(&mut world.shop.connection).await.is_err() {
        ensure!(connected.elapsed() < Duration::from_secs(20), "no connection");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ensure!(world.result("order_1").await?["order_id"] == "order_1");
    assert_eq!(world.created("order_1"), 1);
    stopped(worker, &stop).await
}

/// A job of the call's idempotency key is enqueued once, for as long as the queue remembers the key.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_enqueued_once_by_its_key() -> Result<()> {
    let Some(mut world) = Setup::start("enqueueing once with apalis").await? else { return Ok(()) };
    let call = world.shop.client.orders().terminate("order_1").to_stored()?;
    for (ttl, jobs) in [(Some(Duration::from_secs(600)), 1), (None, 2)] {
        let config = Config::default().queue(format!("once_{ttl:?}")).idempotency_ttl(ttl);
        let scheduled = config.scheduled_jobs_set();
        let mut queue = RedisStorage::new(world.shop.connection.clone()).with_config(config);
        for _ in 0..2 {
            let job = Job { name: "order_1".to_owned(), call: call.clone(), run: 1 };
            let key = call.idempotency_key().context("no key")?;
            queue.push_task(TaskBuilder::new(job).idempotency_key(key.as_str()).build()).await?;
        }
        let enqueued: usize = world.shop.connection.zcard(scheduled).await?;
        assert_eq!(enqueued, jobs, "remembered for {ttl:?}");
    }
    Ok(())
}
