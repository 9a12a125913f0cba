//! The books: a line for each call as it was told, and what the service says of it in the end.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cashfree::{Effect, Error};

use super::Caller;
use super::plan::{Flow, Send};
use super::service::Commit;

/// What a caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Done,
    NotSent,
    Refused,
    Unknown,
    Applied,
}

impl Told {
    pub(super) fn of(error: &Error) -> Self {
        match error.effect() {
            Effect::NotSent => Self::NotSent,
            Effect::Refused => Self::Refused,
            Effect::Applied => Self::Applied,
            _ => Self::Unknown,
        }
    }
}

/// What a caller believes of a write in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    Done,
    NotDone,
    Unknown,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    send: Send,
    told: Told,
    attempts: u8,
    micros: u32,
}

/// Written to by all flows.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    lines: Vec<Line>,
    beliefs: Vec<(Send, Belief)>,
}

impl Ledger {
    pub(super) fn note(&self, send: Send, told: Told, attempts: u32, taken: Duration) {
        let attempts = u8::try_from(attempts).unwrap_or(u8::MAX);
        let micros = u32::try_from(taken.as_micros()).unwrap_or(u32::MAX);
        self.pages().lines.push(Line { send, told, attempts, micros });
    }

    pub(super) fn believe(&self, send: Send, belief: Belief) {
        self.pages().beliefs.push((Send { turn: 0, ..send }, belief));
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds what was told against what was done.
    pub(super) fn close(
        self,
        caller: Caller,
        seed: u64,
        commits: &[Commit],
        taken: Duration,
        peak: Option<u64>,
    ) -> Books {
        let pages = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let change = |send: Send| {
            Flow::acts_of(seed, send.flow).get(usize::from(send.step)).and_then(|act| act.change())
        };
        let mut by_send: HashMap<Send, u64> = HashMap::new();
        let mut by_write: HashMap<Send, u64> = HashMap::new();
        for (word, request_id) in commits {
            // A payment that is made as it is begun is two changes of one write: the first one counts.
            if let Some(send) = Send::read(request_id)
                && change(send).is_some_and(|change| format!("{change:?}") == *word)
            {
                *by_send.entry(send).or_default() += 1;
                *by_write.entry(Send { turn: 0, ..send }).or_default() += 1;
            }
        }
        let mut books = Books { caller, seconds: taken.as_secs_f64(), peak, ..Books::of(caller) };
        books.doubles = by_write.values().filter(|times| **times > 1).count() as u64;
        let mut waits = Vec::new();
        for line in pages.lines {
            let committed = by_send.contains_key(&line.send);
            // A later turn under the same key is told of what an earlier one did, never the other way round.
            let by_now = (0..=line.send.turn).any(|turn| by_send.contains_key(&Send { turn, ..line.send }));
            let first = line.send.turn == 0;
            if first {
                books.calls += 1;
                books.attempts += u64::from(line.attempts);
                books.most_attempts = books.most_attempts.max(u64::from(line.attempts));
                waits.push(line.micros);
            } else {
                books.repairs += 1;
            }
            if change(line.send).is_none() {
                books.failed_reads += u64::from(line.told != Told::Done);
                continue;
            }
            books.writes += u64::from(first);
            match line.told {
                Told::Done => {
                    books.done += u64::from(first);
                    books.losses += u64::from(!by_now);
                }
                Told::NotSent | Told::Refused => {
                    books.nothing += u64::from(first);
                    books.wrong += u64::from(committed);
                }
                Told::Applied => {
                    books.applied += u64::from(first);
                    books.wrong += u64::from(!by_now);
                }
                Told::Unknown if !first => {}
                Told::Unknown if committed => books.unknown_done += 1,
                Told::Unknown => books.unknown_not += 1,
            }
        }
        for (write, belief) in pages.beliefs {
            match (belief, by_write.contains_key(&write)) {
                (Belief::Unknown, _) => books.unresolved += 1,
                (Belief::Done, false) | (Belief::NotDone, true) => books.misled += 1,
                _ => {}
            }
        }
        waits.sort_unstable();
        let quantile = |part: f64| {
            let at = (waits.len().saturating_sub(1) as f64 * part) as usize;
            waits.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
        };
        (books.p50, books.p99) = (quantile(0.5), quantile(0.99));
        books
    }
}

/// What one caller comes to.
#[derive(Clone, Copy, Debug)]
pub struct Books {
    /// Who it was.
    pub caller: Caller,
    /// Logical calls made.
    pub calls: u64,
    /// Those among them that write.
    pub writes: u64,
    /// Writes told to be done.
    pub done: u64,
    /// Writes told not to have happened.
    pub nothing: u64,
    /// Writes told to have happened, without an answer that can be read.
    pub applied: u64,
    /// Writes told to be unknown that had happened.
    pub unknown_done: u64,
    /// Writes told to be unknown that had not.
    pub unknown_not: u64,
    /// Writes that happened more than once.
    pub doubles: u64,
    /// Writes told to be done that did not happen.
    pub losses: u64,
    /// Writes told not to have happened that did, or told to have happened that did not.
    pub wrong: u64,
    /// Writes that the caller still does not know of, after looking and asking again.
    pub unresolved: u64,
    /// Writes of which the caller believes the wrong thing in the end.
    pub misled: u64,
    /// Calls made again because the first one came to nothing.
    pub repairs: u64,
    /// Reads that brought nothing.
    pub failed_reads: u64,
    /// Attempts of all calls.
    pub attempts: u64,
    /// Attempts of the call that took most.
    pub most_attempts: u64,
    /// Half of the calls took no longer, in milliseconds.
    pub p50: f64,
    /// Of a hundred calls one took longer, in milliseconds.
    pub p99: f64,
    /// The whole run.
    pub seconds: f64,
    /// The most memory, in bytes.
    pub peak: Option<u64>,
}

impl Books {
    fn of(caller: Caller) -> Self {
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
            wrong: 0,
            unresolved: 0,
            misled: 0,
            repairs: 0,
            failed_reads: 0,
            attempts: 0,
            most_attempts: 0,
            p50: 0.0,
            p99: 0.0,
            seconds: 0.0,
            peak: None,
        }
    }

