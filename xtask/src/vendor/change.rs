//! A change, and the rules that say whom it can break.
//!
//! Two programs are asked about. One is built against the new crates from the same source: it breaks
//! *at compile time*. The other was built against the old ones and still runs: it breaks *at the wire*.
//! What is sent and what is read differ, since a request keeps its required members and is refused
//! when one is missing, while every member of an answer is optional, enums and unions are open, and
//! answers are decoded tolerantly. What no operation reaches, and what only error answers reach, is
//! not generated and breaks nobody.
//!
//! | change | sent | read |
//! |---|---|---|
//! | member added | additive; compile and wire when required | additive |
//! | member removed | compile and wire | compile |
//! | member becomes required | compile and wire | none |
//! | member becomes optional | compile | none |
//! | type changed, schema that can't be read | compile and wire | compile and wire |
//! | format changed, written in place or named, other name, map opened or closed | compile | compile |
//! | enum value or alternative added | additive | additive |
//! | enum value or alternative removed | compile and wire | compile |
//! | list of values appears | compile and wire | compile |
//! | list of values vanishes | compile | compile |
//! | limit tightened, pattern or default changed, null forbidden | wire | none |
//! | limit loosened, null allowed | additive | none |
//! | `readOnly` set | wire | none |
//! | `writeOnly` set | none | wire |
//! | other keyword, `deprecated` | none | none |
//!
//! Rules for operations stand where they are compared, in `operations`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::BitOr;

/// Whom a change can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    compile: bool,
    wire: bool,
    additive: bool,
}

impl Effect {
    /// Nobody, and nothing is gained.
    pub const NONE: Self = Self { compile: false, wire: false, additive: false };
    /// Something new that nobody has to use.
    pub const ADDITIVE: Self = Self { additive: true, ..Self::NONE };
    /// A program that is built again.
    pub const COMPILE: Self = Self { compile: true, ..Self::NONE };
    /// A program that runs already.
    pub const WIRE: Self = Self { wire: true, ..Self::NONE };
    /// Both.
    pub const BOTH: Self = Self { compile: true, wire: true, additive: false };

    /// The class that the report counts it in.
    pub fn class(self) -> Class {
        match (self.compile, self.wire) {
            (true, true) => Class::CompileAndWire,
            (false, true) => Class::Wire,
            (true, false) => Class::Compile,
            (false, false) if self.additive => Class::Additive,
            (false, false) => Class::None,
        }
    }
}

impl BitOr for Effect {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            compile: self.compile || other.compile,
            wire: self.wire || other.wire,
            additive: self.additive || other.additive,
        }
    }
}

/// The classes of the report, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Breaks programs that are built again and programs that run.
    CompileAndWire,
    /// Breaks programs that run.
    Wire,
    /// Breaks programs that are built again.
    Compile,
    /// Adds something.
    Additive,
    /// Changes nothing for a caller.
    None,
}

impl Class {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 5] = [Self::CompileAndWire, Self::Wire, Self::Compile, Self::Additive, Self::None];

    /// The word for it in the report.
    pub fn word(self) -> &'static str {
        match self {
            Self::CompileAndWire => "compile, wire",
            Self::Wire => "wire",
            Self::Compile => "compile",
            Self::Additive => "additive",
            Self::None => "none",
        }
    }

    /// Whether it can break a caller.
    pub fn breaks(self) -> bool {
        self < Self::Additive
    }
}

/// Which way a schema travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Travel {
    /// In parameters or request bodies.
    pub sent: bool,
    /// In successful answers.
    pub read: bool,
}

impl Travel {
    /// In a request.
    pub const SENT: Self = Self { sent: true, read: false };
    /// In an answer.
    pub const READ: Self = Self { sent: false, read: true };
    /// In neither, or in error answers only.
    pub const NOWHERE: Self = Self { sent: false, read: false };

