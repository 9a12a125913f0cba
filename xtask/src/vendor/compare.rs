//! The difference of two models: what a caller of the generated crate has to change, and what a program built
//! before may meet at the wire.

mod pairs;

use std::collections::BTreeMap;

use crate::model::{Direction, Field, Kind, Model, Operation, Parameter, Repeat, Shape, Type};
use crate::outline;
use crate::private::is_private;

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
    pub new_writes: Vec<(String, Repeat)>,
    /// New text fields of requests that are not redacted, as `Type.field`.
    pub new_texts: Vec<String>,
}

/// Compares two models.
pub fn compare(old: &Model, new: &Model) -> Comparison {
    let renamed = pairs::renamed(old, new);
    let names: BTreeMap<&str, &str> =
        renamed.iter().map(|pair| (pair.old.as_str(), pair.new.as_str())).collect();
    let mut compare = Compare { old, new, names, found: Comparison::default() };
    compare.operations();
    compare.types();
    let mut found = compare.found;
    found.changes.sort_by(|one, other| {
        (one.part, one.breaks, &one.subject).cmp(&(other.part, other.breaks, &other.subject))
    });
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
            let repeat = outline::repeat(now.repeat);
            let what = format!("added: {} {}, {repeat}, {}", now.method, now.path, outline::credentials(now));
            self.note(Part::Operations, &now.id, what, Breaks::Nobody);
            if now.repeat != Repeat::Safe {
                self.found.new_writes.push((format!("{} ({} {})", now.id, now.method, now.path), now.repeat));
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
        if before.repeat != now.repeat {
            let (from, to) = (outline::repeat(before.repeat), outline::repeat(now.repeat));
            note(format!("retry class {from} → {to}"), Breaks::Wire);
        }
        let (from, to) = (outline::credentials(before), outline::credentials(now));
        if from != to {
            note(format!("credentials {from} → {to}"), Breaks::Wire);
        }
        for (what, breaks) in self.signature(before, now) {
            self.note(Part::Operations, &before.id, what, breaks);
        }
    }

    /// Parameters, body and response.
    fn signature(&self, before: &Operation, now: &Operation) -> Vec<(String, Breaks)> {
        let mut found = Vec::new();
        let same = |one: &Parameter, other: &Parameter| one.wire == other.wire && one.place == other.place;
        for old in &before.parameters {
            match now.parameters.iter().find(|new| same(old, new)) {
                None => found.push((format!("parameter `{}` removed", old.wire), Breaks::Compile)),
                Some(new) => {
                    let (from, to) = (self.kind(&old.kind), new.kind.short());
                    if from != to {
                        found.push((format!("parameter `{}`: {from} → {to}", old.wire), Breaks::Compile));
                    }
                    match (old.required, new.required) {
                        (false, true) => {
                            found.push((format!("parameter `{}` required", old.wire), Breaks::Both))
                        }
                        (true, false) => {
                            found.push((format!("parameter `{}` optional", old.wire), Breaks::Compile))
                        }
                        _ => {}
                    }
                }
            }
        }
        for new in now.parameters.iter().filter(|new| !before.parameters.iter().any(|old| same(old, new))) {
            let (word, breaks) =
                if new.required { ("required ", Breaks::Both) } else { ("", Breaks::Compile) };
            found.push((format!("{word}parameter `{}` added: {}", new.wire, new.kind.short()), breaks));
        }
        let body =
            |operation: &Operation, kind: &Option<Kind>, text: &Option<String>, is_old: bool| match kind {
                Some(kind) if is_old => self.kind(kind),
                Some(kind) => kind.short(),
                None => text
                    .clone()
                    .unwrap_or_else(|| if operation.multipart { "upload" } else { "none" }.to_owned()),
            };
        let (from, to) =
            (body(before, &before.body, &before.request, true), body(now, &now.body, &now.request, false));
        if from != to {
            found.push((format!("body {from} → {to}"), Breaks::Both));
        }
        let from = body(before, &before.answer, &before.response, true);
        let to = body(now, &now.answer, &now.response, false);
        if from != to {
            found.push((format!("response {from} → {to}"), Breaks::Compile));
        }
        found
    }

    /// An old type under the names of the new model.
    fn kind(&self, kind: &Kind) -> String {
        pairs::translated(kind, &self.names).short()
    }

    fn types(&mut self) {
        for before in &self.old.types {
            let name = self.names.get(before.name.as_str()).copied().unwrap_or(&before.name);
            match self.new.find(name) {
                Some(now) => self.type_(before, now),
                None => {
                    let way = direction(before.direction);
                    self.note(Part::Types, &before.name, format!("vanished ({way})"), Breaks::Compile);
                }
            }
        }
        let (old, new) = (self.old, self.new);
        for pair in pairs::renamed(old, new) {
            self.note(Part::Types, &pair.old, format!("is called {}", pair.new), Breaks::Compile);
        }
        let come: Vec<&Type> = new.types.iter().filter(|now| self.is_new(now)).collect();
        for now in come {
            self.note(Part::Types, &now.name, format!("new ({})", direction(now.direction)), Breaks::Nobody);
            if let Shape::Object(fields) = &now.shape {
                for field in fields {
                    self.text(now, field);
                }
            }
        }
    }

    fn is_new(&self, now: &Type) -> bool {
        let is_known = self.old.find(&now.name).is_some() && !self.names.contains_key(now.name.as_str());
        !is_known && !self.names.values().any(|name| *name == now.name)
    }

    /// A text field of a request that prints in plain.
    fn text(&mut self, holder: &Type, field: &Field) {
        let is_text = field.kind == Kind::Text || field.kind == Kind::List(Box::new(Kind::Text));
        if is_text && is_sent(holder.direction) && !is_private(&field.name, &field.kind) {
            self.found.new_texts.push(format!("{}.{}", holder.name, field.name));
        }
    }

    fn type_(&mut self, before: &Type, now: &Type) {
        if before.direction != now.direction {
            let what = format!("{} → {}", direction(before.direction), direction(now.direction));
            self.note(Part::Types, &now.name, what, Breaks::Compile);
        }
        match (&before.shape, &now.shape) {
            (Shape::Object(old), Shape::Object(new)) => self.fields(now, old, new),
            (Shape::Enum(old), Shape::Enum(new)) => self.values(now, &old.known, &new.known),
            (Shape::Union(old), Shape::Union(new)) => {
                for (key, kind, _) in old {
                    match new.iter().find(|(other, ..)| other == key) {
                        None => self.note(
                            Part::Fields,
                            &now.name,
                            format!("alternative `{key}` removed"),
                            removed(now),
                        ),
                        Some((_, other, _)) if self.kind(kind) != other.short() => {
                            let what =
                                format!("alternative `{key}`: {} → {}", self.kind(kind), other.short());
                            self.note(Part::Fields, &now.name, what, removed(now));
                        }
                        Some(_) => {}
                    }
                }
                for (key, kind, _) in
                    new.iter().filter(|(key, ..)| !old.iter().any(|(other, ..)| other == key))
                {
                    let what = format!("alternative `{key}` added: {}", kind.short());
                    self.note(Part::Fields, &now.name, what, Breaks::Nobody);
                }
            }
            (old, new) => {
                let what = format!("{} → {}", shape(old), shape(new));
                self.note(Part::Types, &now.name, what, removed(now));
            }
        }
    }

    fn fields(&mut self, now: &Type, old: &[Field], new: &[Field]) {
        let sent = is_sent(now.direction);
        for before in old {
            let Some(after) = new.iter().find(|field| field.name == before.name) else {
                self.note(Part::Fields, &now.name, format!("`{}` removed", before.name), removed(now));
                continue;
            };
            let (from, to) = (self.kind(&before.kind), after.kind.short());
            if from != to {
                self.note(Part::Fields, &now.name, format!("`{}`: {from} → {to}", before.name), removed(now));
            }
            match (before.required, after.required) {
                (false, true) if sent => {
                    self.note(Part::Fields, &now.name, format!("`{}` required", before.name), Breaks::Both);
                }
                (true, false) if sent => {
                    self.note(
                        Part::Fields,
                        &now.name,
                        format!("`{}` optional", before.name),
                        Breaks::Compile,
                    );
                }
                _ => {}
            }
            if sent && is_narrower(before, after) {
                self.note(
                    Part::Fields,
                    &now.name,
                    format!("`{}` has narrower limits", before.name),
                    Breaks::Wire,
                );
            }
        }
        for field in new.iter().filter(|field| !old.iter().any(|other| other.name == field.name)) {
            let (word, breaks) =
                if field.required && sent { ("required ", Breaks::Both) } else { ("", Breaks::Nobody) };
            let what = format!("{word}`{}` added: {}", field.name, field.kind.short());
            self.note(Part::Fields, &now.name, what, breaks);
            self.text(now, field);
        }
    }

    fn values(&mut self, now: &Type, old: &[String], new: &[String]) {
        for value in old.iter().filter(|value| !new.contains(value)) {
            self.note(Part::Values, &now.name, format!("`{value}` removed"), removed(now));
        }
        for value in new.iter().filter(|value| !old.contains(value)) {
            self.note(Part::Values, &now.name, format!("`{value}` added"), Breaks::Nobody);
        }
    }
}

/// Whom it breaks that a part of this type is no longer there or has another type.
fn removed(holder: &Type) -> Breaks {
    if is_sent(holder.direction) { Breaks::Both } else { Breaks::Compile }
}

fn is_sent(direction: Direction) -> bool {
    matches!(direction, Direction::Request | Direction::Both)
}

fn place(operation: &Operation) -> (&str, String) {
    // The names of parameters are not sent.
    let steps = operation.path.split('/').map(|step| if step.starts_with('{') { "{}" } else { step });
    (&operation.method, steps.collect::<Vec<_>>().join("/"))
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
fn is_narrower(before: &Field, after: &Field) -> bool {
    after.limits.iter().any(|(word, limit)| {
        let old = before.limits.get(word);
        match (word.as_str(), old.map(serde_json::Value::as_f64), limit.as_f64()) {
            (word, Some(Some(old)), Some(new)) if word.starts_with("max") => new < old,
            (word, Some(Some(old)), Some(new)) if word.starts_with("min") => new > old,
            (word, None, Some(new)) => word.starts_with("max") || word.starts_with("min") && new > 0.0,
            ("pattern", ..) => old != Some(limit),
            _ => false,
        }
    })
}
