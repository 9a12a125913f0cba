//! Time that passes at once: the clock is moved, day by day, and what became due by itself happens.

use std::time::Duration;

use crate::clock;
use crate::domain::state::State;
use crate::domain::{refunds, settlements, subscription_payments};

/// Moves the account's clock forward. At each midnight of India on the way the day is settled.
pub(crate) fn advance(state: &mut State, by: Duration) {
    let mut left = by.min(state.clock.left());
    loop {
        let of_day = clock::left_of_day(state.clock.now());
        let ends = of_day <= left;
        let step = of_day.min(left);
        left -= step;
        state.clock.advance(step);
        refunds::mature_all(state);
        subscription_payments::debit_due(state);
        if !ends {
            break;
        }
        settlements::settle(state);
    }
    state.outbox.wake();
}
