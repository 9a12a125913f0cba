//! The table of failures in the documentation of the client: each failure is made to happen to each kind of
//! operation, by the local sandbox or by the adversary, and the table shows what the client did and said.
//! `INSTA_UPDATE=always` writes the table anew.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use adversary::{Adversary, Commit, Foreign, Profile, Wait};
use anyhow::{Context, Result, ensure};
use cashfree::types::{CreateVendorTransfer, PayOrder, TransferFrom};
use cashfree::{
    Amount, Call, Client, Credentials, Environment, Error, Idempotency, NextStep, PaymentSessionId,
};
use cashfree_sandbox::{Fault, Sandbox};

use crate::{Shop, client_of, collect, hasty, merchant, order, session};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cashfree/src/failures.md");

const PREFACE: &str = "\
What the client does and says for each failure.

Each row was measured: the local sandbox or the adversary of the test suite made the failure happen, once and on every
attempt, with the standard [`RetryPolicy`](crate::RetryPolicy), but at most 3 attempts, waits of 2 to 5 ms and a retry
budget of 10. *Applied* means that the service had carried out the request. *Once* is how the call ends if only the first
attempt fails. The other columns describe the call that fails each time: [attempts](crate::Error::attempts),
[kind](crate::Error::kind), [effect](crate::Error::effect), whether the same call may succeed later
([`is_retryable`](crate::Error::is_retryable)), [next step](crate::Error::next_step), and the predicates that are true.

After `NotSent` and `Refused` nothing was changed. After `Unknown` and `Applied` follow the next step: resend with the
key, read by the identifier, or ask a person.
";

/// Longer than any response takes that arrives.
const PATIENT: Duration = Duration::from_secs(1);
/// For responses that never arrive.
const HASTY: Duration = Duration::from_millis(100);
const SLOW: Duration = Duration::from_millis(1500);
/// Longer than any call takes.
const CALM: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Keyed,
    KeyOnly,
    Never,
    Unkeyed,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Read => "Reads (here, an order is fetched)",
            Self::Keyed => "Writes with a key (an order is created)",
            Self::KeyOnly => "Writes that only their key protects (money is transferred to a vendor)",
            Self::Never => "Writes that no key protects (a payment is started)",
            Self::Unkeyed => "Writes without a key (an order is created, with `Idempotency::Off`)",
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Read => "PGFetchOrder",
            Self::Keyed | Self::Unkeyed => "PGCreateOrder",
            Self::KeyOnly => "PGESCreateOnDemandTransfer",
            Self::Never => "PGPayOrder",
        }
    }

    /// Method and last segment of the path: the adversary knows the operation by them.
    fn request(self) -> (&'static str, &'static str) {
        match self {
            Self::Read => ("GET", ""),
            Self::Keyed | Self::Unkeyed => ("POST", "orders"),
            Self::KeyOnly => ("POST", "transfer"),
            Self::Never => ("POST", "sessions"),
        }
    }
}

/// A failure with its name, and the time limit under which it happens each time.
struct Failure<F> {
    name: String,
    fault: Option<F>,
    limit: Duration,
}

