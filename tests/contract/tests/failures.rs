//! The table of failures in the documentation of the client: each failure happens to each kind of operation,
//! and what the client did and said is written down. `INSTA_UPDATE=always` writes the table anew.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use cashfree::types::PayOrder;
use cashfree::{Call, Client, Error, Idempotency, PaymentSessionId};
use cashfree_sandbox::{Fault, Sandbox};

use crate::{Shop, client_of, collect, hasty, merchant, order, session};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cashfree/src/failures.md");

const PREFACE: &str = "\
What the client does when something goes wrong, and what it says.

Each line was found out by making the failure happen, with the standard
[`RetryPolicy`](crate::RetryPolicy) (shorter waits aside), to a call of each kind: once, and on every attempt.
*Once* tells how the call ends when only the first attempt fails. The other columns are of the call that fails
each time: its [attempts](crate::Error::attempts), [kind](crate::Error::kind),
[effect](crate::Error::effect), whether the same call may fare better later
([`is_retryable`](crate::Error::is_retryable)), and which other questions it answers with yes.

After `NotSent` and `Refused` nothing has happened. After `Unknown` send the call again with the same key,
or read the order, payment or refund by its id; after `Applied`, which is the service's own word, read it.
";

/// Longer than any answer takes that comes.
const PATIENT: Duration = Duration::from_secs(1);
/// For answers that never come.
const HASTY: Duration = Duration::from_millis(100);
const SLOW: Duration = Duration::from_millis(1500);

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Keyed,
    Never,
    Unkeyed,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Read => "Reads (here, an order is fetched)",
            Self::Keyed => "Writes with a key (an order is created)",
            Self::Never => "Writes that no key protects (a payment is begun)",
            Self::Unkeyed => "Writes whose key was left out (an order is created, with `Idempotency::Off`)",
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Read => "PGFetchOrder",
            Self::Keyed | Self::Unkeyed => "PGCreateOrder",
            Self::Never => "PGPayOrder",
        }
    }
}

/// A failure with its name, and the time limit under which it happens each time.
struct Failure {
    name: &'static str,
    fault: Option<Fault>,
    limit: Duration,
}

fn failures() -> Vec<Failure> {
    let json = |status, code: &str| {
        let body = format!(r#"{{"message":"no","code":"{code}","type":"invalid_request_error"}}"#);
        Fault::Status(status, body, "application/json".to_owned())
    };
    let page = |status| Fault::Status(status, "<p>hello</p>".to_owned(), "text/html".to_owned());
    let altered = serde_json::json!({ "order_status": "HALF_PAID", "channel": "pigeon", "new": [1] });
    let quick = [
        ("the connection breaks before the request is read", Fault::DropBeforeRead),
        ("the connection breaks after the work, before the answer", Fault::DropAfterCommit),
        ("the connection breaks in the middle of the answer", Fault::CutShort),
        ("400", json(400, "order_amount_invalid")),
        ("401", json(401, "request_failed")),
        ("404", json(404, "order_not_found")),
        ("409", json(409, "order_already_exists")),
        ("422, the key was used before", json(422, "request_invalid")),
        ("429 without a word about waiting", Fault::RateLimited { retry: None }),
        ("429, wait for a second", Fault::RateLimited { retry: Some(1) }),
        ("429, wait for fifty seconds", Fault::RateLimited { retry: Some(50) }),
        ("500, which the service stores under the key", Fault::ServerError500),
        ("502, the bank failed", Fault::Json502),
        ("502, a proxy's page", Fault::Html502),
        ("503", page(503)),
        ("504, a proxy's page, though the work is done", Fault::GatewayTimeout),
        ("a redirect", page(302)),
        ("200 from somebody else, a page", page(200)),
        ("200 without a body", Fault::EmptyBody),
        ("200 with half of its JSON", Fault::TruncatedJson),
        ("200 with a body that is no JSON", Fault::GarbageJson),
        ("200 with an error of the API", json(200, "refund_post_failed")),
        ("200, compressed unasked", Fault::Gzip),
        ("200, said to be HTML", Fault::WrongContentType),
        ("200 without the service's headers", Fault::MissingHeaders),
        ("200 with headers twice", Fault::DuplicateHeaders),
        ("200 with unknown members and values", Fault::Altered(altered)),
    ];
    let slow = [
        ("no answer, and no work", Fault::Stall, HASTY),
        ("no answer, though the work is done", Fault::StallAfterCommit, HASTY),
        ("work that takes longer than the time limit", Fault::Delay(SLOW), HASTY),
        ("an answer that drips for longer than the time limit", Fault::Dripped(SLOW), PATIENT),
        ("an answer that drips", Fault::Dripped(Duration::from_millis(64)), Duration::from_secs(30)),
    ];
    let mut all = vec![Failure { name: "no connection", fault: None, limit: Duration::from_secs(30) }];
    all.extend(slow.map(|(name, fault, limit)| Failure { name, fault: Some(fault), limit }));
    let calm = Duration::from_secs(30);
    all.extend(quick.map(|(name, fault)| Failure { name, fault: Some(fault), limit: calm }));
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

/// One kind of operation through all failures, as a section of the table.
async fn section(kind: Kind) -> Result<String> {
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

    let mut text = format!("\n## {}\n\n", kind.title());
    text.push_str("| failure | once | each time | kind | effect | retryable | also |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for (nth, failure) in failures().iter().enumerate() {
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
                let once = match run(&shop.client, target, limit).await? {
                    Outcome::Done(attempts) => format!("done, {}", times(attempts)),
                    Outcome::Failed(error) => format!("fails, {}", times(error.attempts())),
                };
                ensure!(shop.sandbox.faults_left() == 0, "{}: it did not happen", failure.name);
                let target = ready("each").await?;
                shop.sandbox.script(fault.clone(), kind.operation(), 100);
                let each = run(&shop.client, target, failure.limit).await?;
                shop.sandbox.clear_script();
                (once, each)
            }
        };
        write!(text, "| {} | {once} | ", failure.name)?;
        match each {
            Outcome::Done(attempts) => writeln!(text, "done, {} | | | | |", times(attempts))?,
            Outcome::Failed(error) => {
                let retryable = if error.is_retryable() { "yes" } else { "no" };
                writeln!(
                    text,
                    "{} | `{:?}` | `{:?}` | {retryable} | {} |",
                    times(error.attempts()),
                    error.kind(),
                    error.effect(),
                    also(&error)
                )?;
            }
        }
    }
    Ok(text)
}

/// The questions that an error answers with yes.
fn also(error: &Error) -> String {
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
async fn the_table_tells_what_happens() -> Result<()> {
    let (read, keyed, never, unkeyed) = tokio::try_join!(
        section(Kind::Read),
        section(Kind::Keyed),
        section(Kind::Never),
        section(Kind::Unkeyed)
    )?;
    let found = [PREFACE.to_owned(), read, keyed, never, unkeyed].concat();
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
