//! Which optional fields are boxed: those whose value is large, so that an absent object costs a pointer and a struct
//! moves cheaply.

use std::collections::BTreeMap;

use super::{Field, Kind, Presence, Shape, Type};

/// Objects of this size in bytes and more are boxed where they are optional.
const LARGE: usize = 128;

/// Marks the optional fields that hold large objects. A type is measured with its own fields boxed, from the innermost
/// to the outermost; types that hold themselves are boxed by progenitor.
pub(super) fn box_large_fields(types: &mut [Type]) {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    let names: Vec<String> = types.iter().map(|found| found.name.clone()).collect();
    for name in names {
        size(&name, types, &mut sizes);
    }
    for found in types {
        let Shape::Object(fields) = &mut found.shape else { continue };
        for field in fields {
            field.boxed = is_large(field, &sizes);
        }
    }
}

fn is_large(field: &Field, sizes: &BTreeMap<String, usize>) -> bool {
    let is_optional = !field.required && field.presence == Presence::Optional;
    match &field.kind {
        Kind::Object(name) if is_optional => sizes.get(name).is_some_and(|size| *size >= LARGE),
        _ => false,
    }
}

/// The size of an object on a 64-bit machine, without padding.
fn size(name: &str, types: &[Type], sizes: &mut BTreeMap<String, usize>) -> usize {
    if let Some(known) = sizes.get(name) {
        return *known;
    }
    // Until it is known, a type that holds itself is as large as the pointer to it.
    sizes.insert(name.to_owned(), POINTER);
    let Some(Shape::Object(fields)) = types.iter().find(|found| found.name == name).map(|found| &found.shape)
    else {
        return POINTER;
    };
    let fields = fields.iter().map(|field| {
        if let Kind::Object(inner) = &field.kind {
            size(inner, types, sizes);
        }
        if is_large(field, sizes) { POINTER } else { size_of_kind(&field.kind, sizes) }
    });
    let whole = fields.sum();
    sizes.insert(name.to_owned(), whole);
    whole
}

const POINTER: usize = 8;

/// The size of a field, which is that of its `Option` where it is optional.
fn size_of_kind(kind: &Kind, sizes: &BTreeMap<String, usize>) -> usize {
    match kind {
        Kind::Flag => 1,
        Kind::Whole | Kind::Enum(_) | Kind::Union(_) => 2 * POINTER,
        Kind::BuiltIn("Amount" | "Decimal") => 20,
        Kind::BuiltIn("SensitiveJson") | Kind::Free => 4 * POINTER,
        Kind::Text | Kind::BuiltIn(_) | Kind::List(_) | Kind::Map(_) => 3 * POINTER,
        Kind::Object(name) => sizes.get(name).copied().unwrap_or(POINTER),
    }
}
