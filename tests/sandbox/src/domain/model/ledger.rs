//! The merchant's books: every event that moved the balance, in the order in which it was booked. Nothing is
//! ever taken out or changed but for the settlement that an event went into, so a place in the books is good
//! for a cursor.
//!
//! Payments and refunds are booked when somebody next asks about money (`bookkeeping::update`), with the time
//! at which they happened; everything else as it happens.

use std::collections::{BTreeSet, HashMap};
use std::time::SystemTime;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::data::Rows;
use crate::money::Paise;

/// Of a payment the service keeps 1.9 percent, and 18 percent of that as tax.
pub(crate) const CHARGE: Paise = Paise(190);
const TAX: Paise = Paise(1_800);

/// What the service keeps of a payment, and the tax on that.
pub(crate) fn fees(amount: Paise) -> (Paise, Paise) {
    let charge = amount.share(CHARGE);
    (charge, charge.share(TAX))
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    Payment,
    Refund,
    Dispute,
    DisputeReversal,
    Adjustment,
    Settlement,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Payment => "PAYMENT",
            Self::Refund => "REFUND",
            Self::Dispute => "DISPUTE",
            Self::DisputeReversal => "DISPUTE_REVERSAL",
            Self::Adjustment => "OTHER_ADJUSTMENT",
            Self::Settlement => "SETTLEMENT",
        }
    }
}

/// One line of the books.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    /// The id of the payment, refund, dispute, adjustment or settlement.
    pub(crate) id: EcoString,
    pub(crate) order_id: Option<EcoString>,
    pub(crate) cf_payment_id: Option<EcoString>,
    /// Above zero; `credit` says which way it went.
    pub(crate) amount: Paise,
    pub(crate) credit: bool,
    pub(crate) charge: Paise,
    pub(crate) tax: Paise,
    /// The vendors' part; below zero where they give it back.
    pub(crate) commission: Paise,
    pub(crate) remarks: EcoString,
    pub(crate) at: SystemTime,
    /// The settlement that it went into.
    pub(crate) settlement: Option<u64>,
}

impl Event {
    pub(crate) fn new(
        kind: Kind,
        id: impl Into<EcoString>,
        amount: Paise,
        credit: bool,
        at: SystemTime,
    ) -> Self {
        Self {
            kind,
            id: id.into(),
            order_id: None,
            cf_payment_id: None,
            amount,
            credit,
            charge: Paise(0),
            tax: Paise(0),
            commission: Paise(0),
            remarks: EcoString::new(),
            at,
            settlement: None,
        }
    }

    pub(crate) fn of_payment(mut self, order_id: &str, cf_payment_id: &str) -> Self {
        self.order_id = Some(order_id.into());
        self.cf_payment_id = Some(cf_payment_id.into());
        self
    }

    /// What it did to the merchant's balance.
    pub(crate) fn net(&self) -> Paise {
        let gross = if self.credit { self.amount } else { -self.amount };
        gross - self.charge - self.tax - self.commission
    }
}

/// What moved the balance and is not in the books yet.
#[derive(Clone, Debug)]
pub(crate) enum Unbooked {
    /// A payment that was taken, by its `cf_payment_id`.
    Payment(EcoString),
    /// A refund that was given back, by its order and its `refund_id`.
    Refund(EcoString, EcoString),
}

/// The books.
#[derive(Default)]
pub(crate) struct Ledger {
    events: Vec<Event>,
    /// The place of each order's payment.
    payments: HashMap<EcoString, usize>,
    /// The places of the events that are in no settlement.
    open: BTreeSet<usize>,
    /// The places of each settlement's events.
    settled: HashMap<u64, Vec<usize>>,
    unbooked: Vec<Unbooked>,
    /// The places of the events that were booked or changed since the last time they were written.
    touched: BTreeSet<usize>,
}

impl Ledger {
    /// The events from a place on, each with its place.
    pub(crate) fn from(&self, place: u64) -> impl Iterator<Item = (u64, &Event)> {
        let skipped = usize::try_from(place).unwrap_or(usize::MAX);
        (place..).zip(self.events.iter().skip(skipped))
    }

    /// What the merchant has coming.
    pub(crate) fn unsettled(&self) -> Paise {
        self.open.iter().filter_map(|place| self.events.get(*place)).map(Event::net).sum()
    }

    /// The places of what is in no settlement.
    pub(crate) fn open(&self) -> Vec<usize> {
        self.open.iter().copied().collect()
    }

    /// The payment of an order, with its place.
    pub(crate) fn payment_of(&self, order_id: &str) -> Option<(usize, &Event)> {
        let place = *self.payments.get(order_id)?;
        Some((place, self.events.get(place)?))
    }

    /// What went into a settlement.
    pub(crate) fn of_settlement(&self, id: u64) -> impl Iterator<Item = &Event> {
        let places = self.settled.get(&id).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.events.get(*place))
    }

    /// Writes an event at the end of the books.
    pub(crate) fn book(&mut self, event: Event) {
        let place = self.events.len();
        self.touched.insert(place);
        match event.settlement {
            None => drop(self.open.insert(place)),
            Some(id) => self.settled.entry(id).or_default().push(place),
        }
        if let (Kind::Payment, Some(order_id)) = (event.kind, &event.order_id) {
            self.payments.entry(order_id.clone()).or_insert(place);
        }
        self.events.push(event);
    }

    /// Puts an event into a settlement.
    pub(crate) fn settle(&mut self, place: usize, id: u64) {
        if let Some(event) = self.events.get_mut(place) {
            event.settlement = Some(id);
            self.touched.insert(place);
            self.open.remove(&place);
            self.settled.entry(id).or_default().push(place);
        }
    }

    /// Changes the vendors' part of an event.
    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut Event> {
        self.touched.insert(place);
        self.events.get_mut(place)
    }

    pub(crate) fn changes(&mut self, rows: &mut Rows) {
        for place in std::mem::take(&mut self.touched) {
            if let Some(event) = self.events.get(place) {
                rows.put("ledger", &format!("{place:012}"), event);
            }
        }
    }

    /// Forgets what was touched, where nothing is written.
    pub(crate) fn forget_changes(&mut self) {
        self.touched.clear();
    }

    /// The events of the books, oldest first.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// What is not in the books yet; the caller books it.
    pub(crate) fn take_unbooked(&mut self) -> Vec<Unbooked> {
        std::mem::take(&mut self.unbooked)
    }

    /// Remembers what is to be booked when somebody next asks about money.
    pub(crate) fn book_later(&mut self, what: Unbooked) {
        self.unbooked.push(what);
    }
}