fn sandbox_failures() -> Vec<Failure<Fault>> {
    let json = |status, code: &str| {
        let body = format!(r#"{{"message":"no","code":"{code}","type":"invalid_request_error"}}"#);
        Fault::Status(status, body, "application/json".to_owned())
    };
    let mismatch = r#"{"message":"no","code":"request_invalid","type":"idempotency_error"}"#.to_owned();
    let mismatch = Fault::Status(422, mismatch, "application/json".to_owned());
    let page = |status| Fault::Status(status, "<p>hello</p>".to_owned(), "text/html".to_owned());
    let altered = serde_json::json!({ "order_status": "HALF_PAID", "channel": "pigeon", "new": [1] });
    let quick = [
        ("connection closed, not applied", Fault::DropBeforeRead),
        ("connection closed, applied", Fault::DropAfterCommit),
        ("connection closed in the middle of the response", Fault::CutShort),
        ("400", json(400, "order_amount_invalid")),
        ("401", json(401, "request_failed")),
        ("404", json(404, "order_not_found")),
        ("409", json(409, "order_already_exists")),
        ("422, the key was used with another body", mismatch),
        ("429 without a wait header", Fault::RateLimited { retry: None }),
        ("429, wait of 1 s", Fault::RateLimited { retry: Some(1) }),
        ("429, wait of 50 s", Fault::RateLimited { retry: Some(50) }),
        ("500, stored under the key", Fault::ServerError500),
        ("502 `bank_processing_failure`", Fault::Json502),
        ("502 with a proxy's HTML page", Fault::Html502),
        ("503", page(503)),
        ("504 with a proxy's HTML page, applied", Fault::GatewayTimeout),
        ("302", page(302)),
        ("200 with a proxy's HTML page", page(200)),
        ("200 without a body", Fault::EmptyBody),
        ("200 with truncated JSON", Fault::TruncatedJson),
        ("200 with a body that is not JSON", Fault::GarbageJson),
        ("200 with an error of the API", json(200, "refund_post_failed")),
        ("200 with a compressed body", Fault::Gzip),
        ("200 with JSON and `content-type: text/html`", Fault::WrongContentType),
        ("200 without the service's headers", Fault::MissingHeaders),
        ("200 with duplicate headers", Fault::DuplicateHeaders),
        ("200 with unknown fields and values", Fault::Altered(altered)),
    ];
    let slow = [
        ("timeout, not applied", Fault::Stall, HASTY),
        ("timeout, applied", Fault::StallAfterCommit, HASTY),
        ("timeout, applied later", Fault::Delay(SLOW), HASTY),
        ("slow response, longer than the timeout", Fault::Dripped(SLOW), PATIENT),
        ("slow response", Fault::Dripped(Duration::from_millis(64)), Duration::from_secs(30)),
    ];
    let mut all = vec![Failure { name: "no connection".to_owned(), fault: None, limit: CALM }];
    let failure = |name: &str, fault, limit| Failure { name: name.to_owned(), fault: Some(fault), limit };
    all.extend(slow.map(|(name, fault, limit)| failure(name, fault, limit)));
    all.extend(quick.map(|(name, fault)| failure(name, fault, CALM)));
    all
}

/// What the sandbox does not do, and, for writes that only a key protects, the most frequent failures, too.
fn adversary_failures(kind: Kind) -> Vec<Failure<adversary::Fault>> {
    use adversary::Failure as Said;
    use adversary::Fault::{Close, CutShort, Fail, Hang};
    let json = |status, error_type, code| Fail(Said::json(status, error_type, code), Commit::Now);
    let mut all = Vec::new();
    let mut add =
        |name: &str, fault, limit| all.push(Failure { name: name.to_owned(), fault: Some(fault), limit });
    if kind == Kind::KeyOnly {
        add("timeout, not applied", Hang(Commit::Never), HASTY);
        add("timeout, applied", Hang(Commit::Now), HASTY);
        add("connection closed, not applied", Close(Commit::Never), CALM);
        add("connection closed, applied", Close(Commit::Now), CALM);
        add("connection closed in the middle of the response", CutShort, CALM);
        add(
            "500, stored under the key",
            Fail(Said::json(500, "api_error", "internal_error"), Commit::Never),
            CALM,
        );
        add("502 with a proxy's HTML page", Fail(Said::html(502), Commit::Never), CALM);
        add("504 with a proxy's HTML page, applied", Fail(Said::html(504), Commit::Now), CALM);
        add("429, wait of 1 s", Fail(Said::limited(Wait::LimitRetry(1)), Commit::Never), CALM);
    }
    if kind != Kind::Read {
        let late = Commit::Later(Duration::from_millis(400));
        add("connection closed, applied later", Close(late), CALM);
    }
    add("400 `api_error`, applied", json(400, "api_error", "request_failed"), CALM);
    add("400 `api_connection_error`, applied", json(400, "api_connection_error", "request_failed"), CALM);
    add("400 with a timeout code, applied", json(400, "invalid_request_error", "api_request_timeout"), CALM);
    add("408, applied", json(408, "api_error", "request_failed"), CALM);
    add(
        "409, a request with the key is in progress",
        json(409, "idempotency_error", "request_in_progress"),
        CALM,
    );
    add("424, applied", json(424, "api_error", "request_failed"), CALM);
    add("425, applied", json(425, "api_error", "request_failed"), CALM);
    for status in [403, 404, 499] {
        let name = format!("{status} with a proxy's HTML page, applied");
        add(&name, Fail(Said::html(status), Commit::Now), CALM);
    }
    for (spelling, wait) in [
        ("an HTTP date", Wait::HttpDate(1)),
        ("a list", Wait::List),
        ("a number that is too large", Wait::Overflowing),
        ("a word", Wait::Unreadable),
        ("a negative number", Wait::Negative),
    ] {
        add(&format!("429, wait as {spelling}"), Fail(Said::limited(wait), Commit::Never), CALM);
    }
    for (body, foreign) in [
        ("`{}`", Foreign::Empty),
        ("`{\"error\": …}`", Foreign::ErrorObject),
        ("`message`, `code` and one field more", Foreign::MessageAndCode),
        ("a list that holds an error", Foreign::ErrorList),
        ("`null`", Foreign::Null),
        ("JSON of a login portal", Foreign::PortalJson),
        ("the JSON of a health check", Foreign::Health),
        ("the response to another request", Foreign::OtherBody),
    ] {
        add(&format!("200 with {body}"), adversary::Fault::Foreign(foreign, Commit::Now), CALM);
    }
    all
}

/// How a call ended.
enum Outcome {
    Done(u32),
    Failed(Box<Error>),
}

async fn outcome<T: Send + 'static>(call: Call<T>) -> Outcome {
    match call.await {
        Ok(response) => Outcome::Done(response.meta().attempts()),
        Err(error) => Outcome::Failed(Box::new(error)),
    }
}

