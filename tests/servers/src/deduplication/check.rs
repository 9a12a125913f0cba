//! Compares what the ledger recorded with the promises of a store.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::ledger::{Kills, Record, Step};

/// What Redis rounds a lease by, whose clock counts milliseconds.
const ROUNDING: Duration = Duration::from_millis(5);

/// What a store promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// Each event has exactly one committed effect.
    ExactlyOnce,
    /// Each event has at least one effect, and no two handlers at a time within the lease.
    OneAtATime,
}

/// Result of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Requests of the sender.
    pub deliveries: u64,
    /// Requests that were acknowledged with 200.
    pub acknowledged: u64,
    /// Requests that the sender cancelled before their response.
    pub hang_ups: u64,
    /// Receivers killed, by point.
    pub kills: Kills,
    /// Restarts of the store's server.
    pub restarts: u32,
    /// Handlers that began.
    pub begun: u64,
    /// Handlers that had their effect; in a transaction: that wrote it.
    pub effects: u64,
    /// Handlers whose event was confirmed, or whose transaction was committed.
    pub handled: u64,
    /// Handlers that ended after another one had taken their event.
    pub lease_lost: u64,
    /// Handlers whose confirmation failed with the store.
    pub unconfirmed: u64,
    /// Deliveries skipped because the event was handled before.
    pub skipped: u64,
    /// Deliveries refused because the event was being handled.
    pub in_progress: u64,
    /// Events with more than one effect, where one is not promised.
    pub repeated: u64,

    /// Broken: events without an effect.
    pub missing: u64,
    /// Broken: events with more than one committed effect, where one is promised.
    pub doubled: u64,
    /// Broken: pairs of handlers of one event at a time, within the lease of both.
    pub together: u64,
    /// Broken: handlers with an effect that began after the event was confirmed.
    pub after_confirmation: u64,
    /// Broken: events that were confirmed by more than one handler.
    pub confirmed_twice: u64,
    /// Broken: deliveries skipped although no handler was through with the event.
    pub skipped_early: u64,
    /// The whole run.
    pub taken: Duration,
}

impl Report {
    /// Returns how often a promise was broken.
    pub fn broken(&self) -> u64 {
        self.missing
            + self.doubled
            + self.together
            + self.after_confirmation
            + self.confirmed_twice
            + self.skipped_early
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, count: u64| writeln!(f, "{name:<46}{count:>8}");
        line("requests", self.deliveries)?;
        line("  acknowledged with 200", self.acknowledged)?;
        line("  cancelled by the sender", self.hang_ups)?;
        line("receivers killed", self.kills.values().copied().map(u64::from).sum())?;
        for (point, count) in &self.kills {
            line(&format!("  {point}"), u64::from(*count))?;
        }
        line("restarts of the server", u64::from(self.restarts))?;
        line("handlers begun", self.begun)?;
        line("  with their effect", self.effects)?;
        line("  confirmed or committed", self.handled)?;
        line("  that lost their lease", self.lease_lost)?;
        line("  not confirmed, the store failed", self.unconfirmed)?;
        line("deliveries skipped, handled before", self.skipped)?;
        line("deliveries refused, in progress", self.in_progress)?;
        line("events with several effects, as may be", self.repeated)?;
        line("BROKEN: events without an effect", self.missing)?;
        line("BROKEN: events with several effects", self.doubled)?;
        line("BROKEN: two handlers at a time", self.together)?;
        line("BROKEN: handled after a confirmation", self.after_confirmation)?;
        line("BROKEN: confirmed twice", self.confirmed_twice)?;
        line("BROKEN: skipped before it was handled", self.skipped_early)?;
        write!(f, "{:<46}{:>8.1}", "seconds", self.taken.as_secs_f64())
    }
}

