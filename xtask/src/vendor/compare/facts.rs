//! What is compared, as lists of facts: the fields of an object, the alternatives of a union, the values of an enum, the
//! parameters of an operation. Sorted by name, so that another order is no difference.

use serde_json::{Map, Value};

use crate::model::{Kind, Operation, Place, Shape, Type};

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
}

/// All of a type but its name and its descriptions.
pub(super) fn facts(found: &Type) -> Vec<Fact<'_>> {
    let fact = |name, kind| Fact { name, kind, required: false, limits: None };
    sorted(match &found.shape {
        Shape::Object(fields) => fields
            .iter()
            .map(|field| Fact {
                name: field.name.as_str(),
                kind: Some(&field.kind),
                required: field.required,
                limits: Some(&field.limits),
            })
            .collect(),
        Shape::Union(variants) => {
            variants.iter().map(|(key, kind, _)| fact(key.as_str(), Some(kind))).collect()
        }
        Shape::Enum(values) => values.known.iter().map(|value| fact(value.as_str(), None)).collect(),
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
            })
            .collect(),
    )
}

fn sorted(mut facts: Vec<Fact<'_>>) -> Vec<Fact<'_>> {
    facts.sort_by_key(|fact| fact.name);
    facts
}
