//! The merchant's books: every event that moved the balance, in the order in which it was booked. Nothing is
//! ever taken out or changed but for the settlement that an event went into, so a place in the books is good
//! for a cursor.
//!
//! Payments and refunds are booked when somebody next asks about money ([`bring_up_to_date`]), with the time
//! at which they happened; everything else as it happens.

use std::collections::BTreeSet;
use std::time::SystemTime;

use crate::domain::refunds;
use crate::domain::splits;
use crate::domain::state::State;
use crate::money::Paise;

/// Of a payment the service keeps 1.9 percent, and 18 percent of that as tax.
const CHARGE: Paise = Paise(190);
const TAX: Paise = Paise(1_800);

/// What the service keeps of a payment, and the tax on that.
pub(crate) fn fees(amount: Paise) -> (Paise, Paise) {
    let charge = amount.share(CHARGE);
    (charge, charge.share(TAX))
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    /// The id of the payment, refund, dispute, adjustment or settlement.
    pub(crate) id: String,
    pub(crate) order_id: Option<String>,
    pub(crate) cf_payment_id: Option<String>,
    /// Above zero; `credit` says which way it went.
    pub(crate) amount: Paise,
    pub(crate) credit: bool,
    pub(crate) charge: Paise,
    pub(crate) tax: Paise,
    /// The vendors' part; below zero where they give it back.
    pub(crate) commission: Paise,
    pub(crate) remarks: String,
    pub(crate) at: SystemTime,
    /// The settlement that it went into.
    pub(crate) settlement: Option<u64>,
}

impl Event {
    pub(crate) fn new(kind: Kind, id: impl Into<String>, amount: Paise, credit: bool) -> Self {
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
            remarks: String::new(),
            at: SystemTime::now(),
            settlement: None,
        }
    }

    pub(crate) fn of_payment(mut self, order_id: &str, cf_payment_id: &str) -> Self {
        self.order_id = Some(order_id.to_owned());
        self.cf_payment_id = Some(cf_payment_id.to_owned());
        self
    }

    /// What it did to the merchant's balance.
    pub(crate) fn net(&self) -> Paise {
        let gross = if self.credit { self.amount } else { -self.amount };
        gross - self.charge - self.tax - self.commission
    }
}

/// The books.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) events: Vec<Event>,
    booked: BTreeSet<String>,
}

impl Ledger {
    /// What the merchant has coming.
    pub(crate) fn unsettled(&self) -> Paise {
        self.events.iter().filter(|event| event.settlement.is_none()).map(Event::net).sum()
    }

    /// The payment of an order, with its place.
    pub(crate) fn payment_of(&self, order_id: &str) -> Option<(usize, &Event)> {
        let is = |event: &Event| event.kind == Kind::Payment && event.order_id.as_deref() == Some(order_id);
        self.events.iter().enumerate().find(|(_, event)| is(event))
    }
}

/// Books what was paid and refunded since the last time.
pub(crate) fn bring_up_to_date(state: &mut State) {
    let mut news = Vec::new();
    for payment in state.payments.values() {
        if let (Some(at), Some(amount)) = (payment.taken(), Paise::read(payment.captured_amount())) {
            let mut event = Event::new(Kind::Payment, &payment.cf_payment_id, amount, true)
                .of_payment(&payment.order_id, &payment.cf_payment_id);
            (event.charge, event.tax) = fees(amount);
            event.at = at;
            news.push(event);
        }
    }
    refunds::mature(state);
    for order in state.orders.values() {
        for refund in &order.refunds {
            if let Some(at) = refund.given_back() {
                let mut event = Event::new(Kind::Refund, refund.refund_id(), refund.amount(), false)
                    .of_payment(&order.order_id, refund.cf_payment_id());
                event.at = at;
                news.push(event);
            }
        }
    }
    let key = |event: &Event| format!("{:?} {:?} {}", event.kind, event.order_id, event.id);
    news.retain(|event| !state.ledger.booked.contains(&key(event)));
    news.sort_by_key(|event| event.at);
    for mut event in news {
        state.ledger.booked.insert(key(&event));
        event.commission = match event.kind {
            Kind::Payment => splits::share_payment(state, &event),
            _ => -splits::take_back(state, &event),
        };
        state.ledger.events.push(event);
    }
}