/// A handling of an event.
#[derive(Debug, Default)]
struct Handling {
    claiming: Option<Instant>,
    begun: Option<Instant>,
    renewing: Option<Instant>,
    /// Times in which no other handler may hold the event: from, and the end of the lease.
    held: Vec<(Instant, Instant)>,
    /// Time of the effect, and whether the process was killed there.
    effect: Option<(Instant, bool)>,
    failed: Option<Instant>,
    handled: Option<Instant>,
    skipped: Option<Instant>,
}

impl Handling {
    fn take(&mut self, record: &Record, lease: Duration) {
        let at = record.at;
        match record.step {
            Step::Claiming => self.claiming = Some(at),
            Step::Begun => {
                self.begun = Some(at);
                self.hold(at, self.claiming, lease);
            }
            Step::Renewing => self.renewing = Some(at),
            Step::Renewed => self.hold(at, self.renewing, lease),
            Step::Ended => self.effect = Some((at, record.killed)),
            Step::Failed => self.failed = Some(at),
            Step::Handled => self.handled = Some(at),
            Step::Before => self.skipped = Some(at),
            Step::LeaseLost | Step::Unconfirmed | Step::InProgress | Step::StoreFailed => {}
        }
    }

    /// The server's lease began after it was asked for.
    fn hold(&mut self, at: Instant, asked: Option<Instant>, lease: Duration) {
        self.held.push((at, asked.unwrap_or(at) + lease.saturating_sub(ROUNDING)));
    }

    fn ended(&self) -> Option<Instant> {
        self.effect.map(|(at, _)| at).or(self.failed)
    }

    /// Whether both hold the event at a time, each until its end or that of its lease.
    fn together(&self, other: &Self) -> bool {
        let held = |handling: &Self| -> Vec<(Instant, Instant)> {
            let end = handling.ended();
            handling.held.iter().map(|(from, to)| (*from, end.map_or(*to, |end| end.min(*to)))).collect()
        };
        let others = held(other);
        held(self).iter().any(|(from, to)| others.iter().any(|(start, end)| from.max(start) < to.min(end)))
    }

    /// Whether this handler began after the other one's event was confirmed.
    fn follows(&self, other: &Self, lease: Duration) -> bool {
        let (Some(begun), Some((effect, _)), Some(handled)) = (self.begun, other.effect, other.handled)
        else {
            return false;
        };
        // After the end of its lease, the other one may have been overtaken, and confirm when this one failed.
        let overtaken = other.claiming.is_some_and(|claiming| effect > claiming + lease);
        // A step of a process that was killed may be recorded late; without an effect, it does not count.
        self.effect.is_some() && begun > if overtaken { handled } else { effect }
    }
}

