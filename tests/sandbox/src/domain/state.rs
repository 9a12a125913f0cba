//! Everything the account holds, in memory, group by group, and the log of changes. One lock guards it
//! all; an operation runs to its end under that lock.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::time::{Duration, SystemTime};

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::data::Rows;
use crate::domain::call::{About, Call};
use crate::domain::model::customers::Customers;
use crate::domain::model::disputes::Disputes;
use crate::domain::model::downtimes::Downtimes;
use crate::domain::model::ledger::Ledger;
use crate::domain::model::links::Links;
use crate::domain::model::offers::Offers;
use crate::domain::model::orders::{Order, OrderStatus};
use crate::domain::model::payments::Payment;
use crate::domain::model::plans::Plans;
use crate::domain::model::settlements::Settlements;
use crate::domain::model::simulation::Simulations;
use crate::domain::model::splits::Splits;
use crate::domain::model::subscription_payments::SubscriptionPayments;
use crate::domain::model::subscriptions::Subscriptions;
use crate::domain::model::terminals::Terminals;
use crate::domain::model::vault::Vault;
use crate::domain::model::vendors::Vendors;
use crate::domain::sessions::Sessions;
use crate::domain::table::{Group, Table};
use crate::http::errors::Refusal;
use crate::money;
use crate::records::{Change, Committed};
use crate::webhooks::{Event, Outbox};

/// The account.
pub(crate) struct State {
    pub(crate) orders: Table<Order>,
    pub(crate) payments: Table<Payment>,
    /// Payment session to order.
    pub(crate) sessions: Sessions,
    /// `cf_order_id` to order.
    pub(crate) by_cf_order_id: HashMap<u64, EcoString>,
    /// The customers that orders name.
    pub(crate) customer_ids: HashSet<String>,
    /// The orders of refunds that are PENDING, by the moment of the refund and its `cf_refund_id`.
    pub(crate) pending_refunds: BTreeMap<(SystemTime, String), String>,
    pub(crate) customers: Group<Customers>,
    pub(crate) downtimes: Group<Downtimes>,
    pub(crate) links: Links,
    pub(crate) offers: Group<Offers>,
    pub(crate) simulations: Group<Simulations>,
    pub(crate) vault: Group<Vault>,
    pub(crate) plans: Group<Plans>,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) subscription_payments: Group<SubscriptionPayments>,
    pub(crate) terminals: Group<Terminals>,
    pub(crate) disputes: Group<Disputes>,
    pub(crate) ledger: Ledger,
    pub(crate) settlements: Group<Settlements>,
    pub(crate) splits: Group<Splits>,
    pub(crate) vendors: Group<Vendors>,
    /// What the account goes by.
    pub(crate) clock: Clock,
    /// Events on their way to the merchant.
    pub(crate) outbox: Outbox,
    pub(crate) committed: VecDeque<Committed>,
    /// How many changes the log keeps; all if it does not say.
    pub(crate) keep: Option<usize>,
    /// How long a standard refund stays pending.
    pub(crate) refund_delay: Duration,
    /// New refunds are held while the merchant's balance is too low.
    pub(crate) low_balance: bool,
    /// `http://127.0.0.1:PORT/pg`, for links that lead back here.
    pub(crate) base_url: String,
    /// Rows that are written with what the operation changes.
    pub(crate) staged: Rows,
    pub(super) serial: u64,
    pub(super) salt: Salt,
    /// As it was written last.
    pub(super) written: Option<Meta>,
}

/// What the account has but once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Meta {
    pub(super) serial: u64,
    pub(super) salt: Salt,
    /// How far the clock is ahead.
    pub(super) ahead: Duration,
    pub(super) low_balance: bool,
}

/// What makes tokens that can't be guessed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Salt([u64; 2]);

impl Salt {
    fn random() -> Self {
        Self([(), ()].map(|()| RandomState::new().hash_one(SystemTime::now())))
    }

    fn hash_one(&self, of: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0, of).hash(&mut hasher);
        hasher.finish()
    }
}

impl State {
    /// Lets an order's time run out now; false if there is no such order.
    pub(crate) fn expire_order(&mut self, order_id: &str) -> bool {
        let Some(order) = self.orders.get_mut(order_id) else {
            return false;
        };
        order.expires = self.clock.now();
        true
    }

    pub(crate) fn new(base_url: String, refund_delay: Duration) -> Self {
        let clock = Clock::default();
        Self::empty(base_url, refund_delay, Outbox::new(clock.clone()), clock)
    }

    /// Forgets everything but the clock and the endpoints of webhooks.
    pub(crate) fn reset(&mut self) {
        self.outbox.reset();
        let (base_url, outbox, clock) = (self.base_url.clone(), self.outbox.clone(), self.clock.clone());
        let keep = self.keep;
        *self = Self::empty(base_url, self.refund_delay, outbox, clock);
        self.keep = keep;
        self.staged.clear();
    }

