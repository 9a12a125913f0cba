//! The places that a JSONPath selects in a document, and changes to them.

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::document::{LONGEST, behind};
use crate::extensions;

/// The JSON pointers that a JSONPath selects. Where a step matches nothing, it is tried behind the reference or
/// the lone `allOf` of its holder.
pub(super) fn find(document: &Value, path: &str) -> Result<Vec<String>> {
    let mut places = vec![String::new()];
    for step in steps(path) {
        let query = JsonPath::parse(&format!("${step}")).with_context(|| format!("{path} is no JSONPath"))?;
        let mut found = Vec::new();
        for place in places {
            let mut holder = Some(place);
            while let Some(place) = holder {
                let Some(value) = document.pointer(&place) else { break };
                let selected = query.query_located(value);
                if selected.is_empty() {
                    holder = behind(document, &place);
                    continue;
                }
                found.extend(
                    selected.iter().map(|node| format!("{place}{}", node.location().to_json_pointer())),
                );
                break;
            }
        }
        places = found;
    }
    Ok(places)
}

/// The steps of a JSONPath, each with its dot or brackets. A descendant step takes the rest of the path.
fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = path.trim().strip_prefix('$').unwrap_or(path);
    while !rest.is_empty() {
        let end = if rest.starts_with("..") { rest.len() } else { step_end(rest) };
        let (step, after) = rest.split_at(end);
        steps.push(step);
        rest = after;
    }
    steps
}

fn step_end(text: &str) -> usize {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') if depth == 0 && at > 0 => return at,
            (None, '.') if depth == 0 && at > 0 => return at,
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// The words that say something of the place itself and not of what it refers to.
const OF_THE_PLACE: [&str; 2] = ["description", extensions::RUST_FIELD];

/// Merges an update into the value at a place; whether anything changed. Words of a schema go to the schema
/// that the place refers to.
pub(super) fn update(document: &mut Value, place: &str, update: &Value) -> bool {
    let Some(words) = update.as_object() else {
        return document.pointer_mut(place).is_some_and(|value| merge(value, update));
    };
    let mut end = place.to_owned();
    for _ in 0..LONGEST {
        match behind(document, &end) {
            Some(next) => end = next,
            None => break,
        }
    }
    if end == place {
        return document.pointer_mut(place).is_some_and(|value| merge(value, update));
    }
    let part = |of_place: bool| -> Map<String, Value> {
        let kept = words.iter().filter(|(word, _)| OF_THE_PLACE.contains(&word.as_str()) == of_place);
        kept.map(|(word, value)| (word.clone(), value.clone())).collect()
    };
    let mut changed = false;
    for (place, part) in [(place, part(true)), (end.as_str(), part(false))] {
        if !part.is_empty() {
            changed |= document.pointer_mut(place).is_some_and(|value| merge(value, &part.into()));
        }
    }
    changed
}

/// Removes the value at a place; whether there was one.
pub(super) fn remove(document: &mut Value, place: &str) -> bool {
    let Some((holder, name)) = place.rsplit_once('/') else { return false };
    let name = name.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(holder) {
        Some(Value::Object(fields)) => fields.shift_remove(&name).is_some(),
        Some(Value::Array(items)) => match name.parse::<usize>() {
            Ok(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// Objects are merged, lists get the items that they lack, everything else is replaced.
fn merge(value: &mut Value, update: &Value) -> bool {
    match (value, update) {
        (Value::Object(fields), Value::Object(words)) => {
            let mut changed = false;
            for (word, update) in words {
                changed |= match fields.get_mut(word) {
                    Some(field) => merge(field, update),
                    None => {
                        fields.insert(word.clone(), update.clone());
                        true
                    }
                };
            }
            changed
        }
        (Value::Array(items), update) => {
            let new: Vec<Value> = match update {
                Value::Array(updates) => updates.clone(),
                update => vec![update.clone()],
            };
            let missing: Vec<Value> = new.into_iter().filter(|item| !items.contains(item)).collect();
            let changed = !missing.is_empty();
            items.extend(missing);
            changed
        }
        (value, update) => {
            let changed = value != update;
            *value = update.clone();
            changed
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::escape;

    #[test]
    fn a_target_is_followed_through_references() -> Result<()> {
        let mut document = json!({ "components": { "schemas": {
            "A": { "properties": { "b": { "$ref": "#/components/schemas/B" } } },
            "B": { "allOf": [{ "$ref": "#/components/schemas/C" }] },
            "C": { "type": "string", "enum": ["X"], "properties": { "d": {} } },
        } } });
        let b = "$.components.schemas.A.properties.b";
        assert_eq!(find(&document, b)?, ["/components/schemas/A/properties/b"]);
        assert_eq!(find(&document, &format!("{b}.enum"))?, ["/components/schemas/C/enum"]);
        assert_eq!(
            find(&document, &format!("{b}.properties['d','e']"))?,
            ["/components/schemas/C/properties/d"]
        );
        let place = "/components/schemas/A/properties/b";
        assert!(update(&mut document, place, &json!({ "enum": ["Y"], "description": "Text." })));
        assert_eq!(document["components"]["schemas"]["C"]["enum"], json!(["X", "Y"]));
        assert_eq!(document["components"]["schemas"]["A"]["properties"]["b"]["description"], "Text.");
        assert!(!update(&mut document, place, &json!({ "enum": ["X"] })), "nothing is left to change");
        Ok(())
    }

    #[test]
    fn a_path_is_cut_into_steps() {
        assert_eq!(
            steps("$.paths['/a.b'].get.parameters[?(@.name == 'x')].schema"),
            [".paths", "['/a.b']", ".get", ".parameters", "[?(@.name == 'x')]", ".schema"]
        );
        assert_eq!(steps("$.a..b"), [".a", "..b"]);
    }

    #[test]
    fn a_place_is_removed_by_name_or_index() {
        let mut document = json!({ "a/b": [1, 2] });
        assert!(remove(&mut document, "/a~1b/0"));
        assert_eq!(document, json!({ "a/b": [2] }));
        assert!(!remove(&mut document, "/a~1b/7"));
    }

    #[test]
    fn names_with_slashes_are_escaped_in_pointers() -> Result<()> {
        let document = json!({ "paths": { "/orders": { "get": {} } } });
        assert_eq!(find(&document, "$.paths['/orders'].get")?, [format!("/paths/{}/get", escape("/orders"))]);
        Ok(())
    }
}
