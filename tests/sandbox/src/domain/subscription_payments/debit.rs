//! Debits under a mandate: when one may be raised, and what the bank makes of it.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Payment, Status, log, send_event, without_zone};
use crate::clock;
use crate::domain::call::{Call, future_time};
use crate::domain::model::mandates::Method;
use crate::domain::model::subscriptions::Status as SubscriptionStatus;
use crate::domain::state::State;
use crate::http::errors::Refusal;
use crate::money::Paise;
use crate::records::Change;
use crate::webhooks::events;

const DAY: Duration = Duration::from_secs(86_400);
/// How often the service itself repeats a debit by UPI.
const REPEATS: u32 = 3;

/// Whether a debit may be raised, and its payment method.
pub(super) fn debitable(
    state: &mut State,
    subscription_id: &str,
    sent: &Value,
) -> Result<Option<Method>, Refusal> {
    let taken = state.subscription_payments.debits(subscription_id);
    let subscription = state.subscriptions.find(subscription_id)?;
    subscription.must_be(&[SubscriptionStatus::Active], "charged")?;
    let amount = &sent["payment_amount"];
    if amount.is_null() {
        return Err(Refusal::bad_request("payment_amount_missing", "a debit says how much it takes"));
    }
    let ceiling = subscription.terms.ceiling();
    if Paise::read(amount).is_none_or(|amount| amount <= Paise(0) || amount > ceiling) {
        let message = "a debit takes more than nothing and at most plan_max_amount";
        return Err(Refusal::bad_request("payment_amount_invalid", message));
    }
    if subscription.terms.cycles().is_some_and(|cycles| taken >= cycles) {
        let message = "all cycles of the plan are taken or under way";
        return Err(Refusal::bad_request("plan_max_cycles_invalid", message));
    }
    let method = subscription.mandate.method;
    check_schedule(state.clock.now(), &sent["payment_schedule_date"], method)?;
    Ok(method)
}

/// A payer is notified of a debit by UPI or card a day before: before nine in the evening for the next day, and
/// at most fourteen days ahead.
fn check_schedule(now: SystemTime, sent: &Value, method: Option<Method>) -> Result<(), Refusal> {
    const INVALID: &str = "payment_schedule_date_invalid";
    let Some(due) = future_time(now, sent, "payment_schedule_date")? else {
        return Ok(());
    };
    if method.is_some_and(Method::is_announced) {
        let too_late_today = without_zone(now).get(11..13).is_some_and(|hour| hour >= "21");
        let first = now + if too_late_today { 2 * DAY } else { DAY };
        let day = |at: SystemTime| without_zone(at).get(..10).map(str::to_owned);
        if day(due) < day(first) || day(due) > day(now + 14 * DAY) {
            let message = "debits by UPI and card are raised one to fourteen days ahead";
            return Err(Refusal::bad_request(INVALID, message));
        }
    }
    Ok(())
}

/// The bank carries out, with success, the debits whose day has come, in the order of their days.
pub(crate) fn debit_due(state: &mut State) {
    let now = state.clock.now();
    let day = |payment: &Payment| payment.schedule.as_str().and_then(clock::parse);
    let open = state.subscription_payments.0.iter().filter(|payment| {
        !payment.is_authorization() && payment.status.is_open() && day(payment).is_some_and(|day| day <= now)
    });
    let mut due: Vec<_> = open.map(|payment| (day(payment), payment.payment_id.clone())).collect();
    due.sort();
    for (_, payment_id) in due {
        debit(state, &payment_id, true);
    }
}

/// The bank carries out a debit; false if none waits under this id.
pub(crate) fn debit(state: &mut State, payment_id: &str, succeeds: bool) -> bool {
    let Ok(payment) = state.subscription_payments.find(payment_id) else {
        return false;
    };
    if payment.is_authorization() || !payment.status.is_open() {
        return false;
    }
    let Ok(subscription) = state.subscriptions.find(&payment.subscription_id) else {
        return false;
    };
    if !matches!(subscription.status, SubscriptionStatus::Active | SubscriptionStatus::OnHold) {
        return false;
    }
    let repeats = subscription.mandate.method == Some(Method::Upi) && payment.retry_attempts < REPEATS;
    if succeeds {
        conclude_debit(state, &Call::by_payer(), payment_id, None);
    } else if repeats {
        payment.retry_attempts += 1;
        payment.status = Status::Pending;
    } else {
        conclude_debit(state, &Call::by_payer(), payment_id, Some("the bank could not debit the account"));
    }
    true
}

/// Ends a debit. A failure puts the subscription on hold, a success resumes it, the last success completes it.
fn conclude_debit(state: &mut State, call: &Call<'_>, payment_id: &str, refused: Option<&str>) {
    let Ok(payment) = state.subscription_payments.find(payment_id) else {
        return;
    };
    let subscription_id = payment.subscription_id.clone();
    payment.status = if refused.is_some() { Status::Failed } else { Status::Success };
    payment.failure = refused.unwrap_or_default().to_owned();
    let past = state.subscriptions.status_of(&subscription_id);
    let is_paid = |payment: &&Payment| !payment.is_authorization() && payment.status == Status::Success;
    let paid = state.subscription_payments.of(&subscription_id).filter(is_paid).count();
    if let Ok(subscription) = state.subscriptions.find(&subscription_id) {
        let complete = subscription.terms.cycles().is_some_and(|cycles| paid >= cycles);
        subscription.status = match refused {
            Some(_) => SubscriptionStatus::OnHold,
            None if complete => SubscriptionStatus::Completed,
            None => SubscriptionStatus::Active,
        };
    }
    let (change, event) = match refused {
        Some(_) => (Change::SubscriptionPaymentFailed, "SUBSCRIPTION_PAYMENT_FAILED"),
        None => (Change::SubscriptionPaymentMade, "SUBSCRIPTION_PAYMENT_SUCCESS"),
    };
    log(state, call, change, payment_id);
    send_event(state, event, payment_id);
    state.send(events::subscriptions::status_changed(state, &subscription_id, past));
}
