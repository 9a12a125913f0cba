//! A required list names fields that exist, without a stray full stop: an entry that names nothing
//! is corrected if the stop is all that is wrong with it, and dropped otherwise.

use anyhow::Result;
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::visit_schemas;

/// An entry without what is none of the name.
pub(crate) fn corrected(entry: &str) -> &str {
    entry.trim().trim_end_matches('.')
}

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    visit_schemas(document, &mut |place, schema| {
        hold(place, schema, log);
        Ok(())
    })
}

/// Fixes the required list of one schema, all of whose fields are its own.
pub(super) fn hold(place: &str, schema: &mut Value, log: &mut Log) {
    fix(place, schema, false, log);
}

/// Fixes the required list of one schema of a composition: another part may have the field that an entry names.
pub(super) fn hold_part(place: &str, schema: &mut Value, log: &mut Log) {
    fix(place, schema, true, log);
}

fn fix(place: &str, schema: &mut Value, is_part: bool, log: &mut Log) {
    let Some(required) = schema.get("required").and_then(Value::as_array).cloned() else { return };
    let properties = schema.get("properties").and_then(Value::as_object);
    let exists = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
    let mut kept: Vec<&str> = Vec::new();
    for name in required.iter().filter_map(Value::as_str) {
        let corrected = corrected(name);
        if !exists(corrected) && is_part {
            kept.push(name);
        } else if !exists(corrected) {
            log.note(format!("{place}: required `{name}` names nothing"));
        } else if !kept.contains(&corrected) {
            kept.push(corrected);
            if corrected != name {
                log.note(format!("{place}: required `{name}` read as `{corrected}`"));
            }
        }
    }
    let kept = json!(kept);
    if let Some(keywords) = schema.as_object_mut() {
        keywords.insert("required".to_owned(), kept);
    }
}
