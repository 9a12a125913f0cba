//! What waits: for each address a queue, and what happens later.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use super::record::WebhookDelivery;
use super::{Event, WebhookEndpoint, WebhookFault};
use crate::data::Rows;
use crate::domain::table;

/// In the data file: what waits for its turn, and what happens later.
pub(super) const PARCELS: &str = "parcels";

pub(super) const LATER: &str = "later";

pub(super) fn key(place: u64) -> String {
    format!("{place:020}")
}

/// How many deliveries are kept if nothing else is asked for.
pub(super) const KEPT: usize = 100_000;

/// One event for one address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parcel {
    #[serde(deserialize_with = "table::word")]
    pub(crate) kind: table::Word,
    pub(crate) key: String,
    #[serde(with = "table::bytes")]
    pub(crate) body: Bytes,
    /// Why it must not leave.
    pub(crate) flaw: Option<String>,
    pub(crate) endpoint: WebhookEndpoint,
    /// From 1.
    pub(crate) attempt: u32,
    /// The wait by the schedule before this attempt, unscaled.
    pub(crate) wait: Duration,
    pub(crate) fault: Option<WebhookFault>,
    /// Sent by hand: there are no further attempts.
    pub(crate) resent: bool,
    /// Of the delivery that is made of it.
    pub(crate) id: u64,
    pub(super) due: SystemTime,
    pub(crate) place: u64,
}

/// What happens by itself, after a time.
pub(crate) enum Later {
    /// The bank gets round to a refund.
    Refund(RefundDue),
    /// An event of which everything is known.
    Event(Box<Event>),
}

/// A refund that is pending.
#[derive(Clone, Debug)]
pub(crate) struct RefundDue {
    pub(crate) order_id: String,
    pub(crate) cf_refund_id: String,
}

/// What is done next.
pub(crate) enum Next {
    Send(Box<Parcel>),
    Happen(Later, Moment),
    Wait(Option<Duration>),
}

/// When something is due, and its place among all that is due.
pub(crate) type Moment = (SystemTime, u64);

/// What waits for one address.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) waiting: BTreeMap<Moment, Parcel>,
    pub(super) busy: bool,
}

/// Queues, kept deliveries and settings of the [`Outbox`](super::Outbox).
pub(super) struct Desk {
    pub(super) endpoints: Vec<WebhookEndpoint>,
    /// Scripted faults, each with the number of deliveries that it will still strike.
    pub(super) faults: VecDeque<(WebhookFault, u32)>,
    pub(super) queues: HashMap<String, Queue>,
    /// The first of each queue that is not busy.
    pub(super) heads: BTreeSet<(Moment, String)>,
    /// Those that go after the next one to the same address.
    pub(super) held: Vec<Parcel>,
    pub(super) later: BTreeMap<Moment, Later>,
    /// Where the refunds are in `later`, by `cf_refund_id`.
    pub(super) refunds: HashMap<String, Moment>,
    /// Deliveries on their way, and things that are happening.
    pub(super) at_work: usize,
    /// In the order of their ids, with what they were made of.
    pub(super) deliveries: VecDeque<(WebhookDelivery, Parcel)>,
    pub(super) keep: usize,
    pub(super) delivered: u64,
    /// What is to be written to the data file, if there is one.
    pub(super) changes: Option<Rows>,
    pub(super) time_scale: f64,
    pub(super) secret: String,
    /// Hosts beside this machine that events may go to.
    pub(super) hosts: Vec<String>,
    pub(super) serial: u64,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            faults: VecDeque::new(),
            queues: HashMap::new(),
            heads: BTreeSet::new(),
            held: Vec::new(),
            later: BTreeMap::new(),
            refunds: HashMap::new(),
            at_work: 0,
            deliveries: VecDeque::new(),
            keep: KEPT,
            delivered: 0,
            changes: None,
            time_scale: 1.0,
            secret: String::new(),
            hosts: Vec::new(),
            serial: 0,
        }
    }
}

impl Desk {
    /// The fault of the next delivery.
    pub(super) fn next_fault(&mut self) -> Option<WebhookFault> {
        while let Some((fault, left)) = self.faults.front_mut() {
            if *left > 0 {
                *left -= 1;
                return Some(fault.clone());
            }
            self.faults.pop_front();
        }
        None
    }

    /// Puts a parcel into its queue, and behind it those to the same address that were to let it pass.
    pub(super) fn enter(&mut self, mut parcel: Parcel, now: SystemTime) {
        self.serial += 1;
        parcel.place = self.serial;
        if let Some(rows) = &mut self.changes {
            rows.put(PARCELS, &key(parcel.place), &parcel);
        }
        if parcel.fault == Some(WebhookFault::OutOfOrder) {
            self.held.push(parcel);
            return;
        }
        let passes = parcel.attempt == 1;
        let (due, url) = (parcel.due.max(now), parcel.endpoint.url.clone());
        self.queue(parcel);
        if self.held.is_empty() {
            return;
        }
        let (passed, held) =
            std::mem::take(&mut self.held).into_iter().partition(|held| passes && held.endpoint.url == url);
        self.held = held;
        for mut parcel in Vec::<Parcel>::into_iter(passed) {
            let past = parcel.place;
            self.serial += 1;
            (parcel.due, parcel.place) = (due, self.serial);
            if let Some(rows) = &mut self.changes {
                rows.remove(PARCELS, &key(past));
                rows.put(PARCELS, &key(parcel.place), &parcel);
            }
            self.queue(parcel);
        }
    }

    pub(super) fn queue(&mut self, parcel: Parcel) {
        let moment = (parcel.due, parcel.place);
        let url = parcel.endpoint.url.clone();
        let queue = self.queues.entry(url.clone()).or_default();
        let first = queue.waiting.first_key_value().map(|(first, _)| *first);
        queue.waiting.insert(moment, parcel);
        if !queue.busy && first.is_none_or(|first| moment < first) {
            if let Some(first) = first {
                self.heads.remove(&(first, url.clone()));
            }
            self.heads.insert((moment, url));
        }
    }

    /// The first parcel of a queue whose head is not among the heads; if there is none yet, its head joins them.
    pub(super) fn take(&mut self, url: &str, now: SystemTime) -> Option<Parcel> {
        let queue = self.queues.get_mut(url)?;
        queue.busy = false;
        let Some(first) = queue.waiting.first_entry() else {
            self.queues.remove(url);
            return None;
        };
        if first.key().0 > now {
            self.heads.insert((*first.key(), url.to_owned()));
            return None;
        }
        let mut parcel = first.remove();
        queue.busy = true;
        self.at_work += 1;
        self.delivered += 1;
        parcel.id = self.delivered;
        Some(parcel)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.held.is_empty() && self.later.is_empty() && self.at_work == 0
    }
}
