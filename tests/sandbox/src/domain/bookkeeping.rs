//! Bookkeeping: payments and refunds are written to the merchant's ledger when somebody next asks about money.

use std::collections::HashSet;

use crate::data::Content;
use crate::domain::model::ledger::{Event, Kind, Unbooked, fees};
use crate::domain::state::State;
use crate::domain::{refunds, shares};
use crate::money::Paise;

/// Books what was paid and refunded since the last time.
pub(crate) fn update(state: &mut State) {
    refunds::mature_all(state);
    let unbooked = state.ledger.take_unbooked();
    let mut news: Vec<Event> = unbooked.iter().filter_map(|what| event_of(state, what)).collect();
    news.sort_by_key(|event| event.at);
    for mut event in news {
        event.commission = match event.kind {
            Kind::Payment => shares::share_payment(state, &event),
            _ => -shares::take_back(state, &event),
        };
        state.ledger.book(event);
    }
}

fn event_of(state: &State, what: &Unbooked) -> Option<Event> {
    match what {
        Unbooked::Payment(cf_payment_id) => {
            let payment = state.payments.get(cf_payment_id)?;
            let amount = Paise::read(&payment.captured_amount())?;
            let mut event = Event::new(Kind::Payment, &**cf_payment_id, amount, true, payment.taken()?)
                .of_payment(&payment.order_id, cf_payment_id);
            (event.charge, event.tax) = fees(amount);
            Some(event)
        }
        Unbooked::Refund(order_id, refund_id) => {
            let order = state.orders.get(order_id)?;
            let refund = order.refunds.iter().find(|refund| refund.refund_id() == &**refund_id)?;
            let event = Event::new(Kind::Refund, &**refund_id, refund.amount(), false, refund.given_back()?);
            Some(event.of_payment(order_id, refund.cf_payment_id()))
        }
    }
}

/// Takes in what a file held, once payments and refunds are there: those that were not booked will be.
pub(crate) fn restore(state: &mut State, content: &Content) -> anyhow::Result<()> {
    for (_, event) in content.table::<Event>("ledger")? {
        state.ledger.book(event);
    }
    state.ledger.forget_changes();
    let booked = |kind: Kind, order_id: &str, id: &str| (kind, order_id.to_owned(), id.to_owned());
    let known: HashSet<_> = state
        .ledger
        .events()
        .iter()
        .map(|event| booked(event.kind, event.order_id.as_deref().unwrap_or_default(), &event.id))
        .collect();
    for order in state.orders.values() {
        for cf_payment_id in &order.attempts {
            let taken = state.payments.get(cf_payment_id).is_some_and(|payment| payment.taken().is_some());
            if taken && !known.contains(&booked(Kind::Payment, &order.order_id, cf_payment_id)) {
                state.ledger.book_later(Unbooked::Payment(cf_payment_id.clone()));
            }
        }
        for refund in order.refunds.iter().filter(|refund| refund.given_back().is_some()) {
            if !known.contains(&booked(Kind::Refund, &order.order_id, refund.refund_id())) {
                let what = Unbooked::Refund(order.order_id.as_str().into(), refund.refund_id().into());
                state.ledger.book_later(what);
            }
        }
    }
    Ok(())
}
