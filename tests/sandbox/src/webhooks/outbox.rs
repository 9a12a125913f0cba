//! Where events wait: for their turn at their endpoint, for another attempt, or for the time at which they happen.
//!
//! Each address has a queue of its own, with one delivery at a time: the order of an endpoint's events is kept, and
//! a receiver that hangs keeps nobody else waiting.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::domain::table;

use axum::body::Bytes;
use tokio::sync::watch;

use super::{Event, WebhookDelivery, WebhookEndpoint, WebhookFault, sign};
use crate::clock::Clock;
use crate::data::{Content, Rows};

/// In the data file: what waits for its turn, and what happens later.
const PARCELS: &str = "parcels";
const LATER: &str = "later";

fn key(place: u64) -> String {
    format!("{place:020}")
}

/// How many deliveries are kept if nothing else is asked for.
const KEPT: usize = 100_000;

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
    due: SystemTime,
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
struct Queue {
    waiting: BTreeMap<Moment, Parcel>,
    busy: bool,
}

struct Desk {
    endpoints: Vec<WebhookEndpoint>,
    faults: VecDeque<WebhookFault>,
    queues: HashMap<String, Queue>,
    /// The first of each queue that is not busy.
    heads: BTreeSet<(Moment, String)>,
    /// Those that go after the next one to the same address.
    held: Vec<Parcel>,
    later: BTreeMap<Moment, Later>,
    /// Where the refunds are in `later`, by `cf_refund_id`.
    refunds: HashMap<String, Moment>,
    /// Deliveries on their way, and things that are happening.
    at_work: usize,
    /// In the order of their ids, with what they were made of.
    deliveries: VecDeque<(WebhookDelivery, Parcel)>,
    keep: usize,
    delivered: u64,
    /// What is to be written to the data file, if there is one.
    changes: Option<Rows>,
    time_scale: f64,
    secret: String,
    /// Hosts beside this machine that events may go to.
    hosts: Vec<String>,
    serial: u64,
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

/// The way out for events, shared by the state, which fills it, and the workers, which empty it. Its lock is
/// taken while the state's is held, never the other way round.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Shared>);

struct Shared {
    desk: Mutex<Desk>,
    changes: watch::Sender<()>,
    clock: Clock,
}

impl Outbox {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Arc::new(Shared { desk: Mutex::default(), changes: watch::Sender::new(()), clock }))
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0.changes.send_replace(());
    }

    /// Wakes up at every change from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    pub(crate) fn add_endpoint(&self, endpoint: WebhookEndpoint) {
        self.desk().endpoints.push(endpoint);
    }

    pub(crate) fn endpoint_urls(&self) -> Vec<String> {
        self.desk().endpoints.iter().map(|endpoint| endpoint.url.clone()).collect()
    }

    /// False if no endpoint has this address.
    pub(crate) fn remove_endpoint(&self, url: &str) -> bool {
        let mut desk = self.desk();
        let before = desk.endpoints.len();
        desk.endpoints.retain(|endpoint| endpoint.url != url);
        desk.endpoints.len() < before
    }

    /// Forgets what waits, what was delivered, and scripted faults. What is on its way arrives.
    pub(crate) fn reset(&self) {
        let mut desk = self.desk();
        desk.faults.clear();
        desk.held.clear();
        desk.later.clear();
        desk.refunds.clear();
        desk.heads.clear();
        desk.deliveries.clear();
        if let Some(rows) = &mut desk.changes {
            *rows = Rows::default();
        }
        desk.queues.retain(|_, queue| {
            queue.waiting.clear();
            queue.busy
        });
        drop(desk);
        self.changed();
    }

    pub(crate) fn scale_time(&self, scale: f64) {
        self.desk().time_scale = scale;
    }

    /// The secret that signs for endpoints which have none of their own.
    pub(crate) fn sign_with(&self, secret: &str) {
        self.desk().secret = secret.to_owned();
    }

    pub(crate) fn allow_hosts(&self, hosts: Vec<String>) {
        self.desk().hosts = hosts;
    }

    pub(crate) fn allowed_hosts(&self) -> Vec<String> {
        self.desk().hosts.clone()
    }

    pub(crate) fn secret(&self) -> String {
        self.desk().secret.clone()
    }

    /// Keeps so many deliveries, and forgets those before them.
    pub(crate) fn keep(&self, deliveries: usize) {
        self.desk().keep = deliveries;
    }

    pub(crate) fn script(&self, fault: &WebhookFault, times: u32) {
        self.desk().faults.extend((0..times).map(|_| fault.clone()));
    }

    pub(crate) fn clear_script(&self) {
        self.desk().faults.clear();
    }

    pub(crate) fn faults_left(&self) -> u32 {
        u32::try_from(self.desk().faults.len()).unwrap_or(u32::MAX)
    }

    /// The deliveries that are kept, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.desk().deliveries.iter().map(|(delivery, _)| delivery.clone()).collect()
    }

    /// Addresses an event to everybody who wants it: an address that is named twice gets it once.
    pub(crate) fn post(&self, event: &Event) {
        let mut desk = self.desk();
        let notify = event.notify_url.iter().map(WebhookEndpoint::new);
        let mut endpoints: Vec<WebhookEndpoint> = notify.collect();
        for endpoint in &desk.endpoints {
            if !endpoints.iter().any(|known| known.url == endpoint.url) {
                endpoints.push(endpoint.clone());
            }
        }
        if endpoints.is_empty() {
            return;
        }
        desk.serial += 1;
        let now = self.0.clock.now();
        let message = event.to_json(now);
        let body = Bytes::from(super::events::to_bytes(&message));
        let key = sign::event_key(desk.serial, &body);
        let flaw = super::events::flaw(&message);
        for endpoint in endpoints {
            let fault = desk.faults.pop_front();
            let due = match fault {
                Some(WebhookFault::Delay(delay)) => now + delay,
                _ => now,
            };
            let parcel = Parcel {
                kind: event.kind,
                key: key.clone(),
                body: body.clone(),
                flaw: flaw.clone(),
                endpoint,
                attempt: 1,
                wait: Duration::ZERO,
                fault,
                resent: false,
                id: 0,
                due,
                place: 0,
            };
            desk.enter(parcel, now);
        }
        drop(desk);
        self.changed();
    }

    /// Lets something happen after a time.
    pub(crate) fn later(&self, delay: Duration, what: Later) {
        // A delay beyond all clocks is one that never ends.
        if let Some(at) = self.0.clock.now().checked_add(delay) {
            let mut desk = self.desk();
            desk.serial += 1;
            let moment = (at, desk.serial);
            match &what {
                Later::Refund(due) => drop(desk.refunds.insert(due.cf_refund_id.clone(), moment)),
                Later::Event(event) => {
                    if let Some(rows) = &mut desk.changes {
                        rows.put(LATER, &key(moment.1), &(moment, event));
                    }
                }
            }
            desk.later.insert(moment, what);
            drop(desk);
            self.changed();
        }
    }

    /// The bank needn't get round to a refund any more.
    pub(crate) fn forget_refund(&self, cf_refund_id: &str) {
        let mut desk = self.desk();
        if let Some(moment) = desk.refunds.remove(cf_refund_id) {
            desk.later.remove(&moment);
            drop(desk);
            self.changed();
        }
    }

    /// What is due: everything that is handed out counts as at work until it is [`done`](Outbox::done) or
    /// [`finished`](Outbox::finish).
    pub(crate) fn next(&self) -> Next {
        let mut desk = self.desk();
        let now = self.0.clock.now();
        if let Some(first) = desk.later.first_entry().filter(|first| first.key().0 <= now) {
            let (moment, what) = first.remove_entry();
            if let Later::Refund(due) = &what {
                desk.refunds.remove(&due.cf_refund_id);
            }
            desk.at_work += 1;
            return Next::Happen(what, moment);
        }
        let first = desk.heads.first().map(|(moment, url)| (*moment, url.clone()));
        if let Some((moment, url)) = &first
            && moment.0 <= now
        {
            desk.heads.pop_first();
            if let Some(parcel) = desk.take(url, now) {
                return Next::Send(Box::new(parcel));
            }
        }
        let later = desk.later.first_key_value().map(|(moment, _)| moment.0);
        let due = later.into_iter().chain(first.map(|(moment, _)| moment.0)).min();
        Next::Wait(due.map(|due| due.duration_since(now).unwrap_or_default()))
    }

    /// What was due at this moment has happened.
    pub(crate) fn done(&self, moment: Moment) {
        let mut desk = self.desk();
        desk.at_work -= 1;
        if let Some(rows) = &mut desk.changes {
            rows.remove(LATER, &key(moment.1));
        }
        drop(desk);
        self.changed();
    }

    /// A delivery came to its end; answers what is due next at the same address, which then is at work in turn.
    pub(crate) fn finish(&self, url: &str, place: u64) -> Option<Parcel> {
        let mut desk = self.desk();
        desk.at_work -= 1;
        if let Some(rows) = &mut desk.changes {
            rows.remove(PARCELS, &key(place));
        }
        let next = desk.take(url, self.0.clock.now());
        drop(desk);
        self.changed();
        next
    }

    /// Keeps a delivery with what it was made of.
    pub(crate) fn record(&self, delivery: WebhookDelivery, parcel: Parcel) {
        let mut desk = self.desk();
        // They end in another order than they begin in.
        let place = desk.deliveries.partition_point(|(known, _)| known.id < delivery.id);
        desk.deliveries.insert(place, (delivery, parcel));
        while desk.deliveries.len() > desk.keep {
            desk.deliveries.pop_front();
        }
    }

    /// Sends a parcel again: after a wait by the schedule, or at once if there is none.
    pub(crate) fn repeat(&self, parcel: Parcel, wait: Duration) {
        let mut desk = self.desk();
        let scaled = wait.as_secs_f64() * desk.time_scale;
        let scaled = Duration::try_from_secs_f64(scaled).unwrap_or(Duration::ZERO);
        let now = self.0.clock.now();
        let Some(due) = now.checked_add(scaled) else {
            return;
        };
        let parcel = Parcel { attempt: parcel.attempt + 1, wait, due, ..parcel };
        desk.enter(parcel, now);
    }

    /// Sends the event of a kept delivery again, at once and as the next attempt at its endpoint; false if no such
    /// delivery is kept.
    pub(crate) fn resend(&self, id: u64) -> bool {
        let mut desk = self.desk();
        let Ok(place) = desk.deliveries.binary_search_by_key(&id, |(known, _)| known.id) else {
            return false;
        };
        let Some((_, sent)) = desk.deliveries.get(place) else {
            return false;
        };
        let same = |(_, other): &&(WebhookDelivery, Parcel)| {
            other.key == sent.key && other.endpoint.url == sent.endpoint.url
        };
        let last = desk.deliveries.iter().filter(same).map(|(_, other)| other.attempt).max();
        let now = self.0.clock.now();
        let attempt = last.unwrap_or(sent.attempt) + 1;
        let (wait, fault) = (Duration::ZERO, None);
        let parcel = Parcel { attempt, wait, fault, resent: true, due: now, ..sent.clone() };
        desk.enter(parcel, now);
        drop(desk);
        self.changed();
        true
    }

    /// Remembers from now on what is to be written to the data file.
    pub(crate) fn track(&self) {
        self.desk().changes.get_or_insert_default();
    }

    /// What is to be written.
    pub(crate) fn changes(&self) -> Rows {
        self.desk().changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes in what a data file held.
    pub(crate) fn restore(&self, content: &Content) -> anyhow::Result<()> {
        let mut desk = self.desk();
        for (_, parcel) in content.table::<Parcel>(PARCELS)? {
            desk.serial = desk.serial.max(parcel.place);
            desk.queue(parcel);
        }
        for (_, (moment, event)) in content.table::<(Moment, Box<Event>)>(LATER)? {
            desk.serial = desk.serial.max(moment.1);
            desk.later.insert(moment, Later::Event(event));
        }
        Ok(())
    }

    /// Looks at the clock again, which was moved.
    pub(crate) fn wake(&self) {
        self.changed();
    }

    /// Waits until there is nothing left to deliver, or to wait for; false if the time runs out before.
    pub(crate) async fn settled(&self, timeout: Duration) -> bool {
        let mut changes = self.watch();
        let settled = async {
            while !self.desk().is_empty() {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(timeout, settled).await.is_ok()
    }
}

impl Desk {
    /// Puts a parcel into its queue, and behind it those to the same address that were to let it pass.
    fn enter(&mut self, mut parcel: Parcel, now: SystemTime) {
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

    fn queue(&mut self, parcel: Parcel) {
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
    fn take(&mut self, url: &str, now: SystemTime) -> Option<Parcel> {
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

    fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.held.is_empty() && self.later.is_empty() && self.at_work == 0
    }
}
