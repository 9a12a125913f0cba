//! Two editions of the document compared, part by part.

use serde_json::{Map, Value};

use super::change::{Difference, Effect, Part, Place, code};
use super::schema::{self, Sides, brief, names, object, plural};
use super::{operations, renamed, travels};

/// Compares two documents. Whatever is malformed in either is told as a change or left out; it stops
/// nothing, since the generator names the faults of the new one.
pub fn compare(old: &Value, new: &Value) -> Difference {
    let renamed = renamed::pairs(old, new);
    let sides = Sides { old, new, renamed: &renamed };
    let mut found = Difference::default();
    operations::compare_document(sides, &mut found);
    operations::compare(sides, &mut found);
    operations::compare_shared(sides, &mut found);
    compare_schemas(sides, &mut found);
    found.sort();
    found
}

fn compare_schemas(sides: Sides<'_>, found: &mut Difference) {
    let empty = Map::new();
    let schemas = |document: &'_ Value| -> Map<String, Value> {
        let components = document.get("components").unwrap_or(&Value::Null);
        object(components, "schemas").unwrap_or(&empty).clone()
    };
    let (before, after) = (schemas(sides.old), schemas(sides.new));
    let (old_uses, new_uses) = (travels::uses(sides.old), travels::uses(sides.new));
    let of = |name: &str| travels::both(&old_uses, &new_uses, name);
    let fresh: Vec<&String> = sides.renamed.values().collect();

    for name in names(&before, &after) {
        let place = Place::new(Part::Schema, name);
        let (mut travel, mut used) = of(name);
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => schema::compare(sides, &place, (old, new), travel, found),
            (Some(old), None) => match sides.renamed.get(name).and_then(|to| Some((to, after.get(to)?))) {
                Some((to, new)) => {
                    let place = Place::new(Part::Schema, to);
                    (travel, used) = of(to);
                    let count = found.changes.len();
                    schema::compare(sides, &place, (old, new), travel, found);
                    let alike = match found.changes.len() - count {
                        0 => "the same shape".to_owned(),
                        count => format!("{count} {} inside", plural("difference", count)),
                    };
                    let what = format!("looks renamed from {}, {alike}", code(name));
                    found.note(&place, what, travel.either(Effect::COMPILE));
                }
                None => {
                    let what = format!("schema removed: {}", introduce(old));
                    found.note(&place, what, travel.either(Effect::COMPILE));
                }
            },
            (None, Some(new)) if !fresh.contains(&name) => {
                let what = format!("schema added: {}", introduce(new));
                found.note(&place, what, travel.either(Effect::ADDITIVE));
            }
            (None, _) => {}
        }
        found.uses.insert(name.clone(), used);
    }
}

/// A schema in a line: `object of 4 members`.
fn introduce(schema: &Value) -> String {
    let count = |name: &str| schema.get(name).and_then(Value::as_array).map(Vec::len);
    match (object(schema, "properties").map(Map::len), count("enum"), count("allOf")) {
        (Some(members), ..) => format!("object of {members} {}", plural("member", members)),
        (None, Some(values), _) => format!("enum of {values} {}", plural("value", values)),
        (None, None, Some(parts)) => format!("composed of {parts}"),
        (None, None, None) => brief(schema),
    }
}
