//! Where events wait: for their turn, for another attempt, or for the time at which they happen.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{Event, WebhookDelivery, WebhookEndpoint, WebhookFault, sign};

/// One event for one address.
pub(crate) struct Parcel {
    pub(crate) kind: &'static str,
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
    /// Why it must not leave.
    pub(crate) flaw: Option<String>,
    pub(crate) endpoint: WebhookEndpoint,
    /// From 1.
    pub(crate) attempt: u32,
    /// The wait by the schedule before this attempt, unscaled.
    pub(crate) wait: Duration,
    pub(crate) fault: Option<WebhookFault>,
    due: Instant,
    place: u64,
}

/// What happens by itself, after a time.
pub(crate) enum Later {
    /// The bank gets round to a refund, by its `cf_refund_id`.
    Refund(String),
    /// An event of which everything is known.
    Event(Box<Event>),
}

/// What the worker does next.
pub(crate) enum Next {
    Send(Parcel),
    Happen(Later),
    Wait(Option<Instant>),
}

#[derive(Default)]
struct Desk {
    endpoints: Vec<WebhookEndpoint>,
    faults: VecDeque<WebhookFault>,
    waiting: Vec<Parcel>,
    /// Those that go after the next one to the same address.
    held: Vec<Parcel>,
    later: Vec<(Instant, Later)>,
    sending: bool,
    deliveries: Vec<WebhookDelivery>,
    time_scale: Option<f64>,
    secret: String,
    /// Hosts beside this machine that events may go to.
    hosts: Vec<String>,
    serial: u64,
}

/// The way out for events, shared by the state, which fills it, and the worker, which empties it. Its lock is
/// taken while the state's is held, never the other way round.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<(Mutex<Desk>, watch::Sender<()>)>);

impl Default for Outbox {
    fn default() -> Self {
        Self(Arc::new((Mutex::default(), watch::Sender::new(()))))
    }
}

impl Outbox {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0.1.send_replace(());
    }

    /// Wakes up at every change from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.0.1.subscribe()
    }

    pub(crate) fn add_endpoint(&self, endpoint: WebhookEndpoint) {
        self.desk().endpoints.push(endpoint);
    }

    pub(crate) fn scale_time(&self, scale: f64) {
        self.desk().time_scale = Some(scale);
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

    pub(crate) fn script(&self, fault: &WebhookFault, times: u32) {
        self.desk().faults.extend((0..times).map(|_| fault.clone()));
    }

    pub(crate) fn clear_script(&self) {
        self.desk().faults.clear();
    }

    pub(crate) fn faults_left(&self) -> u32 {
        u32::try_from(self.desk().faults.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.desk().deliveries.clone()
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
        let body = event.body();
        let key = sign::event_key(desk.serial, &body);
        let flaw = event.flaw();
        for endpoint in endpoints {
            let fault = desk.faults.pop_front();
            let now = Instant::now();
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
        if let Some(at) = Instant::now().checked_add(delay) {
            self.desk().later.push((at, what));
            self.changed();
        }
    }

    /// The bank needn't get round to a refund any more.
    pub(crate) fn forget_refund(&self, cf_refund_id: &str) {
        self.desk().later.retain(|(_, what)| !matches!(what, Later::Refund(id) if id == cf_refund_id));
        self.changed();
    }

    pub(crate) fn next(&self) -> Next {
        let mut desk = self.desk();
        let now = Instant::now();
        if let Some(at) = desk.later.iter().position(|(due, _)| *due <= now) {
            // Still at work: nothing is settled until it has happened.
            desk.sending = true;
            return Next::Happen(desk.later.remove(at).1);
        }
        let first = desk.waiting.iter().enumerate().min_by_key(|(_, parcel)| (parcel.due, parcel.place));
        match first.map(|(at, parcel)| (at, parcel.due)) {
            Some((at, due)) if due <= now => {
                desk.sending = true;
                Next::Send(desk.waiting.remove(at))
            }
            first => {
                let due = desk.later.iter().map(|(due, _)| *due);
                Next::Wait(due.chain(first.map(|(_, due)| due)).min())
            }
        }
    }

    /// What the worker was at is done.
    pub(crate) fn done(&self) {
        self.desk().sending = false;
        self.changed();
    }

    pub(crate) fn record(&self, delivery: WebhookDelivery) {
        self.desk().deliveries.push(delivery);
    }

    /// Sends a parcel again: after a wait by the schedule, or at once if there is none.
    pub(crate) fn repeat(&self, parcel: Parcel, wait: Duration) {
        let mut desk = self.desk();
        let scaled = wait.as_secs_f64() * desk.time_scale.unwrap_or(1.0);
        let scaled = Duration::try_from_secs_f64(scaled).unwrap_or(Duration::ZERO);
        let now = Instant::now();
        let Some(due) = now.checked_add(scaled) else {
            return;
        };
        let parcel = Parcel { attempt: parcel.attempt + 1, wait, due, ..parcel };
        desk.enter(parcel, now);
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
    /// Puts a parcel into the queue, and behind it those to the same address that were to let it pass.
    fn enter(&mut self, mut parcel: Parcel, now: Instant) {
        self.serial += 1;
        parcel.place = self.serial;
        if parcel.fault == Some(WebhookFault::OutOfOrder) {
            self.held.push(parcel);
            return;
        }
        let passes = parcel.attempt == 1;
        let (due, url) = (parcel.due.max(now), parcel.endpoint.url.clone());
        self.waiting.push(parcel);
        let (mut passed, held) =
            std::mem::take(&mut self.held).into_iter().partition(|held| passes && held.endpoint.url == url);
        self.held = held;
        for parcel in &mut passed {
            self.serial += 1;
            (parcel.due, parcel.place) = (due, self.serial);
        }
        self.waiting.append(&mut passed);
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.held.is_empty() && self.later.is_empty() && !self.sending
    }
}
