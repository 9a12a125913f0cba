//! Stored calls on the job engine: what each outcome does to the row and the job, and what a crash leaves.

use std::time::Duration;

use adversary::{Adversary, Change, Commit, Failure, Fault, MERCHANTS, Profile};
use anyhow::{Context, Result, bail, ensure};
use cashfree::types::{CreateOrder, CreateRefund, CustomerDetails, CustomerDetailsParts, Order};
use cashfree::{Amount, Client, Credentials, Environment, Money, RetryPolicy, StoreOptions};
use cashfree_sandbox::{self as sandbox, Sandbox};
use graphile_worker::WorkerOptions;
use jobs::calls::{self, CallJob, Calls, Recovery, Resume};
use jobs::flaws::Flaw;
use jobs::kills::{Plan, Report, run};
use jobs::shop::Shop;
use servers::{Postgres, Server, start};
use sqlx::{Executor, PgConnection, PgPool, Row};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const PROGRAM: &str = env!("CARGO_BIN_EXE_job_kills");
const PAUSE: Duration = Duration::from_millis(20);

/// A shop whose client makes one attempt a run, with its service and its database.
struct Setup {
    // Ends last.
    pool: PgPool,
    shop: Shop,
    sandbox: Sandbox,
    _server: Postgres,
}

impl Setup {
    async fn start() -> Result<Option<Self>> {
        let Some(server) = start::<Postgres>("stored calls on a job engine")? else { return Ok(None) };
        let pool = PgPool::connect(&server.url()).await?;
        let sandbox = Sandbox::start().await?;
        let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
        let client = Client::builder(Environment::custom(sandbox.base_url())?, credentials);
        let shop = Shop::new(pool.clone(), client.retry(RetryPolicy::none()).build()?);
        shop.migrate().await?;
        Ok(Some(Self { pool, shop, sandbox, _server: server }))
    }

    fn client(&self) -> &Client {
        self.shop.calls().client()
    }

    async fn place(&self, order_id: &str) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        self.shop.place(&mut transaction, order_id).await?;
        Ok(transaction.commit().await?)
    }

    async fn number(&self, query: &'static str) -> Result<i64> {
        Ok(sqlx::query(query).fetch_one(&self.pool).await?.try_get(0)?)
    }

    /// Waits until a query returns this number.
    async fn until(&self, query: &'static str, number: i64) -> Result<()> {
        let start = Instant::now();
        while self.number(query).await? != number {
            ensure!(start.elapsed() < Duration::from_secs(60), "{query} does not become {number}");
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

const RUN: &str = "SELECT run::bigint FROM stored_calls";
const DONE: &str = "SELECT count(*) FROM stored_calls WHERE state = 'done'";
const DEAD: &str = "SELECT count(*) FROM stored_calls WHERE state = 'dead'";
const JOBS: &str = "SELECT count(*) FROM graphile_worker._private_jobs";
/// Seconds until the only job is due, rounded up.
const DUE: &str =
    "SELECT ceil(extract(epoch FROM run_at - now()))::bigint FROM graphile_worker._private_jobs";

/// A worker that runs until it is stopped.
struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    fn start(calls: &Calls, define: fn(WorkerOptions) -> WorkerOptions) -> Self {
        Self::with_grace(calls, define, Duration::from_secs(30))
    }

    fn with_grace(calls: &Calls, define: fn(WorkerOptions) -> WorkerOptions, grace: Duration) -> Self {
        let (stop, stopped) = watch::channel(false);
        let recovery = Recovery { heartbeat: PAUSE * 10, silence: PAUSE * 40 };
        let define = move |options| define(options).poll_interval(PAUSE);
        let task = tokio::spawn(calls::run(calls.clone(), define, recovery, grace, stopped));
        Self { stop, task }
    }

    async fn stop(self) -> Result<()> {
        self.stop.send(true)?;
        Ok(self.task.await?)
    }
}

#[tokio::test]
async fn a_call_is_sent_if_its_transaction_commits_and_only_then() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    let worker = Worker::start(setup.shop.calls(), Shop::jobs);
    let mut transaction = setup.pool.begin().await?;
    setup.shop.place(&mut transaction, "order_0").await?;
    transaction.rollback().await?;
    setup.place("order_1").await?;
    setup.until(DONE, 1).await?;
    setup.until(JOBS, 0).await?;
    worker.stop().await?;
    let created: Vec<String> = setup
        .sandbox
        .committed_of(sandbox::Change::OrderCreated)
        .into_iter()
        .map(|entry| entry.order_id)
        .collect();
    assert_eq!(created, ["order_1"]);
    assert_eq!(setup.shop.state("order_1").await?.as_deref(), Some("created"));
    assert_eq!(setup.shop.state("order_0").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_temporary_failure_is_retried_after_its_delay() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    let busy = sandbox::Fault::RateLimited { retry: Some(40) };
    setup.sandbox.script(busy, "PGCreateOrder", 1);
    setup.place("order_1").await?;
    let worker = Worker::start(setup.shop.calls(), Shop::jobs);
    setup.until(RUN, 2).await?;
    setup.until(JOBS, 1).await?;
    let wait = setup.number(DUE).await?;
    ensure!((35..=40).contains(&wait), "the service asked for 40 seconds, and the job waits for {wait}");

    // As if the delay had passed. The response is lost, and the policy allows no second attempt: the next run finds
    // the order.
    setup.sandbox.script(sandbox::Fault::DropAfterCommit, "PGCreateOrder", 1);
    setup.pool.execute("UPDATE graphile_worker._private_jobs SET run_at = now()").await?;
    setup.until(RUN, 3).await?;
    setup.pool.execute("UPDATE graphile_worker._private_jobs SET run_at = now()").await?;
    setup.until(DONE, 1).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.committed_of(sandbox::Change::OrderCreated).len(), 1);
    let keys: Vec<_> = setup.sandbox.requests_of("PGCreateOrder");
    let mut keys: Vec<_> = keys.iter().map(|request| request.header("x-idempotency-key")).collect();
    ensure!(keys.len() == 3, "{keys:?}");
    keys.dedup();
    ensure!(keys.len() == 1 && keys[0].is_some(), "the runs have several keys: {keys:?}");
    Ok(())
}

