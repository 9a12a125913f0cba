//! Examples are dropped: they are payloads, may hold references that lead nowhere, and carry nothing
//! that the generated code needs.

use anyhow::Result;
use serde_json::Value;

use super::log::Log;
use crate::document::visit_words;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut dropped = 0_usize;
    strip(document, &mut dropped);
    log.note(format!("{dropped} dropped"));
    Ok(())
}

/// Only where `example` is a word: a field or a schema may have that name.
fn strip(document: &mut Value, dropped: &mut usize) {
    visit_words(document, &mut |_, keywords| {
        for key in ["example", "examples"] {
            *dropped += usize::from(keywords.shift_remove(key).is_some());
        }
    });
}
