//! A program that may die at any moment, and its successor, which finishes its work.
//!
//! Before a write is sent, its request and its key are in a journal on disk. After a failure, and after the death of
//! a predecessor, the program reads how things stand, and sends the same request with the same key if nothing is
//! there. Every step is protected by an id of the program's own or by the state of the order, so that it is safe to
//! send it again even if the key has been forgotten. What a response says goes into the journal, too.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use cashfree::types::{
    AuthorizeAction, AuthorizeOrder, CreateOrder, CreateRefund, CustomerDetails, CustomerDetailsParts,
    PayOrder, PaymentStatus,
};
use cashfree::{Amount, Call, CfPaymentId, Client, IdempotencyKey, Money, PaymentSessionId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::instruments;

/// What is done for each order, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Step {
    Order,
    Payment,
    Otp,
    Capture,
    Refund,
}

impl Step {
    const ALL: [Self; 5] = [Self::Order, Self::Payment, Self::Otp, Self::Capture, Self::Refund];
}

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
enum Entry {
    /// This is about to be sent. Requests that hold card numbers or passwords are not written down.
    Intent { order_id: String, step: Step, key: Option<String>, request: Value },
    /// This has happened.
    Done { order_id: String, step: Step, learnt: Option<String> },
}

/// What the journal says of one order.
#[derive(Debug, Default)]
struct Job {
    /// The step that was about to be sent, if it is not known to have happened.
    open: Option<(Step, Option<String>, Value)>,
    done: Vec<Step>,
    session: Option<String>,
    payment: Option<String>,
}

impl Job {
    fn take_note(&mut self, entry: Entry) {
        match entry {
            Entry::Intent { step, key, request, .. } => self.open = Some((step, key, request)),
            Entry::Done { step, learnt, .. } => {
                self.open = None;
                self.done.push(step);
                match step {
                    Step::Order => self.session = learnt,
                    Step::Payment => self.payment = learnt,
                    _ => {}
                }
            }
        }
    }
}

/// The journal: lines that are on the disk before what they announce is done.
#[derive(Debug)]
struct Journal {
    file: File,
    jobs: BTreeMap<String, Job>,
}

impl Journal {
    /// Opens it, or begins it. A last line that was not finished was not on the disk: what it was to announce
    /// has not been sent.
    fn open(path: &Path) -> Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        for line in text.get(..whole).unwrap_or_default().lines() {
            let entry: Entry = serde_json::from_str(line).context("a line of the journal")?;
            let (Entry::Intent { order_id, .. } | Entry::Done { order_id, .. }) = &entry;
            jobs.entry(order_id.clone()).or_default().take_note(entry);
        }
        Ok(Self { file, jobs })
    }

    /// Writes down that a request is about to be sent.
    fn announce(&mut self, order_id: &str, step: Step, key: Option<String>, request: Value) -> Result<()> {
        self.write(Entry::Intent { order_id: order_id.to_owned(), step, key, request })
    }

    fn write(&mut self, entry: Entry) -> Result<()> {
        let mut line = serde_json::to_string(&entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        let (Entry::Intent { order_id, .. } | Entry::Done { order_id, .. }) = &entry;
        self.jobs.entry(order_id.clone()).or_default().take_note(entry);
        Ok(())
    }
}

/// What is in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The orders that were begun.
    pub orders: Vec<String>,
    /// How many of them are not finished.
    pub unfinished: usize,
    /// How many of these were left in the middle of a step: announced, and not known to have happened.
    pub in_the_air: usize,
}

/// Looks into a journal.
///
/// # Errors
/// When it can't be read.
pub fn standing(journal: &Path) -> Result<Standing> {
    let journal = Journal::open(journal)?;
    Ok(Standing {
        unfinished: journal.jobs.values().filter(|job| job.done.len() < Step::ALL.len()).count(),
        in_the_air: journal.jobs.values().filter(|job| job.open.is_some()).count(),
        orders: journal.jobs.into_keys().collect(),
    })
}

/// Finishes what the journal holds, then carries out so many new orders, their names beginning with a prefix.
///
/// # Errors
/// When the journal can't be written, or a call fails for good.
pub async fn work(client: &Client, journal: &Path, prefix: &str, orders: usize, otp: &str) -> Result<()> {
    let mut journal = Journal::open(journal)?;
    let begun: Vec<String> = journal.jobs.keys().cloned().collect();
    let first = begun.len();
    let new = (first..first + orders).map(|nth| format!("{prefix}_{nth:04}"));
    for order_id in begun.into_iter().chain(new) {
        for step in Step::ALL {
            if journal.jobs.get(&order_id).is_some_and(|job| job.done.contains(&step)) {
                continue;
            }
            let learnt = carry_out(client, &mut journal, &order_id, step, otp).await?;
            journal.write(Entry::Done { order_id: order_id.clone(), step, learnt })?;
        }
    }
    Ok(())
}

/// How often a step is sent before the program stops waiting.
const TRIES: u32 = 60;

