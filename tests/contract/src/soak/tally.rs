//! Each statement that a caller received, compared with what the service did in the end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cashfree::{Effect, Error};

use super::Caller;
use super::plan::{Flows, Send};
use super::service::Commit;

/// What a call said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// It succeeded. For a write with the id of what was done, empty if the response has none, or `None` where
    /// the operation returns no id. For a read `Some` is an id that was not asked for.
    Done(Option<Box<str>>),
    NotSent,
    Refused,
    Unknown,
    Applied,
}

impl Statement {
    pub(super) fn of(error: &Error) -> Self {
        match error.effect() {
            Effect::NotSent => Self::NotSent,
            // A read says nothing of what was done.
            Effect::Refused | Effect::ReadOnly => Self::Refused,
            Effect::Applied => Self::Applied,
            _ => Self::Unknown,
        }
    }
}

/// What a caller takes to be the case when it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conclusion {
    Done,
    NotDone,
    Unknown,
}

#[derive(Clone, Debug)]
struct Line {
    send: Send,
    statement: Statement,
    attempts: u8,
    micros: u32,
}

/// The statements of a run; all flows add to it.
#[derive(Debug, Default)]
pub(super) struct Statements(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    calls: Vec<Line>,
    first_turns: u64,
    conclusions: Vec<(Send, Conclusion)>,
}

impl Statements {
    pub(super) fn record(&self, send: Send, statement: Statement, attempts: u32, taken: Duration) {
        let attempts = u8::try_from(attempts).unwrap_or(u8::MAX);
        let micros = u32::try_from(taken.as_micros()).unwrap_or(u32::MAX);
        let mut lines = self.lines();
        lines.first_turns += u64::from(send.turn == 0);
        lines.calls.push(Line { send, statement, attempts, micros });
    }

    /// Logical calls so far.
    pub(super) fn calls(&self) -> u64 {
        self.lines().first_turns
    }

    pub(super) fn conclude(&self, send: Send, conclusion: Conclusion) {
        self.lines().conclusions.push((Send { turn: 0, ..send }, conclusion));
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares the statements with the ledger.
    pub(super) fn judge(self, caller: Caller, flows: Flows, seed: u64, commits: &[Commit]) -> Tally {
        let lines = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let change = |send: Send| {
            flows.acts_of(seed, send.flow).get(usize::from(send.step)).and_then(|act| act.change())
        };
        let mut by_send: HashMap<Send, Vec<&str>> = HashMap::new();
        let mut by_write: HashMap<Send, u64> = HashMap::new();
        for commit in commits {
            // A payment that succeeds as it is started is two changes of one write: the first one counts.
            if let Some(send) = Send::parse(&commit.request_id)
                && change(send).is_some_and(|change| change == commit.change)
            {
                by_send.entry(send).or_default().push(&commit.id);
                *by_write.entry(Send { turn: 0, ..send }).or_default() += 1;
            }
        }
        let mut tally = Tally::new(caller);
        tally.doubles = by_write.values().filter(|times| **times > 1).count() as u64;
        let mut waits = Vec::new();
        for line in &lines.calls {
            let first = line.send.turn == 0;
            if first {
                tally.calls += 1;
                tally.attempts += u64::from(line.attempts);
                tally.most_attempts = tally.most_attempts.max(u64::from(line.attempts));
                waits.push(line.micros);
            } else {
                tally.resent += 1;
            }
            let Some(changed) = change(line.send) else {
                match &line.statement {
                    Statement::Done(other) => tally.foreign_at(line.send, other.is_some()),
                    _ => tally.failed_reads += 1,
                }
                continue;
            };
            if first {
                let (writes, ambiguous) = tally.by_change.entry(changed).or_default();
                *writes += 1;
                *ambiguous += u64::from(line.statement == Statement::Unknown);
            }
            // A later turn speaks of earlier ones, too; an earlier one never of later ones.
            let so_far = (0..=line.send.turn).filter_map(|turn| by_send.get(&Send { turn, ..line.send }));
            let ids: Vec<&str> = so_far.flatten().copied().collect();
            tally.add(line, first, by_send.contains_key(&line.send), &ids);
        }
        for (write, conclusion) in lines.conclusions {
            match (conclusion, by_write.contains_key(&write)) {
                (Conclusion::Unknown, _) => tally.unresolved += 1,
                (Conclusion::Done, false) | (Conclusion::NotDone, true) => {
                    tally.misled += 1;
                    tally.example(write, "concluded the contrary");
                }
                _ => {}
            }
        }
        waits.sort_unstable();
        let quantile = |part: f64| {
            let at = (waits.len().saturating_sub(1) as f64 * part) as usize;
            waits.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
        };
        (tally.p50, tally.p99) = (quantile(0.5), quantile(0.99));
        tally
    }
}

/// The result for one caller.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The caller.
    pub caller: Caller,
    /// Logical calls made.
    pub calls: u64,
    /// Those of them that write.
    pub writes: u64,
    /// Writes reported as done.
    pub done: u64,
    /// Writes reported as not done.
    pub nothing: u64,
    /// Writes reported as applied with a response that cannot be read.
    pub applied: u64,
    /// Writes reported as ambiguous that were done.
    pub unknown_done: u64,
    /// Writes reported as ambiguous that were not.
    pub unknown_not: u64,
    /// Writes that were done more than once.
    pub doubles: u64,
    /// Writes reported as done that were not.
    pub losses: u64,
    /// Calls reported as done with the response to another request.
    pub foreign: u64,
    /// Writes reported as not done that were, or as applied that were not.
    pub wrong: u64,
    /// Writes of which the caller knows nothing when it stops.
    pub unresolved: u64,
    /// Writes of which the caller concludes the contrary of what happened.
    pub misled: u64,
    /// Calls that the caller resent.
    pub resent: u64,
    /// Writes by their change, and those of them that were reported as ambiguous.
    pub by_change: BTreeMap<&'static str, (u64, u64)>,
    /// Reads that failed.
    pub failed_reads: u64,
    /// Attempts of all calls.
    pub attempts: u64,
    /// Attempts of the call that took most.
    pub most_attempts: u64,
    /// Median latency in milliseconds.
    pub p50: f64,
    /// 99th percentile of the latency in milliseconds.
    pub p99: f64,
    /// Duration of the run.
    pub seconds: f64,
    /// Peak memory in bytes.
    pub peak: Option<u64>,
    /// The first few wrong statements: flow, step and turn, and what was wrong.
    pub examples: Vec<String>,
}