/// `committed` are the events with the number of their effects, where one is promised.
pub(super) fn check(
    records: &[Record],
    events: u32,
    lease: Duration,
    promise: Promise,
    committed: Option<Vec<(u32, u32)>>,
) -> Report {
    let mut report = Report::default();
    let mut all: BTreeMap<u32, BTreeMap<(u32, u64), Handling>> = BTreeMap::new();
    for record in records {
        let handlings = all.entry(record.event).or_default();
        handlings.entry((record.process, record.handling)).or_default().take(record, lease);
        *match record.step {
            Step::Begun => &mut report.begun,
            Step::Ended => &mut report.effects,
            Step::Handled => &mut report.handled,
            Step::LeaseLost => &mut report.lease_lost,
            Step::Unconfirmed => &mut report.unconfirmed,
            Step::Before => &mut report.skipped,
            Step::InProgress => &mut report.in_progress,
            _ => continue,
        } += 1;
    }
    let committed: Option<BTreeMap<u32, u32>> = committed.map(|committed| committed.into_iter().collect());
    for event in 0..events {
        let handlings: Vec<&Handling> = all.get(&event).into_iter().flat_map(BTreeMap::values).collect();
        let effects = match &committed {
            Some(committed) => committed.get(&event).copied().unwrap_or_default() as usize,
            None => handlings.iter().filter(|handling| handling.effect.is_some()).count(),
        };
        report.missing += u64::from(effects == 0);
        let several = u64::from(effects > 1);
        match promise {
            Promise::ExactlyOnce => report.doubled += several,
            Promise::OneAtATime => report.repeated += several,
        }
        let confirmed = handlings.iter().filter(|handling| handling.handled.is_some()).count();
        report.confirmed_twice += u64::from(confirmed > 1);
        for (at, one) in handlings.iter().enumerate() {
            let others = || handlings.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, it)| it);
            let after = others().any(|other| one.follows(other, lease));
            report.after_confirmation += u64::from(after);
            if promise == Promise::OneAtATime {
                let later = handlings.iter().skip(at + 1);
                report.together += later.filter(|other| one.together(other)).count() as u64;
            }
            let through = |skipped| {
                others().any(|other| other.effect.is_some_and(|(effect, killed)| !killed && effect < skipped))
            };
            report.skipped_early += u64::from(one.skipped.is_some_and(|skipped| !through(skipped)));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: u64 = 100;

    /// Checks handlings of one event: process, milliseconds, step.
    fn checked(steps: &[(u32, u64, Step)]) -> Report {
        let start = Instant::now();
        let records: Vec<Record> = steps
            .iter()
            .map(|(process, at, step)| Record {
                at: start + Duration::from_millis(*at),
                process: *process,
                handling: 0,
                event: 0,
                step: *step,
                killed: false,
            })
            .collect();
        check(&records, 1, Duration::from_millis(LEASE), Promise::OneAtATime, None)
    }

    #[test]
    fn a_handled_event_that_is_skipped_is_in_order() {
        let report = checked(&[
            (1, 0, Step::Claiming),
            (1, 1, Step::Begun),
            (2, 2, Step::Claiming),
            (2, 3, Step::InProgress),
            (1, 4, Step::Ended),
            (1, 5, Step::Handled),
            (3, 6, Step::Claiming),
            (3, 7, Step::Before),
        ]);
        assert_eq!((report.broken(), report.repeated, report.skipped), (0, 0, 1), "{report}");
    }

    #[test]
    fn an_event_without_an_effect_is_missing() {
        assert_eq!(checked(&[(1, 0, Step::Claiming), (1, 1, Step::Begun)]).missing, 1);
        let report = checked(&[(1, 0, Step::Claiming), (1, 1, Step::Begun), (2, 2, Step::Before)]);
        assert_eq!((report.missing, report.skipped_early), (1, 1));
    }

    #[test]
    fn a_crashed_handler_holds_the_event_for_its_lease() {
        let steps = |again| {
            checked(&[
                (1, 0, Step::Claiming),
                (1, 1, Step::Begun),
                (2, again - 1, Step::Claiming),
                (2, again, Step::Begun),
                (2, again + 1, Step::Ended),
                (2, again + 2, Step::Handled),
            ])
        };
        assert_eq!(steps(50).together, 1);
        assert_eq!(steps(LEASE).broken(), 0);
    }

    #[test]
    fn a_renewed_lease_holds_the_event() {
        let steps = |again| {
            checked(&[
                (1, 0, Step::Claiming),
                (1, 1, Step::Begun),
                (1, 60, Step::Renewing),
                (1, 61, Step::Renewed),
                (2, again - 1, Step::Claiming),
                (2, again, Step::Begun),
                (2, again + 1, Step::Ended),
            ])
        };
        assert_eq!(steps(120).together, 1);
        assert_eq!(steps(160).together, 0);
    }

    #[test]
    fn a_second_effect_may_follow_a_crash_and_no_confirmation() {
        let steps = |confirmed: bool| {
            let mut steps = vec![(1, 0, Step::Claiming), (1, 1, Step::Begun), (1, 2, Step::Ended)];
            if confirmed {
                steps.push((1, 3, Step::Handled));
            }
            steps.extend([(2, 150, Step::Claiming), (2, 151, Step::Begun), (2, 152, Step::Ended)]);
            checked(&steps)
        };
        assert_eq!((steps(false).broken(), steps(false).repeated), (0, 1));
        assert_eq!(steps(true).after_confirmation, 1);
    }
}
