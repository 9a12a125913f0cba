//! Payment sessions.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use ecow::EcoString;

/// The orders by their payment sessions, of which a hash is kept.
#[derive(Default)]
pub(crate) struct Sessions {
    orders: HashMap<(u64, u64), EcoString>,
    salts: (RandomState, RandomState),
}

impl Sessions {
    fn hash(&self, session: &str) -> (u64, u64) {
        (self.salts.0.hash_one(session), self.salts.1.hash_one(session))
    }

    /// The order of a session.
    pub(crate) fn get(&self, session: &str) -> Option<&str> {
        self.orders.get(&self.hash(session)).map(|order_id| &**order_id)
    }

    pub(crate) fn insert(&mut self, session: &str, order_id: EcoString) {
        self.orders.insert(self.hash(session), order_id);
    }
}
