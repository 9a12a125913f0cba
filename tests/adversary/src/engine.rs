//! From a request to what is sent back: the fault is drawn, the effect takes place when the fault says so, and
//! the response is the service's own, somebody else's, or none.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::keys::Known;
use crate::service::{State, stamp};
use crate::wire::Request;
use crate::{Commit, Failure, Fault, Outage, Profile, Response, Wait, draw};

/// What a connection does in the end.
#[derive(Debug)]
pub(crate) enum Ending {
    Send(Response),
    SendHalf(Response),
    Close,
    Hang,
}

/// A fault that a test asked for.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub(crate) method: String,
    pub(crate) last: String,
    pub(crate) fault: Fault,
    pub(crate) left: usize,
}

/// A request that arrived, for tests that count attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Time since the start of the service.
    pub at: Duration,
    /// `x-request-id`.
    pub request_id: Option<String>,
    /// `x-idempotency-key`.
    pub key: Option<String>,
}

pub(crate) struct Engine {
    pub(crate) profile: Profile,
    pub(crate) started: Instant,
    state: Mutex<State>,
    arrivals: Mutex<Vec<Arrival>>,
    numbers: AtomicU64,
    attempts: Mutex<HashMap<u64, u32>>,
    scripted: Mutex<Vec<Scripted>>,
    /// Requests that take effect once a second attempt was refused.
    parked: Mutex<HashMap<u64, Arc<Notify>>>,
    /// Effects that are still to come.
    outstanding: AtomicUsize,
    /// The last response to each operation, for [`OtherBody`](crate::Foreign::OtherBody).
    last: Mutex<HashMap<String, (u64, Response)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    pub(crate) fn new(profile: Profile) -> Self {
        Self {
            state: Mutex::new(State::new(profile.clone())),
            profile,
            started: Instant::now(),
            arrivals: Mutex::default(),
            numbers: AtomicU64::new(0),
            attempts: Mutex::default(),
            scripted: Mutex::default(),
            parked: Mutex::default(),
            outstanding: AtomicUsize::new(0),
            last: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        lock(&self.arrivals).clone()
    }

    pub(crate) fn script(&self, scripted: Scripted) {
        lock(&self.scripted).push(scripted);
    }

    pub(crate) fn clear_script(&self) -> usize {
        lock(&self.scripted).drain(..).map(|scripted| scripted.left).sum()
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.outstanding.load(Ordering::SeqCst) == 0
    }

    /// The outage at this moment, and how long it lasts.
    pub(crate) fn outage(&self) -> Option<(Outage, Duration)> {
        let outages = self.profile.outages.as_ref()?;
        let elapsed = self.started.elapsed().as_micros();
        let period = outages.period.as_micros().max(1);
        let (round, within) = (elapsed / period, elapsed % period);
        // Not at the very start, so that callers find the service as it usually is.
        let begins = period.saturating_sub(outages.length.as_micros()) / 4;
        let ends = begins + outages.length.as_micros();
        if !(begins..ends).contains(&within) {
            return None;
        }
        let left = Duration::from_micros(u64::try_from(ends - within).unwrap_or(u64::MAX));
        const TURNS: [Outage; 4] = [Outage::Reset, Outage::Hang, Outage::Unavailable, Outage::Refused];
        let turn = TURNS.get((round % 4) as usize).copied().unwrap_or(Outage::Reset);
        let kind = match outages.kind {
            // A single merchant's connections cannot be refused.
            Outage::Mixed if turn == Outage::Refused && outages.merchants.is_some() => Outage::Reset,
            Outage::Mixed => turn,
            kind => kind,
        };
        Some((kind, left))
    }

    fn outage_of(&self, request: &Request) -> Option<Outage> {
        let (kind, _) = self.outage()?;
        let merchants = self.profile.outages.as_ref().and_then(|outages| outages.merchants.as_ref());
        let struck =
            merchants.is_none_or(|merchants| merchants.iter().any(|name| name == request.merchant()));
        struck.then_some(kind)
    }

    /// Handles one request; `before` is the previous response on the connection.
    pub(crate) async fn handle(self: &Arc<Self>, request: Request, before: Option<&Response>) -> Ending {
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        let header = |name| request.header(name).map(str::to_owned);
        lock(&self.arrivals).push(Arrival {
            method: request.method.clone(),
            path: request.path.clone(),
            at: self.started.elapsed(),
            request_id: header("x-request-id"),
            key: header("x-idempotency-key"),
        });
        match self.outage_of(&request) {
            Some(Outage::Hang) => return Ending::Hang,
            Some(Outage::Unavailable) => return Ending::Send(Failure::html(503).response()),
            Some(_) => return Ending::Close,
            None => {}
        }
        if let Some(refusal) = self.wake_parked(&request) {
            return Ending::Send(refusal);
        }
        match self.fault(&request) {
            Fault::None => Ending::Send(self.execute(&request, number, None).await),
            Fault::CutShort => Ending::SendHalf(self.execute(&request, number, None).await),
            Fault::Close(commit) => {
                self.commit(request, number, commit, None).await;
                Ending::Close
            }
            Fault::Hang(commit) => {
                self.commit(request, number, commit, None).await;
                Ending::Hang
            }
            Fault::Fail(failure, commit) => {
                let response = failure.response();
                let response = if failure.html { response } else { stamp(response, &request) };
                // Only what the service itself says is stored under a key.
                let stored = (failure.status >= 500 && !failure.html && self.profile.keys.stores_failures)
                    .then(|| response.clone());
                self.commit(request, number, commit, stored).await;
                Ending::Send(response)
            }
            Fault::Foreign(foreign, commit) => {
                let response = foreign.response().or_else(|| self.other_body(&request));
                match response {
                    Some(response) => {
                        self.commit(request, number, commit, None).await;
                        Ending::Send(response)
                    }
                    None => Ending::Send(self.execute(&request, number, None).await),
                }
            }
            Fault::Stray(commit) => match before {
                Some(before) => {
                    let before = before.clone();
                    self.commit(request, number, commit, None).await;
                    Ending::Send(before)
                }
                None => Ending::Send(self.execute(&request, number, None).await),
            },
        }
    }

    /// The fault that strikes a request: the test's, or one that is drawn for this attempt.
    fn fault(&self, request: &Request) -> Fault {
        {
            let mut scripted = lock(&self.scripted);
            let last = request.path.rsplit('/').next().unwrap_or_default();
            let found = scripted.iter_mut().find(|scripted| {
                let here = scripted.last.is_empty() || scripted.last == last;
                scripted.left > 0 && scripted.method == request.method && here
            });
            if let Some(scripted) = found {
                scripted.left -= 1;
                return scripted.fault.clone();
            }
        }
        let Profile { seed, faults, ref mix, .. } = self.profile;
        let subject = hash((request.header("x-request-id"), &request.method, &request.path));
        let attempt = {
            let mut attempts = lock(&self.attempts);
            let attempt = attempts.entry(subject).or_default();
            *attempt += 1;
            *attempt
        };
        if !draw::hits(faults, seed, (subject, attempt)) {
            return Fault::None;
        }
        let total: u64 = mix.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut drawn = draw::number(seed, (subject, attempt, "which")) % total.max(1);
        for (weight, fault) in mix {
            match drawn.checked_sub(u64::from(*weight)) {
                Some(rest) => drawn = rest,
                None => return fault.clone(),
            }
        }
        Fault::None
    }

    /// Carries a request out, as its key says. `stored` is kept under the key instead of the response.
    async fn execute(&self, request: &Request, number: u64, stored: Option<Response>) -> Response {
        match self.reserve(request, number).await {
            Known::Response(response) => response,
            Known::New(slot) => {
                tokio::time::sleep(self.profile.latency).await;
                self.fulfil(request, slot.as_deref(), stored)
            }
            // `reserve` waits itself.
            Known::Wait => Response::json(500, &Value::Null),
        }
    }

    /// Looks the key of a request up; waits while another request holds it.
    async fn reserve(&self, request: &Request, number: u64) -> Known {
        loop {
            let known = self.state().keys.reserve(request, number);
            match known {
                Known::Wait => tokio::time::sleep(Duration::from_millis(3)).await,
                Known::Response(response) => return Known::Response(stamp(response, request)),
                Known::New(slot) => return Known::New(slot),
            }
        }
    }

    /// The effect, and what is stored under the key.
    fn fulfil(&self, request: &Request, slot: Option<&str>, stored: Option<Response>) -> Response {
        let mut state = self.state();
        let response = state.perform(request);
        // A request that is refused before it is carried out leaves its key unused.
        match (stored, response.status) {
            (Some(stored), _) => state.keys.store(slot, &unstamped(&stored)),
            (None, 400..=499) => state.keys.free(slot),
            (None, _) => state.keys.store(slot, &unstamped(&response)),
        }
        drop(state);
        if response.status < 300 {
            self.remember(request, &response);
        }
        response
    }

    /// The effect of a request whose response is lost or replaced.
    async fn commit(
        self: &Arc<Self>,
        request: Request,
        number: u64,
        commit: Commit,
        stored: Option<Response>,
    ) {
        match commit {
            Commit::Never => {
                // A failure that the service reports without having acted is stored nevertheless.
                if let Some(stored) = stored
                    && let Known::New(slot) = self.reserve(&request, number).await
                {
                    self.state().keys.store(slot.as_deref(), &unstamped(&stored));
                }
            }
            Commit::Now => drop(self.execute(&request, number, stored).await),
            Commit::Later(delay) => self.delay(request, number, delay, None, stored),
            Commit::AfterRefusal => {
                let (limit, woken) = (self.profile.patience * 3, Arc::new(Notify::new()));
                lock(&self.parked).insert(fingerprint(&request), Arc::clone(&woken));
                self.delay(request, number, limit, Some(woken), stored);
            }
        }
    }

    /// Carries a request out later; its key is taken from now on.
    fn delay(
        self: &Arc<Self>,
        request: Request,
        number: u64,
        delay: Duration,
        woken: Option<Arc<Notify>>,
        stored: Option<Response>,
    ) {
        self.outstanding.fetch_add(1, Ordering::SeqCst);
        let reserved = self.state().keys.reserve(&request, number);
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            match woken {
                None => tokio::time::sleep(delay).await,
                Some(woken) => {
                    // Whether it was woken or the time has passed, the effect comes now.
                    let _ = tokio::time::timeout(delay, woken.notified()).await;
                    lock(&engine.parked).remove(&fingerprint(&request));
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            match reserved {
                Known::New(slot) => drop(engine.fulfil(&request, slot.as_deref(), stored)),
                // Another request holds the key: what it does is this one's effect.
                Known::Wait | Known::Response(_) => {}
            }
            engine.outstanding.fetch_sub(1, Ordering::SeqCst);
        });
    }

    /// Turns a second attempt away and lets the first one take effect; `None` if none is parked.
    fn wake_parked(&self, request: &Request) -> Option<Response> {
        if !request.is_write() {
            return None;
        }
        let woken = lock(&self.parked).remove(&fingerprint(request))?;
        woken.notify_one();
        let refusals = [
            Failure::json(409, "idempotency_error", "request_in_progress"),
            Failure::limited(Wait::LimitRetry(1)),
            Failure::html(503),
            Failure::json(500, "api_error", "internal_error"),
        ];
        let drawn = draw::number(self.profile.seed, (request.header("x-request-id"), "refusal"));
        let refusal = refusals.get((drawn % refusals.len() as u64) as usize)?;
        let response = refusal.response();
        Some(if refusal.html { response } else { stamp(response, request) })
    }

    fn remember(&self, request: &Request, response: &Response) {
        lock(&self.last).insert(operation(request), (fingerprint(request), response.clone()));
    }

    /// The response to another request of the same operation.
    fn other_body(&self, request: &Request) -> Option<Response> {
        let last = lock(&self.last);
        let (asked, response) = last.get(&operation(request))?;
        (*asked != fingerprint(request)).then(|| response.clone())
    }
}

/// A response without the headers that belong to one request.
fn unstamped(response: &Response) -> Response {
    let own = ["x-api-version", "x-request-id", "x-idempotency-key"];
    let headers = response.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    Response { headers: headers.cloned().collect(), ..response.clone() }
}

/// Method and path without ids.
fn operation(request: &Request) -> String {
    let words =
        ["orders", "sessions", "pay", "authenticate", "payments", "authorization", "refunds", "links"]
            .into_iter()
            .chain([
                "cancel",
                "plans",
                "subscriptions",
                "easy-split",
                "vendors",
                "transfer",
                "adjustment",
                "split",
            ]);
    let words: Vec<&str> = words.collect();
    let path =
        request.segments().into_iter().map(|segment| if words.contains(&segment) { segment } else { "_" });
    json!([request.method, path.collect::<Vec<_>>()]).to_string()
}

/// Identifies attempts of the same logical request, which have a key or a request id in common.
fn fingerprint(request: &Request) -> u64 {
    let own = request.header("x-idempotency-key").or_else(|| request.header("x-request-id"));
    hash((request.merchant(), &request.method, &request.path, &request.body, own))
}

fn hash(subject: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    hasher.finish()
}
