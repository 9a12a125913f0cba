//! A program that may die at any moment, and its successor, who finishes its work.
//!
//! Before a write is sent its request and its key are in a journal, on the disk. Who comes after sends the
//! same request with the same key; where a key is no protection (a payment that is begun, a one-time
//! password), it reads how things stand first. What is learnt goes into the journal too.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use cashfree::types::{
    AuthorizeAction, AuthorizeOrder, CreateOrder, CreateRefund, CustomerDetails, PayOrder, PaymentStatus,
};
use cashfree::{Amount, CfPaymentId, Client, IdempotencyKey, Money, PaymentSessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

/// One step: announced, unless a predecessor has done that, and sent.
async fn carry_out(
    client: &Client,
    journal: &mut Journal,
    order_id: &str,
    step: Step,
    otp: &str,
) -> Result<Option<String>> {
    let open = journal.jobs.get(order_id).and_then(|job| job.open.clone());
    let resumed = open.is_some();
    let (key, request) = match open {
        Some((announced, key, request)) if announced == step => (key, request),
        Some((other, ..)) => bail!("{order_id}: {other:?} is open, and {step:?} comes next"),
        None => {
            let (key, request) = (key_of(step), request_of(step, order_id)?);
            let (key_text, request_copy) = (key.clone(), request.clone());
            let order_id = order_id.to_owned();
            journal.write(Entry::Intent { order_id, step, key: key_text, request: request_copy })?;
            (key, request)
        }
    };
    let key = || -> Result<IdempotencyKey> { Ok(IdempotencyKey::new(key.as_deref().context("a key")?)?) };
    let job = journal.jobs.get(order_id).context("a job")?;
    match step {
        Step::Order => {
            let request: CreateOrder = serde_json::from_value(request)?;
            let order = client.orders().create(request).idempotency_key(key()?).await?;
            let session = order.payment_session_id.as_ref().context("a session")?;
            Ok(Some(session.as_str().to_owned()))
        }
        Step::Payment => {
            if resumed && let Some(begun) = client.payments().list(order_id).await?.last() {
                return Ok(begun.cf_payment_id.as_ref().map(|id| id.as_str().to_owned()));
            }
            let session = PaymentSessionId::from(job.session.as_deref().context("a session")?);
            let begun = client.payments().pay(PayOrder::new(session, instruments::card())).await?;
            Ok(begun.cf_payment_id.as_ref().map(|id| id.as_str().to_owned()))
        }
        Step::Otp => {
            let payment = CfPaymentId::from(job.payment.as_deref().context("a payment")?);
            if resumed {
                let found = client.payments().get(order_id, payment.clone()).await?;
                if found.payment_status == Some(PaymentStatus::Success) {
                    return Ok(None);
                }
            }
            client.payments().submit_otp(payment, otp).await?;
            Ok(None)
        }
        Step::Capture => {
            let request: AuthorizeOrder = serde_json::from_value(request)?;
            let amount = request.amount.context("a capture has an amount")?;
            client.preauth().capture(order_id, amount).idempotency_key(key()?).await?;
            Ok(None)
        }
        Step::Refund => {
            let request: CreateRefund = serde_json::from_value(request)?;
            client.refunds().create(order_id, request).idempotency_key(key()?).await?;
            Ok(None)
        }
    }
}

fn key_of(step: Step) -> Option<String> {
    let keyed = !matches!(step, Step::Payment | Step::Otp);
    keyed.then(|| IdempotencyKey::random().as_str().to_owned())
}

fn request_of(step: Step, order_id: &str) -> Result<Value> {
    Ok(match step {
        Step::Order => {
            let customer = CustomerDetails::new("cust_42", "9999999999");
            let order = CreateOrder::new(Money::inr("100.00")?, customer)
                .order_id(order_id)
                .order_note("preauth_transaction");
            serde_json::to_value(order)?
        }
        Step::Payment | Step::Otp => Value::Null,
        Step::Capture => {
            serde_json::to_value(AuthorizeOrder::new(AuthorizeAction::Capture).amount(Amount::rupees(80)))?
        }
        Step::Refund => {
            serde_json::to_value(CreateRefund::new(Amount::rupees(10), format!("refund_{order_id}")))?
        }
    })
}
