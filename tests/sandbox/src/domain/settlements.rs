//! Settlements: what the merchant has coming, on its way to the bank. A settlement is INITIATED when an order
//! is marked for it, or when a day is settled; the day's end transfers it.

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::{About, Call};
use crate::domain::model::ledger::{Event, Kind};
use crate::domain::model::settlements::{Settlement, Transfer};
use crate::domain::report_page::{Page, Range, texts};
use crate::domain::state::State;
use crate::domain::{bookkeeping, entities};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

/// Those that a filter lets through.
pub(crate) struct Filter<'a> {
    ids: Option<Vec<&'a str>>,
    utrs: Option<Vec<&'a str>>,
    range: Option<Range>,
}

impl<'a> Filter<'a> {
    pub(crate) fn read(filters: &'a Value) -> Result<Self, Refusal> {
        let ids = texts(&filters["cf_settlement_ids"]);
        let utrs = texts(&filters["settlement_utrs"]);
        let range = Range::read(filters)?;
        match (ids.is_some() || utrs.is_some(), range.is_some()) {
            (false, false) => Err(Refusal::bad_request(
                "filters_missing",
                "filters needs settlement ids, UTRs or a range of dates",
            )),
            (true, true) => Err(Refusal::bad_request(
                "filters_invalid",
                "filters takes ids and UTRs, or a range of dates, not both",
            )),
            _ => Ok(Self { ids, utrs, range }),
        }
    }

    /// Only what was transferred can be found.
    pub(crate) fn holds(&self, settlement: &Settlement) -> bool {
        let Some(transfer) = &settlement.transfer else {
            return false;
        };
        let id = settlement.id.to_string();
        self.ids.as_ref().is_some_and(|ids| ids.contains(&id.as_str()))
            || self.utrs.as_ref().is_some_and(|utrs| utrs.contains(&transfer.utr.as_str()))
            || self.range.is_some_and(|range| range.holds(transfer.at))
    }
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let order_id = call.path("order_id");
    state.order(order_id)?;
    let payment = state.ledger.payment_of(order_id).map(|(_, payment)| payment);
    let payment = payment.filter(|payment| payment.settlement.is_some()).ok_or_else(|| {
        Refusal::not_found("settlement_not_found", "nothing of this order is on its way to the bank")
    })?;
    Ok(JsonResponse::ok(entities::settlement(state, payment)))
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let page = Page::read(&call.body["pagination"], "SETTLEMENT", 1_000)?;
    let filter = Filter::read(&call.body["filters"])?;
    let rows = state.ledger.from(page.from()).filter(|(_, event)| {
        let settlement = state.settlements.of(event);
        event.kind == Kind::Payment && settlement.is_some_and(|settlement| filter.holds(settlement))
    });
    Ok(JsonResponse::ok(page.of(rows.map(|(place, event)| (place, entities::settlement(state, event))))))
}

pub(crate) fn mark(state: &mut State, call: &Call<'_>) -> Outcome {
    bookkeeping::update(state);
    let order_id = call.body["order_id"].as_str().unwrap_or_default();
    let date = call.body["meta_data"]["settlement_date"].as_str().unwrap_or_default();
    if date.len() != 10 || clock::parse(&format!("{date}T00:00:00Z")).is_none() {
        return Err(Refusal::bad_request("api_request_failed", "Invalid settlementDate Format"));
    }
    if !state.orders.contains_key(order_id) {
        return Err(Refusal::not_found("order_not_found", "Order Reference Id does not exist"));
    }
    let Some((place, payment)) = state.ledger.payment_of(order_id) else {
        return Err(Refusal::bad_request("order_id_not_paid", "only a paid order can be settled"));
    };
    if payment.settlement.is_some() {
        return Err(Refusal::bad_request("api_request_failed", "Duplicate request"));
    }
    let id = initiate(state, &[place]);
    let id = id.to_string();
    let about = About { order_id, other_id: Some(&id), ..About::default() };
    state.commit(call, Change::SettlementMarked, about);
    Ok(JsonResponse { status: 202, body: json!({}) })
}

/// Puts these events into a settlement of their own.
fn initiate(state: &mut State, places: &[usize]) -> u64 {
    let id = 6_121_000 + state.serial();
    for place in places {
        state.ledger.settle(*place, id);
    }
    state.settlements.0.push(Settlement { id, initiated: state.clock.now(), transfer: None });
    state.send(events::settlements::moved(state, id));
    id
}

/// A day ends: all that is open goes into a settlement, unless it comes to nothing, and every settlement goes
/// to the bank; so does what the vendors have coming. Returns the settlements' ids.
pub(crate) fn settle(state: &mut State) -> Vec<String> {
    bookkeeping::update(state);
    let open = state.ledger.open();
    // The next payments make up for what is owed.
    if state.ledger.unsettled() > Paise(0) {
        initiate(state, &open);
    }
    let mut ids = Vec::new();
    for at in 0..state.settlements.0.len() {
        let transfer_id = 238_000 + state.serial();
        let Some(settlement) = state.settlements.0.get_mut(at).filter(|known| known.transfer.is_none())
        else {
            continue;
        };
        let (id, now) = (settlement.id, state.clock.now());
        settlement.transfer = Some(Transfer { id: transfer_id, utr: format!("1644822{id:09}"), at: now });
        let amount: Paise = state.ledger.of_settlement(id).map(Event::net).sum();
        let mut event = Event::new(Kind::Settlement, id.to_string(), amount, true, now);
        event.settlement = Some(id);
        event.remarks = "Settled".into();
        state.ledger.book(event);
        state.send(events::settlements::moved(state, id));
        let (id, amount) = (id.to_string(), amount.to_json());
        let about = About { other_id: Some(&id), amount: Some(&amount), ..About::default() };
        state.commit(&Call::by_payer(), Change::Settled, about);
        ids.push(id);
    }
    let mut vendors = std::mem::take(&mut *state.vendors);
    let paid_out = vendors.pay_out(state.clock.now(), &mut || state.serial());
    *state.vendors = vendors;
    for (vendor_id, payout) in paid_out {
        state.send(events::vendors::paid_out(state, &vendor_id, &payout).into_iter().flatten());
    }
    ids
}