    /// The effect by the way it goes; the first is that on what is sent.
    pub fn choose(self, sent: Effect, read: Effect) -> Effect {
        let none = Effect::NONE;
        (if self.sent { sent } else { none }) | (if self.read { read } else { none })
    }

    /// The same effect both ways.
    pub fn either(self, effect: Effect) -> Effect {
        self.choose(effect, effect)
    }
}

/// Which part of the document a change is in, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What concerns the whole document.
    Document,
    /// An operation.
    Operation,
    /// A parameter, header, body or response that operations share.
    Shared,
    /// A named schema.
    Schema,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Document, Self::Operation, Self::Shared, Self::Schema];

    /// The heading of its column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Operation => "operations",
            Self::Shared => "shared components",
            Self::Schema => "named schemas",
        }
    }
}

/// A place as a person reads it: `CreateOrderRequest.order_meta.return_url`, `PGCreateOrder · 200 · [].x`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which part of the document.
    pub part: Part,
    /// The operation or the named schema.
    pub root: String,
    /// Steps between dots, such as `200`.
    steps: Vec<String>,
    /// The path into a schema.
    path: String,
}

impl Place {
    /// A place without steps.
    pub fn new(part: Part, root: impl Into<String>) -> Self {
        Self { part, root: root.into(), steps: Vec::new(), path: String::new() }
    }

    /// One step on, set off by a dot.
    #[must_use]
    pub fn step(&self, step: impl Into<String>) -> Self {
        let mut place = self.clone();
        place.steps.push(step.into());
        place
    }

    /// A member of an object.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        self.inside(&format!(".{name}"))
    }

    /// One step into a schema: `[]` for the items of a list.
    #[must_use]
    pub fn inside(&self, path: &str) -> Self {
        let mut place = self.clone();
        place.path.push_str(path);
        place
    }
}

impl Place {
    /// The place without its root, which other roots may share.
    pub fn within(&self) -> String {
        let mut text: String = self.steps.iter().map(|step| format!(" · {step}")).collect();
        match self.path.as_str() {
            "" => {}
            path if self.steps.is_empty() => text.push_str(path),
            path => text.push_str(&format!(" · {}", path.trim_start_matches('.'))),
        }
        text
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.root, self.within())
    }
}

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// What, as Markdown.
    pub what: String,
    /// Whom it can break.
    pub effect: Effect,
}

/// How many examples differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Examples {
    /// New ones.
    pub added: usize,
    /// Vanished ones.
    pub removed: usize,
    /// Other contents under the same name.
    pub changed: usize,
}

/// All that differs.
#[derive(Debug, Default)]
pub struct Difference {
    /// The changes, sorted by place.
    pub changes: Vec<Change>,
    /// Examples by operation, or by the other part that holds them.
    pub examples: BTreeMap<(Part, String), Examples>,
    /// How many descriptions, summaries and titles differ. The vendored ones are this project's own.
    pub descriptions: usize,
    /// Who sends and who reads a named schema, in words.
    pub uses: BTreeMap<String, String>,
}

impl Difference {
    /// Notes a change.
    pub fn note(&mut self, place: &Place, what: impl Into<String>, effect: Effect) {
        self.changes.push(Change { place: place.clone(), what: what.into(), effect });
    }

    /// Sorts by place, then by wording.
    pub fn sort(&mut self) {
        self.changes.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
    }

    /// How many changes of a class are in a part.
    pub fn count(&self, class: Class, part: Part) -> usize {
        self.of(class).filter(|change| change.place.part == part).count()
    }

    /// The changes of a class.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.effect.class() == class)
    }

    /// All effects together.
    pub fn effect(&self) -> Effect {
        self.changes.iter().fold(Effect::NONE, |all, change| all | change.effect)
    }
}

/// Names in backquotes, in order: `` `a`, `b` ``.
pub fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: BTreeSet<String> = names.into_iter().map(|name| code(name.as_ref())).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Text as Markdown code, also when it holds backquotes.
pub fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
