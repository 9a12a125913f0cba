//! Examples are dropped: they are payloads, may hold references that lead nowhere, and carry nothing
//! that the generated code needs.

use anyhow::Result;
use serde_json::Value;

use super::Log;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut dropped = 0_usize;
    strip(document, false, &mut dropped);
    log.note(format!("{dropped} dropped"));
    Ok(())
}

/// Under `properties` the keys are names that the API chose; one of them may be `example`.
fn strip(value: &mut Value, names_are_data: bool, dropped: &mut usize) {
    match value {
        Value::Object(members) => {
            if !names_are_data {
                for key in ["example", "examples"] {
                    *dropped += usize::from(members.shift_remove(key).is_some());
                }
            }
            for (name, member) in members {
                strip(member, !names_are_data && name == "properties", dropped);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, false, dropped)),
        _ => {}
    }
}
