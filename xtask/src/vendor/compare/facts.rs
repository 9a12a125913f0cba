//! What is compared, as lists of facts: the fields of an object, the alternatives of a union, the values of an enum, the
//! parameters of an operation. Sorted by name, so that another order is no difference.

use std::collections::BTreeMap;

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use crate::model::{Field, Kind, Operation, Place, Presence, Shape, Type};
use crate::render::variants;

/// A part of a type or of a signature.
#[derive(Debug, PartialEq)]
pub(super) struct Fact<'a> {
    /// Its name on the wire.
    pub(super) name: &'a str,
    /// What it holds; none of a value of an enum.
    pub(super) kind: Option<&'a Kind>,
    /// Whether a request must have it.
    pub(super) required: bool,
    /// Its limits in requests.
    pub(super) limits: Option<&'a Map<String, Value>>,
    /// Whether a response may leave it out.
    pub(super) presence: Presence,
    /// Whether it is an `Option` of a box.
    pub(super) boxed: bool,
    /// Its name in Rust, where the names of the others matter for it.
    pub(super) rust: String,
}

impl Fact<'_> {
    /// The type of the field in Rust, with `_` for what it holds.
    pub(super) fn wrapper(&self) -> &'static str {
        let is_whole = self.required || self.presence != Presence::Optional;
        match self.kind {
            None | Some(Kind::List(_) | Kind::Map(_)) => "_",
            _ if is_whole => "_",
            _ if self.boxed => "Option<Box<_>>",
            _ => "Option<_>",
        }
    }
}

/// The names of fields in Rust: the later of two that are spelled alike gets a number.
fn field_names(fields: &[Field]) -> Vec<String> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let name = |field: &Field| {
        let plain = field.given.clone().unwrap_or_else(|| field.name.to_snake_case());
        let number = taken.entry(plain.clone()).and_modify(|number| *number += 1).or_insert(1);
        if *number == 1 { plain } else { format!("{plain}_{number}") }
    };
    fields.iter().map(name).collect()
}

/// All of a type but its name and its descriptions.
pub(super) fn facts(found: &Type) -> Vec<Fact<'_>> {
    let fact = |name, kind, rust| Fact {
        name,
        kind,
        required: false,
        limits: None,
        presence: Presence::Valued,
        boxed: false,
        rust,
    };
    sorted(match &found.shape {
        Shape::Object(fields) => fields
            .iter()
            .zip(field_names(fields))
            .map(|(field, rust)| Fact {
                name: field.name.as_str(),
                kind: Some(&field.kind),
                required: field.required,
                limits: Some(&field.limits),
                presence: field.presence,
                boxed: field.boxed,
                rust,
            })
            .collect(),
        Shape::Union(variants) => {
            variants.iter().map(|(key, kind, _)| fact(key.as_str(), Some(kind), String::new())).collect()
        }
        Shape::Enum(values) => {
            let names = variants(&values.known, values.has_absent);
            values.known.iter().zip(names).map(|(value, rust)| fact(value.as_str(), None, rust)).collect()
        }
    })
}

/// The parameters that an operation has at a place.
pub(super) fn parameters(operation: &Operation, place: Place) -> Vec<Fact<'_>> {
    let there = operation.parameters.iter().filter(|parameter| parameter.place == place);
    sorted(
        there
            .map(|parameter| Fact {
                name: parameter.wire.as_str(),
                kind: Some(&parameter.kind),
                required: parameter.required,
                limits: None,
                presence: Presence::Valued,
                boxed: false,
                rust: String::new(),
            })
            .collect(),
    )
}

fn sorted(mut facts: Vec<Fact<'_>>) -> Vec<Fact<'_>> {
    facts.sort_by_key(|fact| fact.name);
    facts
}
