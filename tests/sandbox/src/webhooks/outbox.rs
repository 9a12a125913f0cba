//! Where events wait: for their turn at their endpoint, for another attempt, or for the time at which they happen.
//!
//! Each address has a queue of its own, with one delivery at a time: the order of an endpoint's events is kept, and
//! a receiver that hangs keeps nobody else waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::watch;

use super::queues::{Desk, LATER, Later, Moment, Next, PARCELS, Parcel, key};
use super::{Event, WebhookDelivery, WebhookEndpoint, WebhookFault, sign};
use crate::clock::Clock;
use crate::data::{Content, Rows};

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
        self.desk().faults.push_back((fault.clone(), times));
    }

    pub(crate) fn clear_script(&self) {
        self.desk().faults.clear();
    }

    pub(crate) fn faults_left(&self) -> u32 {
        self.desk().faults.iter().fold(0, |left, (_, times)| left.saturating_add(*times))
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
            let fault = desk.next_fault();
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

    /// A delivery came to its end; returns what is due next at the same address, which then is at work in turn.
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
