//! The difference of two models: what a caller of the generated crate has to change, and what a program built
//! before may meet at the wire.

mod facts;
mod pairs;

use std::collections::{BTreeMap, BTreeSet};

use self::facts::{Fact, facts, parameters};
use crate::document;
use crate::model::{Direction, Kind, Model, Operation, Place, Presence, RetryClass, Shape, Type};
use crate::outline;
use crate::private::is_private;
use crate::render;

pub use pairs::Pair;

/// Which part of the surface a change is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Operations: added, removed, changed.
    Operations,
    /// Types that vanished, were renamed or changed their meaning.
    Types,
    /// Fields of objects and alternatives of unions.
    Fields,
    /// Values of enums.
    Values,
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breaks {
    /// Code written for the generated crate, and a program that was built before.
    Both,
    /// Code written for the generated crate.
    Compile,
    /// A program that was built before: its request may be refused or have another effect.
    Wire,
    /// Nobody.
    Nobody,
}

impl Breaks {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Both => "compile, wire",
            Self::Compile => "compile",
            Self::Wire => "wire",
            Self::Nobody => "–",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub part: Part,
    /// The operation or the type.
    pub subject: String,
    /// What became of it.
    pub what: String,
    /// Whom it breaks.
    pub breaks: Breaks,
}

/// The difference of two models.
#[derive(Debug, Default)]
pub struct Comparison {
    /// All changes: by part, those that break first.
    pub changes: Vec<Change>,
    /// Types that have another name now.
    pub renamed: Vec<Pair>,
    /// New writes with their retry class.
    pub new_writes: Vec<(String, RetryClass)>,
    /// New texts and whole numbers of requests that are not redacted, as `Type.field`.
    pub new_texts: Vec<String>,
}

impl Comparison {
    /// With changes of what no model has, such as servers.
    #[must_use]
    pub fn with(mut self, changes: Vec<Change>) -> Self {
        self.changes.extend(changes);
        self.changes.sort_by(|one, other| {
            (one.part, one.breaks, &one.subject).cmp(&(other.part, other.breaks, &other.subject))
        });
        self
    }
}

/// Compares two models.
pub fn compare(old: &Model, new: &Model) -> Comparison {
    let renamed = pairs::renamed(old, new);
    let names: BTreeMap<&str, &str> =
        renamed.iter().map(|pair| (pair.old.as_str(), pair.new.as_str())).collect();
    let mut compare = Compare {
        old,
        new,
        names,
        replaced: BTreeSet::new(),
        open: Vec::new(),
        found: Comparison::default(),
    };
    compare.operations();
    compare.types();
    compare.replaced();
    compare.areas();
    let mut found = compare.found.with(Vec::new());
    let split = pairs::split(old, new, &renamed);
    found.renamed = renamed;
    found.renamed.extend(split);
    found
}

struct Compare<'a> {
    old: &'a Model,
    new: &'a Model,
    /// New names of types by their old ones.
    names: BTreeMap<&'a str, &'a str>,
    /// Types that other types have taken the place of, with those.
    replaced: BTreeSet<(String, String)>,
    /// Of these the pairs that are not compared yet.
    open: Vec<(String, String)>,
    found: Comparison,
}

impl<'a> Compare<'a> {
    fn note(&mut self, part: Part, subject: &str, what: String, breaks: Breaks) {
        self.found.changes.push(Change { part, subject: subject.to_owned(), what, breaks });
    }