fn times(attempts: u32) -> String {
    if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") }
}

/// One row of the table.
fn row(name: &str, once: &str, each: &Outcome) -> Result<String> {
    let mut text = String::new();
    write!(text, "| {name} | {once} | ")?;
    match each {
        Outcome::Done(attempts) => writeln!(text, "success, {} | | | | | |", times(*attempts))?,
        Outcome::Failed(error) => {
            let retryable = if error.is_retryable() { "yes" } else { "no" };
            writeln!(
                text,
                "{} | `{:?}` | `{:?}` | {retryable} | {} | {} |",
                times(error.attempts()),
                error.kind(),
                error.effect(),
                next_step(error),
                predicates(error)
            )?;
        }
    }
    Ok(text)
}

fn once(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(attempts) => format!("success, {}", times(*attempts)),
        Outcome::Failed(error) => format!("error, {}", times(error.attempts())),
    }
}

/// One kind of operation through all failures, as a section of the table.
async fn section(kind: Kind) -> Result<String> {
    let mut text = format!("\n## {}\n\n", kind.title());
    text.push_str("| failure | once | each time | kind | effect | retryable | next step | predicates |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    // A transfer needs a vendor with a balance, which is much to prepare in the sandbox.
    if kind != Kind::KeyOnly {
        text.push_str(&sandbox_rows(kind).await?);
    }
    text.push_str(&adversary_rows(kind).await?);
    Ok(text)
}

/// The failures that the adversary makes happen.
async fn adversary_rows(kind: Kind) -> Result<String> {
    let service = Adversary::start(Profile::calm(1)).await?;
    let mode = if kind == Kind::Unkeyed { Idempotency::Off } else { Idempotency::Auto };
    let client = Client::builder(
        Environment::custom(service.url())?,
        Credentials::client_secret("merchant", "secret_of_the_merchant"),
    )
    .idempotency(mode)
    .retry(hasty().budget(10.0))
    .build()?;
    let run = async |id: &str, limit| -> Result<Outcome> {
        Ok(match kind {
            Kind::Read => outcome(client.orders().get(id).timeout(limit)).await,
            Kind::Keyed | Kind::Unkeyed => {
                outcome(client.orders().create(order(id, "5")?).timeout(limit)).await
            }
            Kind::KeyOnly => {
                let transfer =
                    CreateVendorTransfer::new(TransferFrom::Merchant, "ADJUSTMENT", Amount::rupees(10));
                outcome(client.vendors().create_transfer(id, transfer).timeout(limit)).await
            }
            Kind::Never => {
                let made = client.orders().create(order(id, "5")?).await?;
                let pay = PayOrder::new(session(&made)?, collect("testsuccess"));
                outcome(client.payments().pay(pay).timeout(limit)).await
            }
        })
    };
    let (method, last) = kind.request();
    let mut text = String::new();
    for (nth, failure) in adversary_failures(kind).into_iter().enumerate() {
        let fault = failure.fault.context("each has a fault")?;
        let mut outcomes = Vec::new();
        for (name, faults, limit) in [("once", 1, failure.limit.max(PATIENT)), ("each", 100, failure.limit)] {
            let id = format!("order_{nth}_{name}");
            if kind == Kind::Read {
                client.orders().create(order(&id, "5")?).await?;
            }
            // Another request of the same operation comes before, so that its response can be mistaken.
            let before = format!("{id}_before");
            if kind == Kind::Read {
                client.orders().create(order(&before, "5")?).await?;
            }
            ensure!(matches!(run(&before, CALM).await?, Outcome::Done(_)), "{}", failure.name);
            service.script(method, last, fault.clone(), faults);
            outcomes.push(run(&id, limit).await?);
            let left = service.clear_script();
            ensure!(left < faults, "{}: it did not happen", failure.name);
            service.settled().await;
        }
        let [first, each] = &outcomes[..] else { continue };
        text.push_str(&row(&failure.name, &once(first), each)?);
    }
    Ok(text)
}

/// The failures that the sandbox makes happen.
async fn sandbox_rows(kind: Kind) -> Result<String> {
    let mode = if kind == Kind::Unkeyed { Idempotency::Off } else { Idempotency::Auto };
    // Each case gets as many repeats as its policy allows, whatever came before it.
    let set = |client: cashfree::ClientBuilder| client.idempotency(mode).retry(hasty().budget(10.0));
    let shop = Shop::with(Sandbox::builder().rate_limit(kind.operation(), 10_000), set).await?;
    let closed = Sandbox::start().await?;
    closed.close_port();
    while tokio::net::TcpStream::connect(closed.address()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let unreachable = client_of(&closed, merchant(&closed), set)?;

    let mut text = String::new();
    for (nth, failure) in sandbox_failures().iter().enumerate() {
        // An order of its own for each, and a payment session where one is needed.
        let ready = async |name: &str| -> Result<(String, PaymentSessionId)> {
            let id = format!("order_{nth}_{name}");
            let prepared = if kind == Kind::Keyed || kind == Kind::Unkeyed { "before" } else { "" };
            let made = shop.order(&format!("{id}{prepared}"), "5").await?;
            Ok((id, session(&made)?))
        };
        let run = async |client: &Client, (id, session): (String, PaymentSessionId), limit| -> Result<_> {
            Ok(match kind {
                Kind::Read => outcome(client.orders().get(id).timeout(limit)).await,
                Kind::Never => {
                    let pay = PayOrder::new(session, collect("testsuccess"));
                    outcome(client.payments().pay(pay).timeout(limit)).await
                }
                _ => outcome(client.orders().create(order(&id, "5")?).timeout(limit)).await,
            })
        };
        let (once, each) = match &failure.fault {
            None => {
                let target = ready("each").await?;
                ("-".to_owned(), run(&unreachable, target, failure.limit).await?)
            }
            Some(fault) => {
                let target = ready("once").await?;
                shop.sandbox.script(fault.clone(), kind.operation(), 1);
                let limit = failure.limit.max(PATIENT);
                let once = once(&run(&shop.client, target, limit).await?);
                ensure!(shop.sandbox.faults_left() == 0, "{}: it did not happen", failure.name);
                let target = ready("each").await?;
                shop.sandbox.script(fault.clone(), kind.operation(), 100);
                let each = run(&shop.client, target, failure.limit).await?;
                shop.sandbox.clear_script();
                (once, each)
            }
        };
        text.push_str(&row(&failure.name, &once, &each)?);
    }
    Ok(text)
}

/// The advice of an error, without key and ids.
fn next_step(error: &Error) -> &'static str {
    match error.next_step() {
        NextStep::Nothing => "`Nothing`",
        NextStep::Resend(_) => "`Resend`",
        NextStep::Read(_) => "`Read`",
        _ => "`AskPerson`",
    }
}

/// The predicates of an error that are true.
fn predicates(error: &Error) -> String {
    let asked = [
        ("is_timeout", error.is_timeout()),
        ("is_connect", error.is_connect()),
        ("is_auth", error.is_auth()),
        ("is_not_found", error.is_not_found()),
        ("is_conflict", error.is_conflict()),
        ("is_idempotency_mismatch", error.is_idempotency_mismatch()),
        ("is_rate_limited", error.is_rate_limited()),
        ("is_bank_failure", error.is_bank_failure()),
        ("is_decode", error.is_decode()),
    ];
    let yes: Vec<String> =
        asked.iter().filter(|(_, yes)| *yes).map(|(name, _)| format!("`{name}`")).collect();
    yes.join(", ")
}

#[tokio::test]
async fn the_table_of_failures_is_measured() -> Result<()> {
    let (read, keyed, key_only, never, unkeyed) = tokio::try_join!(
        section(Kind::Read),
        section(Kind::Keyed),
        section(Kind::KeyOnly),
        section(Kind::Never),
        section(Kind::Unkeyed)
    )?;
    let found = [PREFACE.to_owned(), read, keyed, key_only, never, unkeyed].concat();
    if std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always") {
        std::fs::write(Path::new(FILE), &found)?;
        return Ok(());
    }
    let written = std::fs::read_to_string(FILE)?;
    let differing = written.lines().zip(found.lines()).find(|(written, found)| written != found);
    if let Some((written, found)) = differing {
        anyhow::bail!("cashfree/src/failures.md says\n{written}\nbut what happens is\n{found}");
    }
    ensure!(written == found, "cashfree/src/failures.md has another length than what happens");
    Ok(())
}