impl Tally {
    fn new(caller: Caller) -> Self {
        Self {
            caller,
            calls: 0,
            writes: 0,
            done: 0,
            nothing: 0,
            applied: 0,
            unknown_done: 0,
            unknown_not: 0,
            doubles: 0,
            losses: 0,
            foreign: 0,
            wrong: 0,
            unresolved: 0,
            misled: 0,
            resent: 0,
            by_change: BTreeMap::new(),
            failed_reads: 0,
            attempts: 0,
            most_attempts: 0,
            p50: 0.0,
            p99: 0.0,
            seconds: 0.0,
            peak: None,
            examples: Vec::new(),
        }
    }

    /// Whether nothing was done twice and no statement was wrong.
    pub fn balances(&self) -> bool {
        self.doubles + self.losses + self.foreign + self.wrong + self.misled == 0
    }

    /// Adds a statement about a write. `committed` is whether this very call did it, `ids` what it and earlier
    /// turns did.
    fn add(&mut self, line: &Line, first: bool, committed: bool, ids: &[&str]) {
        let once = u64::from(first);
        self.writes += once;
        match &line.statement {
            Statement::Done(claim) => {
                self.done += once;
                if ids.is_empty() {
                    self.losses += 1;
                    self.example(line.send, "reported as done");
                }
                let named = ids.iter().any(|id| !id.is_empty());
                let other = claim.as_ref().filter(|claim| named && !ids.contains(&claim.as_ref()));
                self.foreign_at(line.send, other.is_some());
            }
            Statement::NotSent | Statement::Refused => {
                self.nothing += once;
                if committed {
                    self.wrong += 1;
                    self.example(line.send, "reported as not done");
                }
            }
            Statement::Applied => {
                self.applied += once;
                if ids.is_empty() {
                    self.wrong += 1;
                    self.example(line.send, "reported as applied");
                }
            }
            Statement::Unknown if !first => {}
            Statement::Unknown if committed => self.unknown_done += 1,
            Statement::Unknown => self.unknown_not += 1,
        }
    }

    fn foreign_at(&mut self, send: Send, foreign: bool) {
        if foreign {
            self.foreign += 1;
            self.example(send, "done with the response to another request");
        }
    }

    fn example(&mut self, send: Send, what: &str) {
        if self.examples.len() < 12 {
            self.examples.push(format!("{} {what}", send.request_id()));
        }
    }
}