    /// The same operation in the new model: of the same id, else of the same method and path.
    fn counterpart(&self, operation: &Operation) -> Option<&'a Operation> {
        let by_id = self.new.operations.iter().find(|other| other.id == operation.id);
        by_id.or_else(|| self.new.operations.iter().find(|other| place(other) == place(operation)))
    }

    fn operations(&mut self) {
        let mut met = Vec::new();
        for before in &self.old.operations {
            let Some(now) = self.counterpart(before) else {
                let what = format!("removed: {} {}", before.method, before.path);
                self.note(Part::Operations, &before.id, what, Breaks::Compile);
                continue;
            };
            met.push(&now.id);
            self.operation(before, now);
        }
        for now in self.new.operations.iter().filter(|operation| !met.contains(&&operation.id)) {
            let retry_class = outline::retry_class(now.retry_class);
            let what =
                format!("added: {} {}, {retry_class}, {}", now.method, now.path, outline::credentials(now));
            self.note(Part::Operations, &now.id, what, Breaks::Nobody);
            if now.retry_class != RetryClass::Safe {
                self.found
                    .new_writes
                    .push((format!("{} ({} {})", now.id, now.method, now.path), now.retry_class));
            }
        }
    }

    fn operation(&mut self, before: &Operation, now: &Operation) {
        let id = before.id.clone();
        let mut note = |what: String, breaks| self.note(Part::Operations, &id, what, breaks);
        if before.id != now.id {
            note(format!("is called {}", now.id), Breaks::Compile);
        }
        if place(before) != place(now) {
            let (from, to) =
                (format!("{} {}", before.method, before.path), format!("{} {}", now.method, now.path));
            note(format!("{from} → {to}"), Breaks::Wire);
        }
        if before.retry_class != now.retry_class {
            let (from, to) =
                (outline::retry_class(before.retry_class), outline::retry_class(now.retry_class));
            note(format!("retry class {from} → {to}"), Breaks::Wire);
        }
        let credentials = |operation| outline::all_credentials(operation, true);
        if credentials(before) != credentials(now) {
            let (mut from, mut to) = (outline::credentials(before), outline::credentials(now));
            if from == to {
                (from, to) = (credentials(before), credentials(now));
            }
            note(format!("credentials {from} → {to}"), Breaks::Wire);
        }
        let (from, to) = (outline::protection(&before.protected_by), outline::protection(&now.protected_by));
        if from != to {
            note(format!("protection: {from} → {to}"), Breaks::Wire);
        }
        let identity = |operation: &Operation| outline::identity(&operation.expected, true);
        let (from, to) = (identity(before), identity(now));
        if from != to {
            // A response that does not match is refused as foreign.
            note(format!("expected response: {from} → {to}"), Breaks::Wire);
        }
        self.signature(before, now);
    }

    /// Parameters, body and response.
    fn signature(&mut self, before: &Operation, now: &Operation) {
        for (place, word) in
            [(Place::Path, "path parameter"), (Place::Query, "query parameter"), (Place::Header, "header")]
        {
            let rule = Rule { word, removed: Breaks::Both, added: Breaks::Compile, is_sent: true };
            let (old, new) = (parameters(before, place), parameters(now, place));
            self.facts(Part::Operations, &before.id, &rule, &old, &new);
        }
        self.content("body", &before.id, sent(before), sent(now), Breaks::Both);
        self.content("response", &before.id, read(before), read(now), Breaks::Compile);
    }

    /// What an operation sends or reads: a type of the document, or a type that is written by hand.
    fn content(&mut self, word: &str, id: &str, from: Content<'_>, to: Content<'_>, breaks: Breaks) {
        let shown = match from {
            (Some(kind), _) => self.kind(kind),
            (None, text) => text.to_owned(),
        };
        let now = to.0.map_or_else(|| to.1.to_owned(), Kind::short);
        if shown != now {
            self.note(Part::Operations, id, format!("{word} {shown} → {now}"), breaks);
            self.replace(from.0, to.0);
        }
    }

    /// An old type under the names of the new model.
    fn kind(&self, kind: &Kind) -> String {
        pairs::translated(kind, &self.names).short()
    }

    fn types(&mut self) {
        for before in &self.old.types {
            let name = self.names.get(before.name.as_str()).copied().unwrap_or(&before.name);
            if name != before.name {
                self.note(Part::Types, &before.name, format!("is called {name}"), Breaks::Compile);
            }
            match self.new.find(name) {
                Some(now) => self.type_(&now.name, before, now),
                None => {
                    let way = direction(before.direction);
                    self.note(Part::Types, &before.name, format!("vanished ({way})"), Breaks::Compile);
                }
            }
        }
        let new = self.new;
        for now in new.types.iter().filter(|now| self.is_new(now)).collect::<Vec<_>>() {
            self.note(Part::Types, &now.name, format!("new ({})", direction(now.direction)), Breaks::Nobody);
            facts(now).iter().for_each(|fact| self.text(now, fact));
        }
    }

    /// The modules of the types by area.
    fn areas(&mut self) {
        let (old, new) = (render::area_of_types(self.old), render::area_of_types(self.new));
        for (name, before) in old {
            let renamed = self.names.get(name).copied().unwrap_or(name);
            if let Some(now) = new.get(renamed).filter(|now| **now != before) {
                self.note(Part::Types, name, format!("moves from `{before}` to `{now}`"), Breaks::Compile);
            }
        }
    }

    fn is_new(&self, now: &Type) -> bool {
        let is_known = self.old.find(&now.name).is_some() && !self.names.contains_key(now.name.as_str());
        !is_known && !self.names.values().any(|name| *name == now.name)
    }

    /// Remembers that one type stands now where another one stood.
    fn replace(&mut self, before: Option<&Kind>, now: Option<&Kind>) {
        if let (Some(before), Some(now)) = (before.and_then(Kind::named), now.and_then(Kind::named)) {
            let renamed = self.names.get(before).copied().unwrap_or(before);
            let pair = (before.to_owned(), now.to_owned());
            if renamed != now && self.replaced.insert(pair.clone()) {
                self.open.push(pair);
            }
        }
    }

    /// Compares types with those that have taken their place.
    fn replaced(&mut self) {
        while let Some((before, now)) = self.open.pop() {
            if let (Some(old), Some(new)) = (self.old.find(&before), self.new.find(&now)) {
                self.type_(&format!("{before} → {now}"), old, new);
            }
        }
    }

    /// A text or a whole number of a request that prints in plain: a code of a card may be either.
    fn text(&mut self, holder: &Type, fact: &Fact<'_>) {
        let is_plain = fact.kind.is_some_and(|kind| {
            let item = if let Kind::List(item) = kind { item } else { kind };
            matches!(item, Kind::Text | Kind::Whole) && !is_private(fact.name, kind)
        });
        if is_plain && is_sent(holder.direction) && matches!(holder.shape, Shape::Object(_)) {
            self.found.new_texts.push(format!("{}.{}", holder.name, fact.name));
        }
    }

    fn type_(&mut self, subject: &str, before: &Type, now: &Type) {
        if before.direction != now.direction {
            let what = format!("{} → {}", direction(before.direction), direction(now.direction));
            self.note(Part::Types, subject, what, Breaks::Compile);
        }
        let is_sent = is_sent(now.direction);
        let removed = if is_sent { Breaks::Both } else { Breaks::Compile };
        let (part, word) = match (&before.shape, &now.shape) {
            (Shape::Object(_), Shape::Object(_)) => (Part::Fields, ""),
            (Shape::Union(_), Shape::Union(_)) => (Part::Fields, "alternative"),
            (Shape::Enum(_), Shape::Enum(_)) => (Part::Values, ""),
            (old, new) => {
                let what = format!("{} → {}", shape(old), shape(new));
                return self.note(Part::Types, subject, what, removed);
            }
        };
        let rule = Rule { word, removed, added: Breaks::Nobody, is_sent };
        let (old, new) = (facts(before), facts(now));
        self.facts(part, subject, &rule, &old, &new);
        // Of a type that has taken the place of another one, the report shows them with the type.
        if subject == now.name {
            let is_known = |fact: &&Fact<'_>| old.iter().any(|other| other.name == fact.name);
            new.iter().filter(|fact| !is_known(fact)).for_each(|fact| self.text(now, fact));
        }
    }

    /// The difference of two lists of facts.
    fn facts(&mut self, part: Part, subject: &str, rule: &Rule, old: &[Fact<'_>], new: &[Fact<'_>]) {
        let shown = |fact: &Fact<'_>| format!("{} `{}`", rule.word, fact.name).trim_start().to_owned();
        for before in old {
            let name = shown(before);
            let Some(now) = new.iter().find(|fact| fact.name == before.name) else {
                self.note(part, subject, format!("{name} removed"), rule.removed_of(before));
                continue;
            };
            if let (Some(from), Some(to)) = (before.kind, now.kind)
                && self.kind(from) != to.short()
            {
                let what = format!("{name}: {} → {}", self.kind(from), to.short());
                self.note(part, subject, what, rule.removed_of(before));
                self.replace(before.kind, now.kind);
            } else if before.wrapper() != now.wrapper() && !(rule.is_sent && before.required != now.required)
            {
                let of = |fact: &Fact<'_>| {
                    fact.wrapper().replace('_', &fact.kind.map(Kind::short).unwrap_or_default())
                };
                self.note(part, subject, format!("{name}: {} → {}", of(before), of(now)), Breaks::Compile);
            }
            if before.rust != now.rust {
                let (from, to) = (&before.rust, &now.rust);
                self.note(part, subject, format!("{name} is called {to}, not {from}"), Breaks::Both);
            }
            if rule.is_sent && before.required != now.required {
                let (word, breaks) =
                    if now.required { ("required", Breaks::Both) } else { ("optional", Breaks::Compile) };
                self.note(part, subject, format!("{name} {word}"), breaks);
            }
            if rule.is_sent && is_narrower(before, now) {
                self.note(part, subject, format!("{name} has narrower limits"), Breaks::Wire);
            }
        }
        for now in new.iter().filter(|now| !old.iter().any(|before| before.name == now.name)) {
            let (word, breaks) =
                if now.required && rule.is_sent { ("required ", Breaks::Both) } else { ("", rule.added) };
            let kind = now.kind.map(|kind| format!(": {}", kind.short())).unwrap_or_default();
            self.note(part, subject, format!("{word}{} added{kind}", shown(now)), breaks);
        }
    }
}

