//! What is wrong with JSON, and where.

use std::borrow::Cow;
use std::fmt;

use serde::de;

use crate::decode::error::cut;

/// A step from a value to one within it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Member(String),
    Item(usize),
}

/// Why a value can't be read, and where it stands. It repeats nothing of the value.
#[derive(Debug)]
pub(crate) struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    reason: Cow<'static, str>,
    /// How many bytes of the JSON were read.
    at: Option<usize>,
    /// The steps to it, the last one first.
    path: Vec<Step>,
    /// Nothing that it stands in may be set aside.
    is_final: bool,
}

impl Fault {
    pub(super) fn new(reason: Cow<'static, str>, at: usize) -> Self {
        Self(Box::new(Inner { reason, at: Some(at), path: Vec::new(), is_final: false }))
    }

    /// Unless it has a place already.
    pub(super) fn at(mut self, at: usize) -> Self {
        self.0.at.get_or_insert(at);
        self
    }

    /// Of something that must not go missing.
    pub(crate) fn for_good(mut self) -> Self {
        self.0.is_final = true;
        self
    }

    pub(super) fn is_final(&self) -> bool {
        self.0.is_final
    }

    pub(super) fn within(mut self, step: Step) -> Self {
        self.0.path.push(step);
        self
    }

    /// The path as it is told; `.` for the whole.
    pub(crate) fn path(&self) -> String {
        if self.0.path.is_empty() { ".".to_owned() } else { cut(Path(&self.0.path)) }
    }

    /// The reason, and the line and column in the JSON that was read.
    pub(crate) fn reason_in(&self, json: &[u8]) -> String {
        let read = json.get(..self.0.at.unwrap_or_default()).unwrap_or(json);
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = read.iter().rev().take_while(|byte| **byte != b'\n').count();
        format!("{} at line {line} column {column}", self.0.reason)
    }
}

/// Steps, the last one first.
pub(super) struct Path<'a>(pub(super) &'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().rev().enumerate() {
            match step {
                Step::Member(name) if index == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// As the readers of other formats tell it, which know of no path: [`apart`] takes the two apart again.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.path.is_empty() {
            f.write_str(&self.0.reason)
        } else {
            write!(f, "{}{IN}{})", self.0.reason, self.path())
        }
    }
}

/// Stands in no reason.
const IN: &str = " (in ";

/// The reason and the path of a fault that another reader told, if it tells of one.
pub(crate) fn apart(told: &str) -> Option<(&str, &str, &str)> {
    let (reason, rest) = told.split_once(IN)?;
    let (path, after) = rest.rsplit_once(')')?;
    Some((reason, path, after))
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self(Box::new(Inner {
            reason: reason.to_string().into(),
            at: None,
            path: Vec::new(),
            is_final: false,
        }))
    }
}
