//! What all requests share: the document, the account's state, the limits, keys, faults and records.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::data::Data;
use crate::document::{Document, Operation};
use crate::domain::state::State;
use crate::faults::random::Chaos;
use crate::faults::scripted::Script;
use crate::http::auth::{self, Account};
use crate::http::idempotency::Keys;
use crate::http::incoming::Incoming;
use crate::http::limits::Limits;
use crate::http::net::Door;
use crate::journal::{Feed, Journal, Ticket};
use crate::records::RecordedRequest;

/// Everything the routes share.
pub(crate) struct App {
    pub(crate) document: Arc<Document>,
    pub(crate) account: Account,
    pub(crate) limits: Limits,
    pub(crate) keys: Keys,
    pub(crate) forgets_keys: bool,
    /// Responses are as the document declares them, where its examples differ.
    pub(crate) strict_document: bool,
    pub(crate) script: Script,
    chaos: Mutex<Option<Chaos>>,
    pub(crate) door: Door,
    pub(crate) journal: Journal,
    /// What the state is written to.
    pub(crate) data: Option<Data>,
    state: Mutex<State>,
    leaked: Mutex<Vec<RecordedRequest>>,
    statuses: Mutex<BTreeMap<String, BTreeSet<u16>>>,
    undeclared: Mutex<BTreeMap<String, BTreeSet<u16>>>,
    keep: usize,
}

/// The state, whose changes are handed to the data file when it is given back.
pub(crate) struct StateGuard<'a> {
    state: MutexGuard<'a, State>,
    data: Option<&'a Data>,
}

impl Deref for StateGuard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        match self.data {
            None => self.state.forget_changes(),
            Some(data) => {
                let rows = self.state.changes();
                if !rows.is_empty() {
                    data.write(rows);
                }
            }
        }
    }
}

impl App {
    pub(crate) fn new(
        document: Arc<Document>,
        account: Account,
        limits: Limits,
        chaos: Option<Chaos>,
        door: Door,
        state: State,
        keep: usize,
    ) -> Self {
        Self {
            document,
            account,
            limits,
            keys: Keys::default(),
            forgets_keys: false,
            strict_document: false,
            script: Script::default(),
            chaos: Mutex::new(chaos),
            door,
            journal: Journal::new(keep),
            data: None,
            state: Mutex::new(state),
            leaked: Mutex::default(),
            statuses: Mutex::default(),
            undeclared: Mutex::default(),
            keep,
        }
    }

    pub(crate) fn state(&self) -> StateGuard<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        StateGuard { state, data: self.data.as_ref() }
    }

    /// What happens from now on.
    pub(crate) fn subscribe(&self) -> Feed {
        self.journal.subscribe()
    }

    /// The faults at random, if there are any.
    pub(crate) fn chaos(&self) -> Option<Chaos> {
        self.chaos.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_chaos(&self, chaos: Option<Chaos>) {
        *self.chaos.lock().unwrap_or_else(PoisonError::into_inner) = chaos;
    }

    /// Forgets everything but the settings, the clock and the endpoints of webhooks.
    pub(crate) fn reset(&self) {
        self.state().reset();
        self.keys.clear();
        self.limits.clear();
        self.script.clear();
        self.set_chaos(None);
        self.journal.clear();
        self.leaked().clear();
        self.statuses().clear();
        self.undeclared().clear();
    }

    pub(crate) fn leaked(&self) -> MutexGuard<'_, Vec<RecordedRequest>> {
        self.leaked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The statuses that each operation's work has ended with.
    pub(crate) fn statuses(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<u16>>> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record_status(&self, operation: &str, status: u16) {
        self.statuses().entry(operation.to_owned()).or_default().insert(status);
    }

    /// The statuses that were sent and that the document does not declare for their operation.
    pub(crate) fn undeclared(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<u16>>> {
        self.undeclared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a status that is about to be sent.
    pub(crate) fn sends(&self, operation: &Operation, status: u16) {
        if !operation.declares(status) {
            self.undeclared().entry(operation.id.clone()).or_default().insert(status);
        }
    }

    /// What a request is about, by names that are the same in each run: sessions and payment ids, which
    /// the sandbox makes up, stand for their order.
    pub(crate) fn about(&self, incoming: &Incoming) -> String {
        let state = self.state();
        let segments = incoming
            .path
            .split('/')
            .map(|segment| state.payments.get(segment).map_or(segment, |payment| payment.order_id.as_str()));
        let mut about = segments.collect::<Vec<_>>().join("/");
        let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
        match body["payment_session_id"].as_str().and_then(|session| state.sessions.get(session)) {
            Some(order_id) => about.push_str(order_id),
            None => about.push_str(&body.to_string()),
        }
        about
    }

    /// Writes a request into the journal; of one that reaches no operation, without its body.
    pub(crate) fn record(&self, operation: Option<&Operation>, incoming: &Incoming) -> Ticket {
        let record = incoming.to_record(operation);
        let open = operation.is_some_and(Operation::is_open);
        if open && !auth::carried(&self.document, &|name| incoming.header(name)).is_empty() {
            let mut leaked = self.leaked();
            if leaked.len() < self.keep {
                leaked.push(record.clone());
            }
        }
        self.journal.arrived(record)
    }
}
