//! The places that a JSONPath selects in a document, and changes to them.

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::document::{LONGEST, behind, parts};
use crate::extensions;

/// The JSON pointers that a JSONPath selects. Where a step matches nothing, it is tried behind the reference or in the
/// parts of the `allOf` of its holder. Of several parts that the last step matches, those count that stand in the holder.
pub(super) fn find(document: &Value, path: &str) -> Result<Vec<String>> {
    let mut places = vec![String::new()];
    let mut steps = steps(path).into_iter().peekable();
    while let Some(step) = steps.next() {
        let query = JsonPath::parse(&format!("${step}")).with_context(|| format!("{path} is no JSONPath"))?;
        let mut found = Vec::new();
        for place in places {
            let mut selected = Vec::new();
            select(document, &query, &place, &mut vec![place.clone()], &mut selected);
            let is_within = |found: &String| found.starts_with(&format!("{place}/"));
            if steps.peek().is_none() && selected.iter().any(is_within) {
                selected.retain(is_within);
            }
            found.extend(selected);
        }
        places = found;
    }
    places.dedup();
    Ok(places)
}

/// What a step selects at a place, or else in each of its parts.
fn select(document: &Value, query: &JsonPath, place: &str, seen: &mut Vec<String>, found: &mut Vec<String>) {
    let Some(value) = document.pointer(place) else { return };
    let selected = query.query_located(value);
    found.extend(selected.iter().map(|node| format!("{place}{}", node.location().to_json_pointer())));
    if !selected.is_empty() || seen.len() > LONGEST {
        return;
    }
    for part in parts(document, place) {
        if !seen.contains(&part) {
            seen.push(part.clone());
            select(document, query, &part, seen, found);
        }
    }
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

/// Merges an update into the value at a place; whether anything changed. Words of a schema go to where they stand: to the
/// place itself, to the part of it that has the word, or to the schema that the place refers to.
pub(super) fn update(document: &mut Value, place: &str, update: &Value) -> bool {
    let Some(words) = update.as_object() else {
        return document.pointer_mut(place).is_some_and(|value| merge(value, update));
    };
    let mut changed = false;
    for (word, update) in words {
        let home = match OF_THE_PLACE.contains(&word.as_str()) {
            true => place.to_owned(),
            false => home(document, place, word),
        };
        let one = Map::from_iter([(word.clone(), update.clone())]);
        changed |= document.pointer_mut(&home).is_some_and(|value| merge(value, &one.into()));
    }
    changed
}

/// Where a word of the schema at a place stands, or else belongs.
fn home(document: &Value, place: &str, word: &str) -> String {
    let has_word = |place: &str| document.pointer(place).is_some_and(|schema| schema.get(word).is_some());
    let mut seen = vec![place.to_owned()];
    let mut next = 0;
    while let Some(place) = seen.get(next).filter(|_| next <= LONGEST).cloned() {
        if has_word(&place) {
            return place;
        }
        // The parts that stand here come before those that others may share.
        let (own, shared): (Vec<_>, Vec<_>) =
            parts(document, &place).into_iter().partition(|part| part.starts_with(&format!("{place}/")));
        for part in own.into_iter().chain(shared) {
            if !seen.contains(&part) {
                seen.push(part);
            }
        }
        next += 1;
    }
    let mut end = place.to_owned();
    for _ in 0..LONGEST {
        match behind(document, &end) {
            Some(next) => end = next,
            None => break,
        }
    }
    end
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

/// Sets the type in a list of one and null, which stays; whether it was another.
fn set_type(types: &mut Vec<Value>, update: &Value) -> bool {
    let set: Vec<Value> =
        [update.clone()].into_iter().chain(types.iter().find(|kind| **kind == "null").cloned()).collect();
    let changed = !types.contains(update) || types.len() != set.len();
    if changed {
        *types = set;
    }
    changed
}

/// Objects are merged, lists get the items that they lack, everything else is replaced.
fn merge(value: &mut Value, update: &Value) -> bool {
    match (value, update) {
        (Value::Object(fields), Value::Object(words)) => {
            let mut changed = false;
            for (word, update) in words {
                changed |= match fields.get_mut(word) {
                    Some(Value::Array(types)) if word == "type" && update.is_string() => {
                        set_type(types, update)
                    }
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
    fn a_target_is_followed_into_the_parts_of_a_schema() -> Result<()> {
        let schemas = "/components/schemas";
        let mut document = json!({ "components": { "schemas": {
            "Whole": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "own": {} } }] },
            "Base": { "properties": { "state": { "allOf": [
                { "$ref": "#/components/schemas/State" }, { "type": "string", "nullable": true },
            ] } } },
            "State": { "type": "string", "enum": ["X"] },
            "Round": { "allOf": [{ "$ref": "#/components/schemas/Round" }, { "title": "A part." }] },
        } } });
        let whole = "$.components.schemas.Whole.properties";
        let state = format!("{schemas}/Base/properties/state");
        assert_eq!(find(&document, &format!("{whole}.state"))?, std::slice::from_ref(&state));
        assert_eq!(find(&document, &format!("{whole}.state.enum"))?, [format!("{schemas}/State/enum")]);
        assert_eq!(
            find(&document, whole)?,
            [format!("{schemas}/Whole/allOf/1/properties")],
            "not the shared part"
        );
        assert_eq!(find(&document, "$.components.schemas.Round.enum")?, Vec::<String>::new());
        // Nullable, in the ways of OpenAPI 3.1.
        let mut nullable = json!({
            "a": { "anyOf": [{ "type": "string", "enum": ["X"] }, { "type": "null" }] },
            "b": { "type": ["number", "null"] },
        });
        assert!(update(&mut nullable, "/a", &json!({ "enum": ["Y"], "x-rust-name": "N" })));
        let named = json!({ "type": "string", "enum": ["X", "Y"], "x-rust-name": "N" });
        assert_eq!(nullable["a"], json!({ "anyOf": [named, { "type": "null" }] }));
        assert!(update(&mut nullable, "/b", &json!({ "type": "integer" })));
        assert!(!update(&mut nullable, "/b", &json!({ "type": "integer" })));
        assert_eq!(nullable["b"], json!({ "type": ["integer", "null"] }));

        assert!(update(&mut document, &state, &json!({ "enum": ["Y"] })));
        assert_eq!(
            document["components"]["schemas"]["State"]["enum"],
            json!(["X", "Y"]),
            "a list is not replaced"
        );
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