/// One step: announced, unless a predecessor has done that, and sent until it is known to have happened.
async fn carry_out(
    client: &Client,
    journal: &mut Journal,
    order_id: &str,
    step: Step,
    otp: &str,
) -> Result<Option<String>> {
    let open = journal.jobs.get(order_id).and_then(|job| job.open.clone());
    let mut resumed = open.is_some();
    let (mut key, request) = match open {
        Some((announced, key, request)) if announced == step => (key, request),
        Some((other, ..)) => bail!("{order_id}: {other:?} is open, and {step:?} comes next"),
        None => {
            let (key, request) = (key_of(step), request_of(step, order_id)?);
            journal.announce(order_id, step, key.clone(), request.clone())?;
            (key, request)
        }
    };
    let mut last = None;
    for attempt in 0..TRIES {
        let job = journal.jobs.get(order_id).context("a job")?;
        if resumed && let Some(learnt) = look(client, job, order_id, step).await {
            return Ok(learnt);
        }
        let sent_key = key.as_deref().map(IdempotencyKey::new).transpose()?;
        let error = match send(client, job, order_id, step, sent_key, &request, otp).await? {
            Ok(learnt) => return Ok(learnt),
            Err(error) => error,
        };
        resumed = true;
        // A failure that is stored under the key stays. The id or the state of the order guards a new key.
        if error.meta().and_then(|meta| meta.replayed()) == Some(true) && key.is_some() {
            key = key_of(step);
            journal.announce(order_id, step, key.clone(), request.clone())?;
        }
        last = Some(error);
        tokio::time::sleep(Duration::from_millis(50) * attempt.min(10)).await;
    }
    Err(last
        .map_or_else(|| anyhow!("not tried"), anyhow::Error::from)
        .context(format!("{order_id}: {step:?}")))
}

/// Reads whether a step has happened; what its response would have said if it has.
async fn look(client: &Client, job: &Job, order_id: &str, step: Step) -> Option<Option<String>> {
    match step {
        Step::Order => {
            let found = client.orders().get(order_id).await.ok()?;
            Some(Some(found.payment_session_id.as_ref()?.as_str().to_owned()))
        }
        Step::Payment => {
            let payments = client.payments().list(order_id).await.ok()?;
            Some(Some(payments.last()?.cf_payment_id.to_string()))
        }
        Step::Otp => {
            let payment = CfPaymentId::from(job.payment.as_deref()?);
            let found = client.payments().get(order_id, payment).await.ok()?;
            (found.payment_status == PaymentStatus::Success).then_some(None)
        }
        Step::Capture => {
            let payments = client.payments().list(order_id).await.ok()?;
            let mut holds = payments.iter().filter_map(|payment| payment.authorization.as_ref());
            holds.any(|hold| hold.action == Some(AuthorizeAction::Capture)).then_some(None)
        }
        Step::Refund => {
            client.refunds().get(order_id, refund_id(order_id)).await.ok()?;
            Some(None)
        }
    }
}

/// Sends a step once. The outer error is no failure of the call.
async fn send(
    client: &Client,
    job: &Job,
    order_id: &str,
    step: Step,
    key: Option<IdempotencyKey>,
    request: &Value,
    otp: &str,
) -> Result<Result<Option<String>, cashfree::Error>> {
    fn keyed<T>(call: Call<T>, key: Option<IdempotencyKey>) -> Call<T> {
        match key {
            Some(key) => call.idempotency_key(key),
            None => call,
        }
    }
    Ok(match step {
        Step::Order => {
            let order = keyed(client.orders().create(CreateOrder::deserialize(request)?), key).await;
            order.map(|order| order.payment_session_id.as_ref().map(|id| id.as_str().to_owned()))
        }
        Step::Payment => {
            let session = PaymentSessionId::from(job.session.as_deref().context("a session")?);
            let begun = client.payments().pay(PayOrder::new(session, instruments::card())).await;
            begun.map(|begun| begun.cf_payment_id.as_ref().map(|id| id.as_str().to_owned()))
        }
        Step::Otp => {
            let payment = CfPaymentId::from(job.payment.as_deref().context("a payment")?);
            client.payments().submit_otp(payment, otp).await.map(|_| None)
        }
        Step::Capture => {
            let request = AuthorizeOrder::deserialize(request)?;
            let amount = request.amount.context("a capture has an amount")?;
            keyed(client.preauth().capture(order_id, amount), key).await.map(|_| None)
        }
        Step::Refund => {
            let refund = CreateRefund::deserialize(request)?;
            keyed(client.refunds().create(order_id, refund), key).await.map(|_| None)
        }
    })
}

fn key_of(step: Step) -> Option<String> {
    let keyed = !matches!(step, Step::Payment | Step::Otp);
    keyed.then(|| IdempotencyKey::random().as_str().to_owned())
}

fn refund_id(order_id: &str) -> String {
    format!("refund_{order_id}")
}

fn request_of(step: Step, order_id: &str) -> Result<Value> {
    Ok(match step {
        Step::Order => {
            let customer = CustomerDetails::new(CustomerDetailsParts {
                customer_id: "cust_42".into(),
                customer_phone: "9999999999".into(),
            });
            let order = CreateOrder::new(Money::inr("100.00")?, customer)
                .order_id(order_id)
                .order_note("preauth_transaction");
            serde_json::to_value(order)?
        }
        Step::Payment | Step::Otp => Value::Null,
        Step::Capture => json!({ "action": "CAPTURE", "amount": Amount::rupees(80) }),
        Step::Refund => serde_json::to_value(CreateRefund::new(Amount::rupees(10), refund_id(order_id)))?,
    })
}