#[tokio::test]
async fn a_failure_that_cannot_pass_is_a_dead_letter_until_a_person_revives_it() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    let body = r#"{"message":"no such customer","code":"order_invalid","type":"invalid_request_error"}"#;
    let refused = sandbox::Fault::Status(400, body.to_owned(), "application/json".to_owned());
    setup.sandbox.script(refused, "PGCreateOrder", 1);
    setup.place("order_1").await?;
    let worker = Worker::start(setup.shop.calls(), Shop::jobs);
    setup.until(DEAD, 1).await?;
    setup.until(JOBS, 0).await?;
    let letters = setup.shop.calls().dead_letters().await?;
    let [letter] = letters.as_slice() else { bail!("{letters:?}") };
    assert_eq!((letter.job.as_str(), letter.subject.as_str()), ("create_order", "order_1"));
    ensure!(letter.error.contains("400") && letter.error.contains("read PGFetchOrder"), "{letter:?}");
    assert_eq!(setup.shop.state("order_1").await?.as_deref(), Some("placed"));

    ensure!(!setup.shop.calls().revive::<Other>(letter.id).await?, "another job's letter is revived");
    ensure!(setup.shop.calls().revive::<jobs::shop::Creation>(letter.id).await?);
    ensure!(!setup.shop.calls().revive::<jobs::shop::Creation>(letter.id).await?, "it is revived twice");
    setup.until(DONE, 1).await?;
    worker.stop().await?;
    assert_eq!(setup.shop.calls().purge(Duration::from_secs(3600)).await?, 0);
    assert_eq!(setup.shop.calls().purge(Duration::ZERO).await?, 1);
    Ok(())
}

/// A job that no order has.
struct Other;

impl CallJob for Other {
    const NAME: &'static str = "other";
    type Response = Order;

    async fn write_back(_: &Calls, _: &mut PgConnection, _: &str, _: &Order) -> Result<()> {
        Ok(())
    }
}