/// How the report shows a change of a fact, and what the change breaks.
struct Rule {
    /// What the fact is, if its name does not say so.
    word: &'static str,
    /// Whom it breaks that the fact is gone or has another type.
    removed: Breaks,
    /// Whom it breaks that there is one more, which nobody must send.
    added: Breaks,
    /// Whether it is sent, so that it may be required and limited.
    is_sent: bool,
}

impl Rule {
    /// Whom it breaks that this fact is gone or has another type: a response is refused without a field that each must
    /// have.
    fn removed_of(&self, fact: &Fact<'_>) -> Breaks {
        if fact.presence == Presence::Present { Breaks::Both } else { self.removed }
    }
}

/// A type of the document, else a word for what is written by hand.
type Content<'a> = (Option<&'a Kind>, &'a str);

fn sent(operation: &Operation) -> Content<'_> {
    let other = if operation.multipart { "upload" } else { "none" };
    (operation.body.as_ref(), operation.request.as_deref().unwrap_or(other))
}

fn read(operation: &Operation) -> Content<'_> {
    (operation.response_body.as_ref(), operation.response.as_deref().unwrap_or("none"))
}

fn is_sent(direction: Direction) -> bool {
    matches!(direction, Direction::Request | Direction::Both)
}

fn place(operation: &Operation) -> (&str, String) {
    (&operation.method, document::path_shape(&operation.path))
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Request => "request",
        Direction::Response => "response",
        Direction::Both => "request and response",
        Direction::Event => "event",
    }
}

fn shape(shape: &Shape) -> &'static str {
    match shape {
        Shape::Object(_) => "object",
        Shape::Enum(_) => "enum",
        Shape::Union(_) => "union",
    }
}

/// Whether the service takes less than before: a lower maximum, a higher minimum, another pattern.
fn is_narrower(before: &Fact<'_>, now: &Fact<'_>) -> bool {
    now.limits.into_iter().flatten().any(|(word, limit)| {
        let old = before.limits.and_then(|limits| limits.get(word));
        match (word.as_str(), old.map(serde_json::Value::as_f64), limit.as_f64()) {
            (word, Some(Some(old)), Some(new)) if word.starts_with("max") => new < old,
            (word, Some(Some(old)), Some(new)) if word.starts_with("min") => new > old,
            (word, None, Some(new)) => word.starts_with("max") || word.starts_with("min") && new > 0.0,
            ("pattern", ..) => old != Some(limit),
            _ => false,
        }
    })
}