    fn empty(base_url: String, refund_delay: Duration, outbox: Outbox, clock: Clock) -> Self {
        Self {
            orders: Table::default(),
            payments: Table::default(),
            sessions: Sessions::default(),
            by_cf_order_id: HashMap::new(),
            customer_ids: HashSet::new(),
            pending_refunds: BTreeMap::new(),
            customers: Group::default(),
            downtimes: Group::default(),
            links: Links::default(),
            offers: Group::default(),
            simulations: Group::default(),
            vault: Group::default(),
            plans: Group::default(),
            subscriptions: Subscriptions::new(clock.clone()),
            subscription_payments: Group::default(),
            terminals: Group::default(),
            disputes: Group::default(),
            ledger: Ledger::default(),
            settlements: Group::default(),
            splits: Group::default(),
            vendors: Group::default(),
            outbox,
            clock,
            committed: VecDeque::new(),
            keep: None,
            refund_delay,
            low_balance: false,
            base_url,
            serial: 0,
            salt: Salt::random(),
            written: None,
            staged: Rows::default(),
        }
    }

    /// A number no other thing of this sandbox has.
    pub(crate) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Letters and digits that can't be guessed from earlier ones.
    pub(crate) fn token(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut out = String::with_capacity(length);
        while out.len() < length {
            let serial = self.serial();
            let mut bits = self.salt.hash_one(serial);
            for _ in 0..10 {
                let letter = LETTERS.get((bits % 62) as usize).copied().unwrap_or(b'A');
                out.push(char::from(letter));
                bits /= 62;
            }
        }
        out.truncate(length);
        out
    }

    /// A random identifier in the form of a UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.salt.hash_one(self.serial), self.salt.hash_one((self.serial, "low")));
        self.serial += 1;
        let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0x0fff);
        format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", 0x8000 | low >> 50, low & 0xffff_ffff_ffff)
    }

    /// What stands for a text without giving it away: the same for the same text, in this sandbox alone.
    pub(crate) fn fingerprint(&self, of: &str) -> String {
        (0..4).map(|part| format!("{:016x}", self.salt.hash_one((of, part)))).collect()
    }

    /// The payment account reference of a card: 29 capitals and digits, the same for the card and its tokens.
    pub(crate) fn account_reference(&self, card_number: &str) -> String {
        let of = format!("account of {card_number}");
        self.fingerprint(&of).to_ascii_uppercase().chars().take(29).collect()
    }

    /// The order of the call's path, with its expiry applied.
    pub(crate) fn order(&mut self, order_id: &str) -> Result<&Order, Refusal> {
        let now = self.clock.now();
        let expired = |order: &Order| order.status == OrderStatus::Active && now >= order.expires;
        if self.orders.get(order_id).is_some_and(expired)
            && let Some(order) = self.orders.get_mut(order_id)
        {
            order.status = OrderStatus::Expired;
        }
        self.orders.get(order_id).ok_or_else(unknown_order)
    }

    /// The same, to change it.
    pub(crate) fn order_mut(&mut self, order_id: &str) -> Result<&mut Order, Refusal> {
        self.order(order_id)?;
        self.orders.get_mut(order_id).ok_or_else(unknown_order)
    }

    /// The attempts on an order, oldest first.
    pub(crate) fn payments_of<'a>(
        &'a self,
        order_id: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a Payment> {
        let attempts = self.orders.get(order_id).map_or(&[][..], |order| order.attempts.as_slice());
        attempts.iter().filter_map(|cf_payment_id| self.payments.get(cf_payment_id))
    }

    /// Puts a new attempt to those on its order.
    pub(crate) fn add_payment(&mut self, payment: Payment) {
        if let Some(order) = self.orders.get_mut(&payment.order_id) {
            // Most orders have one.
            order.attempts.reserve_exact(1);
            order.attempts.push(payment.cf_payment_id.clone());
        }
        self.payments.insert(payment.cf_payment_id.clone(), payment);
    }

    /// Sends events to the merchant.
    pub(crate) fn send(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.outbox.post(&event);
        }
    }

    /// Notes a change of an order, a payment or a refund.
    pub(crate) fn commit(&mut self, call: &Call<'_>, change: Change, about: About<'_>) {
        while self.keep.is_some_and(|keep| self.committed.len() >= keep.max(1)) {
            self.committed.pop_front();
        }
        self.committed.push_back(Committed {
            at: self.clock.now(),
            change,
            operation_id: call.operation.map(str::to_owned),
            order_id: about.order_id.to_owned(),
            cf_payment_id: about.cf_payment_id.map(str::to_owned),
            refund_id: about.refund_id.map(str::to_owned),
            other_id: about.other_id.map(str::to_owned),
            amount: about.amount.map(money::text),
            idempotency_key: call.key.map(str::to_owned),
            request_id: call.request_id.map(str::to_owned),
        });
    }
}

fn unknown_order() -> Refusal {
    Refusal::not_found("order_not_found", "no order has this order_id")
}