fn other(options: WorkerOptions) -> WorkerOptions {
    options.define_job::<Resume<Other>>()
}

#[tokio::test]
async fn a_call_that_this_program_cannot_send_is_a_dead_letter_with_its_reason() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    let calls = setup.shop.calls();
    let mut transaction = setup.pool.begin().await?;
    let named = StoreOptions::new().credentials_name("merchant_7");
    let foreign = setup.client().orders().get("order_1").to_stored_with(named)?;
    calls.store::<Other>(&mut transaction, "no credentials", &foreign).await?;
    let mut stored = async |subject: &str, change: &'static str| -> Result<()> {
        let call = setup.client().orders().get("order_1").to_stored()?;
        calls.store::<Other>(&mut transaction, subject, &call).await?;
        let update = sqlx::query(change).bind(subject).execute(&mut *transaction).await?;
        ensure!(update.rows_affected() == 1);
        Ok(())
    };
    stored("form", "UPDATE stored_calls SET call = jsonb_set(call, '{v}', '2') WHERE subject = $1").await?;
    let version = r#"UPDATE stored_calls SET call = jsonb_set(call, '{api_version}', '"1999-01-01"') WHERE subject = $1"#;
    stored("version", version).await?;
    transaction.commit().await?;
    let worker = Worker::start(calls, other);
    setup.until(DEAD, 3).await?;
    worker.stop().await?;
    let letters = calls.dead_letters().await?;
    for (letter, reason) in letters.iter().zip(["merchant_7", "form 2", "1999-01-01"]) {
        ensure!(letter.error.contains(reason), "{letter:?}");
    }
    ensure!(setup.sandbox.requests().is_empty(), "something was sent");

    // With the credentials, it is sent.
    let merchant = Credentials::client_secret(setup.sandbox.client_id(), setup.sandbox.client_secret());
    let calls = calls.clone().credentials([("merchant_7".to_owned(), merchant)].into());
    let letter = letters.first().context("no letter")?;
    ensure!(calls.revive::<Other>(letter.id).await?);
    let worker = Worker::start(&calls, other);
    setup.until("SELECT run::bigint FROM stored_calls WHERE subject = 'no credentials'", 2).await?;
    setup.until(JOBS, 0).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.requests_of("PGFetchOrder").len(), 1);
    Ok(())
}

#[tokio::test]
async fn jobs_are_due_by_the_clock_of_the_database() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    setup.place("order_1").await?;
    // With the time of the transaction that stored it, not that of this program.
    let apart = "SELECT count(*) FROM graphile_worker._private_jobs, stored_calls WHERE run_at <> stored_at";
    assert_eq!(setup.number(apart).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_job_that_was_followed_by_another_one_sends_nothing() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    setup.sandbox.script(sandbox::Fault::Json502, "PGCreateOrder", 1);
    setup.place("order_1").await?;
    // What a worker leaves that is killed after its transaction and before the engine completes the job.
    let copy = "CREATE TABLE kept AS SELECT identifier, payload FROM graphile_worker._private_jobs AS jobs
        JOIN graphile_worker._private_tasks AS tasks ON tasks.id = jobs.task_id";
    setup.pool.execute(copy).await?;
    let worker = Worker::start(setup.shop.calls(), Shop::jobs);
    setup.until(RUN, 2).await?;
    setup.until(JOBS, 1).await?;
    let again = "SELECT graphile_worker.add_job(identifier, payload) FROM kept";
    setup.pool.execute(again).await?;
    setup.until(JOBS, 1).await?;
    assert_eq!(setup.sandbox.requests_of("PGCreateOrder").len(), 1);
    setup.pool.execute("UPDATE graphile_worker._private_jobs SET run_at = now()").await?;
    setup.until(DONE, 1).await?;
    // The same after the call is done.
    setup.pool.execute(again).await?;
    setup.until(JOBS, 0).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.requests_of("PGCreateOrder").len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_worker_that_stops_finishes_its_jobs_or_leaves_them_to_another_one() -> Result<()> {
    const RUNNING: &str = "SELECT count(*) FROM graphile_worker._private_jobs WHERE locked_at IS NOT NULL";
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    for (order_id, grace) in [("order_1", Duration::from_secs(30)), ("order_2", PAUSE)] {
        setup.sandbox.script(sandbox::Fault::Delay(Duration::from_millis(1500)), "PGCreateOrder", 1);
        setup.place(order_id).await?;
        let worker = Worker::with_grace(setup.shop.calls(), Shop::jobs, grace);
        setup.until(RUNNING, 1).await?;
        worker.stop().await?;
        let finished = setup.shop.state(order_id).await?.as_deref() == Some("created");
        assert_eq!(finished, order_id == "order_1");
    }
    let worker = Worker::start(setup.shop.calls(), Shop::jobs);
    setup.until(DONE, 2).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.committed_of(sandbox::Change::OrderCreated).len(), 2);
    Ok(())
}