    /// Whether nothing happened twice, and nobody was told what is not so.
    pub fn balance(&self) -> bool {
        self.doubles + self.losses + self.wrong + self.misled == 0
    }
}

/// Books side by side, as Markdown.
#[derive(Debug)]
pub struct Table<'a>(pub &'a [Books]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |title: &str, cell: &dyn Fn(&Books) -> String| {
            write!(f, "| {title} |")?;
            self.0.iter().try_for_each(|books| write!(f, " {} |", cell(books)))?;
            writeln!(f)
        };
        row("", &|b| b.caller.title().to_owned())?;
        row("---", &|_| "---:".to_owned())?;
        row("calls", &|b| b.calls.to_string())?;
        row("of these, writes", &|b| b.writes.to_string())?;
        row("told: done", &|b| b.done.to_string())?;
        row("told: nothing happened", &|b| b.nothing.to_string())?;
        row("told: it happened, answer unreadable", &|b| b.applied.to_string())?;
        row("told: unknown, and it had happened", &|b| b.unknown_done.to_string())?;
        row("told: unknown, and it had not", &|b| b.unknown_not.to_string())?;
        row("**happened twice**", &|b| format!("**{}**", b.doubles))?;
        row("**told done, and was not**", &|b| format!("**{}**", b.losses))?;
        row("**told the contrary of what happened**", &|b| format!("**{}**", b.wrong))?;
        row("still unknown after looking and asking again", &|b| b.unresolved.to_string())?;
        row("believed wrongly in the end", &|b| b.misled.to_string())?;
        row("calls made again after nothing had happened", &|b| b.repairs.to_string())?;
        row("reads that failed", &|b| b.failed_reads.to_string())?;
        row("attempts a call, mean", &|b| format!("{:.2}", b.attempts as f64 / b.calls.max(1) as f64))?;
        row("attempts a call, most", &|b| b.most_attempts.to_string())?;
        row("latency, p50", &|b| format!("{:.1} ms", b.p50))?;
        row("latency, p99", &|b| format!("{:.1} ms", b.p99))?;
        row("seconds", &|b| format!("{:.1}", b.seconds))?;
        row("calls a second", &|b| format!("{:.0}", b.calls as f64 / b.seconds.max(0.001)))?;
        row("peak memory", &|b| match b.peak {
            Some(bytes) => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            None => "not told here".to_owned(),
        })
    }
}
