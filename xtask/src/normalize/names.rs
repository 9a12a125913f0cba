//! Types get the names that an engineer would guess: `x-rust-name` from the overlay where a schema
//! has one, else the schema's own name in Rust's spelling, without the suffixes `Entity`,
//! `RequestBody` and `Request` as long as that leaves it unique.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use serde_json::Value;

use super::log::Log;
use super::schemas::{reference, referred, schemas, schemas_mut, shape, visit_schemas};
use crate::builtins::BUILT_IN;
use crate::naming::{RESERVED_TYPES, is_reserved_type, type_name};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    visit_schemas(document, &mut |place, schema| {
        let Some(given) = schema.get("x-rust-name") else { return Ok(()) };
        match given.as_str() {
            Some(given) if is_reserved_type(given) => bail!("{place}: x-rust-name {given} is taken"),
            Some(given) if type_name(given) == given => Ok(()),
            _ => bail!("{place}: x-rust-name {given} is not a valid type name"),
        }
    })?;

    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    let mut taken: BTreeSet<String> = RESERVED_TYPES.iter().map(|name| (*name).to_owned()).collect();
    taken.extend(BUILT_IN.iter().map(|built_in| built_in.schema_name()));

    for (name, schema) in schemas(document) {
        let Some(given) = schema.get("x-rust-name").and_then(Value::as_str) else { continue };
        if !taken.insert(given.to_owned()) {
            let same = chosen.iter().filter(|(_, rust)| *rust == given).all(|(other, _)| {
                schemas(document)
                    .find(|(found, _)| *found == other)
                    .is_some_and(|(_, first)| shape(first) == shape(schema))
            });
            if !same || !chosen.values().any(|rust| rust == given) {
                bail!("{name}: x-rust-name {given} is taken by a schema of another shape");
            }
            log.note(format!("{name}: shares {given} with a schema of the same shape"));
        }
        chosen.insert(name.clone(), given.to_owned());
    }
    let open: Vec<&String> =
        schemas(document).map(|(name, _)| name).filter(|name| !chosen.contains_key(*name)).collect();
    let whole: BTreeMap<&String, String> = open.iter().map(|name| (*name, type_name(name))).collect();
    for name in open {
        let spelled = &whole[name];
        let short = ["RequestBody", "Request", "Entity"]
            .iter()
            .find_map(|suffix| spelled.strip_suffix(suffix))
            .filter(|short| !short.is_empty() && !taken.contains(*short))
            .filter(|short| !whole.iter().any(|(other, spelled)| *other != name && spelled == short));
        let mut rust = short.unwrap_or(spelled).to_owned();
        let mut number = 2;
        while !taken.insert(rust.clone()) {
            rust = format!("{spelled}{number}");
            number += 1;
        }
        chosen.insert(name.clone(), rust);
    }

    visit_schemas(document, &mut |_, schema| {
        if let Some(rust) = referred(schema).and_then(|name| chosen.get(name)).cloned()
            && let Some(keywords) = schema.as_object_mut()
        {
            keywords.insert("$ref".to_owned(), reference(&rust)["$ref"].clone());
        }
        Ok(())
    })?;
    let named = schemas_mut(document)?;
    for (name, mut schema) in std::mem::take(named) {
        let rust = &chosen[&name];
        if *rust != name {
            log.note(format!("{name}: {rust}"));
        }
        if let Some(keywords) = schema.as_object_mut() {
            keywords.shift_remove("x-rust-name");
            keywords.insert("x-source".to_owned(), Value::String(name));
        }
        // Of schemas that share a name the first one stays.
        named.entry(rust.clone()).or_insert(schema);
    }
    Ok(())
}