#[tokio::test]
async fn calls_that_only_their_key_protects_are_left_to_a_person() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    // The refund has its own id, which protects it; the customer has none.
    let refund = CreateRefund::new(Amount::rupees(1), "refund_1");
    ensure!(setup.client().refunds().create("order_1", refund).to_stored()?.is_protected());
    let customer = cashfree::types::CreateCustomer::new("9999999999");
    let call = setup.client().customers().create(customer).to_stored()?;
    ensure!(!call.is_protected());
    setup.sandbox.script(sandbox::Fault::DropAfterCommit, "PGCreateCustomer", 1);
    let mut transaction = setup.pool.begin().await?;
    setup.shop.calls().store::<Other>(&mut transaction, "customer", &call).await?;
    transaction.commit().await?;
    let worker = Worker::start(setup.shop.calls(), other);
    setup.until(DEAD, 1).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.committed_of(sandbox::Change::CustomerCreated).len(), 1);
    let letters = setup.shop.calls().dead_letters().await?;
    ensure!(letters[0].error.contains("ask Cashfree"), "{letters:?}");

    // A worker that is cut off after it began leaves it to a person, too.
    let mut transaction = setup.pool.begin().await?;
    setup.shop.calls().store::<Other>(&mut transaction, "another", &call).await?;
    transaction.execute("UPDATE stored_calls SET begun = 1 WHERE subject = 'another'").await?;
    transaction.commit().await?;
    let worker = Worker::start(setup.shop.calls(), other);
    setup.until(DEAD, 2).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.requests_of("PGCreateCustomer").len(), 1);
    let letters = setup.shop.calls().dead_letters().await?;
    ensure!(letters[1].error.contains("cut off"), "{letters:?}");
    // A person may send it nevertheless.
    ensure!(setup.shop.calls().revive::<Other>(letters[1].id).await?);
    let worker = Worker::start(setup.shop.calls(), other);
    setup.until(JOBS, 0).await?;
    worker.stop().await?;
    assert_eq!(setup.sandbox.requests_of("PGCreateCustomer").len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_capture_that_was_carried_out_is_found_although_a_second_one_is_refused() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    let worker = Worker::start(setup.shop.calls(), Shop::jobs);
    setup.place("order_1").await?;
    setup.until(DONE, 1).await?;
    jobs::customer::pay(setup.client(), "order_1", setup.sandbox.otp()).await?;
    // As an earlier run would have, whose response is lost, and whose key the service has forgotten.
    setup.client().preauth().capture("order_1", Amount::rupees(80)).await?;
    setup.shop.capture("order_1").await?;
    setup.until(DONE, 3).await?;
    worker.stop().await?;
    assert_eq!(setup.shop.state("order_1").await?.as_deref(), Some("refunded"));
    assert_eq!(setup.sandbox.committed_of(sandbox::Change::Captured).len(), 1);
    assert_eq!(setup.sandbox.requests_of("PGAuthorizeOrder").len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_stored_failure_gets_a_new_key_only_if_the_request_has_its_own_id() -> Result<()> {
    let Some(setup) = Setup::start().await? else { return Ok(()) };
    let service = Adversary::start(Profile::calm(1)).await?;
    let credentials = Credentials::client_secret(MERCHANTS[0], "secret");
    // Orders without an id of the caller's get one that is made of the key: another key would be another order.
    let client = Client::builder(Environment::custom(service.url())?, credentials).identity_from_key(true);
    let calls = Calls::new(setup.pool.clone(), client.build()?);
    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "cust_42".into(),
        customer_phone: "9999999999".into(),
    });
    let order = CreateOrder::new(Money::inr("5.00")?, customer);
    let stored_failure = Fault::Fail(Failure::json(500, "api_error", "internal_error"), Commit::Never);
    let mut transaction = setup.pool.begin().await?;
    for (subject, order) in [("named", order.clone().order_id("order_1")), ("nameless", order)] {
        let call = calls.client().orders().create(order).to_stored()?;
        calls.store::<Other>(&mut transaction, subject, &call).await?;
    }
    service.script("POST", "orders", stored_failure, 2);
    transaction.commit().await?;
    let worker = Worker::start(&calls, other);
    setup.until(DEAD, 1).await?;
    setup.until("SELECT run::bigint FROM stored_calls WHERE subject = 'named'", 2).await?;
    setup.pool.execute("UPDATE graphile_worker._private_jobs SET run_at = now()").await?;
    setup.until(DONE, 1).await?;
    worker.stop().await?;
    assert_eq!(calls.dead_letters().await?.first().map(|letter| letter.subject.as_str()), Some("nameless"));
    let created: Vec<_> =
        service.ledger().of(Change::OrderCreated).iter().map(|entry| entry.id.clone()).collect();
    assert_eq!(created, ["order_1"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_and_a_crashing_database_leave_every_call_done_once() -> Result<()> {
    let plan = Plan { restarts: 2, ..Plan::new(20) };
    let Some(report) = run(PROGRAM.as_ref(), &plan).await? else { return Ok(()) };
    ensure!(report.is_balanced(), "{report}");
    // Otherwise the workers had nothing to lose.
    ensure!(report.cut_off > 0 && report.orders > 0 && report.rolled_back > 0, "{report}");
    Ok(())
}

/// Runs a shop that does something wrong.
async fn flawed(flaw: Flaw) -> Result<Option<Report>> {
    let plan = Plan { flaw: Some(flaw), ..Plan::new(8) };
    let patience = Duration::from_secs(15);
    let plan = match flaw {
        // Some customers would wait in vain: their jobs are lost, or they have as many refunds as their money admits.
        Flaw::VolatileQueue => Plan { restarts: 2, patience, ..plan },
        Flaw::NewIdentity => Plan { patience, ..plan },
        _ => plan,
    };
    let Some(report) = run(PROGRAM.as_ref(), &plan).await? else { return Ok(None) };
    ensure!(!report.is_balanced(), "{report}");
    Ok(Some(report))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_finds_refunds_that_are_sent_under_new_ids() -> Result<()> {
    let Some(report) = flawed(Flaw::NewIdentity).await? else { return Ok(()) };
    ensure!(report.twice > 0 && report.leaked == 0, "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_finds_refunds_that_are_taken_for_sent() -> Result<()> {
    let Some(report) = flawed(Flaw::SentLater).await? else { return Ok(()) };
    // The database shows nothing of it.
    ensure!(report.missing > 0 && report.twice + report.unfinished + report.leaked == 0, "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_finds_calls_of_orders_that_were_rolled_back() -> Result<()> {
    let Some(report) = flawed(Flaw::OutsideTransaction).await? else { return Ok(()) };
    ensure!(report.sent_after_rollback > 0 && report.twice + report.missing + report.leaked == 0, "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_finds_jobs_that_a_crash_of_the_database_lost() -> Result<()> {
    let Some(report) = flawed(Flaw::VolatileQueue).await? else { return Ok(()) };
    ensure!(report.missing > 0 && report.unfinished > 0 && report.twice + report.leaked == 0, "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_finds_secrets_in_a_table() -> Result<()> {
    let Some(report) = flawed(Flaw::RequestLog).await? else { return Ok(()) };
    let rest = report.twice + report.missing + report.sent_after_rollback + report.unfinished;
    ensure!(report.leaked > 0 && rest == 0, "{report}");
    Ok(())
}
